// Machines' mail, delivery reports and storms: kept and shown, hardly ever told, never answered.
import { describe, expect, it } from 'vitest';
import type { MailFacts, Storm } from '../../src/cases/facts.ts';
import { decideOnTrouble, recipientRefused, type TroubledLetter } from '../../src/cases/on-failed-letter.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import type { Place } from '../../src/cases/thread.ts';
import type { Automatic } from '../../src/mail/automatic.ts';
import type { Mail } from '../../src/mail/mail.ts';
import {
  aMail,
  anAddress,
  aPerson,
  aPolicy,
  changesOf,
  effectsOf,
  joining,
  lettersOf,
  mailFacts,
  monday,
  placedCase,
  requestsOf,
  telling,
} from '../builders.ts';

const policy = aPolicy();
const notice = 'engineer-notice to grace@help.example';
const newCase = 'engineer-new-case to grace@help.example';
const sign = (kind: Automatic['kind']): Automatic => ({ kind, because: `it looks like ${kind}` });

describe('a machine’s mail', () => {
  const places: Place['place'][] = ['participant', 'unproven', 'stranger', 'engineer'];
  it.each(places)('on a case (%s) is a note: no letter, no change, no clock', (place) => {
    const facts = mailFacts({
      place: { place, caseNumber: 7, proven: true, allowed: true, because: '' } as Place,
      placed: placedCase(),
    });
    const decision = decideOnMail(
      aMail({ automatic: sign('auto-replied'), reply: 'RESOLVED', cc: [anAddress('eve@evil.example')] }),
      facts,
      policy,
      monday,
    );
    expect(decision.disposition).toBe('automatic');
    expect(decision.effects.map(({ effect }) => effect)).toEqual(['entry']);
    expect(effectsOf(decision, 'entry')[0]?.entry.visibility).toBe('internal');
  });
  it.each(['auto-replied', 'read-receipt', 'complaint', 'delivery-report'] as const)(
    'that only answers (%s) and points at no case is kept and no more',
    (kind) => {
      const decision = decideOnMail(aMail({ automatic: sign(kind) }), mailFacts(), policy, monday);
      expect([decision.disposition, decision.caseNumber, decision.effects]).toEqual(['automatic', null, []]);
    },
  );
  it.each(['auto-generated', 'list', 'robot'] as const)(
    'that may ask for something (%s) is a case without an acknowledgment, and nobody is proposed',
    (kind) => {
      const decision = decideOnMail(
        aMail({ automatic: sign(kind), cc: [anAddress('eve@evil.example')] }),
        mailFacts(),
        policy,
        monday,
      );
      expect([decision.disposition, decision.reason, lettersOf(decision)]).toEqual([
        'opened',
        'unanswered-new-request',
        [newCase],
      ]);
      expect(effectsOf(decision, 'participant').map(({ address }) => address.addrSpec)).toEqual([
        'ann@customer.example',
      ]);
    },
  );
});

describe('a delivery report', () => {
  const report = (status: string, recipient = 'ann@customer.example'): Partial<Mail> => ({
    from: null,
    deliveryReports: [
      { recipient, action: 'failed', status, permanent: status.startsWith('5'), diagnostic: 'no such user' },
    ],
  });
  const about = (
    changes: Partial<NonNullable<MailFacts['reported']>> = {},
    placed = placedCase(),
  ): Partial<MailFacts> => ({
    place: null,
    person: null,
    placed,
    reported: { caseNumber: 7, recipient: 'ann@customer.example', kind: 'answer', signed: true, ...changes },
  });
  function check(
    fact: string,
    mail: Partial<Mail>,
    facts: Partial<MailFacts>,
    expected: { stops: string[]; letters: string[] },
  ) {
    it(fact, () => {
      const decision = decideOnMail(aMail(mail), mailFacts(facts), policy, monday);
      expect([decision.disposition, decision.reason]).toEqual(['report', 'delivery-report']);
      expect(
        decision.effects
          .map(({ effect }) => effect)
          .filter((effect) => effect === 'suppress' || effect === 'cancel-schedule'),
      ).toEqual(expected.stops);
      expect(lettersOf(decision)).toEqual(expected.letters);
      expect(changesOf(decision)).toEqual({});
    });
  }
  check(
    'about no letter of ours is kept and no more',
    report('5.1.1'),
    { place: null, person: null },
    { stops: [], letters: [] },
  );
  check('of a permanent failure ends the follow-ups, suppresses the address and is told', report('5.1.1'), about(), {
    stops: ['suppress', 'cancel-schedule'],
    letters: [notice],
  });
  check('of a delay is told and stops nothing', report('4.4.1'), about(), { stops: [], letters: [notice] });
  check(
    'about somebody else than our letter’s recipient stops nothing',
    report('5.1.1', 'bob@customer.example'),
    about(),
    { stops: [], letters: [notice] },
  );
  check('that did not come by the signed way back stops nothing', report('5.1.1'), about({ signed: false }), {
    stops: [],
    letters: [notice],
  });
  check(
    'about a participant suppresses that address, and the follow-ups go on',
    report('5.1.1', 'bob@customer.example'),
    about({ recipient: 'bob@customer.example' }),
    { stops: ['suppress'], letters: [notice] },
  );
  const toGrace = about({ recipient: 'grace@help.example', kind: 'engineer-reply' });
  check(
    'about the owner’s own letter is told to the escalation contact and stops nothing',
    report('5.1.1', 'grace@help.example'),
    toGrace,
    { stops: [], letters: ['engineer-notice to lead@help.example'] },
  );
  const notTold = about({ recipient: 'grace@help.example', kind: 'engineer-notice' });
  check(
    'about a word of trouble is told to nobody, so that two dead addresses never talk',
    report('5.1.1', 'grace@help.example'),
    notTold,
    { stops: [], letters: [] },
  );
});

describe('a letter the mail server refused', () => {
  const letter = (changes: Partial<TroubledLetter> = {}): TroubledLetter => ({
    id: '5',
    kind: 'answer',
    recipient: 'ann@customer.example',
    createdAt: monday,
    trouble: 'failed',
    error: '550 5.1.1 no such user',
    ...changes,
  });
  const decided = (changes: Partial<TroubledLetter>) =>
    decideOnTrouble(letter(changes), placedCase(), telling, policy, monday);
  it('ends the follow-ups, suppresses the address for 60 days and tells the owner', () => {
    const decision = decided({});
    expect(decision.effects.map(({ effect }) => effect)).toEqual(['entry', 'suppress', 'cancel-schedule', 'letter']);
    expect(effectsOf(decision, 'suppress')[0]?.until.toString()).toBe('2026-05-01T09:00:00Z');
    expect(requestsOf(decision)[0]?.variables['notice']).toContain('5.1.1 no such user');
  });
  it('for its content ends the follow-ups and suppresses nobody', () =>
    expect(decided({ error: '554 5.7.1 spam' }).effects.map(({ effect }) => effect)).toEqual([
      'entry',
      'cancel-schedule',
      'letter',
    ]));
  it('to the owner stops nothing and is told to the escalation contact', () => {
    const decision = decided({ kind: 'engineer-reply', recipient: 'grace@help.example' });
    expect([decision.effects.map(({ effect }) => effect), lettersOf(decision)]).toEqual([
      ['entry', 'letter'],
      ['engineer-notice to lead@help.example'],
    ]);
  });
  it('late is told and still tried', () => {
    const decision = decided({ trouble: 'late', error: '451 busy' });
    expect([decision.reason, lettersOf(decision), decision.effects.length]).toEqual(['letter-late', [notice], 1]);
  });
  it.each([
    ['550 5.1.1 <a@b.example>: user unknown', true],
    ['552 5.2.2 mailbox full', true],
    ["EENVELOPE: Can't send mail - all recipients were rejected: 550 no such user", true],
    ['554 5.7.1 rejected as spam', false],
    ['552 5.3.4 message too big', false],
    ['550 we do not like this text', false],
    ['given up', false],
  ])('"%s" is about the address: %s', (error, expected) => expect(recipientRefused(error)).toBe(expected));
});

describe('a storm', () => {
  const storm = (by: Storm['by'], count: number): Partial<MailFacts> => ({
    storms: [{ by, count, placed: placedCase({ number: 3 }) }],
  });
  const decided = (facts: Partial<MailFacts>, mail: Partial<Mail> = {}) =>
    decideOnMail(aMail(mail), mailFacts(facts), policy, monday);
  it('of one sender folds from the fourth mail on, told once', () => {
    const folded = decided(storm('sender', 3));
    expect([folded.disposition, folded.reason, folded.caseNumber, lettersOf(folded)]).toEqual([
      'joined',
      'storm',
      3,
      ['engineer-reply to grace@help.example'],
    ]);
    expect(lettersOf(decided(storm('sender', 4)))).toEqual([]);
    expect(decided(storm('sender', 2)).disposition).toBe('opened');
  });
  it('of one text from several strangers is held on the first one’s case', () =>
    expect([decided(storm('body', 3)).disposition, lettersOf(decided(storm('body', 4)))]).toEqual(['held', []]));
  it('of one text never folds a customer we know', () =>
    expect(
      decided({ ...storm('body', 50), person: aPerson('ann@customer.example', { proven: true }) }).disposition,
    ).toBe('opened'));
  it('of machines folds as automatic', () =>
    expect(decided(storm('sender', 9), { automatic: sign('robot') }).disposition).toBe('automatic'));
  it('of answers to a closed case folds too', () => {
    const facts = joining(placedCase({ status: 'closed', line: 'mobility' }), storm('sender', 3));
    expect(decideOnMail(aMail({ reply: 'It fails.' }), facts, policy, monday).reason).toBe('storm');
  });
  it('stays inside of the house: the entry is for engineers', () =>
    expect(effectsOf(decided(storm('sender', 3)), 'entry')[0]?.entry.visibility).toBe('internal'));
});

describe('engineers are told', () => {
  const told = (thisHour: number, untold = 0, had = 0) =>
    requestsOf(
      decideOnMail(
        aMail(),
        joining(placedCase({}, { notices: { thisHour, untold } }), { noticesThisHour: { 'grace@help.example': had } }),
        policy,
        monday,
      ),
    ).map(({ variables }) => variables['hint']);
  it('of every mail without a hint', () => expect(told(0)).toEqual([null]));
  it('ten times an hour of one case, the tenth says so, and the next how many came meanwhile', () => {
    expect(told(policy.loops.noticesPerCaseAnHour - 1)[0]).toContain('letter 10 about this case');
    expect(told(policy.loops.noticesPerCaseAnHour)).toEqual([]);
    expect(told(0, 7)[0]).toContain('7 earlier mails');
  });
  it('sixty times an hour each, the sixtieth says so', () => {
    expect(told(0, 0, policy.loops.noticesPerEngineerAnHour - 1)).toEqual([
      expect.stringContaining('letter 60 to you'),
    ]);
    expect(told(0, 0, policy.loops.noticesPerEngineerAnHour)).toEqual([]);
  });
  it('of a case without an owner through the escalation contact', () =>
    expect(lettersOf(decideOnMail(aMail(), joining(placedCase({ owner: null })), policy, monday))).toEqual([
      'engineer-reply to lead@help.example',
    ]));
  it.each(['unproven', 'stranger'] as const)('of what is held (%s), and nothing else happens', (place) => {
    const facts = mailFacts({ place: { place, caseNumber: 7, because: 'it is so' }, placed: placedCase() });
    const decision = decideOnMail(
      aMail({ reply: 'RESOLVED', cc: [anAddress('eve@evil.example')] }),
      facts,
      policy,
      monday,
    );
    expect([decision.disposition, decision.effects.map(({ effect }) => effect), lettersOf(decision)]).toEqual([
      'held',
      ['entry', 'letter'],
      ['engineer-held to grace@help.example'],
    ]);
    expect(effectsOf(decision, 'entry')[0]?.entry.visibility).toBe('held');
  });
});
