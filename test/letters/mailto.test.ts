// A one-tap answer opens with exactly the address, subject and words it was given (RFC 6068).
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailto } from '../../src/letters/mailto.ts';

const reply = {
  to: 'help+c7.a@x.example',
  subject: 'Re: [Case 00000007] 100 % & more?',
  body: 'RESOLVED',
  inReplyTo: 'a@b',
};

test('every part is percent-encoded and a blank is %20 (RFC 6068 2)', () => {
  expect(mailto(reply)).toBe(
    'mailto:help%2Bc7.a@x.example?subject=Re%3A%20%5BCase%2000000007%5D%20100%20%25%20%26%20more%3F&body=RESOLVED&In-Reply-To=%3Ca%40b%3E',
  );
});
test('a line break in the body is CRLF', () => {
  expect(mailto({ ...reply, body: 'a\nb' })).toContain('body=a%0D%0Ab&');
});
test('whatever the subject is, it comes back whole and adds no field', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (subject) => {
      const url = new URL(mailto({ ...reply, subject }));
      const fields = url.search.slice(1).split('&');
      expect(fields.map((field) => field.split('=')[0])).toEqual(['subject', 'body', 'In-Reply-To']);
      expect(decodeURIComponent(fields[0]?.split('=')[1] ?? '')).toBe(subject.toWellFormed());
      expect(mailto({ ...reply, subject })).toMatch(/^[!-~]+$/);
      expect(mailto({ ...reply, subject })).not.toMatch(/["'<>()]/);
    }),
  );
});
