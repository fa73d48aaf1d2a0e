// Large files are weighed and not read, large texts are read as far as they are kept; what stands around them is read as ever.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse.ts';
import { decodeBody, decodedLength } from '../../src/mail/transfer-encoding.ts';

const file = (bytes: number): string =>
  `Content-Type: application/gzip; name=log.gz\nContent-Transfer-Encoding: base64\n\n${Buffer.alloc(bytes, 7)
    .toString('base64')
    .replaceAll(/.{76}/g, '$&\n')}`;
const plain = (text: string): string => `Content-Type: text/plain; charset=utf-8\n\n${text}`;
const mail = (parts: string[]): Buffer =>
  Buffer.from(
    `From: ann@customer.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n${parts
      .map((part) => `--b\n${part}\n`)
      .join('')}--b--\n`,
  );

test('texts before, between and after large files are read, and the files have their sizes', async () => {
  const parts = [plain('Before.'), file(300_001), plain('Between.'), file(70_000), plain('Grüße danach.')];
  for (const raw of [mail(parts), Buffer.from(`\u{feff}${mail(parts).toString()}`)]) {
    const read = await parseMail(raw);
    expect(read.text.split(/\s+/).filter(Boolean)).toEqual(['Before.', 'Between.', 'Grüße', 'danach.']);
    expect(read.attachments.map(({ name, size }) => [name, size])).toEqual([
      ['log.gz', 300_001],
      ['log.gz', 70_000],
    ]);
    expect(read.defects.map(({ code }) => code)).toEqual(['no-message-id']);
  }
});

test('a file of an old Mac, whose lines end in CR alone, is no exception', async () => {
  const raw = Buffer.from(
    mail([plain('Before.'), file(300_001)])
      .toString('latin1')
      .replaceAll('\n', '\r'),
    'latin1',
  );
  const read = await parseMail(raw);
  expect([read.text.trim(), read.attachments[0]?.size]).toEqual(['Before.', 300_001]);
});

test('a text longer than is kept is cut, and the part behind it is read', async () => {
  const read = await parseMail(mail([plain('word '.repeat(1_200_000)), file(70_000)]));
  expect(read.text.startsWith('word word')).toBe(true);
  expect(read.defects.map(({ code }) => code)).toContain('text-cut');
  expect(read.attachments.map(({ size }) => size)).toEqual([70_000]);
});

test('an encoding gives as many bytes as were counted, however broken it is', () => {
  const letters = fc.constantFrom(...'AZaz09+/-_==\r\n *é'.split(''));
  const encodings = fc.constantFrom('base64', 'BASE64', 'quoted-printable', 'x-uuencode', '7bit', 'unheard');
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), encodings, (text, encoding) => {
      const bytes = Buffer.from(text.join(''), 'latin1');
      expect(decodedLength(bytes, encoding)).toBe(decodeBody(bytes, encoding).length);
    }),
    { numRuns: 2000, examples: [['QQ==-_-_'.split(''), 'base64']] },
  );
});
