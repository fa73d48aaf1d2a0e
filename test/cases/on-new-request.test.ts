// Who gets a case, who an acknowledgment, and who never does: every cap of TRUST 4.3.
import { describe, expect, it } from 'vitest';
import type { Budget, MailFacts } from '../../src/cases/facts.ts';
import { decideOnMail, mayOpenCase } from '../../src/cases/on-mail.ts';
import { limits, type Mail } from '../../src/mail/mail.ts';
import {
  aMail,
  anAddress,
  aPerson,
  aPolicy,
  at,
  effectsOf,
  lettersOf,
  mailFacts,
  monday,
  placedCase,
  requestsOf,
} from '../builders.ts';

const policy = aPolicy();
const acknowledged = ['acknowledgment to ann@customer.example', 'engineer-new-case to grace@help.example'];
const engineerOnly = ['engineer-new-case to grace@help.example'];
const person = (budget: Partial<Budget>, proven = false): Partial<MailFacts> => ({
  person: aPerson('ann@customer.example', { proven, budget }),
});
const from = (addrSpec: string): Partial<Mail> => ({ from: anAddress(addrSpec) });

function check(
  fact: string,
  mail: Partial<Mail>,
  facts: Partial<MailFacts>,
  expected: { disposition?: string; reason?: string; letters: string[]; why?: string },
  rules = policy,
) {
  it(fact, () => {
    const decision = decideOnMail(aMail(mail), mailFacts(facts), rules, monday);
    expect(lettersOf(decision)).toEqual(expected.letters);
    expect(decision.disposition).toBe(expected.disposition ?? 'opened');
    if (expected.reason) expect(decision.reason).toBe(expected.reason);
    const said = effectsOf(decision, 'entry').map(({ entry }) => entry.text);
    if (expected.why) expect(said.join('\n')).toContain(expected.why);
  });
}

describe('an acknowledgment', () => {
  check('answers a first mail, and the engineer is told', {}, {}, { reason: 'new-request', letters: acknowledged });
  const none = (why: string) => ({ letters: engineerOnly, why });
  check('does not go to a suppressed address', {}, person({ suppressed: '5.1.1' }), none('suppressed: 5.1.1'));
  for (const [cap, budget] of [
    ['3 letters in 10 minutes', { tenMinutes: 3 }],
    ['10 letters in 3 hours', { threeHours: 10 }],
    ['20 letters a day', { day: 20 }],
  ] as const) {
    check(`does not go out after ${cap}`, {}, person(budget, true), none('the cap is'));
    const less = Object.fromEntries(Object.entries(budget).map(([name, count]) => [name, count - 1]));
    check(`goes out before ${cap} are full`, {}, person(less, true), { letters: acknowledged });
  }
  check('goes to an unproven address once a day', {}, person({ day: 1 }), none('never shown'));
  check('goes again to a proven address', {}, person({ day: 1 }, true), { letters: acknowledged });
  check(
    'goes again after a pass',
    {},
    { ...person({ day: 1 }), authentication: { verdict: 'pass', because: '' } },
    { letters: acknowledged },
  );
  check(
    'does not go out after 60 an hour to unproven addresses of a domain',
    {},
    person({ domainHour: 60 }),
    none('its domain'),
  );
  check(
    'does not go to a sender that failed',
    {},
    { authentication: { verdict: 'fail', because: 'mx says dmarc=fail' } },
    none('dmarc=fail'),
  );
  check(
    'goes to a sender that failed where authentication is off',
    {},
    { authentication: { verdict: 'fail', because: '' } },
    { letters: acknowledged },
    aPolicy('authentication: off\n'),
  );
  check('does not go to our own address', from('support@help.example'), {}, none('our own'));
  check('does not go to our own address with a detail', from('mobility+x@help.example'), {}, none('our own'));
  check(
    'does not go out when its answers would come to us',
    { replyTo: [anAddress('support@help.example')] },
    {},
    none('come to us'),
  );
  check('does not go out a week late', {}, { receivedAt: at('2026-02-23T08:59Z') }, none('7 days ago'));
  check('goes out within the week', {}, { receivedAt: at('2026-02-23T09:01Z') }, { letters: acknowledged });
  for (const local of [
    'mailer-daemon',
    'postmaster',
    'no-reply',
    'noreply',
    'no-reply+x',
    'owner-list',
    'list-request',
    'bounces+ann=x',
    'abuse',
    'root',
  ]) {
    check(`does not go to ${local}@`, from(`${local}@customer.example`), {}, none("a machine's address"));
  }
  for (const address of ['ann@localhost', 'ann@127.0.0.1', 'a%evil@customer.example', '"a b"@customer.example']) {
    check(`does not go to ${address}`, from(address), {}, none('surely delivered'));
  }
  check(
    'goes to ann+tag@',
    from('ann+tag@customer.example'),
    {},
    { letters: ['acknowledgment to ann+tag@customer.example', ...engineerOnly] },
  );
  it('carries neither name nor subject of the customer in what is addressed', () => {
    const [letter] = requestsOf(
      decideOnMail(aMail({ cc: [anAddress('bob@customer.example')] }), mailFacts(), policy, monday),
    );
    expect(letter?.to.addrSpec).toBe('ann@customer.example');
    expect(letter?.automatic).toBe('auto-replied');
  });
  it('is kept back while the breaker is open, for unproven addresses only', () => {
    const held = (proven: boolean, budget: object) =>
      requestsOf(decideOnMail(aMail(), mailFacts(person(budget, proven)), policy, monday))[0]?.heldBecause;
    const flood = { unprovenHour: 2001, unprovenWeek: 2001 };
    expect(held(false, flood)).toContain('more than 2000 automatic letters');
    expect(held(true, flood)).toBe(null);
    expect(held(false, { unprovenHour: 2000, unprovenWeek: 2000 })).toBe(null);
    expect(held(false, { unprovenHour: 2001, unprovenWeek: 2001 * 168 })).toBe(null);
  });
});

describe('a case of its own', () => {
  const beside = {
    place: { place: 'beside', caseNumber: 7, because: 'the subject names case 7' },
    placed: placedCase(),
  } as const;
  check('is what a number from a stranger opens; the acknowledgment names no other', {}, beside, {
    reason: 'not-a-participant',
    letters: acknowledged,
  });
  it('shows its link to engineers alone', () => {
    const decision = decideOnMail(aMail(), mailFacts(beside), policy, monday);
    const [acknowledgment] = requestsOf(decision);
    expect(JSON.stringify(acknowledgment)).not.toMatch(/00000007|case 7\b/);
    expect(effectsOf(decision, 'entry').filter(({ caseNumber }) => caseNumber === 7)).toEqual([]);
    expect(effectsOf(decision, 'open')[0]?.supportCase).toMatchObject({ number: 8, linkedFrom: 7 });
  });
  it('uses up an incident when it is opened under one, also beside another case', () => {
    const record = {
      id: 'i1',
      account: 'Example',
      plan: 'pay-per-incident',
      product: null,
      startsAt: at('2026-01-01T00:00Z'),
      expiresAt: null,
      incidentsLeft: 1,
    };
    const facts = { person: aPerson('ann@customer.example', { account: 'Example', entitlements: [record] }) };
    const spent = (more: Partial<MailFacts>) =>
      effectsOf(
        decideOnMail(
          aMail({ text: 'All backups fail, data is lost.' }),
          mailFacts({ ...facts, ...more }),
          policy,
          monday,
        ),
        'spend-incident',
      );
    expect(spent({})).toEqual([{ effect: 'spend-incident', caseNumber: 8, entitlement: 'i1' }]);
    expect(spent(beside)).toHaveLength(1);
    expect(spent({ place: null, placed: null })).toEqual([]);
  });
});

describe('a mail larger than is read', () => {
  const large = { bytes: limits.mailBytesMax + 1 };
  it('becomes a case of its known sender with a note, and asks for nothing that may stand in it', () => {
    const decision = decideOnMail(aMail({ text: '', reply: '' }), mailFacts(large), policy, monday);
    expect([decision.disposition, decision.reason]).toEqual(['oversize', 'too-large']);
    expect(effectsOf(decision, 'open')[0]?.supportCase.requester).toBe('ann@customer.example');
    expect(
      effectsOf(decision, 'entry')
        .map(({ entry }) => entry.text)
        .join(),
    ).toContain(`${limits.mailBytesMax} are read`);
    expect(requestsOf(decision)[0]?.variables['asks']).toEqual([]);
    expect(requestsOf(decision)[1]?.variables['hint']).toContain('kept whole as mail 11');
  });
  it('at the limit is an ordinary one', () =>
    expect(decideOnMail(aMail(), mailFacts({ bytes: limits.mailBytesMax }), policy, monday).disposition).toBe(
      'opened',
    ));
});

describe('what nobody is answered for', () => {
  const nobody = { from: null, fromText: 'x' };
  check(
    'a mail without a sender is held, with a case',
    { ...nobody, defects: [{ code: 'two-froms', detail: 'two From headers' }] },
    { place: null, person: null },
    { disposition: 'held', reason: 'sender-ambiguous', letters: engineerOnly },
  );
  check(
    'a mail that passed 51 servers is held',
    { headers: Array.from({ length: 51 }, () => ({ name: 'received', value: '' })) },
    {},
    { disposition: 'held', reason: 'too-many-hops', letters: engineerOnly },
  );
  check(
    'a mail that passed 50 is not',
    { headers: Array.from({ length: 50 }, () => ({ name: 'received', value: '' })) },
    {},
    { letters: acknowledged },
  );
  check(
    'a mail the library refuses is kept for a person',
    { defects: [{ code: 'library-refused', detail: 'too many parts' }] },
    {},
    { disposition: 'unparsed', reason: 'unreadable', letters: engineerOnly },
  );
  check(
    'a copy is only counted',
    {},
    { copyOf: { id: '3', caseNumber: 7 } },
    { disposition: 'duplicate', letters: [] },
  );
  check('a letter of ours is only counted', {}, { ownLetter: 7 }, { disposition: 'own-loop', letters: [] });
  it('a held sender has no rights in the case, and nobody else is proposed', () => {
    const mail = aMail({
      headers: Array.from({ length: 60 }, () => ({ name: 'received', value: '' })),
      cc: [anAddress('eve@evil.example')],
    });
    const people = effectsOf(decideOnMail(mail, mailFacts(), policy, monday), 'participant');
    expect(people.map(({ address, confirmed }) => [address.addrSpec, confirmed])).toEqual([
      ['ann@customer.example', false],
    ]);
  });
});

describe('a number is read', () => {
  const asks = (mail: Partial<Mail>, facts: Partial<MailFacts>) => mayOpenCase(aMail(mail), mailFacts(facts), policy);
  const joined = {
    place: { place: 'participant', caseNumber: 7, proven: true, because: '' },
    placed: placedCase(),
  } as const;
  it('for a new request', () => expect(asks({}, {})).toBe(true));
  it('not for what joins an open case', () => expect(asks({}, joined)).toBe(false));
  it('for what joins a closed one', () =>
    expect(asks({}, { ...joined, placed: placedCase({ status: 'closed' }) })).toBe(true));
  it('not for a copy', () => expect(asks({}, { copyOf: { id: '1', caseNumber: null } })).toBe(false));
  it('for what can not be read', () => expect(asks({ defects: [{ code: 'timeout', detail: '' }] }, joined)).toBe(true));
});
