// Whatever stands in a subject, a name or a body, a letter stays one header block to one recipient (TRUST T9, T12, T16, T17).
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compose } from '../../src/letters/compose.ts';
import { letterKinds } from '../../src/letters/variables.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { caseNumbers } from '../../src/mail/subject.ts';
import { aRequest, aSender, headersOf, now, shippedTemplates } from './build.ts';

const templates = await shippedTemplates();

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    'a\r\nBcc: evil@x.example',
    '=?utf-8?Q?hi=0D=0ABcc:_x@y?=',
    'x"\r\n\r\n<script>',
    '\u202e\u0000\ud800',
    '{{company}}',
    'a@b.example, c@d.example',
    'ü'.repeat(400),
  ),
);
const onceOnly = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'in-reply-to',
  'references',
  'reply-to',
];

test('whatever a customer writes: one header block, one recipient, one case, no header of theirs, nothing unescaped', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, fc.constantFrom(...letterKinds), async (subject, name, body, kind) => {
      const variables = {
        subject,
        recipientName: name,
        requesterName: name,
        text: body,
        bodyText: body,
        solution: body,
        hint: name,
      };
      const request = aRequest(
        kind,
        { to: { displayName: name, addrSpec: 'ada@customer.example' }, inReplyTo: subject },
        variables,
      );
      const letter = await compose(request, aSender(), templates, now);
      const headers = headersOf(letter.raw);
      const names = headers.map(([header]) => header);
      const plain = names.filter(
        (header) =>
          !['auto-submitted', 'x-auto-response-suppress', 'precedence', 'x-casepost-instance'].includes(header),
      );
      expect(plain.toSorted()).toEqual(onceOnly.filter((header) => plain.includes(header)).toSorted());
      const mail = await parseMail(letter.raw);
      expect(mail.to.map((to) => to.addrSpec)).toEqual(['ada@customer.example']);
      expect(mail.cc).toEqual([]);
      expect(mail.from?.addrSpec).toBe('support@help.example');
      expect(Array.from(letter.subject).length).toBeLessThanOrEqual(255);
      expect(letter.subject).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029]/);
      expect(caseNumbers(mail.subject)).toEqual([7]);
      // Every tag of the letter is one of the template's own.
      const tags = new Set([...letter.html.matchAll(/<([a-z0-9!]+)/gi)].map((match) => match[1]?.toLowerCase()));
      expect(
        tags.isSubsetOf(
          new Set([
            '!doctype',
            'html',
            'head',
            'meta',
            'title',
            'style',
            'body',
            'table',
            'tr',
            'td',
            'p',
            'h1',
            'a',
            'strong',
            'span',
            'br',
            'ul',
            'li',
            'code',
          ]),
        ),
      ).toBe(true);
      expect(letter.raw.toString('latin1').split(`--casepost-${letter.messageId.split('.')[1]}`).length).toBe(5);
    }),
    { numRuns: 150 },
  );
});
