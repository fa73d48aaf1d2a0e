// The rules of the house that a machine can keep (DESIGN.md: arrows, sizes, clocks, names, fixtures). Each rule is
// first shown a sample it must complain about, so that a rule that went blind is noticed.
import { describe, expect, it } from 'vitest';
import { forbiddenArrows, impureImports, strayImports } from './house/arrows.ts';
import {
  badNames,
  facelessExports,
  longFiles,
  strayChance,
  strayClocks,
  strayEnvironment,
  unopened,
  unusedFixtures,
} from './house/habits.ts';
import { check } from './house/rule.ts';
import { pathsBelow, readSources, type SourceFile } from './house/sources.ts';

const source = readSources(['src', 'migrations'], ['.ts']);
const tests = readSources(['test'], ['.ts']);
const ours = readSources(['test/house', 'test/servers'], ['.ts']);

function file(path: string, text = ''): SourceFile {
  return { path, text };
}

describe('arrows', () => {
  it('lead only where a room may lean', () =>
    check(
      forbiddenArrows,
      {
        bad: [
          file('src/mail/a.ts', `import { x } from '../policy/policy.ts';`),
          file('src/schedule/a.ts', `import type { x } from '../mail/mail.ts';`),
          file('src/policy/a.ts', `import { x } from '../cases/thread.ts';`),
          file('src/cases/a.ts', `import { systemClock } from '../clock.ts';`),
          file('src/letters/a.ts', `import type { x } from '../store/db.ts';`),
          file('src/store/a.ts', `import { x } from '../cases/thread.ts';`),
          file('src/desk.ts', `import { x } from './intake/receive.ts';`),
          file('src/web/a.ts', `import { x } from '../intake/receive.ts';`),
          file('src/web/b.ts', `import { x } from '../gateway.ts';`),
        ],
        says: [/policy/, /types of/, /cases/, /clock/, /store/, /cases/, /intake/, /\(web\).*\(intake\)/, /wiring/],
        good: [
          file('src/cases/a.ts', `import { x } from '../policy/policy.ts';\nimport type { y } from '../clock.ts';`),
          file('src/store/a.ts', `import type { x } from '../letters/letter.ts';`),
          file('src/web/a.ts', `import { x } from '../store/db.ts';\nimport { y } from './b.ts';`),
          file('src/gateway.ts', `import { x } from './web/server.ts';`),
        ],
      },
      source,
    ));
  it('of pure rooms never lead into the world', () =>
    check(
      impureImports,
      {
        bad: [
          file('src/mail/a.ts', `import { readFile } from 'node:fs/promises';`),
          file('src/cases/a.ts', `import type { Knex } from 'knex';`),
          file('src/letters/a.ts', `import { connect } from 'node:net';`),
        ],
        says: [/node:fs/, /knex/, /node:net/],
        good: [
          file('src/policy/load.ts', `import { readFile } from 'node:fs/promises';`),
          file('src/intake/a.ts', `import { connect } from 'node:net';`),
        ],
      },
      source,
    ));
  it('lead to the database only from store, and to mailparser from one file', () =>
    check(
      strayImports,
      {
        bad: [
          file('src/web/a.ts', `import knex from 'knex';`),
          file('src/mail/a.ts', `import { simpleParser } from 'mailparser';`),
          file('src/web/b.ts', `import { simpleParser } from 'mailparser';`),
        ],
        says: [/all SQL/, /mailparser/],
        good: [
          file('src/store/a.ts', `import knex from 'knex';`),
          file('src/mail/a.ts', `import { x } from 'mailparser';`),
        ],
      },
      source,
    ));
});

describe('files', () => {
  it('have at most 250 lines', () =>
    check(
      longFiles,
      { bad: [file('src/a.ts', 'x\n'.repeat(251))], says: [/251 lines/], good: [file('src/a.ts', 'x\n'.repeat(250))] },
      [...source, ...ours],
    ));
  it('are named by a word of the domain, in kebab-case', () =>
    check(
      badNames,
      {
        bad: ['src/mail/utils.ts', 'test/mail-helpers.test.ts', 'src/services/a.ts', 'src/mail/replyText.ts'],
        says: [/utils/, /helpers/, /services/, /kebab/],
        good: ['src/mail/reply-text.ts', 'migrations/0001-first.ts', 'test/house.test.ts'],
      },
      [...source, ...tests].map(({ path }) => path.replace('vitest.config.ts', 'vitest-config.ts')),
    ));
  it('open with what they decide', () =>
    check(
      unopened,
      { bad: [file('src/a.ts', `import './b.ts';`)], says: [/open/], good: [file('src/a.ts', '// Decides.\n')] },
      [...source, ...ours],
    ));
  it('export by name, and only what they made', () =>
    check(
      facelessExports,
      {
        bad: [file('src/a.ts', 'export default 1;\n'), file('src/b.ts', `export * from './a.ts';`)],
        says: [/default/, /\*/],
        good: [file('src/a.ts', 'export const a = 1; // export default\n')],
      },
      source.filter(({ path }) => path.startsWith('src/')),
    ));
});

describe('time, chance and environment', () => {
  it('are asked for in one place: the time', () =>
    check(
      strayClocks,
      {
        bad: [
          file('src/mail/a.ts', 'const a = Date.now();\nconst b = new Date();'),
          file('src/web/a.ts', 'Temporal.Now.instant();'),
          file('src/tick.ts', 'performance.now();'),
        ],
        says: [/a\.ts:1/, /a\.ts:2/, /Temporal/, /performance/],
        good: [file('src/clock.ts', 'Date.now();'), file('src/a.ts', 'new Date(milliseconds); // not Date.now()')],
      },
      source,
    ));
  it('are facts, handed in: chance', () =>
    check(
      strayChance,
      {
        bad: [file('src/cases/a.ts', 'Math.random();\nrandomUUID();')],
        says: [/Math.random/, /randomUUID/],
        good: [file('src/web/a.ts', 'randomBytes(32);')],
      },
      source,
    ));
  it('are read by the configuration only: the environment', () =>
    check(
      strayEnvironment,
      {
        bad: [
          file('src/web/a.ts', `process.env['PORT'];`),
          file('src/web/b.ts', `import { env } from 'node:process';`),
        ],
        says: [/process\.env/, /env/],
        good: [file('src/config.ts', 'process.env;')],
      },
      source,
    ));
});

describe('fixtures', () => {
  it('are each used by a test', () => {
    const fixtures = pathsBelow('fixtures');
    const readers = [file('test/a.test.ts', `read('plain.eml'); all('fixtures/policy'); readdirSync(x)`)];
    const complaints = unusedFixtures(
      ['fixtures/mail/plain.eml', 'fixtures/mail/very-plain.eml', 'fixtures/policy/small.yaml'],
      readers,
    );
    expect(complaints).toEqual(['fixtures/mail/very-plain.eml is used by no test']);
    expect(unusedFixtures(fixtures, [...tests, ...source])).toEqual([]);
  });
});
