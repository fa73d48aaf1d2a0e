// Calendars with the holidays of a country and with dates that have other hours.
import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../src/policy/policy.ts';
import { shippedText } from '../../src/policy/load.ts';
import { problemText, readPolicy } from '../../src/policy/policy.ts';
import { hoursOf } from '../../src/schedule/calendar.ts';
import { addWorkingTime } from '../../src/schedule/working-time.ts';
import { aPolicy, at } from '../builders.ts';

const berlin = (more: string) =>
  calendarNamed(aPolicy(`calendars: { standard: { zone: Europe/Berlin, ${more} } }`), 'standard');
const open = (calendar: ReturnType<typeof berlin>, date: string) =>
  hoursOf(Temporal.PlainDate.from(date), calendar).length > 0;

describe('the holidays of a place', () => {
  it.each([
    ['unity day of Germany', '{ country: DE }', '2028-10-03', false],
    ['a day that is one in Berlin only', '{ country: DE, state: BE }', '2027-03-08', false],
    ['the same day elsewhere', '{ country: DE, state: BY }', '2027-03-08', true],
    ['independence day in the observed form', '{ country: US }', '2027-07-05', false],
    ['an ordinary Tuesday', '{ country: DE }', '2028-10-10', true],
  ])('%s', (_, place, date, expected) => expect(open(berlin(`holidaysOf: ${place}`), date)).toBe(expected));

  it('stand beside those that are written', () => {
    const calendar = berlin('holidaysOf: { country: DE }, holidays: [2028-10-04]');
    expect([open(calendar, '2028-10-03'), open(calendar, '2028-10-04')]).toEqual([false, false]);
  });

  it.each([
    ['{ country: De }', /"De" is no country .*did you mean "DE"/],
    ['{ country: DE, state: XX }', /"XX" is no state of DE; known: BB, BE/],
    ['{ country: DE, sate: BE }', /unknown key "sate" \(did you mean "state"\?\)/],
  ])('%s is told where it stands', (place, expected) => {
    const text = `calendars: { standard: { holidaysOf: ${place} } }`;
    const read = readPolicy(shippedText(), { name: 'p.yaml', text });
    expect('problems' in read && read.problems.map(problemText).join('\n')).toMatch(expected);
  });
});

describe('a date with other hours', () => {
  const calendar = berlin(
    'holidays: [2026-12-25], exceptions: { 2026-12-24: [09:00-13:00], 2026-12-25: [10:00-11:00], 2026-12-28: [], 2026-12-26: [09:00-12:00] }',
  );
  it('closes early, opens a holiday or a Saturday, or is closed', () => {
    const hours = ['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-28'].map((date) =>
      hoursOf(Temporal.PlainDate.from(date), calendar).map(({ from, to }) => (to - from) / 60),
    );
    expect(hours).toEqual([[4], [1], [3], []]);
  });
  it('is counted, and the count says so', () => {
    const { at: end, steps } = addWorkingTime(
      at('2026-12-24T12:00[Europe/Berlin]'),
      { amount: 6, unit: 'hours' },
      calendar,
    );
    expect(end).toEqual(at('2026-12-29T10:00[Europe/Berlin]'));
    expect(steps.join('\n')).toContain('2026-12-28 is closed by exception');
  });
  it('may not run into the next one', () => {
    const read = readPolicy(shippedText(), {
      name: 'p.yaml',
      text: 'calendars: { standard: { exceptions: { 2026-12-24: [22:00-06:00] } } }',
    });
    expect('problems' in read && read.problems.map(problemText).join('')).toMatch(
      /exceptions\.2026-12-24: the hours of a date end on that date/,
    );
  });
});
