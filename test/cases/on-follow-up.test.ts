// The calendar of a silent customer, walked step by step for both lines, over changes of the clocks, over outages.
import { describe, expect, it } from 'vitest';
import { answerEffects } from '../../src/cases/answer.ts';
import type { CaseFacts, Person } from '../../src/cases/facts.ts';
import { decideOnStep, type Step, type StepDecision } from '../../src/cases/on-follow-up.ts';
import type { SupportCase } from '../../src/cases/support-case.ts';
import type { Policy } from '../../src/policy/policy.ts';
import {
  aPerson,
  aPolicy,
  at,
  changesOf,
  effectsOf,
  lettersOf,
  monday,
  placedCase,
  requestsOf,
  telling,
} from '../builders.ts';

const policy = aPolicy();
const berlin = aPolicy('calendars: { standard: { zone: Europe/Berlin } }\n');
const toAnn = 'ann@customer.example';
const toOwner = 'engineer-notice to grace@help.example';

const aStep = (changes: Partial<Step> = {}): Step => ({
  id: '1',
  rule: 'follow-up',
  step: 1,
  anchor: 'a',
  createdAt: monday,
  ...changes,
});

function decided(
  step: Step,
  changes: { placed?: CaseFacts; requester?: Person; sends?: boolean; rules?: Policy },
  now: Temporal.Instant,
): StepDecision {
  const { placed = placedCase(), requester = aPerson(), sends = true, rules = policy } = changes;
  return decideOnStep(step, { ...telling, placed, requester, sends }, rules, now);
}

/** Walks a silent customer's calendar from an answer at `start`; `late` are hours that every tick comes too late. */
function walk(line: SupportCase['line'], rules: Policy, start: Temporal.Instant, late = 0): string[] {
  const told: string[] = [];
  let placed = placedCase({ line, status: 'waiting on support' });
  const answer = {
    engineer: 'grace@help.example',
    text: 'Try this.',
    fullText: null,
    key: 'k',
    because: '',
    attachments: [],
    inboundId: null,
  };
  let effects = answerEffects(placed, answer, telling, rules, start);
  let createdAt = start;
  placed = placedCase({ line }, { leftAt: start, answeredAt: start });
  for (let steps = 0; steps < 10; steps += 1) {
    const [next] = effectsOf({ effects }, 'schedule');
    if (!next) break;
    const now = next.at.add({ hours: late });
    const decision = decided(aStep({ rule: next.rule, step: next.step, createdAt }), { placed, rules }, now);
    if (decision.later) throw new Error(decision.because);
    told.push(
      `${now.toZonedDateTimeISO(rules.calendars.get('standard')?.zone ?? 'UTC').toString({ smallestUnit: 'minute', timeZoneName: 'never' })} ${next.rule} ${next.step}: ${lettersOf(decision).join(', ')}`,
    );
    if (changesOf(decision).status === 'closed') told.push(`closed: ${changesOf(decision).closeReason}`);
    effects = decision.effects;
    createdAt = now;
    placed = placedCase({ line }, { leftAt: now, answeredAt: start });
  }
  return told;
}

describe('a silent customer', () => {
  it('of the corporate line is asked after 3, 3 and 4 days, then the owner is told', () =>
    expect(walk('corporate', policy, monday)).toEqual([
      `2026-03-05T09:00+00:00 follow-up 1: follow-up to ${toAnn}`,
      `2026-03-08T09:00+00:00 follow-up 2: follow-up to ${toAnn}`,
      `2026-03-12T09:00+00:00 follow-up 3: follow-up to ${toAnn}, ${toOwner}`,
    ]));
  it('of the mobility line is asked twice, then the case closes by itself', () =>
    expect(walk('mobility', policy, monday)).toEqual([
      `2026-03-05T09:00+00:00 follow-up 1: follow-up to ${toAnn}`,
      `2026-03-08T09:00+00:00 follow-up 2: follow-up to ${toAnn}`,
      `2026-03-11T09:00+00:00 close 2: closed-no-response to ${toAnn}`,
      'closed: no response',
    ]));
  it('in Berlin is asked at the same time on the wall when summer begins', () =>
    expect(walk('corporate', berlin, at('2026-03-27T10:00[Europe/Berlin]')).map((line) => line.slice(0, 22))).toEqual([
      '2026-03-30T10:00+02:00',
      '2026-04-02T10:00+02:00',
      '2026-04-06T10:00+02:00',
    ]));
  it('in Berlin is asked at the same time on the wall when summer ends', () =>
    expect(walk('mobility', berlin, at('2026-10-23T02:30[Europe/Berlin]')).map((line) => line.slice(0, 22))).toEqual([
      '2026-10-26T02:30+01:00',
      '2026-10-29T02:30+01:00',
      '2026-11-01T02:30+01:00',
      'closed: no response',
    ]));
  it('is asked in an hour that the clocks leave out, once', () =>
    expect(walk('corporate', berlin, at('2026-03-26T02:30[Europe/Berlin]'))[0]).toContain('2026-03-29T03:30+02:00'));
  it('of a desk that stood still for 10 days is asked once, and the schedule goes on from there', () =>
    expect(walk('mobility', policy, monday, 240).map((line) => line.slice(0, 10))).toEqual([
      '2026-03-15',
      '2026-03-28',
      '2026-04-10',
      'closed: no',
    ]));
  it('of a line that closes is told so in every letter', () => {
    const step = decided(aStep(), { placed: placedCase({ line: 'mobility' }) }, at('2026-03-05T09:00Z'));
    if (step.later) throw new Error(step.because);
    expect(requestsOf(step)[0]?.variables).toMatchObject({
      step: 1,
      steps: 2,
      mayAskMoreTime: true,
      canReopen: false,
      answeredOn: '2026-03-02T09:00:00Z',
      timeline: [
        { at: '2026-03-08T09:00:00Z', what: 'follow-up' },
        { at: '2026-03-11T09:00:00Z', what: 'close' },
      ],
    });
  });
});

describe('a due step', () => {
  const due = at('2026-03-05T09:00Z');
  it.each(['new', 'waiting on support', 'waiting on engineering', 'closed'] as const)(
    'of a case that is %s does nothing',
    (status) => {
      const decision = decided(aStep(), { placed: placedCase({ status }) }, due);
      expect(decision).toMatchObject({ reason: 'nothing-to-do', effects: [] });
    },
  );
  it('waits an hour while our letter has not left', () =>
    expect(decided(aStep(), { placed: placedCase({}, { waiting: 1 }) }, due).later).toEqual(at('2026-03-05T10:00Z')));
  it('does not wait for letters that have nowhere to go, unless one was tried', () => {
    expect(decided(aStep(), { placed: placedCase({}, { waiting: 1 }), sends: false }, due).later).toBe(undefined);
    expect(
      decided(aStep(), { placed: placedCase({}, { stuck: 1, waiting: 1 }), sends: false }, due).later,
    ).toBeDefined();
  });
  it('is counted from when the letter before it really left', () => {
    const placed = placedCase({}, { leftAt: at('2026-03-04T21:00Z') });
    expect(decided(aStep(), { placed }, due).later).toEqual(at('2026-03-07T21:00Z'));
    expect(decided(aStep(), { placed }, at('2026-03-07T21:00Z')).later).toBe(undefined);
  });
  it('is not moved by the minutes in which a letter is on its way', () => {
    const left = (minutes: number) =>
      decided(aStep(), { placed: placedCase({}, { leftAt: monday.add({ minutes }) }) }, due).later;
    expect([left(15), left(16)]).toEqual([undefined, due.add({ minutes: 16 })]);
  });
  it('after two weeks without a mail server comes a whole pause after the letter', () => {
    const placed = placedCase({ line: 'mobility' }, { leftAt: at('2026-03-19T12:00Z') });
    const second = aStep({ step: 2, createdAt: due });
    expect(decided(second, { placed }, at('2026-03-19T12:05Z')).later).toEqual(at('2026-03-22T12:00Z'));
    expect(
      decided(aStep({ rule: 'close', step: 2, createdAt: due }), { placed }, at('2026-03-19T12:05Z')).later,
    ).toEqual(at('2026-03-22T12:00Z'));
  });
  it('counts from MORE TIME and not from the older answer', () =>
    expect(
      decided(aStep({ createdAt: due }), { placed: placedCase({}, { leftAt: monday }) }, at('2026-03-07T09:00Z')).later,
    ).toEqual(at('2026-03-08T09:00Z')));
  it('waits while a cap of the address is full', () =>
    expect(decided(aStep(), { requester: aPerson(toAnn, { budget: { day: 20 } }) }, due).later).toEqual(
      at('2026-03-05T10:00Z'),
    ));
  it.each([
    ['suppressed', aPerson(toAnn, { budget: { suppressed: '5.1.1' } }), placedCase()],
    ['a machine', aPerson('noreply@customer.example'), placedCase({ requester: 'noreply@customer.example' })],
  ])('to an address that is %s ends the asking, and the owner is told', (_, requester, placed) => {
    const decision = decided(aStep(), { requester, placed }, due);
    if (decision.later) throw new Error(decision.because);
    expect([lettersOf(decision), effectsOf(decision, 'schedule')]).toEqual([[toOwner], []]);
  });
  it('never goes beyond the policy’s number of follow-ups', () =>
    expect(decided(aStep({ step: 4 }), {}, at('2026-04-01T09:00Z'))).toMatchObject({ reason: 'nothing-to-do' }));
  it('closes also where no letter may go, and says so', () => {
    const requester = aPerson(toAnn, { budget: { suppressed: '5.1.1' } });
    const decision = decided(
      aStep({ rule: 'close', step: 2 }),
      { requester, placed: placedCase({ line: 'mobility' }) },
      at('2026-03-12T09:00Z'),
    );
    if (decision.later) throw new Error(decision.because);
    expect([changesOf(decision).status, lettersOf(decision), effectsOf(decision, 'entry').length]).toEqual([
      'closed',
      [],
      2,
    ]);
  });
});
