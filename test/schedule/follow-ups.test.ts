// The follow-up schedules of both lines, as instants.
import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../src/policy/policy.ts';
import { shippedPolicy } from '../../src/policy/load.ts';
import type { Calendar } from '../../src/schedule/calendar.ts';
import { closingAfter, describeFollowUps, nextDue, nextFollowUp } from '../../src/schedule/follow-ups.ts';
import type { Cadence } from '../../src/schedule/follow-ups.ts';

const policy = shippedPolicy();
const standard = calendarNamed(policy, 'standard');
const { corporate, mobility } = policy.lines;
const at = (text: string) => Temporal.Instant.from(text);
const reply = at('2026-03-02T10:15Z');

function check(cadence: Cadence, done: number, expected: string, calendar: Calendar = standard, from = reply) {
  const told = describeFollowUps(cadence, done, from, calendar);
  const lines = told.followUps.map(({ step, at: due }) => `${step} ${due.toString({ smallestUnit: 'minute' })}`);
  const end = told.endsAt === null ? told.ends : `${told.ends} ${told.endsAt.toString({ smallestUnit: 'minute' })}`;
  expect([...lines, end].join(', ')).toBe(expected);
}

describe('the follow-ups of the shipped policy', () => {
  it('corporate asks after 3, 3 and 4 days and stays open', () =>
    check(corporate.followUp, 0, '1 2026-03-05T10:15Z, 2 2026-03-08T10:15Z, 3 2026-03-12T10:15Z, stays-open'));
  it('mobility asks after 3 and 3 days and closes 3 days later', () =>
    check(mobility.followUp, 0, '1 2026-03-05T10:15Z, 2 2026-03-08T10:15Z, closes 2026-03-11T10:15Z'));
  it('from the second on, only what is still to come is told', () =>
    check(corporate.followUp, 2, '3 2026-03-06T10:15Z, stays-open'));
  it('after the last, only the end is told', () => check(mobility.followUp, 2, 'closes 2026-03-05T10:15Z'));
  it('the time on the wall stays when the clocks change', () =>
    check(
      mobility.followUp,
      0,
      '1 2026-03-29T08:00Z, 2 2026-04-01T08:00Z, closes 2026-04-04T08:00Z',
      { ...standard, zone: 'Europe/Berlin' },
      at('2026-03-26T09:00Z'),
    ));
  it('a cadence may hold to business hours', () =>
    check(
      { ...corporate.followUp, holdToBusinessHours: true },
      0,
      '1 2026-03-05T10:15Z, 2 2026-03-09T09:00Z, 3 2026-03-13T09:00Z, stays-open',
    ));
  it('a cadence may count business days', () =>
    check(
      { ...corporate.followUp, steps: [{ amount: 3, unit: 'business-days' }] },
      0,
      '1 2026-03-09T10:15Z, stays-open',
      standard,
      at('2026-03-04T10:15Z'),
    ));

  it('there is no fourth follow-up, and no closing of a corporate case', () => {
    expect(nextFollowUp(corporate.followUp, 4, reply, standard)).toBeNull();
    expect(closingAfter(corporate.followUp, reply, standard)).toBeNull();
    expect(nextDue(corporate.followUp, 3, reply, standard)).toBeNull();
  });
  it('what is due after the second mobility follow-up is the closing', () => {
    expect(nextDue(mobility.followUp, 2, reply, standard)).toEqual({
      rule: 'close',
      step: 2,
      at: at('2026-03-05T10:15Z'),
    });
  });
});
