// Where a length of time ends when only the open time of a calendar counts, and the account of how it was counted, so that every promise made
// to a customer can be explained line by line.
import type { Instant } from '../clock.ts';
import { hoursOf, nextOpen, openStretches } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { durationText } from './duration.ts';
import type { Duration } from './duration.ts';

/** Where a count ended, and one line for each thing that was counted or passed over. */
export interface Counted {
  readonly at: Instant;
  readonly steps: readonly string[];
}

/** Lines of explanation that are kept; a longer count says how many lines were left out. */
export const stepsMax = 40;

/** Days a count may reach over; a target that takes longer is refused at load (policy/check.ts), so that no calendar is walked for ever. */
export const countDaysMax = 3_700;

const minuteMs = 60_000;
const minutesPerHour = 60;
const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * Counts a duration forward from an instant in a calendar.
 * Hours and minutes: open time only. Business days: the same time on the n-th open day after, begun at the next opening when the desk is
 * closed at `from`; when that day has other hours, not later than its closing. Calendar days: the same time on the wall, weekends included.
 * Throws a RangeError when the count reaches over more than `countDaysMax` days, which policy/check.ts refuses at load.
 */
export function addWorkingTime(from: Instant, duration: Duration, calendar: Calendar): Counted {
  if (duration.unit === 'calendar-days') return addCalendarDays(from, duration, calendar);
  const open = nextOpen(from, calendar);
  const opening =
    open.epochMilliseconds === from.epochMilliseconds
      ? []
      : [`closed at ${clockText(from, calendar)}; counting begins ${clockText(open, calendar)}`];
  if (duration.unit === 'business-days') return addBusinessDays(open, duration, calendar, opening);
  return addOpenMinutes(open, duration, calendar, opening);
}

/** Counts a duration forward around the clock: hours are hours, a day is the same time on the wall in the calendar's zone. */
export function addPlainTime(from: Instant, duration: Duration, calendar: Calendar): Counted {
  if (duration.unit === 'business-days') return addWorkingTime(from, duration, calendar);
  if (duration.unit === 'calendar-days') return addCalendarDays(from, duration, calendar);
  const at = from.add({ minutes: minutesOf(duration) });
  return { at, steps: [`${durationText(duration)} around the clock, from ${clockText(from, calendar)}`] };
}

/** The same time on the wall so many days later; in the hour that a change of the clocks leaves out, the moment just as far after it. */
export function addCalendarDays(from: Instant, duration: Duration, calendar: Calendar): Counted {
  const local = from.toZonedDateTimeISO(calendar.zone);
  const at = local.add({ days: duration.amount }).toInstant();
  return { at, steps: [`${durationText(duration)} by the calendar, from ${clockText(from, calendar)}`] };
}

/**
 * The instant from which so many hours or minutes of open time end at `to`: the latest one, so that adding them again gives `to`, or the closing
 * before it when the desk is closed at `to`. Throws a RangeError when the count reaches back over more than `countDaysMax` days.
 */
export function subtractOpenTime(
  to: Instant,
  duration: Duration & { readonly unit: 'hours' | 'minutes' },
  calendar: Calendar,
): Instant {
  const end = to.epochMilliseconds;
  let left = minutesOf(duration) * minuteMs;
  let date = to.toZonedDateTimeISO(calendar.zone).toPlainDate();
  for (let walked = 0; ; walked += 1) {
    refuseEndless(walked, duration, calendar);
    for (const stretch of openStretches(date, calendar).toReversed()) {
      const until = Math.min(stretch.to, end);
      if (until <= stretch.from) continue;
      const taken = Math.min(left, until - stretch.from);
      left -= taken;
      if (left === 0) return Temporal.Instant.fromEpochMilliseconds(until - taken);
    }
    date = date.subtract({ days: 1 });
  }
}

/** The open time between two instants in milliseconds; 0 when `to` is not after `from`. */
export function openTimeBetween(from: Instant, to: Instant, calendar: Calendar): number {
  const [start, end] = [from.epochMilliseconds, to.epochMilliseconds];
  const last = to.toZonedDateTimeISO(calendar.zone).toPlainDate();
  let date = from.toZonedDateTimeISO(calendar.zone).toPlainDate();
  let open = 0;
  for (let walked = 0; walked <= countDaysMax && Temporal.PlainDate.compare(date, last) <= 0; walked += 1) {
    for (const stretch of openStretches(date, calendar)) {
      open += Math.max(0, Math.min(stretch.to, end) - Math.max(stretch.from, start));
    }
    date = date.add({ days: 1 });
  }
  return open;
}

/** An instant as the explanation shows it: `Fri 2026-03-06 16:00 Europe/Berlin`. */
export function clockText(instant: Instant, calendar: Calendar): string {
  const local = instant.toZonedDateTimeISO(calendar.zone);
  return `${dateText(local.toPlainDate())} ${timeText(instant.epochMilliseconds, calendar)} ${calendar.zone}`;
}

function addBusinessDays(open: Instant, duration: Duration, calendar: Calendar, opening: string[]): Counted {
  const steps = [...opening];
  const local = open.toZonedDateTimeISO(calendar.zone);
  let date = local.toPlainDate();
  let counted = 0;
  for (let walked = 0; counted < duration.amount; walked += 1) {
    refuseEndless(walked, duration, calendar);
    date = date.add({ days: 1 });
    if (openStretches(date, calendar).length === 0) {
      steps.push(closedText(date, calendar));
      continue;
    }
    counted += 1;
    steps.push(`${dateText(date)} is business day ${counted} of ${duration.amount}`);
  }
  const sameTime = date.toZonedDateTime({ timeZone: calendar.zone, plainTime: local.toPlainTime() }).toInstant();
  const at = insideTheDay(sameTime, date, calendar);
  if (at.epochMilliseconds !== sameTime.epochMilliseconds) {
    steps.push(`closed at ${clockText(sameTime, calendar)}; moved to ${clockText(at, calendar)}`);
  }
  return { at, steps: shortened(steps) };
}

/** The instant itself when the day is open then; else the day's next opening, or its closing when there is none. */
function insideTheDay(instant: Instant, date: Temporal.PlainDate, calendar: Calendar): Instant {
  const stretches = openStretches(date, calendar);
  const at = instant.epochMilliseconds;
  const next = stretches.find((stretch) => stretch.to > at);
  const ms = next === undefined ? (stretches.at(-1)?.to ?? at) : Math.max(next.from, at);
  return Temporal.Instant.fromEpochMilliseconds(ms);
}

function addOpenMinutes(open: Instant, duration: Duration, calendar: Calendar, opening: string[]): Counted {
  const steps = [...opening];
  const total = minutesOf(duration) * minuteMs;
  const start = open.epochMilliseconds;
  let left = total;
  let date = open.toZonedDateTimeISO(calendar.zone).toPlainDate();
  for (let walked = 0; ; walked += 1) {
    refuseEndless(walked, duration, calendar);
    const stretches = openStretches(date, calendar);
    for (const stretch of stretches) {
      const from = Math.max(stretch.from, start);
      if (from >= stretch.to) continue;
      const taken = Math.min(left, stretch.to - from);
      left -= taken;
      const span = `${timeText(from, calendar)}–${timeText(from + taken, calendar)}`;
      steps.push(
        `${dateText(date)} ${span} counts ${lengthText(taken)}, ${lengthText(total - left)} of ${lengthText(total)}`,
      );
      if (left === 0) return { at: Temporal.Instant.fromEpochMilliseconds(from + taken), steps: shortened(steps) };
    }
    if (stretches.length === 0) steps.push(closedText(date, calendar));
    date = date.add({ days: 1 });
  }
}

function refuseEndless(walked: number, duration: Duration, calendar: Calendar): void {
  if (walked <= countDaysMax) return;
  throw new RangeError(
    `${durationText(duration)} take more than ${countDaysMax} days in calendar "${calendar.name}"; the calendar has too few open hours for it`,
  );
}

function shortened(steps: string[]): string[] {
  if (steps.length <= stepsMax) return steps;
  const head = steps.slice(0, stepsMax - 2);
  return [...head, `… ${steps.length - stepsMax + 1} more lines …`, steps.at(-1) ?? ''];
}

function closedText(date: Temporal.PlainDate, calendar: Calendar): string {
  if (calendar.exceptions?.has(date.toString())) return `${dateText(date)} is closed by exception`;
  if (calendar.holidays.includes(date.toString())) return `${dateText(date)} is a holiday`;
  return hoursOf(date, calendar).length === 0 ? `${dateText(date)} is closed` : `${dateText(date)} has no open time`;
}

function minutesOf(duration: Duration): number {
  return duration.unit === 'hours' ? duration.amount * minutesPerHour : duration.amount;
}

function dateText(date: Temporal.PlainDate): string {
  return `${dayNames[date.dayOfWeek - 1] ?? ''} ${date.toString()}`;
}

function timeText(epochMs: number, calendar: Calendar): string {
  const local = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(calendar.zone);
  return local.toPlainTime().toString({ smallestUnit: 'minute' });
}

function lengthText(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  const hours = Math.floor(minutes / minutesPerHour);
  const rest = minutes % minutesPerHour;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
