// A folder of templates loads whole or tells every problem of its files; a language that lacks a letter borrows the English one.
import { cp, mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTemplates } from '../../src/letters/load.ts';
import { render } from '../../src/letters/render.ts';
import { sampleAdded, samples } from '../../src/letters/samples.ts';
import { shippedFolder } from './build.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casepost-letters-'));
  await cp(shippedFolder, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** The problems of a folder after `change`, their paths cut to the language. */
function check(title: string, change: () => Promise<unknown>, expected: string[]): void {
  test(title, async () => {
    await change();
    const loaded = await loadTemplates(folder);
    const problems = 'problems' in loaded ? loaded.problems : [];
    expect(problems.map(({ file, line, message }) => `${file.slice(folder.length)}:${line}: ${message}`)).toEqual(
      expected,
    );
  });
}

check('the shipped folder loads', () => Promise.resolve(), []);
check('a letter that English lacks is told', () => rm(join(folder, 'en', 'answer.hbs')), [
  '/en/answer.hbs:1: the file is missing; English must have every letter',
]);
check('a file that is no letter is told', () => writeFile(join(folder, 'en', 'anwser.hbs'), 'x'), [
  '/en/anwser.hbs:1: "anwser" is no letter; letters are acknowledgment, linked-case, answer, follow-up, more-time, closed-by-customer, closed-by-support, closed-no-response, release-notice, engineer-new-case, engineer-reply, engineer-notice, engineer-away, and a partial starts with _',
]);
check('other files are left alone', () => writeFile(join(folder, 'en', 'README.md'), 'x'), []);
check(
  'an error of syntax is told with its line',
  () =>
    writeFile(
      join(folder, 'en', 'answer.hbs'),
      '--- subject ---\nS\n--- text ---\n{{#if x}}\n{{/each}}\n--- html ---\nH\n',
    ),
  ["/en/answer.hbs:4: if doesn't match each"],
);

test('another language takes its own letters and English ones for the rest, each with its own dates', async () => {
  await mkdir(join(folder, 'de'));
  await writeFile(
    join(folder, 'de', 'more-time.hbs'),
    '--- subject ---\n{{caseTag}}\n--- text ---\n{{#each timeline}}{{day at}} {{/each}}\n--- html ---\nH\n',
  );
  const loaded = await loadTemplates(folder);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const text = (kind: 'more-time' | 'answer', language: string) =>
    render(loaded.templates, { kind, language }, { ...samples(kind)[0], ...sampleAdded, zone: 'UTC' }).text;
  expect(text('more-time', 'de-AT')).toBe('Freitag, 6. März Montag, 9. März Donnerstag, 12. März\n');
  expect(text('answer', 'de-AT')).toContain('Friday 6 March');
  expect(text('answer', 'fr')).toBe(text('answer', 'en'));
});
test('a folder that is not there is an error with its path', async () => {
  await expect(loadTemplates(join(folder, 'nowhere'))).rejects.toThrow('nowhere');
});
