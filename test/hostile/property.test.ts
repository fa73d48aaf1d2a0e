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
import { address, bytesOf, field, noise, tree } from './generated-mail.ts';
import { shapeFaults } from './mail-shape.ts';

const runs = { numRuns: 300 };
const templates = await shippedTemplates();
const parser = createParser();
afterAll(() => parser.close());

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
