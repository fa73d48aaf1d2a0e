// Who is told that a release mends their bug, and on which case; why everybody else is not; and what becomes of the cases.
import { describe, expect, it } from 'vitest';
import { decideOnRelease, tellingCase, type Release, type ReleaseFacts } from '../../src/cases/on-release.ts';
import {
  aCase,
  aParticipant,
  aPerson,
  aPolicy,
  at,
  changesOf,
  effectsOf,
  lettersOf,
  monday,
  placedCase,
} from '../builders.ts';

const release: Release = {
  bug: 'ABR-1',
  release: 'Backup 15 build 9',
  text: 'Please install it.',
  by: 'grace@help.example',
  everybody: false,
  only: null,
};
const policy = aPolicy();
const held = (plan: string, changes = {}) => ({
  id: 'e1',
  account: 'acme',
  plan,
  product: null,
  startsAt: at('2026-01-01T00:00Z'),
  expiresAt: at('2027-01-01T00:00Z'),
  incidentsLeft: null,
  ...changes,
});
const maintained = aPerson('ann@customer.example', {
  proven: true,
  account: 'acme',
  entitlements: [held('advantage-premier')],
});
const escalated = { status: 'waiting on engineering', statusNote: 'in the lab' } as const;
const facts = (changes: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  placed: placedCase(escalated),
  others: [],
  person: maintained,
  toldAt: null,
  ...changes,
});

function told(changes: Partial<ReleaseFacts> = {}, said: Partial<Release> = {}) {
  const decision = decideOnRelease({ ...release, ...said }, facts(changes), policy, monday);
  if ('untold' in decision) throw new Error(decision.untold);
  return decision;
}
function notTold(title: string, changes: Partial<ReleaseFacts>, expected: string, later = false, said = {}) {
  it(title, () =>
    expect(decideOnRelease({ ...release, ...said }, facts(changes), policy, monday)).toEqual({
      untold: expect.stringContaining(expected),
      later,
    }),
  );
}

describe('a customer on maintenance', () => {
  it('is told on the case, which leaves engineering and asks as after an answer', () => {
    const decision = told();
    expect(lettersOf(decision)).toEqual(['release-notice to ann@customer.example']);
    expect(changesOf(decision)).toEqual({ status: 'waiting on customer', statusNote: '' });
    expect(effectsOf(decision, 'schedule')).toMatchObject([
      { rule: 'follow-up', step: 1, at: at('2026-03-05T09:00Z') },
    ]);
    expect(decision.because).toBe(
      'grace@help.example told of Backup 15 build 9, which mends ABR-1: ann@customer.example has case 00000007 on it and account acme is on maintenance by Advantage Premier',
    );
  });
  it('reads the engineer’s words in the history, and nothing of the bug', () =>
    expect(effectsOf(told(), 'entry').map(({ entry }) => [entry.visibility, entry.text])).toEqual([
      ['public', 'Solved in Backup 15 build 9.\n\nPlease install it.'],
    ]));
  it.each(['closed', 'waiting on support', 'waiting on customer', 'new'] as const)(
    'whose case is %s is told, and nothing is asked',
    (status) => {
      const decision = told({ placed: placedCase({ status }) });
      expect([changesOf(decision), effectsOf(decision, 'schedule'), decision.letter.variables['timeline']]).toEqual([
        {},
        [],
        [],
      ]);
    },
  );
  it('with a second case with engineering is told once, and that case is its owner’s again', () => {
    const decision = told({ others: [aCase({ number: 3, ...escalated })] });
    expect(lettersOf(decision)).toHaveLength(1);
    expect(effectsOf(decision, 'change').map(({ caseNumber, changes }) => [caseNumber, changes.status])).toEqual([
      [7, 'waiting on customer'],
      [3, 'waiting on support'],
    ]);
  });
  it('is told on the newest open case, else on the newest', () => {
    const cases = [aCase({ number: 1 }), aCase({ number: 2 }), aCase({ number: 3, status: 'closed' })];
    expect(tellingCase(cases)?.number).toBe(2);
    expect(tellingCase(cases.slice(2))?.number).toBe(3);
    expect(tellingCase([])).toBeNull();
  });
});

describe('nobody is told', () => {
  notTold('twice', { toldAt: monday }, 'was told of it on 2026-03-02T09:00Z');
  notTold('who holds no plan', { person: aPerson() }, 'is not on maintenance');
  const expired = {
    entitlements: [held('advantage-premier', { expiresAt: at('2026-03-01T00:00Z') })],
    account: 'acme',
  };
  notTold('whose plan has ended', { person: aPerson('ann@customer.example', expired) }, 'is not on maintenance');
  notTold('who is not among the chosen', {}, 'none of their cases', false, { only: [8] });
  notTold('whose case is spam', { placed: placedCase({ status: 'closed', closeReason: 'spam' }) }, 'spam');
  const unconfirmed = { participants: [aParticipant('ann@customer.example', { confirmed: false })] };
  notTold('who is not confirmed', { placed: placedCase({}, unconfirmed) }, 'not confirmed');
  const suppressed = { ...maintained, budget: { ...maintained.budget, suppressed: 'it bounced' } };
  notTold('to whom mail can not be delivered', { person: suppressed }, 'suppressed: it bounced');
  const full = { ...maintained, budget: { ...maintained.budget, day: 10_000 } };
  notTold('now while a cap is full: later', { person: full }, 'the cap is', true);
  const unproven = { ...maintained, contact: { ...maintained.contact, proven: false } };
  const crowd = { ...unproven, budget: { ...unproven.budget, domainHour: 100_000 } };
  notTold('now while the domain’s cap is full: later', { person: crowd }, 'its domain has had', true);
  const open = { ...unproven, budget: { ...unproven.budget, unprovenHour: 1_000_000 } };
  notTold('while the breaker would hold the letter: later', { person: open }, 'far more automatic letters', true);
});

describe('besides', () => {
  it('who is not on maintenance is told when everybody is', () =>
    expect(told({ person: aPerson() }, { everybody: true }).because).toContain('although not on maintenance'));
  it('one of the chosen is told, also for another of their cases', () =>
    expect(lettersOf(told({ others: [aCase({ number: 3 })] }, { only: [3] }))).toHaveLength(1));
});
