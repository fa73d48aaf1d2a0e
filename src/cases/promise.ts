// What is promised for a case: by when a person answers, under its plan and for its severity.
import type { Instant } from '../clock.ts';
import { calendarNamed, type Policy } from '../policy/policy.ts';
import type { Calendar } from '../schedule/calendar.ts';
import { firstResponseTarget, type FirstResponse, type Target } from '../schedule/targets.ts';
import type { SupportCase } from './support-case.ts';

/** What makes a promise: plan, severity, and when the request was submitted. */
export type Promised = Pick<SupportCase, 'plan' | 'severity' | 'submittedAt'>;

/** The promise of a plan for a severity with the calendar it is counted in; null when the policy has no such plan any more. */
export function promiseOf(
  { plan, severity }: Pick<Promised, 'plan' | 'severity'>,
  policy: Policy,
): { response: FirstResponse; calendar: Calendar } | null {
  const promising = policy.plans.get(plan);
  if (!promising) return null;
  const { title: planTitle, targets, availability, calendar } = promising;
  const response = { planTitle, severity, target: targets[severity], availability };
  return { response, calendar: calendarNamed(policy, calendar) };
}

/** The target with its count; null when the policy has no such plan any more. */
export function targetFor(promised: Promised, policy: Policy): Target | null {
  const promise = promiseOf(promised, policy);
  return promise && firstResponseTarget(promise.response, promise.calendar, promised.submittedAt);
}

/** The target after a change of severity; nothing changes once somebody has answered. */
export function newTarget(
  supportCase: SupportCase,
  severity: SupportCase['severity'],
  policy: Policy,
): { targetAt?: Instant; targetBecause?: string } {
  const target = supportCase.firstResponseAt ? null : targetFor({ ...supportCase, severity }, policy);
  return target ? { targetAt: target.at, targetBecause: target.because } : {};
}
