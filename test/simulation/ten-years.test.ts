// Ten years of a support desk in a minute: outages of hours and weeks, gateways that die, clocks that jump and change twice a year, and every promise
// looked at after each step. `npm run simulate -- --years 100 --seed 7` runs longer ones.
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

const daysOfYear = 365.25;
const quiet = { casesADay: 0.2, strikesAMonth: 6, gateways: 2 };

describe('simulated years', { timeout: 900_000 }, () => {
  it('ten of them break no promise', async () => {
    const report = await simulate({ ...quiet, seed: 2023, days: 10 * daysOfYear });
    console.log(JSON.stringify(report));
    const { cases, mails, letters, counts } = report;
    // A world in which nothing happens keeps every promise too.
    expect(cases).toBeGreaterThan(600);
    expect(mails).toBeGreaterThan(2000);
    expect(letters).toBeGreaterThan(5000);
    for (const what of [
      'clock jumps',
      'copies',
      'folders made anew',
      'mails moved back',
      'outages of database',
      'outages of imap',
      'outages of smtp',
      'steps on the minute',
      'steps over a clock change',
      'letter closed-by-customer',
      'letter closed-no-response',
      'letter follow-up',
      'letter linked-case',
      'letter more-time',
      'mail automatic',
      'mail duplicate',
      'mail held',
      'mail own-loop',
      'mail report',
    ])
      expect(counts[what] ?? 0, what).toBeGreaterThan(0);
  });

  it('of one seed are the same to the last event, of another seed are others', async () => {
    const days = 60;
    const [first, again, other] = [
      await simulate({ ...quiet, seed: 3, days }),
      await simulate({ ...quiet, seed: 3, days }),
      await simulate({ ...quiet, seed: 4, days }),
    ];
    expect(again).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
  });
});
