// In which zone a customer reads the promise: their own as we know it, else as their mail's Date tells, else the desk's.
import { describe, expect, it } from 'vitest';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { aMail, aPerson, aPolicy, mailFacts, monday, requestsOf } from '../builders.ts';

const policy = aPolicy('calendars: { standard: { zone: Asia/Kolkata } }');

function check(title: string, { date, zone }: { date: string; zone: string | null }, expected: string): void {
  it(title, () => {
    const person = aPerson('ann@customer.example');
    const facts = mailFacts({ person: { ...person, contact: { ...person.contact, zone } } });
    const mail = aMail({ headers: [{ name: 'date', value: date }] });
    const [acknowledgment] = requestsOf(decideOnMail(mail, facts, policy, monday));
    expect(acknowledgment?.variables['zone']).toBe(expected);
  });
}

describe('a promise is shown', () => {
  const winter = 'Mon, 2 Mar 2026 10:00:00 +0100';
  check('in the zone of the contact or the account', { date: winter, zone: 'America/New_York' }, 'America/New_York');
  check('else by the offset of the mail', { date: winter, zone: null }, '+01:00');
  check(
    'also west, with minutes and a comment',
    { date: 'Mon, 2 Mar 2026 10:00:00 -0330 (NST)', zone: null },
    '-03:30',
  );
  check(
    'else in the zone of the desk: +0000 says nothing',
    { date: 'Mon, 2 Mar 2026 09:00:00 +0000', zone: null },
    'Asia/Kolkata',
  );
  check('nor does an offset that no clock has', { date: 'Mon, 2 Mar 2026 09:00:00 +9999', zone: null }, 'Asia/Kolkata');
  check('nor a mail without a Date', { date: '', zone: null }, 'Asia/Kolkata');
});
