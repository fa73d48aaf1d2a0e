// Message-ID, reply address and bounce address are ours to recognise and nobody else’s to make.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageIdOf, readVerp, replyAddress, reversePathOf } from '../../src/letters/return-address.ts';
import { readToken, tokenFits } from '../../src/mail/reply-token.ts';
import { aSender, now } from './build.ts';

const letter = { caseNumber: 7, recipient: 'ada@customer.example', key: 'answer:7:1' };
const sender = aSender();
const keys = [sender.key];

function check(title: string, found: unknown, expected: unknown): void {
  test(title, () => expect(found).toEqual(expected));
}

const id = messageIdOf(letter, sender, now);
check(
  'the Message-ID is of the mailbox’s domain',
  /^case-7\.[a-z2-7]{16}\.c7\.a[0-9a-z]+\.[a-z2-7]{16}@help\.example$/.test(id),
  true,
);
check('the same letter has the same Message-ID', messageIdOf(letter, sender, now), id);
test('another key, recipient or secret is another Message-ID', () => {
  const others = [
    messageIdOf({ ...letter, key: 'answer:7:2' }, sender, now),
    messageIdOf({ ...letter, recipient: 'b@x.example' }, sender, now),
    messageIdOf(letter, aSender({ key: { id: 'a', secret: 'another' } }), now),
  ];
  expect(new Set([id, ...others].map((each) => each.split('.')[1])).size).toBe(4);
});

check('the reply address carries the token', replyAddress(letter, sender, now)?.startsWith('support+c7.a'), true);
check(
  'without address extensions there is none',
  replyAddress(letter, aSender({}, { addressExtension: '' }), now),
  null,
);
check(
  'nor when the local part would be too long',
  replyAddress(letter, aSender({}, { address: `${'x'.repeat(40)}@help.example` }), now),
  null,
);

test('a token in either place is ours for this recipient and mailbox only, whatever the case number and key', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), fc.string(), (caseNumber, key) => {
      const one = { ...letter, caseNumber, key };
      for (const text of [messageIdOf(one, sender, now), replyAddress(one, sender, now) ?? '']) {
        const token = readToken(text.toUpperCase());
        expect(token?.caseNumber).toBe(caseNumber);
        expect(token && tokenFits(token, { mailbox: 'support', recipient: letter.recipient }, keys)).toBe(true);
        expect(token && tokenFits(token, { mailbox: 'support', recipient: 'eve@x.example' }, keys)).toBe(false);
        expect(token && tokenFits(token, { mailbox: 'sales', recipient: letter.recipient }, keys)).toBe(false);
      }
      const bounce = reversePathOf(one, sender, true);
      expect(readToken(bounce)).toBeNull();
      const start = messageIdOf(one, sender, now).split('.').slice(0, 2).join('.');
      expect(readVerp(bounce.toUpperCase(), 'support', keys)).toEqual({ caseNumber, messageIdStart: `${start}.` });
    }),
  );
});

const verp = reversePathOf(letter, sender, true);
const forged = verp.replace('+b7.', '+b8.');
check('a bounce address of another mailbox is not believed', readVerp(verp, 'sales', keys), null);
check('nor one with another case number', readVerp(forged, 'support', keys), null);
check('nor one of a key we do not have', readVerp(verp, 'support', [{ id: 'b', secret: sender.key.secret }]), null);
check('nor an ordinary address', readVerp('support@help.example', 'support', keys), null);

check(
  'none configured: no one hears of an automatic letter’s failure',
  reversePathOf(letter, aSender({ reversePath: null }), true),
  '',
);
check(
  'none configured: the mailbox hears of an answer’s',
  reversePathOf(letter, aSender({ reversePath: null }), false),
  'support@help.example',
);
check(
  'an address that takes bounces: automatic letters go from it',
  reversePathOf(letter, aSender({ reversePath: 'bounces@help.example' }), true),
  'bounces@help.example',
);
check(
  'an address that takes bounces: answers too',
  reversePathOf(letter, aSender({ reversePath: 'bounces@help.example' }), false),
  'bounces@help.example',
);
check(
  'verp without extensions: automatic letters go from nobody',
  reversePathOf(letter, aSender({}, { addressExtension: '' }), true),
  '',
);
check(
  'verp without extensions: answers from the mailbox',
  reversePathOf(letter, aSender({}, { addressExtension: '' }), false),
  'support@help.example',
);
