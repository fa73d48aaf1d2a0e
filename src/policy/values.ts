// The small values a policy is made of — durations, hours, dates, texts by language — each with one way to be written and an error text that
// shows it.
import * as z from 'zod';
import type { Calendar, OpenHours } from '../schedule/calendar.ts';
import { holidaysOf } from './holidays.ts';
import { durationForms, parseDuration } from '../schedule/duration.ts';

/** Limits of a policy file; what is over them is refused with a problem, so that a wrong file can not slow the gateway down. */
export const limits = {
  textCharsMax: 2_000,
  listEntriesMax: 2_000,
  mapEntriesMax: 500,
} as const;

/** A line of text, without spaces around it, not empty. */
export const text = z
  .string()
  .trim()
  .min(1, { error: 'an empty text; write something or leave the key out' })
  .max(limits.textCharsMax);

/** Words to look for in a mail, or a `?`; without a letter or a figure there would be nothing to find. */
export const phrase = text.refine((value) => value === '?' || /[\p{L}\p{N}]/u.test(value), {
  error: (issue) => `"${String(issue.input)}" has no word in it that a mail could have`,
});

/** A text in one or more languages, keyed by language code; English is always there, because it is what everyone else falls back to. */
export const texts = z
  .record(
    z.string().regex(/^[a-z]{2,3}$/, { error: 'a language code is two or three small letters, like en or de' }),
    text,
  )
  .refine((value) => 'en' in value, { error: 'a text needs its English form: en: …' });

/** A text by language code. */
export type Texts = z.output<typeof texts>;

/** The text in this language, else in English. */
export function inLanguage(value: Texts, language: string): string {
  return value[language] ?? value['en'] ?? '';
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return z.int().min(min).max(max);
}

/** A list of limited length. */
export function list<T extends z.ZodType>(entry: T) {
  return z.array(entry).max(limits.listEntriesMax);
}

/** A map of named entries, in order; an entry that is null is taken away (that is how a file of one's own drops a shipped one). */
export function entries<T extends z.ZodType>(entry: T) {
  return z
    .record(text, entry.nullable())
    .refine((value) => Object.keys(value).length <= limits.mapEntriesMax, {
      error: `more than ${limits.mapEntriesMax} entries`,
    })
    .transform((value) => {
      const kept = new Map<string, z.output<T>>();
      for (const [name, one] of Object.entries(value)) {
        if (one !== null) kept.set(name, one);
      }
      const named: ReadonlyMap<string, z.output<T>> = kept;
      return named;
    });
}

const durationWords = z
  .string()
  .meta({ description: `A length of time: ${durationForms}`, examples: ['3d', '4h', '1 business day'] });

/** A duration written like `3d`, `4h`, `90m` or `1 business day`. */
export const duration = durationWords.transform((value, context) => {
  const parsed = parseDuration(value);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: `"${value}" is not a duration; write it like ${durationForms}` });
  return z.NEVER;
});

const isoDate = z
  .string()
  .refine(isDate, { error: (issue) => `"${String(issue.input)}" is not a date; write it like 2026-12-25` });

/** The hours of one weekday: `09:00-18:00`, several in a list, or an empty list when it is closed. `22:00-06:00` runs into the next day. */
const openHours = z.array(
  z.string().transform((value, context) => {
    const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(value);
    const [from, to] = match === null ? [0, 0] : [minutes(match[1], match[2]), minutes(match[3], match[4])];
    if (from !== to && to <= dayMinutes) return { from, to };
    context.addIssue({
      code: 'custom',
      message: `"${value}" are not opening hours; write them like 09:00-18:00 or 22:00-06:00`,
    });
    return z.NEVER;
  }),
);

/** The hours of one date, which end on it. */
const hoursOfDate = openHours.refine((hours) => hours.every(({ from, to }) => from < to), {
  error: 'the hours of a date end on that date; give the next date hours of its own for what is after midnight',
});

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const publicHolidays = z
  .strictObject({ country: text, state: text.nullable().default(null) })
  .transform(({ country, state }, context) => {
    try {
      return holidaysOf(country, state);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

/** A calendar as the policy states it; `hours` left out for a weekday means closed. The name is put in when the policy is read. */
export const calendarSchema = z
  .strictObject({
    zone: z.string().refine(isZone, {
      error: (issue) => `"${String(issue.input)}" is not a time zone; write it like UTC or Europe/Berlin`,
    }),
    hours: z.partialRecord(z.enum(weekdays), openHours),
    holidays: list(isoDate),
    /** The public holidays of a country, or one of its states, besides those in `holidays`. */
    holidaysOf: publicHolidays.nullable().default(null),
    /** Dates with other hours: `2026-12-24: [09:00-13:00]`, `2026-12-28: []`; a Saturday may be opened so. */
    exceptions: z.record(isoDate, hoursOfDate).default({}),
  })
  .refine((value) => weekdays.some((day) => (value.hours[day] ?? []).length > 0), {
    path: ['hours'],
    error: 'no opening hours at all; nothing could ever be counted in this calendar',
  })
  .transform((value): Omit<Calendar, 'name'> => ({
    zone: value.zone,
    week: weekOf(weekdays.map((day) => value.hours[day] ?? [])),
    holidays: [...new Set([...value.holidays, ...(value.holidaysOf ?? [])])].toSorted(),
    exceptions: new Map(Object.entries(value.exceptions).map(([date, hours]) => [date, joined(hours)])),
  }));

const dayMinutes = 1_440;
const minutesPerHour = 60;

/** Hours that run over midnight are cut there, and what touches or overlaps is joined, so that counting needs no special cases. */
function weekOf(written: OpenHours[][]): OpenHours[][] {
  const week: OpenHours[][] = weekdays.map(() => []);
  for (const [day, hours] of written.entries()) {
    for (const { from, to } of hours) {
      if (from < to) {
        week[day]?.push({ from, to });
        continue;
      }
      week[day]?.push({ from, to: dayMinutes });
      if (to > 0) week[(day + 1) % weekdays.length]?.push({ from: 0, to });
    }
  }
  return week.map(joined);
}

function joined(hours: OpenHours[]): OpenHours[] {
  const result: OpenHours[] = [];
  for (const next of hours.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && next.from <= last.to) {
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
    } else {
      result.push(next);
    }
  }
  return result;
}

function minutes(hour: string | undefined, minute: string | undefined): number {
  return Number(hour) * minutesPerHour + Number(minute);
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  try {
    Temporal.PlainDate.from(value);
    return true;
  } catch {
    return false;
  }
}

function isZone(value: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value);
    return true;
  } catch {
    return false;
  }
}
