// A template file is taken apart into its parts with their lines, or refused with the line that is wrong.
import { expect, test } from 'vitest';
import { readTemplate, templateCharsMax } from '../../src/letters/template.ts';

function check(title: string, source: string, expected: unknown, name = 'answer'): void {
  test(title, () => {
    const read = readTemplate('t.hbs', name, source);
    const found = Array.isArray(read) ? read.map(({ line, message }) => `${line}: ${message}`) : read;
    expect(found).toEqual(expected);
  });
}
const whole = '--- subject ---\nS\n--- text ---\nT1\nT2\n--- html ---\nH\n';

check('the parts are found with their first lines', whole, {
  file: 't.hbs',
  subject: { source: 'S', line: 2 },
  text: { source: 'T1\nT2\n', line: 4 },
  html: { source: 'H\n\n', line: 7 },
  style: null,
});
check('CRLF files read the same', whole.replaceAll('\n', '\r\n'), {
  file: 't.hbs',
  subject: { source: 'S', line: 2 },
  text: { source: 'T1\nT2\n', line: 4 },
  html: { source: 'H\n\n', line: 7 },
  style: null,
});
check('a subject of two lines is refused at the second', whole.replace('S\n', 'S\nmore\n'), [
  '3: the subject has a second line; a subject is one line',
]);
check('a missing part is named', '--- subject ---\nS\n--- text ---\nT\n', [
  '1: the html part is missing: open it with a line "--- html ---"',
]);
check('a letter may leave its text to be made from its html', '--- subject ---\nS\n--- html ---\nH\n', {
  file: 't.hbs',
  subject: { source: 'S', line: 2 },
  text: null,
  html: { source: 'H\n\n', line: 4 },
  style: null,
});
check('only the layout has a style', `${whole}--- style ---\np {}\n`, [
  '8: "--- style ---" opens no part; allowed are subject, text, html',
]);
test('what is no text is not read', () => {
  const parsed = { type: 'Program', body: [] } as unknown as string;
  expect(readTemplate('t.hbs', 'answer', parsed)).toEqual([
    {
      file: 't.hbs',
      line: 1,
      column: 1,
      message: 'a template is a text; something else was sent, and nothing was read',
    },
  ]);
});
check('a part that is there twice is refused', `${whole}--- html ---\nH2\n`, [
  '8: the html part is here for the second time',
]);
check('an unknown part is refused', `${whole}--- amp ---\n`, [
  '8: "--- amp ---" opens no part; allowed are subject, text, html',
]);
check('text before the first part is refused', `hello\n${whole}`, [
  '1: text before the first "--- text ---" line is never sent',
]);
check('a partial has no subject', whole, ['1: "--- subject ---" opens no part; allowed are text, html'], '_part');
check('a file that is too large is not read', 'x'.repeat(templateCharsMax + 1), [
  `1: the file has ${templateCharsMax + 1} characters; at most ${templateCharsMax} are read`,
]);
