// Working time: examples a person can check on a calendar, then a slow minute counter over the changes of the clocks in five zones.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedDaysMax, nextOpen, openAt } from '../../src/schedule/calendar.ts';
import type { Calendar, OpenHours } from '../../src/schedule/calendar.ts';
import { parseDuration } from '../../src/schedule/duration.ts';
import type { Duration } from '../../src/schedule/duration.ts';
import {
  addPlainTime,
  addWorkingTime,
  openTimeBetween,
  stepsMax,
  subtractOpenTime,
} from '../../src/schedule/working-time.ts';
import type { Instant } from '../../src/clock.ts';

const day: OpenHours[] = [{ from: 540, to: 1080 }];
const night: OpenHours[] = [
  { from: 0, to: 360 },
  { from: 1320, to: 1440 },
];

function aCalendar(changes: Partial<Calendar> = {}): Calendar {
  return { name: 'test', zone: 'UTC', week: [day, day, day, day, day, [], []], holidays: [], ...changes };
}

function local(text: string, zone = 'UTC'): Instant {
  return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).toInstant();
}

function lasting(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === null) throw new Error(`"${text}" is no duration`);
  return duration;
}

function check(from: string, duration: string, expected: string, calendar: Calendar = aCalendar()) {
  const { at } = addWorkingTime(local(from, calendar.zone), lasting(duration), calendar);
  expect(at.toZonedDateTimeISO(calendar.zone).toPlainDateTime().toString({ smallestUnit: 'minute' })).toBe(expected);
}

const berlin = aCalendar({ zone: 'Europe/Berlin' });
const always = [{ from: 0, to: 1440 }];

describe('working time', () => {
  // 2026-03-06 is a Friday.
  it('1 business day from Friday 16:00 is Monday 16:00', () =>
    check('2026-03-06T16:00', '1 business day', '2026-03-09T16:00'));
  it('1 business day from Saturday counts from Monday 09:00', () =>
    check('2026-03-07T12:00', '1 business day', '2026-03-10T09:00'));
  it('1 business day from before the opening counts from the opening', () =>
    check('2026-03-05T07:00', '1 business day', '2026-03-06T09:00'));
  it('1 business day from after the closing counts from the next opening', () =>
    check('2026-03-05T20:00', '1 business day', '2026-03-09T09:00'));
  it('a holiday is no business day', () =>
    check('2026-03-06T16:00', '1 business day', '2026-03-10T16:00', aCalendar({ holidays: ['2026-03-09'] })));
  it('1 business day into a day that closes early ends with that day', () =>
    check(
      '2026-03-05T17:00',
      '1 business day',
      '2026-03-06T14:00',
      aCalendar({ week: [day, day, day, day, [{ from: 540, to: 840 }], [], []] }),
    ));
  it('1 business day that would end in a lunch break ends after it', () => {
    const split = [
      { from: 540, to: 720 },
      { from: 780, to: 1080 },
    ];
    check(
      '2026-03-05T12:30',
      '1 business day',
      '2026-03-06T13:00',
      aCalendar({ week: [day, day, day, day, split, [], []] }),
    );
  });
  it('4 hours from Friday 16:00 end on Monday 11:00', () => check('2026-03-06T16:00', '4h', '2026-03-09T11:00'));
  it('9 hours from the opening end at the closing of the same day', () =>
    check('2026-03-06T09:00', '9h', '2026-03-06T18:00'));
  it('hours over midnight are counted in one go', () =>
    check(
      '2026-03-05T21:00',
      '5h',
      '2026-03-06T03:00',
      aCalendar({ week: [night, night, night, night, night, night, night] }),
    ));
  it('3 calendar days do not care for weekends', () => check('2026-03-06T16:00', '3d', '2026-03-09T16:00'));
  it('a business day keeps its time on the wall when the clocks change', () =>
    check('2026-03-27T16:00', '1 business day', '2026-03-30T16:00', berlin));
  it('a calendar day keeps its time on the wall when the clocks change', () =>
    check('2026-10-24T16:00', '1d', '2026-10-25T16:00', berlin));
  it('an hour that the clocks leave out is not counted', () =>
    check(
      '2026-03-29T01:00',
      '2h',
      '2026-03-29T04:00',
      aCalendar({ zone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => always) }),
    ));
  it('an hour that comes twice is counted twice', () =>
    check(
      '2026-10-25T02:00',
      '3h',
      '2026-10-25T04:00',
      aCalendar({ zone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => always) }),
    ));

  it('the desk is open from the opening minute until just before the closing one', () => {
    const open = (text: string) => openAt(local(text), aCalendar());
    expect([
      open('2026-03-06T08:59:59'),
      open('2026-03-06T09:00'),
      open('2026-03-06T17:59:59'),
      open('2026-03-06T18:00'),
    ]).toEqual([false, true, true, false]);
  });
  it('plain time runs through the weekend', () => {
    const { at } = addPlainTime(local('2026-03-06T16:00'), lasting('48h'), aCalendar());
    expect(at.toString()).toBe('2026-03-08T16:00:00Z');
  });
  it('the count is told step by step', () => {
    const { steps } = addWorkingTime(local('2026-03-06T16:00'), lasting('4h'), aCalendar({ holidays: ['2026-03-09'] }));
    expect(steps).toEqual([
      'Fri 2026-03-06 16:00–18:00 counts 2 h, 2 h of 4 h',
      'Sat 2026-03-07 is closed',
      'Sun 2026-03-08 is closed',
      'Mon 2026-03-09 is a holiday',
      'Tue 2026-03-10 09:00–11:00 counts 2 h, 4 h of 4 h',
    ]);
  });
  it('a long count tells how many lines it leaves out', () => {
    const { steps } = addWorkingTime(local('2026-03-06T16:00'), lasting('100 business days'), aCalendar());
    expect(steps).toHaveLength(stepsMax);
    expect(steps.at(-2)).toMatch(/^… \d+ more lines …$/);
  });
  it('a calendar that never opens again is refused, not walked for ever', () => {
    const closed = aCalendar({ week: Array.from({ length: 7 }, () => []) });
    for (const duration of ['1 business day', '1h']) {
      expect(() => addWorkingTime(local('2026-03-06T16:00'), lasting(duration), closed)).toThrow(
        `more than ${closedDaysMax} days`,
      );
    }
  });
});

// Spring and autumn of 2026 in zones that change by an hour, by half an hour, at midnight, in the south, and not at all.
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kolkata'];
const changes = [
  '2026-03-27T00:00',
  '2026-03-06T00:00',
  '2026-04-03T00:00',
  '2026-04-23T00:00',
  '2026-10-23T00:00',
  '2026-10-29T00:00',
  '2026-10-02T00:00',
];
const minuteMs = 60_000;

const hours = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 2, maxLength: 4 })
  .map((quarters) => quarters.toSorted((a, b) => a - b))
  .map((quarters): OpenHours[] => {
    const spans: OpenHours[] = [];
    for (let index = 0; index + 1 < quarters.length; index += 2) {
      spans.push({ from: (quarters[index] ?? 0) * 15, to: (quarters[index + 1] ?? 0) * 15 });
    }
    return spans;
  });
const calendars = fc.record({
  zone: fc.constantFrom(...zones),
  week: fc.array(fc.oneof(hours, hours, fc.constant<OpenHours[]>([])), { minLength: 7, maxLength: 7 }),
  holidays: fc.subarray(['2026-03-29', '2026-03-30', '2026-10-25', '2026-10-26', '2026-04-24']),
});
const starts = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: 0, max: 4 * 24 * 60 }));

/** Whether the wall clock shows an open time: the plainest reading there is. */
function openOnTheWall(epochMs: number, calendar: Calendar): boolean {
  const wall = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(calendar.zone);
  if (calendar.holidays.includes(wall.toPlainDate().toString())) return false;
  const minute = wall.hour * 60 + wall.minute;
  return (calendar.week[wall.dayOfWeek - 1] ?? []).some((span) => span.from <= minute && minute < span.to);
}

describe('working time against a slow minute counter', { timeout: 120_000 }, () => {
  it('agrees with the wall clock minute by minute, in five zones, over the changes of the clocks', () => {
    fc.assert(
      fc.property(calendars, starts, fc.integer({ min: 1, max: 1_500 }), (partial, [change, offset], amount) => {
        const calendar = aCalendar(partial);
        if (calendar.week.every((spans) => spans.length === 0)) return;
        const from = local(change, calendar.zone).add({ minutes: offset });
        let at = from.epochMilliseconds;
        let left = amount;
        while (left > 0) {
          if (openOnTheWall(at, calendar)) left -= 1;
          at += minuteMs;
        }
        const counted = addWorkingTime(from, { amount, unit: 'minutes' }, calendar);
        expect(counted.at.epochMilliseconds).toBe(at);
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });

  it('taken away again is where it began, or where the desk opened then', () => {
    fc.assert(
      fc.property(calendars, starts, fc.integer({ min: 1, max: 1_500 }), (partial, [change, offset], amount) => {
        const calendar = aCalendar(partial);
        fc.pre(calendar.week.some((day) => day.length > 0));
        const from = local(change, calendar.zone).add({ minutes: offset });
        const minutes = { amount, unit: 'minutes' } as const;
        const { at } = addWorkingTime(from, minutes, calendar);
        const back = subtractOpenTime(at, minutes, calendar);
        expect(openTimeBetween(back, at, calendar)).toBe(amount * 60_000);
        expect(back.epochMilliseconds).toBe(nextOpen(from, calendar).epochMilliseconds);
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });

  it('finds the next opening where the wall clock does', () => {
    fc.assert(
      fc.property(calendars, starts, (partial, [change, offset]) => {
        const calendar = aCalendar(partial);
        if (calendar.week.every((spans) => spans.length === 0)) return;
        const from = local(change, calendar.zone).add({ minutes: offset });
        let at = from.epochMilliseconds;
        while (!openOnTheWall(at, calendar)) at += minuteMs;
        expect(openAt(from, calendar)).toBe(openOnTheWall(from.epochMilliseconds, calendar));
        expect(nextOpen(from, calendar).epochMilliseconds).toBe(at);
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });

  it('a business day ends while the desk is open or just closing, on the right date, and later starts never end earlier', () => {
    fc.assert(
      fc.property(
        calendars,
        starts,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 600 }),
        (partial, [change, offset], amount, later) => {
          const calendar = aCalendar(partial);
          if (calendar.week.every((spans) => spans.length === 0)) return;
          const from = local(change, calendar.zone).add({ minutes: offset });
          const duration: Duration = { amount, unit: 'business-days' };
          const { at } = addWorkingTime(from, duration, calendar);
          const dates = new Set<string>();
          const begin = nextOpen(from, calendar).toZonedDateTimeISO(calendar.zone).toPlainDate().toString();
          for (let ms = from.epochMilliseconds; ms <= at.epochMilliseconds; ms += 15 * minuteMs) {
            if (!openOnTheWall(ms, calendar)) continue;
            const date = Temporal.Instant.fromEpochMilliseconds(ms)
              .toZonedDateTimeISO(calendar.zone)
              .toPlainDate()
              .toString();
            if (date !== begin) dates.add(date);
          }
          const before = at.epochMilliseconds - 1;
          expect(openAt(at, calendar) || openOnTheWall(before, calendar)).toBe(true);
          expect(dates.size).toBeLessThanOrEqual(amount);
          expect(dates.size).toBeGreaterThanOrEqual(amount - 1);
          const after = addWorkingTime(from.add({ minutes: later }), duration, calendar);
          expect(after.at.epochMilliseconds).toBeGreaterThanOrEqual(at.epochMilliseconds);
        },
      ),
      { numRuns: 150, seed: 20261122 },
    );
  });
});
