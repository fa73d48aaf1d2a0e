// The scanner of the house rules sees what it must see: every import, and no word of a comment or string.
import { describe, expect, it } from 'vitest';
import { codeOf, importsOf, readSources, type SourceFile } from './sources.ts';

function file(path: string, text: string): SourceFile {
  return { path, text };
}

describe('the scanner', () => {
  it('reads every kind of import, and none in comments', () => {
    const text = [
      `import { a, type B } from './a.ts';`,
      `import type { C } from '../clock.ts';`,
      `import {\n  type D,\n  type E,\n} from './d.ts';`,
      `export { f } from './f.ts';`,
      `import './g.ts';`,
      `const h = await import('./h.ts');`,
      `new Worker(new URL('./i.ts', import.meta.url));`,
      `// import { no } from './comment.ts';`,
      `/* import { no } from './block.ts'; */`,
      `import knex from 'knex';`,
    ].join('\n');
    const links = importsOf(file('src/mail/x.ts', text)).map((link) => [link.target ?? link.specifier, link.typeOnly]);
    expect(links.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))).toEqual([
      ['knex', false],
      ['src/clock.ts', true],
      ['src/mail/a.ts', false],
      ['src/mail/d.ts', true],
      ['src/mail/f.ts', false],
      ['src/mail/g.ts', false],
      ['src/mail/h.ts', false],
      ['src/mail/i.ts', false],
    ]);
  });
  it('tells code from comments, strings and regular expressions', () => {
    const text = 'a(/[/"]/, "x // y", `${"`"}z`); // gone\nb = c / d; /* gone */ e();';
    expect(codeOf(text).replace(/ +/g, ' ')).toBe('a( , , ); \nb = c / d; e();');
  });
  it('sees the whole house', () => {
    const source = readSources(['src'], ['.ts']);
    expect(source.length).toBeGreaterThan(50);
    expect(source.flatMap(importsOf).filter((link) => link.target).length).toBeGreaterThan(100);
  });
});
