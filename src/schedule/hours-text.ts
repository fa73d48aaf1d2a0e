// A calendar's week in words: 'Monday to Friday, 09:00–18:00'. Days with the same hours that stand beside each other are told together.
import type { Calendar, OpenHours } from './calendar.ts';

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const dayMinutes = 1440;

/** The weekly hours for a person to read; 'day and night' when nothing is ever closed. */
export function hoursText(calendar: Calendar): string {
  const groups: { first: number; last: number; hours: string }[] = [];
  for (const [day, open] of calendar.week.entries()) {
    const hours = open.map(span).join(' and ');
    const before = groups.at(-1);
    if (hours === '') continue;
    if (before && before.last === day - 1 && before.hours === hours) before.last = day;
    else groups.push({ first: day, last: day, hours });
  }
  const whole = groups[0];
  if (groups.length === 1 && whole?.first === 0 && whole.last === 6 && whole.hours === '00:00–24:00')
    return 'day and night';
  return groups.map(({ first, last, hours }) => `${days(first, last)}, ${hours}`).join('; ');
}

function days(first: number, last: number): string {
  const [from = '', to = ''] = [dayNames[first], dayNames[last]];
  if (first === last) return from;
  return last === first + 1 ? `${from} and ${to}` : `${from} to ${to}`;
}

function span({ from, to }: OpenHours): string {
  return `${time(from)}–${time(to)}`;
}

function time(minutes: number): string {
  const shown = minutes > dayMinutes ? minutes - dayMinutes : minutes;
  return `${String(Math.floor(shown / 60)).padStart(2, '0')}:${String(shown % 60).padStart(2, '0')}`;
}
