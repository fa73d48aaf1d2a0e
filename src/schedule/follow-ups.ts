// When a silent customer is written to again, and how that ends (handbook "Opening a Helpdesk Request"; mobility page "Case Follow-up").
// Each step is counted from when the one before it really left, so that after an outage the schedule goes on from where it stands and
// nobody gets two at once.
import type { Instant } from '../clock.ts';
import { nextOpen } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import type { Duration } from './duration.ts';
import { addWorkingTime } from './working-time.ts';

/** How often and how far apart the customer is asked, and what happens when the last asking is not answered either. */
export interface Cadence {
  /** One pause per follow-up: the first after the engineer's reply, each other after the follow-up before it. */
  readonly steps: readonly Duration[];
  readonly after: 'stay-open' | 'close';
  /** The pause between the last follow-up and the closing; null exactly when `after` is `stay-open`. */
  readonly closeAfter: Duration | null;
  /** Whether a follow-up that would fall into a closed time waits for the next opening of the calendar. */
  readonly holdToBusinessHours: boolean;
}

/** What comes next for a silent customer; `step` counts follow-ups from 1, and for a closing names the last follow-up. */
export interface DueStep {
  readonly rule: 'follow-up' | 'close';
  readonly step: number;
  readonly at: Instant;
}

/** The whole way from here: every follow-up still to come, and how it ends when nobody answers (`endsAt` null: it stays open). */
export interface Timeline {
  readonly followUps: readonly { readonly step: number; readonly at: Instant }[];
  readonly ends: 'stays-open' | 'closes';
  readonly endsAt: Instant | null;
}

/**
 * When follow-up number `step` (from 1) is due; `from` is when the engineer's reply (step 1) or the follow-up before it left.
 * Null when the cadence has no such step. Days keep the time on the wall in the calendar's zone.
 */
export function nextFollowUp(
  cadence: Cadence,
  step: number,
  from: Instant,
  calendar: Calendar,
): { at: Instant } | null {
  const pause = cadence.steps[step - 1];
  return pause === undefined ? null : { at: after(pause, cadence, from, calendar) };
}

/** When the case is closed after the last follow-up, which left at `from`; null when the cadence lets it stay open. */
export function closingAfter(cadence: Cadence, from: Instant, calendar: Calendar): { at: Instant } | null {
  if (cadence.after === 'stay-open' || cadence.closeAfter === null) return null;
  return { at: after(cadence.closeAfter, cadence, from, calendar) };
}

/**
 * What is due next when `done` follow-ups have left, the last of them (or, for 0, the engineer's reply) at `from`: a follow-up, then the
 * closing, then null.
 */
export function nextDue(cadence: Cadence, done: number, from: Instant, calendar: Calendar): DueStep | null {
  const followUp = nextFollowUp(cadence, done + 1, from, calendar);
  if (followUp !== null) return { rule: 'follow-up', step: done + 1, at: followUp.at };
  const closing = closingAfter(cadence, from, calendar);
  return closing === null ? null : { rule: 'close', step: done, at: closing.at };
}

/** The timeline as a letter tells it, when `done` follow-ups have left and the last of them (or the reply) left at `from`. */
export function describeFollowUps(cadence: Cadence, done: number, from: Instant, calendar: Calendar): Timeline {
  const followUps: { step: number; at: Instant }[] = [];
  let last = from;
  for (let step = done + 1; step <= cadence.steps.length; step += 1) {
    const due = nextFollowUp(cadence, step, last, calendar);
    if (due === null) break;
    followUps.push({ step, at: due.at });
    last = due.at;
  }
  const closing = closingAfter(cadence, last, calendar);
  return { followUps, ends: closing === null ? 'stays-open' : 'closes', endsAt: closing?.at ?? null };
}

function after(pause: Duration, cadence: Cadence, from: Instant, calendar: Calendar): Instant {
  const { at } = addWorkingTime(from, pause, calendar);
  return cadence.holdToBusinessHours ? nextOpen(at, calendar) : at;
}
