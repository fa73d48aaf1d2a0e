// What happens while a customer is silent, as the letters tell it and as the next due row has it: from policy data, by calendar days.
import type { Instant } from '../clock.ts';
import { calendarNamed, type Policy } from '../policy/policy.ts';
import { describeFollowUps, nextDue } from '../schedule/follow-ups.ts';
import type { Effect } from './decision.ts';
import type { ProductLine, SupportCase } from './support-case.ts';

/** What comes next when `done` follow-ups have left and the last letter left at `from`, as an effect; null when nothing does. */
export function scheduleNext(
  supportCase: Pick<SupportCase, 'number' | 'line'>,
  next: { done: number; anchor: string },
  policy: Policy,
  from: Instant,
): Extract<Effect, { effect: 'schedule' }> | null {
  const line = policy.lines[supportCase.line];
  const due = nextDue(line.followUp, next.done, from, calendarNamed(policy, line.calendar));
  if (!due) return null;
  return { effect: 'schedule', caseNumber: supportCase.number, anchor: next.anchor, ...due };
}

/** The whole way from `from`, for a letter: each follow-up, then how it ends. */
export function timeline(
  line: ProductLine,
  done: number,
  policy: Policy,
  from: Instant,
): { at: string; what: 'follow-up' | 'close' | 'leave-open' }[] {
  const cadence = policy.lines[line].followUp;
  const told = describeFollowUps(cadence, done, from, calendarNamed(policy, policy.lines[line].calendar));
  const steps = told.followUps.map(({ at }) => ({ at: at.toString(), what: 'follow-up' as const }));
  const last = told.followUps.at(-1)?.at ?? from;
  if (told.ends === 'closes' && told.endsAt) return [...steps, { at: told.endsAt.toString(), what: 'close' }];
  return [...steps, { at: last.toString(), what: 'leave-open' }];
}

/** Until when a reply to a case closed at `closedAt` reopens it; null when this line's cases never reopen. */
export function reopenUntil(line: ProductLine, policy: Policy, closedAt: Instant): Instant | null {
  const { reopen } = policy.lines[line];
  if (reopen === 'never') return null;
  const days = Math.min(reopen.days, policy.linkAfterDays);
  const zone = calendarNamed(policy, policy.lines[line].calendar).zone;
  return closedAt.toZonedDateTimeISO(zone).add({ days }).toInstant();
}
