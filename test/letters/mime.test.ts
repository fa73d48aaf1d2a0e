// The bytes of a letter say what its texts say, whatever these hold: read back by another program's parser, in lines any server takes.
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, it } from 'vitest';
import { mimeBytes } from '../../src/letters/mime.ts';
import { at } from '../builders.ts';

const parts = {
  from: { name: 'Support', address: 'support@desk.example' },
  to: { name: '', address: 'ann@customer.example' },
  replyTo: null,
  subject: '[Case 00000001] Größe',
  messageId: 'c1.abcdefghij.klm@desk.example',
  inReplyTo: null,
  references: [],
  headers: {},
};
const lineCharsMax = 78;
const lines = (text: string) => text.replaceAll(/\r\n|\r/g, '\n').replace(/\n+$/, '');
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 120 }),
  fc.constantFrom(
    ' ',
    '\t',
    '\n',
    '\r\n',
    '.',
    '.\n',
    '=20',
    ' \n',
    'ü',
    '日本語',
    'Привет',
    '-- ',
    'x'.repeat(80),
    '😀',
  ),
);
/** No NUL and no byte order mark: a reader drops both. */
const words = fc.array(piece, { maxLength: 12 }).map((some) => some.join('').replaceAll(/[\0\uFEFF]/g, ''));

it('any text, html and file comes back as it was, in short lines of seven bits that end in CRLF', async () => {
  await fc.assert(
    fc.asyncProperty(words, fc.uint8Array({ maxLength: 300 }), async (text, content) => {
      const attachments = [{ name: 'Größe – "a".pdf', type: 'application/pdf', content: Buffer.from(content) }];
      const raw = mimeBytes({ ...parts, text, html: `<p>${text}</p>`, attachments }, at('2026-03-02T09:00Z'));
      const written = raw.toString('latin1');
      expect(written).toMatch(/^(?:[\t -~]*\r\n)*$/);
      expect(Math.max(...written.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(lineCharsMax);
      const read = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
      expect(lines(read.text ?? '')).toBe(lines(text));
      expect(read.html && lines(read.html)).toBe(`<p>${text.replaceAll(/\r\n|\r/g, '\n')}</p>`);
      expect(read.attachments.map((file) => [file.filename, file.content])).toEqual([
        ['Größe – _a_.pdf', Buffer.from(content)],
      ]);
    }),
    { numRuns: 300 },
  );
});
