// A calendar's week in words: 'Monday to Friday, 09:00–18:00'. Days with the same hours that stand beside each other are told together.
import type { Calendar, OpenHours } from './calendar.ts';

const dayMinutes = 1440;
/** A Monday, to take the names of days from. */
const monday = Temporal.PlainDate.from('2026-03-02');

/** The small words between days, by language; the names of the days are known to the platform. */
const words: Record<string, { to: string; and: string; always: string }> = {
  en: { to: 'to', and: 'and', always: 'day and night' },
  de: { to: 'bis', and: 'und', always: 'Tag und Nacht' },
  fr: { to: 'au', and: 'et', always: 'jour et nuit' },
  es: { to: 'a', and: 'y', always: 'día y noche' },
};

/** The weekly hours for a person to read, in English when the language is not known; 'day and night' when nothing is ever closed. */
export function hoursText(calendar: Calendar, language = 'en'): string {
  const known = language in words ? language : 'en';
  const { to, and, always } = words[known] as { to: string; and: string; always: string };
  const name = (day: number) => dayNames(known)[day] ?? '';
  const days = (first: number, last: number): string => {
    if (first === last) return name(first);
    return `${name(first)} ${last === first + 1 ? and : to} ${name(last)}`;
  };
  const groups: { first: number; last: number; hours: string }[] = [];
  for (const [day, open] of calendar.week.entries()) {
    const hours = open.map(span).join(` ${and} `);
    const before = groups.at(-1);
    if (hours === '') continue;
    if (before && before.last === day - 1 && before.hours === hours) before.last = day;
    else groups.push({ first: day, last: day, hours });
  }
  const whole = groups[0];
  if (groups.length === 1 && whole?.first === 0 && whole.last === 6 && whole.hours === '00:00–24:00') return always;
  return groups.map(({ first, last, hours }) => `${days(first, last)}, ${hours}`).join('; ');
}

/** The names of the days by language: asking the platform for one takes longer than the rest of a decision. */
const namesKnown = new Map<string, string[]>();

function dayNames(language: string): string[] {
  const known = namesKnown.get(language);
  if (known) return known;
  const names = Array.from({ length: 7 }, (_, day) =>
    monday.add({ days: day }).toLocaleString(language, { weekday: 'long' }),
  );
  namesKnown.set(language, names);
  return names;
}

function span({ from, to }: OpenHours): string {
  return `${time(from)}–${time(to)}`;
}

function time(minutes: number): string {
  const shown = minutes > dayMinutes ? minutes - dayMinutes : minutes;
  return `${String(Math.floor(shown / 60)).padStart(2, '0')}:${String(shown % 60).padStart(2, '0')}`;
}
