// By when a support professional answers: the first-response target of a case, with the count behind it. The automatic confirmation does not
// count (handbook "Issue Acknowledgment Time"); chat and phone are answered at once and need no target.
import type { Instant } from '../clock.ts';
import type { Calendar } from './calendar.ts';
import { durationText } from './duration.ts';
import type { Duration } from './duration.ts';
import { addPlainTime, addWorkingTime, clockText } from './working-time.ts';

/** When a plan's desk works: only in the hours of its calendar, or at any time. */
export type Availability = 'business-hours' | 'around-the-clock';

/** What is promised, by which plan, for which severity. */
export interface FirstResponse {
  readonly planTitle: string;
  readonly severity: string;
  readonly target: Duration;
  readonly availability: Availability;
}

/** A target with its reasons: `because` is one sentence, `steps` the count line by line. */
export interface Target {
  readonly at: Instant;
  readonly because: string;
  readonly steps: readonly string[];
}

/**
 * The instant by which a case submitted at `submittedAt` is to be answered.
 * Hours and minutes run in open time for business hours and in plain time around the clock; a business day always skips closed days, a
 * plain day never does. Throws a RangeError when the calendar never opens.
 */
export function firstResponseTarget(promise: FirstResponse, calendar: Calendar, submittedAt: Instant): Target {
  const count = promise.availability === 'business-hours' ? addWorkingTime : addPlainTime;
  const { at, steps } = count(submittedAt, promise.target, calendar);
  const hours =
    promise.availability === 'business-hours'
      ? `the business hours of calendar "${calendar.name}"`
      : 'work around the clock';
  const because =
    `${promise.planTitle} answers severity ${promise.severity} within ${durationText(promise.target)}, ` +
    `counted in ${hours}: ${clockText(submittedAt, calendar)} becomes ${clockText(at, calendar)}`;
  return { at, because, steps };
}

/**
 * When `percent` (1–100) of the time from submission to target has passed, for warnings before a breach.
 * Plain time is used, so that a target over a weekend warns with the same share of the wait left that the customer feels.
 */
export function warningAt(submittedAt: Instant, targetAt: Instant, percent: number): Instant {
  const span = targetAt.epochMilliseconds - submittedAt.epochMilliseconds;
  const whole = 100;
  return Temporal.Instant.fromEpochMilliseconds(submittedAt.epochMilliseconds + Math.round((span * percent) / whole));
}
