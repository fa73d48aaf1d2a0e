// A mail whose row was lost and that is read again: who is written to a second time, and who is not.
import { expect, it } from 'vitest';
import type { MailFacts } from '../../src/cases/facts.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { aMail, anAddress, aPerson, aPolicy, joining, mailFacts, monday, placedCase, requestsOf } from '../builders.ts';

const policy = aPolicy();
const grace = anAddress('grace@help.example', 'Grace');

/** `expected`: the letters, each with whether it is held. */
function check(fact: string, mail: Parameters<typeof aMail>[0], facts: MailFacts, expected: string[]): void {
  it(fact, () => {
    const found = requestsOf(decideOnMail(aMail(mail), facts, policy, monday));
    expect(found.map(({ kind, heldBecause }) => `${kind}${heldBecause === null ? '' : ' held'}`)).toEqual(expected);
  });
}

const read = (recovered: boolean) => ({ recovered });
const engineer = { place: 'engineer', caseNumber: 7, allowed: true, because: 'engineer answers' } as const;
const answered = (facts: Partial<MailFacts>) =>
  mailFacts({ place: engineer, placed: placedCase(), person: aPerson(grace.addrSpec), ...facts });
const resolved = { reply: 'RESOLVED', text: 'RESOLVED' };

check('a request gets its case again, and its acknowledgment is held', {}, mailFacts(read(true)), [
  'acknowledgment held',
  'engineer-new-case',
]);
check('a request that was never decided is acknowledged', {}, mailFacts(read(false)), [
  'acknowledgment',
  'engineer-new-case',
]);
check('a confirmation is held, and the engineer told', resolved, joining(placedCase(), read(true)), [
  'closed-by-customer held',
  'engineer-reply',
]);
check('a confirmation that was never decided goes out', resolved, joining(placedCase(), read(false)), [
  'closed-by-customer',
  'engineer-reply',
]);
check(
  'an engineer’s answer is held: the customer may have it',
  { from: grace, reply: 'Please restart the agent.' },
  answered(read(true)),
  ['answer held'],
);
check('an engineer’s answer that was never decided goes out', { from: grace, reply: 'Please restart.' }, answered({}), [
  'answer',
]);
