import { describe, expect, test } from 'vitest';
import { limits } from '../../src/mail/mail.ts';
import { readHeaderBlock } from '../../src/mail/header-block.ts';
import { decodeBody } from '../../src/mail/transfer-encoding.ts';

describe('a header block', () => {
  const check = (fact: string, text: string, fields: string[], body: string): void => {
    test(fact, () => {
      const bytes = Buffer.from(text);
      const { headers, bodyStart } = readHeaderBlock(bytes);
      expect(headers.map(({ name, value }) => `${name}=${value}`)).toEqual(fields);
      expect(bytes.subarray(bodyStart).toString()).toBe(body);
    });
  };
  check('ends at the first blank line', 'A: 1\nB: 2\n\nC: 3\n', ['a=1', 'b=2'], 'C: 3\n');
  check('may use CRLF', 'A: 1\r\n\r\nbody', ['a=1'], 'body');
  check('unfolds, keeping the white space', 'A: 1\n 2\n\t3\n\nx', ['a=1 2\t3'], 'x');
  check('keeps fields of one name in order', 'A: 1\nA: 2\n\n', ['a=1', 'a=2'], '');
  check('may have white space before the colon', 'A : 1\n\n', ['a=1'], '');
  check('steps over a line that is no field when fields go on', 'A: 1\nnonsense\nTo: 2\n\nx', ['a=1', 'to=2'], 'x');
  check('ends at a line that is no field when none follow', 'A: 1\nnonsense\nmore\n', ['a=1'], 'nonsense\nmore\n');
  check('steps over blank lines before it', '\r\n\nA: 1\n\nx', ['a=1'], 'x');
  check('steps over an mbox line', 'From x@y Mon Mar  2 09:00:00 2026\nA: 1\n\n', ['a=1'], '');
  check('steps over an escaped mbox line', '>From x@y Mon Mar  2 09:00:00 2026\nA: 1\n\n', ['a=1'], '');
  check('may begin with an indented field', '  A1: 1\nB: 2\n\n', ['a1=1', 'b=2'], '');
  check('may be all there is', 'A: 1', ['a=1'], '');
  check('may be missing', 'Hello there.\nHow are you?\n', [], 'Hello there.\nHow are you?\n');
  check('goes on after a line of white space when a field follows', 'A: 1\n \nBcc: 2\n\nx', ['a=1', 'bcc=2'], 'x');
  check('of nothing is empty', '', [], '');
  test('has at most the named number of fields', () => {
    const { headers, cut, bodyStart } = readHeaderBlock(Buffer.from(`${'A: 1\n'.repeat(limits.headersMax + 1)}\nx`));
    expect([headers.length, cut, bodyStart]).toEqual([limits.headersMax, true, 5 * (limits.headersMax + 1) + 1]);
  });
  test('is left at the named number of bytes, and the body is still found', () => {
    const long = Buffer.from(`A: 1\n${`B: ${'x'.repeat(995)}\n`.repeat(1100)}\nbody`);
    const { cut, bodyStart } = readHeaderBlock(long);
    expect([cut, long.subarray(bodyStart).toString()]).toEqual([true, 'body']);
  });
});

test('a body is found behind a field of two megabytes', () => {
  const long = Buffer.from(`A: ${'x'.repeat(2 * limits.headerBytesMax)}\n\nbody`);
  const { headers, bodyStart } = readHeaderBlock(long);
  expect(headers[0]?.value).toHaveLength(limits.headerBytesMax - 1);
  expect(long.subarray(bodyStart).toString()).toBe('body');
});

describe('a transfer encoding', () => {
  const check = (encoding: string, coded: string, text: string): void => {
    test(`${encoding} ${JSON.stringify(coded)} is ${JSON.stringify(text)}`, () => {
      expect(Buffer.from(decodeBody(Buffer.from(coded), encoding)).toString()).toBe(text);
    });
  };
  check('base64', 'aGVsbG8=', 'hello');
  check('BASE64', 'aGVs\r\nbG8', 'hello');
  check('base64', 'aGU=\nbGxv', 'hello');
  check('base64', 'aGVs!!bG8=', 'hello');
  check('quoted-printable', 'a=3Db=\r\nc', 'a=bc');
  check('quoted-printable', 'a=3d', 'a=');
  check('quoted-printable', 'a= \nb', 'ab');
  check('quoted-printable', 'a=zb=', 'a=zb');
  check('quoted-printable', '=', '');
  check('7bit', 'a=3D', 'a=3D');
  check('x-foo', 'a=3D', 'a=3D');
  check('x-uuencode', 'begin 644 x\n%:&5L;&\\\n`\nend\n', 'hello');
  check('x-uuencode', 'no begin', 'no begin');
});
