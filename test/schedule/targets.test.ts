// First-response targets as Table A of the handbook has them, and when their owner is warned.
import { describe, expect, it } from 'vitest';
import { shippedPolicy } from '../../src/policy/load.ts';
import { calendarNamed } from '../../src/policy/policy.ts';
import { firstResponseTarget, warningAt } from '../../src/schedule/targets.ts';
import type { FirstResponse } from '../../src/schedule/targets.ts';

const policy = shippedPolicy();
const calendar = calendarNamed(policy, 'standard');
// A Friday, two hours before closing.
const friday = Temporal.Instant.from('2026-03-06T16:00Z');

function response(planId: string, severity: 'A' | 'B' | 'C' | 'D'): FirstResponse {
  const plan = policy.plans.get(planId);
  if (plan === undefined) throw new Error(`no plan ${planId}`);
  return { planTitle: plan.title, severity, target: plan.targets[severity], availability: plan.availability };
}

function check(planId: string, severity: 'A' | 'B' | 'C' | 'D', expected: string) {
  const { at } = firstResponseTarget(response(planId, severity), calendar, friday);
  expect(at.toString({ smallestUnit: 'minute' })).toBe(expected);
}

function checkWarning(promise: FirstResponse, percent: number, expected: string) {
  const { at: targetAt } = firstResponseTarget(promise, calendar, friday);
  const at = warningAt(promise, calendar, percent, { submittedAt: friday, targetAt });
  expect(at.toString({ smallestUnit: 'minute' })).toBe(expected);
}

describe('the first-response target of a case submitted on Friday 16:00', () => {
  it('Customer Service, critical: Monday', () => check('customer-service', 'A', '2026-03-09T16:00Z'));
  it('Trial, critical: Wednesday', () => check('trial', 'A', '2026-03-11T16:00Z'));
  it('Pay Per Incident, critical: Monday, for its target is a business day', () =>
    check('pay-per-incident', 'A', '2026-03-09T16:00Z'));
  it('Advantage Premier, critical: Saturday', () => check('advantage-premier', 'A', '2026-03-07T16:00Z'));
  it('Advantage Standard, critical: Wednesday', () => check('advantage-standard', 'A', '2026-03-11T16:00Z'));
  it('B has A’s target', () => check('customer-service', 'B', '2026-03-09T16:00Z'));
  it('C has twice A’s target', () => check('customer-service', 'C', '2026-03-10T16:00Z'));
  it('D has three times A’s target', () => check('advantage-premier', 'D', '2026-03-09T16:00Z'));

  it('the reason names plan, severity, target, hours and both ends', () =>
    expect(firstResponseTarget(response('customer-service', 'A'), calendar, friday).because).toBe(
      'Customer Service answers severity A within 1 business day, counted in the business hours of calendar "standard": ' +
        'Fri 2026-03-06 16:00 UTC becomes Mon 2026-03-09 16:00 UTC',
    ));
  it('the steps name the days passed over', () =>
    expect(firstResponseTarget(response('customer-service', 'A'), calendar, friday).steps).toEqual([
      'Sat 2026-03-07 is closed',
      'Sun 2026-03-08 is closed',
      'Mon 2026-03-09 is business day 1 of 1',
    ]));
  it('plain hours run over the weekend for a plan around the clock', () => {
    const promise = { ...response('advantage-premier', 'A'), target: { amount: 24, unit: 'hours' } as const };
    expect(firstResponseTarget(promise, calendar, friday).at.toString()).toBe('2026-03-07T16:00:00Z');
  });
});

describe('a warning', () => {
  // 9 open hours from Friday 16:00 to Monday 16:00; three quarters are 6 h 45 min.
  it('at 75 % of a business day comes in business hours', () =>
    checkWarning(response('customer-service', 'A'), 75, '2026-03-09T13:45Z'));
  it('at 75 % of a business day comes in business hours for a plan around the clock too', () =>
    checkWarning(response('pay-per-incident', 'A'), 75, '2026-03-09T13:45Z'));
  it('at 75 % of a plain day comes 18 hours later', () =>
    checkWarning(response('advantage-premier', 'A'), 75, '2026-03-07T10:00Z'));
  it('at 100 % is the breach', () => checkWarning(response('customer-service', 'A'), 100, '2026-03-09T16:00Z'));
});
