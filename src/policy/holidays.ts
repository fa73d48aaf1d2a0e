// The public holidays of a country or one of its states, from the package date-holidays (its data are CC-BY-3.0, by its contributors). It is large
// and loaded only when a calendar names a country. Holidays are taken for a fixed range of years, so that the same policy always means the same.
import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';
import { didYouMean } from './nearest.ts';

/** Years whose holidays are known to a calendar; later ones count as ordinary days until this range is moved on. */
export const holidayYears = { first: 2020, last: 2045 } as const;

const known = new Map<string, string[]>();

/**
 * ISO dates of the public holidays of `country` (ISO 3166-1, like DE), and of one of its states (ISO 3166-2 without the country, like BE) when
 * named. Throws a RangeError that says what is allowed for a country or a state that is not known.
 */
export function holidaysOf(country: string, state: string | null): string[] {
  const place = `${country} ${state ?? ''}`;
  const dates = known.get(place) ?? read(country, state);
  known.set(place, dates);
  return dates;
}

function read(country: string, state: string | null): string[] {
  const all = new (library())();
  const countries = Object.keys(all.getCountries());
  if (!countries.includes(country)) {
    throw new RangeError(
      `"${country}" is no country whose holidays are known${didYouMean(country, countries)}; write its ISO code like DE or US`,
    );
  }
  const states = Object.keys(all.getStates(country) ?? {});
  if (state !== null && !states.includes(state)) {
    const allowed = states.length === 0 ? `${country} has none; leave it out` : `known: ${states.join(', ')}`;
    throw new RangeError(`"${state}" is no state of ${country}; ${allowed}`);
  }
  const calendar = state === null ? new (library())(country) : new (library())(country, state);
  const dates = new Set<string>();
  for (let year = holidayYears.first; year <= holidayYears.last; year += 1) {
    for (const { type, date, start, end } of calendar.getHolidays(year)) {
      if (type !== 'public') continue;
      const first = Temporal.PlainDate.from(date.slice(0, 'YYYY-MM-DD'.length));
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / dayMs));
      for (let day = 0; day < days; day += 1) dates.add(first.add({ days: day }).toString());
    }
  }
  return [...dates].toSorted();
}

const dayMs = 86_400_000;

let loaded: typeof Holidays | null = null;

function library(): typeof Holidays {
  loaded ??= createRequire(import.meta.url)('date-holidays') as typeof Holidays;
  return loaded;
}
