// What an admin is shown of two texts: the lines that went and came, the words that changed in them, and little of the rest.
import { expect, test } from 'vitest';
import { diffOf, type DiffLine } from '../../src/web/template-diff.ts';

/** A comparison as text: `-`, `+`, space or `…` before each line, changed words in brackets. */
function written(lines: DiffLine[]): string[] {
  const signs = { same: ' ', out: '-', in: '+' };
  return lines.map((line) =>
    line.kind === 'fold'
      ? `…${line.lines}`
      : signs[line.kind] + line.parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join(''),
  );
}

const many = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);

test.each<[string, string, string, string[]]>([
  ['the same text has no difference', 'a\nb\n', 'a\nb\n', []],
  ['a changed word is marked in its line', 'Is it solved?\n', 'Is it done?\n', ['-Is it [solved]?', '+Is it [done]?']],
  ['a line put in', 'a\nc\n', 'a\nb\nc\n', [' a', '+b', ' c']],
  ['a line taken out', 'a\nb\nc\n', 'a\nc\n', [' a', '-b', ' c']],
  ['two lines for one are shown whole', 'a\nx\n', 'a\ny\nz\n', [' a', '-x', '+y', '+z']],
  [
    'what is the same and far away is folded',
    `${many.join('\n')}\n`,
    `${many.with(9, 'other 10').join('\n')}\n`,
    ['…6', ' line 7', ' line 8', ' line 9', '-[line] 10', '+[other] 10', ' line 11', ' line 12', ' line 13', '…7'],
  ],
])('%s', (_, before, after, expected) => {
  expect(written(diffOf(before, after))).toEqual(expected);
});

test('texts too different to be compared in time are shown as one taken out and the other put in', () => {
  const text = (word: string) => Array.from({ length: 30_000 }, (_, index) => `${word}${index % 7}${index}`).join('\n');
  const kinds = diffOf(text('a'), text('b')).map(({ kind }) => kind);
  expect(kinds.length).toBe(60_000);
  expect(kinds.indexOf('in')).toBe(30_000);
});

test('a line too long to be compared word by word is shown whole', () => {
  const line = (word: string) => Array.from({ length: 30_000 }, (_, index) => `${word}${index}`).join(' ');
  expect(diffOf(line('a'), line('b'))).toEqual([
    { kind: 'out', parts: [{ text: line('a'), marked: false }] },
    { kind: 'in', parts: [{ text: line('b'), marked: false }] },
  ]);
});
