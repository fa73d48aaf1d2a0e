// A folder of templates loads whole or tells every problem of its files; a language that lacks a letter borrows the English one.
import { cp, mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkFolder, loadTexts } from '../../src/letters/load.ts';
import { render, templatesOf } from '../../src/letters/render.ts';
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
    const problems = await checkFolder(folder);
    expect(problems.map(({ file, line, message }) => `${file.replace(folder, '')}:${line}: ${message}`)).toEqual(
      expected,
    );
  });
}

check('the shipped folder is sound', () => Promise.resolve(), []);
check('a letter that English lacks is told', () => rm(join(folder, 'en', 'answer.hbs')), [
  'en/answer.hbs:1: the file is missing; English must have every letter',
]);
check('a file that is no letter is told', () => writeFile(join(folder, 'en', 'anwser.hbs'), 'x'), [
  '/en/anwser.hbs:1: "anwser" is no letter; letters are acknowledgment, feedback-thanks, linked-case, answer, more-information, follow-up, more-time, reopened, closed-by-customer, closed-by-support, closed-no-response, release-notice, engineer-new-case, engineer-reply, engineer-held, engineer-warning, engineer-notice, engineer-away, sign-in, and a partial starts with _',
]);
check('other files are left alone', () => writeFile(join(folder, 'en', 'README.md'), 'x'), []);
check(
  'an error of syntax is told with its line',
  () =>
    writeFile(
      join(folder, 'en', 'answer.hbs'),
      '--- subject ---\nS\n--- text ---\n{{#if x}}\n{{/each}}\n--- html ---\nH\n',
    ),
  ['/en/answer.hbs:5: {{/each}} stands where the block {{#if …}} of line 4 has to be closed with {{/if}}'],
);

test('a folder of one’s own is laid over the shipped one, file by file, each language with its own dates', async () => {
  const own = await mkdtemp(join(tmpdir(), 'casepost-letters-'));
  await mkdir(join(own, 'it'));
  const words = 'RESOLVED {{#each timeline}}{{day at}} {{/each}}';
  await writeFile(
    join(own, 'it', 'more-time.hbs'),
    `--- subject ---\n{{caseTag}}\n--- text ---\n${words}\n--- html ---\n${words}\n`,
  );
  const loaded = await loadTexts(folder, own);
  await rm(own, { recursive: true });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const templates = templatesOf(loaded.texts);
  const text = async (kind: 'more-time' | 'answer', language: string) =>
    (await render(templates, { kind, language }, { ...sampleAdded, ...samples(kind)[0], zone: 'UTC' })).text;
  expect(await text('more-time', 'it-CH')).toBe('RESOLVED venerdì 6 marzo lunedì 9 marzo giovedì 12 marzo\n');
  expect(await text('answer', 'it-CH')).toContain('Friday 6 March');
  expect(await text('answer', 'pl')).toBe(await text('answer', 'en'));
});
test('a folder of one’s own that is not sound is not taken', async () => {
  await writeFile(join(folder, 'en', 'answer.hbs'), '--- subject ---\nS\n--- html ---\nRESOLVED\n');
  const loaded = await loadTexts(shippedFolder, folder);
  expect('problems' in loaded && loaded.problems.map(({ message }) => message)).toEqual([
    'the subject does not show {{caseTag}}; without it an answer may not find its case',
    'the text does not ask for {{moreTimeWord}}, which the rules expect here',
    'the html does not ask for {{moreTimeWord}}, which the rules expect here',
  ]);
});
test('a folder that is not there is an error with its path', async () => {
  await expect(loadTexts(join(folder, 'nowhere'), null)).rejects.toThrow('nowhere');
});
