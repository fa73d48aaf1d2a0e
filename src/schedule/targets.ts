// By when a support professional answers: the first-response target of a case, with the count behind it. The automatic confirmation does not
// count (handbook "Issue Acknowledgment Time"); chat and phone are answered at once and need no target.
import type { Instant } from '../clock.ts';
import type { Calendar } from './calendar.ts';
import { durationText } from './duration.ts';
import type { Duration } from './duration.ts';
import { addPlainTime, addWorkingTime, clockText, openTimeBetween } from './working-time.ts';

const minuteMs = 60_000;

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
 * When `percent` (1–100) of the way from submission to target is behind, for warnings before a breach. Open time is measured wherever the
 * target was counted in it, so that a target from Friday to Monday does not warn on Sunday.
 */
export function warningAt(
  response: FirstResponse,
  calendar: Calendar,
  percent: number,
  between: { submittedAt: Instant; targetAt: Instant },
): Instant {
  const { submittedAt, targetAt } = between;
  const whole = 100;
  if (percent >= whole) return targetAt;
  const { unit } = response.target;
  const inOpenTime =
    unit === 'business-days' || (unit !== 'calendar-days' && response.availability === 'business-hours');
  const span = inOpenTime
    ? openTimeBetween(submittedAt, targetAt, calendar)
    : targetAt.epochMilliseconds - submittedAt.epochMilliseconds;
  const minutes = Math.floor((span * percent) / whole / minuteMs);
  if (minutes === 0) return submittedAt;
  if (!inOpenTime) return submittedAt.add({ minutes });
  return addWorkingTime(submittedAt, { amount: minutes, unit: 'minutes' }, calendar).at;
}
