// When the desk is open: a named calendar has a zone, weekly hours on the wall clock, and holidays as dates.
// A moment is open when the clock on the wall shows a time inside the day's hours; a day on which the clocks change is therefore cut at the
// change, so that an hour that never was is not counted and an hour that came twice is counted twice.
import type { Instant } from '../clock.ts';

/** Minutes after midnight on the wall clock, `from` inclusive, `to` exclusive; 0 ≤ from < to ≤ 1440. */
export interface OpenHours {
  readonly from: number;
  readonly to: number;
}

/** Weekly opening times. `week` has seven entries, Monday first, each in order and not overlapping; `holidays` are ISO dates (`2026-12-25`). */
export interface Calendar {
  readonly name: string;
  /** IANA zone name. */
  readonly zone: string;
  readonly week: readonly (readonly OpenHours[])[];
  readonly holidays: readonly string[];
  /** Dates with hours of their own, whatever weekday or holiday they are; empty hours close the day. */
  readonly exceptions?: ReadonlyMap<string, readonly OpenHours[]>;
}

/** A stretch of open time as instants in epoch milliseconds, `from` inclusive, `to` exclusive. */
export interface OpenStretch {
  readonly from: number;
  readonly to: number;
}

/** Days that are looked ahead for an open one; a calendar that stays closed longer than this is refused. */
export const closedDaysMax = 366;

const minuteMs = 60_000;
const nanosecondsPerMs = 1_000_000;

/** The hours of one date as written in the calendar; empty on a closed day or a holiday. */
export function hoursOf(date: Temporal.PlainDate, calendar: Calendar): readonly OpenHours[] {
  const day = date.toString();
  const exception = calendar.exceptions?.get(day);
  if (exception !== undefined) return exception;
  if (calendar.holidays.includes(day)) return [];
  return calendar.week[date.dayOfWeek - 1] ?? [];
}

/** The stretches of one date in which the wall clock shows an open time, in order. Usually one per entry of the day's hours. */
export function openStretches(date: Temporal.PlainDate, calendar: Calendar): readonly OpenStretch[] {
  const known = found.getOrInsertComputed(calendar, () => new Map());
  if (known.size > datesKept) known.clear();
  return known.getOrInsertComputed(date.toString(), () => findStretches(date, calendar));
}

/** What was found of the dates asked for last: most decisions of a day ask for the same week. */
const found = new WeakMap<Calendar, Map<string, readonly OpenStretch[]>>();
const datesKept = 1000;

function findStretches(date: Temporal.PlainDate, calendar: Calendar): OpenStretch[] {
  const hours = hoursOf(date, calendar);
  if (hours.length === 0) return [];
  const stretches: OpenStretch[] = [];
  for (const part of partsOfDay(date, calendar.zone)) {
    for (const open of hours) {
      const from = Math.max(part.from, part.midnight + open.from * minuteMs);
      const to = Math.min(part.to, part.midnight + open.to * minuteMs);
      if (from < to) stretches.push({ from, to });
    }
  }
  return stretches;
}

/** Whether the desk is open at this instant. */
export function openAt(instant: Instant, calendar: Calendar): boolean {
  const date = instant.toZonedDateTimeISO(calendar.zone).toPlainDate();
  const at = instant.epochMilliseconds;
  return openStretches(date, calendar).some((stretch) => stretch.from <= at && at < stretch.to);
}

/**
 * The instant itself while the desk is open, else the next opening.
 * Throws a RangeError when the calendar has no open time within `closedDaysMax` days (policy/check.ts refuses such a calendar at load).
 */
export function nextOpen(instant: Instant, calendar: Calendar): Instant {
  const at = instant.epochMilliseconds;
  let date = instant.toZonedDateTimeISO(calendar.zone).toPlainDate();
  for (let day = 0; day <= closedDaysMax; day += 1) {
    const stretch = openStretches(date, calendar).find((candidate) => candidate.to > at);
    if (stretch !== undefined) {
      return stretch.from <= at ? instant : Temporal.Instant.fromEpochMilliseconds(stretch.from);
    }
    date = date.add({ days: 1 });
  }
  throw new RangeError(
    `calendar "${calendar.name}" is closed for more than ${closedDaysMax} days after ${instant.toString()}; nothing can be counted in it`,
  );
}

interface PartOfDay extends OpenStretch {
  /** Where midnight of this date would be if the part's offset held all day, in epoch milliseconds. */
  readonly midnight: number;
}

/** A date cut where the zone's offset changes; within a part the wall clock runs evenly. */
function partsOfDay(date: Temporal.PlainDate, zone: string): PartOfDay[] {
  const start = date.toZonedDateTime(zone);
  const end = date.add({ days: 1 }).toZonedDateTime(zone);
  const midnightUtc = date.toZonedDateTime('UTC').epochMilliseconds;
  const part = (from: number, to: number, offsetNanoseconds: number): PartOfDay => ({
    from,
    to,
    midnight: midnightUtc - offsetNanoseconds / nanosecondsPerMs,
  });
  if (start.offsetNanoseconds === end.offsetNanoseconds) {
    return [part(start.epochMilliseconds, end.epochMilliseconds, start.offsetNanoseconds)];
  }
  const change = start.getTimeZoneTransition('next');
  if (change === null || change.epochMilliseconds >= end.epochMilliseconds) {
    return [part(start.epochMilliseconds, end.epochMilliseconds, start.offsetNanoseconds)];
  }
  return [
    part(start.epochMilliseconds, change.epochMilliseconds, start.offsetNanoseconds),
    part(change.epochMilliseconds, end.epochMilliseconds, change.offsetNanoseconds),
  ];
}
