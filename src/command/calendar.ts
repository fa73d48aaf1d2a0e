// `casepost calendar …`: when the desk is open, and how a length of time is counted in it, so that a promise can be checked before it is made.
import { readInstant } from '../clock.ts';
import { parseDuration, durationForms } from '../schedule/duration.ts';
import { hoursOf, type Calendar, type OpenHours } from '../schedule/calendar.ts';
import { hoursText } from '../schedule/hours-text.ts';
import { addPlainTime, addWorkingTime } from '../schedule/working-time.ts';
import { loadRules } from '../rules.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { clockOf, configOf, print, type CommonOptions } from './session.ts';

/** `calendar show NAME`: its week, and each date of a year that is otherwise: holidays, other hours, days on which the clocks change. */
export async function showCalendar(
  name: string,
  options: CommonOptions & { year?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const calendar = await calendarOf(name, options, env);
  const year = options.year === undefined ? clockOf(options)().toZonedDateTimeISO('UTC').year : Number(options.year);
  if (!Number.isInteger(year) || year < 1970 || year > 2100)
    throw new UsageError(`--year: "${options.year}" is not a year; write it like 2026`);
  const days = otherDays(calendar, year);
  const lines = days.map(
    ({ date, what, hours }) => `  ${date}  ${what}: ${hours.map(spanText).join(', ') || 'closed'}`,
  );
  const { zone, week } = calendar;
  print(options, { name, zone, week, year, days }, [`${name}: ${hoursText(calendar)} (${zone})`, ...lines].join('\n'));
}

/** `calendar count NAME FROM DURATION`: where a length of time ends, step by step. */
export async function countInCalendar(
  name: string,
  [from, written]: [string, string],
  options: CommonOptions & { plain?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const calendar = await calendarOf(name, options, env);
  const duration = parseDuration(written);
  if (!duration) throw new UsageError(`"${written}" is not a length of time; write it like ${durationForms}`);
  const begin = instantIn(from, calendar.zone);
  const { at, steps } = (options.plain ? addPlainTime : addWorkingTime)(begin, duration, calendar);
  const local = at.toZonedDateTimeISO(calendar.zone).toString({ smallestUnit: 'minute' });
  print(options, { from: begin, at, local, steps }, [...steps.map((step) => `  ${step}`), local].join('\n'));
}

async function calendarOf(name: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<Calendar> {
  const rules = await loadRules(configOf(options, env));
  if ('problems' in rules) throw new ProblemsFound(rules.problems.join('\n'));
  const calendar = rules.policy.calendars.get(name);
  if (calendar) return calendar;
  throw new UsageError(
    `"${name}" is no calendar of the policy; known: ${[...rules.policy.calendars.keys()].join(', ')}`,
  );
}

/** An instant, or a time on the wall of the calendar's zone: `2026-03-06T16:00`. */
function instantIn(text: string, zone: string): Temporal.Instant {
  try {
    if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text))
      return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).toInstant();
    return readInstant(text);
  } catch (error) {
    throw new UsageError(
      `"${text}" is not a time: ${(error as Error).message}; write it like 2026-03-06T16:00 (in ${zone})`,
    );
  }
}

function otherDays(calendar: Calendar, year: number): { date: string; what: string; hours: readonly OpenHours[] }[] {
  const days: { date: string; what: string; hours: readonly OpenHours[] }[] = [];
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  for (let date = first; date.year === year; date = date.add({ days: 1 })) {
    const name = date.toString();
    const what = [
      calendar.exceptions?.has(name) ? 'other hours' : calendar.holidays.includes(name) ? 'holiday' : null,
      clocksChange(date, calendar.zone) ? 'the clocks change' : null,
    ].filter((one) => one !== null);
    if (what.length > 0) days.push({ date: name, what: what.join(', '), hours: hoursOf(date, calendar) });
  }
  return days;
}

function clocksChange(date: Temporal.PlainDate, zone: string): boolean {
  const [start, end] = [date.toZonedDateTime(zone), date.add({ days: 1 }).toZonedDateTime(zone)];
  return start.offsetNanoseconds !== end.offsetNanoseconds;
}

function spanText({ from, to }: OpenHours): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${time(from)}–${time(to)}`;
}
