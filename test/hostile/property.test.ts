// Properties over generated mail: whatever bytes come, the parser threads give a mail of the contract's shape and never throw; and whatever names,
// subjects and texts a letter is composed of, two readers that share no code read it back unchanged.
import * as fc from 'fast-check';
import { domainToASCII } from 'node:url';
import { simpleParser } from 'mailparser';
import { afterAll, describe, expect, test } from 'vitest';
import { compose } from '../../src/letters/compose.ts';
import { parseAddressList, parseAuthor } from '../../src/mail/address.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { createParser } from '../../src/mail/parser-pool.ts';
import { aRequest, aSender, now, shippedTemplates } from '../letters/build.ts';
import { shapeFaults } from './mail-shape.ts';

const runs = { numRuns: 300 };
const templates = await shippedTemplates();
const parser = createParser();
afterAll(() => parser.close());

/** Bytes that mean something somewhere, between bytes that mean nothing. */
const scraps = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\n ',
  ':',
  ';',
  ',',
  '<',
  '>',
  '@',
  '"',
  '\\',
  '(',
  ')',
  '[',
  ']',
  '=',
  '?',
  '.',
  '--',
  '-- ',
  '\0',
  '\x1b$B',
  '\x7f',
  '\xff',
  '\xed\xa0\x80',
  '\xe2\x80\xae',
  '=?utf-8?Q?=00=0D=0A?=',
  '=?utf-7?Q?+2D0-?=',
  '=?x?B?????=',
  '%00',
  "utf-8''%ed%a0%80",
  '&#0;',
  '&#xD800;',
  'a@b.example',
  'xn--pple-43d',
  '\xd0\xb0',
  'On x wrote:',
  '> ',
  '<div>',
  '</',
  '<!--',
  'begin 644 x',
  '=',
  '=\n',
  '+AAA-',
);
const noise = fc
  .array(fc.oneof(scraps, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 25 })
  .map((pieces) => pieces.join(''));
const bytesOf = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(text.slice(0, 200), 'utf8')]);

const names = fc.constantFrom(
  'From',
  'To',
  'Cc',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Received',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'Auto-Submitted',
  'Return-Path',
  'Authentication-Results',
  'Precedence',
  'List-Id',
  'X-Failed-Recipients',
  'X-Quagga',
);
const types = fc.constantFrom(
  'text/plain',
  'text/html',
  'text/plain; charset=utf-16',
  'text/plain; charset=utf-7',
  'text/plain; format=flowed; delsp=yes',
  'multipart/mixed',
  'multipart/alternative; boundary=""',
  'multipart/report; report-type=delivery-status; boundary=b',
  'multipart/digest; boundary=b',
  'message/rfc822',
  'message/delivery-status',
  'application/ms-tnef; name="winmail.dat"',
  'image/png',
  'text',
  '/',
  'text/calendar',
  "application/octet-stream; name*0*=utf-8''%00; name*1=x",
);
const encodings = fc.constantFrom(
  '7bit',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'binary',
  'x-foo',
  'BASE64 (yes)',
);
const field = fc.tuple(names, noise).map(([name, value]) => `${name}: ${value}`);
const address = fc
  .tuple(
    noise,
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('example', 'b\u00fccher.example', '\u0430pple.example', '[127.0.0.1]', ' .evil', '"x"', ''),
  )
  .map(([name, local, domain]) => `${name} <${local}@${domain}>`);

/** A MIME tree: boundaries now and then missing, wrong, shared or never closed. */
const { tree } = fc.letrec<{ tree: string; leaf: string; node: string }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('node')),
  leaf: fc
    .tuple(types, encodings, noise, noise)
    .map(
      ([type, encoding, name, body]) =>
        `Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\nContent-Disposition: attachment; filename="${name}"\n\n${body}\n`,
    ),
  node: fc
    .tuple(
      fc.constantFrom('a', 'b', 'ab', ' ', '=_x; y'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom('', 'b', '\t'),
    )
    .map(([boundary, children, closed, extra]) => {
      const parts = children.map((child) => `--${boundary}${extra}\n${child}`).join('\n');
      return `Content-Type: multipart/mixed; boundary="${boundary}"\n\n${parts}${closed ? `\n--${boundary}--` : ''}\n`;
    }),
}));

/** Reads with the pool and asks the contract; the thread must have survived. */
async function expectShape(raw: Uint8Array): Promise<void> {
  const mail = await parser.parse(raw);
  expect(shapeFaults(mail)).toEqual([]);
  expect(
    mail.defects.filter(({ code, detail }) => code === 'timeout' || detail.startsWith('our own code failed')),
  ).toEqual([]);
}

describe('any bytes are read as a mail of the contract’s shape', () => {
  test('bytes at random', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), expectShape), runs);
  });
  test('header blocks', async () => {
    const block = fc.tuple(fc.array(field, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), noise);
    await fc.assert(
      fc.asyncProperty(block, ([fields, end, body]) => expectShape(bytesOf(`${fields.join(end)}${end}${end}${body}`))),
      runs,
    );
  });
  test('senders and recipients', async () => {
    await fc.assert(
      fc.asyncProperty(address, fc.array(address, { maxLength: 5 }), (from, to) =>
        expectShape(Buffer.from(`From: ${from}\nTo: ${to.join(', ')}\nReply-To: ${to[0] ?? ''}\n\nx\n`)),
      ),
      runs,
    );
  });
  test('trees of parts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 3 }), tree, (fields, body) =>
        expectShape(bytesOf(`From: a@b.example\n${fields.join('\n')}\n${body}`)),
      ),
      runs,
    );
  });
});

describe('addresses', () => {
  test('an author has one address, and reading what we wrote of it gives the same', () => {
    fc.assert(
      fc.property(fc.oneof(address, noise), (value) => {
        const author = parseAuthor(value).address;
        if (author)
          expect(parseAddressList(author.addrSpec).map(({ addrSpec }) => addrSpec)).toEqual([author.addrSpec]);
      }),
      { numRuns: 3000 },
    );
  });

  test('whoever mailparser takes for another sender is nobody to us', async () => {
    await fc.assert(
      fc.asyncProperty(address, async (from) => {
        const raw = Buffer.from(`From: ${from}\n\nx\n`);
        const ours = (await parseMail(raw)).from?.addrSpec;
        if (ours === undefined) return;
        const theirs = (await simpleParser(raw)).from?.value ?? [];
        const found = theirs[0]?.address ?? '';
        const at = found.lastIndexOf('@');
        expect([theirs.length, `${found.slice(0, at)}@${aLabels(found.slice(at + 1))}`.toLowerCase()]).toEqual([
          1,
          ours,
        ]);
      }),
      runs,
    );
  });
});

/** mailparser shows A-labels as the letters they stand for. */
function aLabels(domain: string): string {
  return domain.startsWith('[') ? domain : domainToASCII(domain);
}

test('what a letter is composed of comes back unchanged from two readers', async () => {
  const words = fc.oneof(noise, fc.string({ unit: 'grapheme', maxLength: 200 }));
  const people = fc.constantFrom(
    'ada@customer.example',
    "o'brien+x@customer.example",
    '{{x}}@customer.example',
    'a@xn--pple-43d.example',
  );
  await fc.assert(
    fc.asyncProperty(words, words, words, people, async (subject, displayName, text, addrSpec) => {
      const request = aRequest(
        'engineer-new-case',
        { to: { displayName, addrSpec } },
        { subject, requesterName: displayName, text },
      );
      const letter = await compose(request, aSender(), templates, now);
      const [ours, theirs] = [await parseMail(letter.raw), await simpleParser(letter.raw)];
      expect(shapeFaults(ours)).toEqual([]);
      const theirTo = [theirs.to ?? []].flat().flatMap(({ value }) => value);
      expect([ours.subject, theirs.subject]).toEqual([letter.subject, letter.subject]);
      expect(ours.to.map((one) => one.addrSpec)).toEqual([addrSpec]);
      expect(theirTo).toHaveLength(1);
      expect(theirTo[0]?.name ?? '').toBe(ours.to[0]?.displayName ?? '');
      expect([ours.messageId, theirs.messageId]).toEqual([letter.messageId, `<${letter.messageId}>`]);
      expect(ours.text.trimEnd()).toBe((theirs.text ?? '').trimEnd());
      expect(ours.text.trimEnd()).toBe(letter.text.trimEnd());
    }),
    { numRuns: 200 },
  );
});
