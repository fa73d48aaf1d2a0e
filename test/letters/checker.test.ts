// Whatever somebody types into an editor is tried in a thread with an end (TRUST T15, B66): too long, too large or no text at all is an answer, and the
// next question is answered too.
import { afterAll, expect, test } from 'vitest';
import { openChecker } from '../../src/letters/checker.ts';
import { contextOf } from '../../src/letters/context.ts';
import { samples } from '../../src/letters/samples.ts';
import { aSender, shippedTexts, textsOf } from './build.ts';

const texts = await shippedTexts();
const checker = openChecker();
afterAll(() => checker.close());

const draft = (html: string) => ({
  language: 'en',
  name: 'reopened',
  source: `--- subject ---\n{{caseTag}} S\n--- html ---\n${html}\n`,
});
const variables = { ...samples('reopened')[0] };
const context = contextOf({ kind: 'reopened', caseNumber: 7, language: 'en', variables }, aSender(), {
  address: 'support@help.example',
  messageId: 'm@help.example',
});
const like = { letter: 'reopened', context } as const;

test('a text is checked and filled in; without a text part of its own it is read off the html', async () => {
  const html =
    '<h1>Open again</h1><p>Hello {{recipientName}},<br>see <a href="https://x.example/a">the page</a> or <a href="{{resolvedUrl}}">answer</a>.</p><ul><li>one</li><li>two</li></ul>';
  expect(await checker.check(texts, [draft(html)])).toEqual([]);
  expect(await checker.preview(texts, draft(html), like)).toMatchObject({
    subject: '[Case 00000007] S',
    text: 'Open again\n\nHello Ada Example,\nsee the page (https://x.example/a) or answer.\n\n- one\n- two\n',
  });
});
test('the css of the layout stands in the tags, where every mail program reads it', async () => {
  const words = await checker.preview(texts, draft('{{#> layout marker=""}}<p class="last">x</p>{{/layout}}'), like);
  expect('html' in words && words.html).toContain(
    '<p class="last" style="margin: 0 0 14px; margin-bottom: 6px; margin-bottom: 0;">x</p>'.replace(
      ' margin-bottom: 6px;',
      '',
    ),
  );
});
test('a question that takes too long is answered, and so is the next one', async () => {
  const hasty = openChecker({ seconds: 0 });
  const [late] = await hasty
    .check(texts, [draft('x')].slice(0, 1))
    .then(async (problems) =>
      problems.length > 0
        ? problems
        : hasty.preview(texts, draft('x'), like).then((words) => ('problems' in words ? words.problems : [])),
    );
  expect(late?.message).toContain('the text could not be checked: it took more than');
  await hasty.close();
  expect(await checker.check(texts, [draft('x')])).toEqual([]);
});
test('a question that takes too much memory ends its thread and nothing else', async () => {
  // What no lint counts: more than any desk has.
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`en/_p${at}`, `${'x'.repeat(1_000_000)}${at}`]),
  );
  const patient = openChecker({ seconds: 60 });
  const [problem] = await patient.check(textsOf(many), [draft('x')]);
  expect(problem?.message).toContain('it took more than 128 MB');
  expect(await patient.check(texts, [draft('x')])).toEqual([]);
  await patient.close();
});
test('a parsed template in place of a text is no text', async () => {
  const source = { type: 'Program', body: [{ type: 'MustacheStatement' }] } as unknown as string;
  const [problem] = await checker.check(texts, [{ ...draft('x'), source }]);
  expect(problem?.message).toBe('a template is a text; something else was sent, and nothing was read');
});
test('many who ask at once are all answered', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, (_, at) => checker.preview(texts, draft(`n${at}`), like)));
  expect(all.map((words) => 'text' in words && words.text.trim())).toEqual(all.map((_, at) => `n${at}`));
});
test('what a template may see has no prototype, and its values can not start a header', () => {
  expect(Object.getPrototypeOf(context)).toBeNull();
  const hostile = { ...variables, subject: 'a\r\nBcc: x@y.example', recipientName: '\u202eeve' };
  expect(
    contextOf({ kind: 'reopened', caseNumber: 7, language: 'en', variables: hostile }, aSender(), {
      address: 'support@help.example',
      messageId: 'm@help.example',
    }),
  ).toMatchObject({ subject: 'a Bcc: x@y.example', recipientName: 'eve' });
});
