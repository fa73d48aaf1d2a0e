import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attachmentBytes } from '../../src/mail/attachment.ts';
import { limits, type Mail } from '../../src/mail/mail.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { readHeaderOnly, readWithoutLibrary } from '../../src/mail/read-mail.ts';

const fixtures = new URL('../../fixtures/mail/', import.meta.url);
const raw = (file: string): Buffer => readFileSync(new URL(`${file}.eml`, fixtures));

/** Compares only the fields named. `names` are the attachments' names, `codes` the defects'. */
interface Expected {
  from?: string | null;
  subject?: string;
  text?: string;
  names?: string[];
  codes?: string[];
}

function shortOf(mail: Mail, like: Expected): Expected {
  const all: Required<Expected> = {
    from: mail.from?.addrSpec ?? null,
    subject: mail.subject,
    text: mail.text.trim(),
    names: mail.attachments.map(({ name }) => name),
    codes: mail.defects.map(({ code }) => code),
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in like));
}

function check(file: string, fact: string, expected: Expected): void {
  test(`${file}: ${fact}`, async () => expect(shortOf(await parseMail(raw(file)), expected)).toEqual(expected));
}

describe('the text', () => {
  check('plain', 'is what the one part says', {
    from: 'anna@customer.example',
    subject: 'Printer',
    text: 'The printer is on fire.',
    names: [],
    codes: [],
  });
  check('alternative', 'is the plain one of two', { text: 'The printer is on fire.' });
  check('html-only', 'is made of HTML, without links and styles', { text: 'The printer is on fire.' });
  check('html-only-in-multipart', 'is made of HTML within a multipart too', {
    text: 'The printer is on fire.\n\nHelp!',
    names: ['photo.pdf'],
  });
  check('format-flowed', 'is unfolded when it is flowed, but not at the signature', {
    text: 'This line goes on here.\n-- \nAnna',
  });
  check('uuencode', 'may be uuencoded', { text: 'hello world' });
  check('base64-in-two-pieces', 'may be base64 with padding in the middle', { text: 'first and second' });
  check('encoding-unknown', 'is taken as it is when the encoding is unknown', { text: 'as it is' });
  check('bare-carriage-returns', 'may end its lines with CR', {
    from: 'anna@customer.example',
    subject: 'old Mac',
    text: 'The text.',
  });
  check('no-blank-line', 'begins where the fields end', {
    subject: 'x',
    text: 'The text begins at once.\nAnd goes on.',
  });
});

describe('charsets', () => {
  check('charset-utf-7', 'UTF-7 is read', { text: 'Schöne Grüße, 1 + 1' });
  check('charset-iso-2022-jp', 'ISO-2022-JP is read in text and subject', {
    subject: 'プリンタ',
    text: 'プリンタが動きません。',
  });
  check('charset-cp932', "CP932 is read with its vendor's characters", { text: '①番の㈱プリンタ' });
  check('charset-latin-1-declared-utf-8-sent', 'UTF-8 declared as Latin-1 is UTF-8', {
    text: 'Grüße aus Köln',
    codes: ['charset'],
  });
  check('charset-utf-8-declared-latin-1-sent', 'Latin-1 declared as UTF-8 is Latin-1', {
    text: 'Grüße aus Köln',
    codes: ['charset'],
  });
  check('charset-unknown', 'an unknown one is guessed', { text: 'Grüße aus Köln', codes: ['charset'] });
  check('header-8-bit', "a raw 8-bit subject is read by the text's charset", { subject: 'Grüße aus Köln' });
});

describe('attachments', () => {
  check('inline-text-file', 'an inline text file with a name is a file', {
    text: 'The log is below.',
    names: ['printer.log'],
  });
  check('attached-message', 'a message within is a file, and its sender nobody', {
    from: 'anna@customer.example',
    text: 'Look at this.',
    names: ['message.eml'],
  });
  check('name-rfc-2231-in-pieces', 'a name in pieces is joined and decoded', { names: ['Drücker brännt.png'] });
  check('name-with-folders', 'a name loses its folders', { names: ['passwd'] });
  check('boundary-missing', 'without a boundary the first that is seen is used', { text: 'found anyway' });
  check('boundary-never-seen', 'a boundary that never comes leaves the text', { text: 'Only text here.' });
  check('boundary-unclosed', 'the last part may end with the mail', { text: 'no end in sight' });
  check('boundary-similar', 'a boundary that begins like another is another', { text: 'inner text', names: ['a.zip'] });
  test('their bytes are found again by index', () => {
    expect(Buffer.from(attachmentBytes(raw('html-only-in-multipart'), 0) ?? []).toString()).toBe('%PDF-');
    expect(attachmentBytes(raw('html-only-in-multipart'), 1)).toBeNull();
  });
});

describe('header fields', () => {
  check('subject-with-encoded-line-break', 'an encoded line break is only a space', { subject: 'hi Bcc: x@y.example' });
  check('subject-split-in-mid-character', 'words split in mid-character are joined', { subject: 'Grüße' });
  check('two-subjects', 'the topmost of two subjects counts', { subject: 'first', codes: ['two-subjects'] });
  check('two-froms', 'two Froms are no sender', { from: null, codes: ['two-froms'] });
  check('no-from', 'no From is no sender', { from: null, codes: ['no-from'] });
  check('from-empty', 'an empty From is no sender', { from: null, codes: ['invalid-from'] });
  check('from-group', 'a group is no sender', { from: null, codes: ['several-senders'] });
  check('from-two-authors', 'two authors are no sender', { from: null, codes: ['several-senders'] });
  check('from-space-before-dot', 'a space before a dot is no address (CVE-2026-125755)', {
    from: null,
    codes: ['invalid-from'],
  });
  check('from-name-is-another-address', 'the name is not the address', { from: 'anna@customer.example' });
  check('from-encoded-address', 'an encoded word is a name, whatever it says', { from: 'anna@customer.example' });
  check('from-cyrillic-domain', 'a look-alike domain is an A-label', { from: 'anna@xn--pple-43d.example' });
  check('no-message-id', 'a missing Message-ID is told', { codes: ['no-message-id'] });
  check('bad-date', 'a Date that is none is told', { codes: ['bad-date'] });
  check('byte-order-mark', 'a byte order mark hides nothing', { from: 'anna@customer.example', subject: 'marked' });
  check('mbox-from-line', 'an mbox line before the header is stepped over', {
    from: 'anna@customer.example',
    subject: 'saved',
  });
});

describe('a deviation is told', () => {
  const told = (code: string, header: string): void => {
    test(code, async () => {
      const mail = await parseMail(
        Buffer.from(`From: anna@customer.example\nMessage-ID: <1@x.example>\n${header}\n\nx\n`),
      );
      expect(mail.defects.map((defect) => defect.code)).toEqual([code]);
    });
  };
  const many = (count: number, of: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => of(index)).join('');
  told('two-message-ids', 'Message-ID: <2@x.example>');
  told('two-dates', 'Date: Mon, 2 Mar 2026 09:00:00 +0000\nDate: Mon, 2 Mar 2026 10:00:00 +0000');
  told('bad-date', 'Date: 31 Feb 99999');
  told('many-references', `References: ${many(60, (index) => `<${index}@x.example> `)}`);
  told('many-addresses', `To: ${many(60, (index) => `a${index}@x.example,`)}`);
  told('many-headers', many(600, (index) => `X-${index}: 1\n`).trimEnd());
  told('many-received', many(60, () => 'Received: by x.example\n').trimEnd());
  told('control-characters', 'Subject: a\u202eb');
});

test('a sender that the library reads otherwise than we do is no sender', async () => {
  const mail = await parseMail(Buffer.from('From: ".x"@customer.example\nMessage-ID: <1@x.example>\n\nx'));
  expect(mail.from).toBeNull();
  expect(mail.defects.map(({ code }) => code)).toEqual(['sender-disagreement']);
});

test('a subject is cut at 255 characters, none of them in half', async () => {
  const mail = await parseMail(Buffer.from(`From: a@x.example\nSubject: ${'🖨'.repeat(5000)}\n\nx`));
  expect(mail.subject).toBe('🖨'.repeat(255));
});

test('of many references the last are kept', async () => {
  const references = Array.from({ length: 60 }, (_, index) => `<${index}@x.example>`).join(' ');
  const mail = await parseMail(Buffer.from(`From: a@x.example\nReferences: ${references}\n\nx`));
  expect(mail.references).toHaveLength(limits.referencesMax);
  expect(mail.references.at(-1)).toBe('59@x.example');
});

test('a mail over the limit is read for its header only', async () => {
  const large = Buffer.concat([raw('plain'), Buffer.alloc(limits.mailBytesMax, 'x')]);
  const mail = await parseMail(large);
  expect(shortOf(mail, { from: '', text: '', codes: [] })).toEqual({
    from: 'anna@customer.example',
    text: '',
    codes: ['text-cut', 'text-cut'],
  });
});

test('what the library refuses is read by us: sender, subject and text', async () => {
  const parts = Array.from({ length: 1200 }, () => '--edge\nContent-Type: text/plain\n\nx\n').join('');
  const mail = await parseMail(
    Buffer.from(
      `From: anna@customer.example\nSubject: many\nMessage-ID: <1@x.example>\nContent-Type: multipart/mixed; boundary=edge\n\n${parts}--edge--\n`,
    ),
  );
  expect(mail.defects.map(({ code }) => code)).toContain('library-refused');
  expect(shortOf(mail, { from: '', subject: '' })).toEqual({ from: 'anna@customer.example', subject: 'many' });
  expect(mail.text).toContain('x');
});

test('the last resort reads sender, subject and the first text', () => {
  const defect = { code: 'timeout', detail: 'late' } as const;
  const like = { from: '', subject: '', codes: [] };
  expect(shortOf(readWithoutLibrary(raw('plain'), defect), { ...like, text: '' })).toEqual({
    from: 'anna@customer.example',
    subject: 'Printer',
    text: 'The printer is on fire.',
    codes: ['timeout'],
  });
  expect(shortOf(readHeaderOnly(raw('plain'), defect), like)).toEqual({
    from: 'anna@customer.example',
    subject: 'Printer',
    codes: ['timeout'],
  });
});

/** Every text in a value, however deep: what a database or a page may come to hold. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

test('no bytes make it throw, and no text it yields holds controls, bidi marks or lone surrogates', async () => {
  const piece = fc.constantFrom(
    'From: a@x.example\n',
    'From: a\u202e@x.example\n',
    'From: =?utf-8?Q?=00=E2=80=AE?= <a@x.example>\n',
    'To: a\0b@x.example\n',
    'Return-Path: <>\n',
    'List-Id: \0\u202e\n',
    'Subject: =?x?q?=00=FF?= failure notice\n',
    'References: <\u2028@x> <a@x>\n',
    'Content-Type: multipart/mixed; boundary=b\n',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n',
    'Content-Type: text/html; charset=utf-16\n',
    'Content-Type: text/plain; charset="\0x"; name="\0\u202e.txt"\n',
    'Content-Type: message/delivery-status\n',
    'Content-Transfer-Encoding: base64\n',
    'Content-ID: <\0>\n',
    'Final-Recipient: rfc822; \u0000\u202ea@b.example\n',
    'Action: failed\nStatus: 5.1.1\n',
    '\n',
    '\n--b\n',
    '\n--b--\n',
    '<p>&#0;&#x202e;&#xd800;\u202e\0',
    '<a\u202eb@x.example>:\n550 \u0000no\n',
    'AAECAw==\n',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    fc.array(piece, { maxLength: 25 }).map((pieces) => Buffer.from(pieces.join(''), 'utf8')),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (input) => {
      const { html, ...mail } = await parseMail(input);
      for (const text of textsIn(mail)) {
        expect(text).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(text.isWellFormed()).toBe(true);
      }
      expect(html ?? '').not.toContain('\0');
      expect((html ?? '').isWellFormed()).toBe(true);
    }),
    { numRuns: 500 },
  );
});
