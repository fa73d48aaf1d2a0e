// How long the customer waited for the first answer of a person, measured as it was promised: in open time or around the clock. The automatic
// confirmation does not count (handbook "Issue Acknowledgment Time").
import { openTimeBetween } from '../schedule/working-time.ts';
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { promiseOf } from './promise.ts';
import type { SupportCase } from './support-case.ts';

/** A measured first answer: whole minutes waited in the time it was promised in, and by how many minutes it met the target or (negative) missed it. */
export interface Measured {
  minutes: number;
  counted: 'business hours' | 'around the clock';
  /** null where the case had no target. */
  marginMinutes: number | null;
}

const minuteMs = 60_000;

/** Measures the first answer; null while nobody has answered, or when the plan is gone from the policy. */
export function firstResponse(supportCase: SupportCase, policy: Policy): Measured | null {
  const { submittedAt, firstResponseAt, targetAt } = supportCase;
  const promise = promiseOf(supportCase, policy);
  if (!firstResponseAt || !promise) return null;
  const open = promise.response.availability === 'business-hours';
  const between = (from: Instant, to: Instant): number => {
    const span = open
      ? openTimeBetween(from, to, promise.calendar)
      : Math.max(0, to.epochMilliseconds - from.epochMilliseconds);
    return Math.floor(span / minuteMs);
  };
  const margin = targetAt && between(firstResponseAt, targetAt) - between(targetAt, firstResponseAt);
  return {
    minutes: between(submittedAt, firstResponseAt),
    counted: open ? 'business hours' : 'around the clock',
    marginMinutes: margin,
  };
}

/** `answered after 3 h 20 min (business hours), 5 h 40 min before the target`. */
export function responseText({ minutes, counted, marginMinutes }: Measured): string {
  const waited = `after ${span(minutes)} (${counted})`;
  if (marginMinutes === null) return waited;
  if (marginMinutes >= 0) return `${waited}, ${span(marginMinutes)} before the target`;
  return `${waited}, ${span(-marginMinutes)} after the target: missed`;
}

function span(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
