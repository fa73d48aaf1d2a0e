// Cleaning and wrapping: nothing starts a header or turns the reading, links and people’s own lines stay whole.
import { expect, test } from 'vitest';
import { headerText, manyLines, singleLine, textWidth, verbatim, wrap } from '../../src/letters/plain-text.ts';

function check(title: string, found: unknown, expected: unknown): void {
  test(title, () => expect(found).toBe(expected));
}

check('a line break in a line is a blank', singleLine('a\r\nBcc: b@x.example', 99), 'a Bcc: b@x.example');
check('Unicode line separators are blanks', singleLine('a\u2028b\u2029c\u0085d', 99), 'a b c d');
check('NUL and other controls are gone', singleLine('a\u0000b\u001bc\u007f', 99), 'a b c');
check('direction marks are gone', singleLine('exe\u202egpj', 99), 'exegpj');
check('half a character becomes the replacement character', singleLine('a\ud83d', 99), 'a\ufffd');
check('cutting counts code points, not halves', singleLine('😀😀😀😀', 3), '😀😀…');
check('what fits is not cut', singleLine('😀😀😀', 3), '😀😀😀');
check(
  'an encoded word in a header is not decoded again',
  headerText('=?utf-8?Q?a=0D=0Ab?=', 99),
  '= ?utf-8?Q?a=0D=0Ab?=',
);
check('lines keep their breaks and tabs', manyLines('a\r\n\tb\rc'), 'a\n\tb\nc');
check('lines lose the mark of verbatim text', manyLines('\u0001a'), 'a');
check('a body that is too long says so', manyLines('x'.repeat(200_001)).endsWith('x\n[…]'), true);

check(
  'prose is broken at a blank',
  wrap('word '.repeat(20)),
  `${'word '.repeat(14).trim()}\n${'word '.repeat(6).trim()}\n`,
);
check('exactly the width fits on a line', wrap(`${'x'.repeat(70)} y`), `${'x'.repeat(70)} y\n`);
check('one more than the width does not', wrap(`${'x'.repeat(70)} yy`), `${'x'.repeat(70)}\nyy\n`);
check('a list item hangs under its text', wrap(`- ${'word '.repeat(16)}`).split('\n')[1], '  word word');
check('an indent is kept in the next line', wrap(`  ${'word '.repeat(16)}`).split('\n')[1], '  word word');
check(
  'a long link is never broken',
  wrap(`see https://x.example/${'a'.repeat(90)} now`),
  `see\nhttps://x.example/${'a'.repeat(90)}\nnow\n`,
);
check('blank lines are not doubled', wrap('a\n\n\n\nb'), 'a\n\nb\n');
check(
  'verbatim lines stay as they are',
  wrap(verbatim(`  a  b ${'c '.repeat(50)}\n\n\nd`)),
  `a  b ${'c '.repeat(50)}\n\n\nd\n`,
);
check('the width is one that old clients show', textWidth <= 78, true);
