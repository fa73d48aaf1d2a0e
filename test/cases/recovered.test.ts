// A mail whose row was lost and that is read again: who is written to a second time, and who is not.
import { expect, it } from 'vitest';
import type { MailFacts } from '../../src/cases/facts.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { aMail, anAddress, aPerson, aPolicy, joining, mailFacts, monday, placedCase, requestsOf } from '../builders.ts';

const policy = aPolicy();
const ann = 'ann@customer.example';
const grace = anAddress('grace@help.example', 'Grace');

/** `expected`: the letters, each with whether it is held. */
function check(fact: string, mail: Parameters<typeof aMail>[0], facts: MailFacts, expected: string[]): void {
  it(fact, () => {
    const found = requestsOf(decideOnMail(aMail(mail), facts, policy, monday));
    expect(found.map(({ kind, heldBecause }) => `${kind}${heldBecause === null ? '' : ' held'}`)).toEqual(expected);
  });
}

const hoursAgo = (hours: number, recovered = true) => ({ recovered, receivedAt: monday.subtract({ hours }) });
const engineer = { place: 'engineer', caseNumber: 7, allowed: true, because: 'engineer answers' } as const;
const answered = (facts: Partial<MailFacts>) =>
  mailFacts({ place: engineer, placed: placedCase(), person: aPerson(grace.addrSpec), ...facts });
const resolved = { reply: 'RESOLVED', text: 'RESOLVED' };

check('a request of more than a day ago gets its case, and no second acknowledgment', {}, mailFacts(hoursAgo(25)), [
  'engineer-new-case',
]);
check('a request of today is acknowledged again, with the number that is true now', {}, mailFacts(hoursAgo(23)), [
  'acknowledgment',
  'engineer-new-case',
]);
check('an old request that was never decided is acknowledged', {}, mailFacts(hoursAgo(25, false)), [
  'acknowledgment',
  'engineer-new-case',
]);
check('an old confirmation is held, and the engineer told', resolved, joining(placedCase(), hoursAgo(25)), [
  'closed-by-customer held',
  'engineer-reply',
]);
check('a confirmation of today goes out', resolved, joining(placedCase(), hoursAgo(1)), [
  'closed-by-customer',
  'engineer-reply',
]);
check(
  'an engineer’s answer is held whatever its age: the customer may have it',
  { from: grace, reply: 'Please restart the agent.' },
  answered(hoursAgo(1)),
  ['answer held'],
);
check('an engineer’s answer that was never decided goes out', { from: grace, reply: 'Please restart.' }, answered({}), [
  'answer',
]);
it('the case says why there is no acknowledgment', () => {
  const { effects } = decideOnMail(aMail({ from: anAddress(ann) }), mailFacts(hoursAgo(25)), policy, monday);
  const said = effects.flatMap((effect) => (effect.effect === 'entry' ? [effect.entry.text] : []));
  expect(said.join('\n')).toContain('decided before by a row that is lost');
});
