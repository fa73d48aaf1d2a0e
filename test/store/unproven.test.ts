// The breaker's count is a bound while the cap is far away, and exact near it: whatever happened when, it is above the cap when the letters are,
// and only then.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sharedCaps } from '../../src/cases/budget.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { countUnproven } from '../../src/store/unproven.ts';
import { aPolicy, monday } from '../builders.ts';
import { chance } from '../chaos/chance.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');
const floor = 1_000;
const caps = sharedCaps(aPolicy(`loops: { breakerLettersAnHour: ${floor}, breakerTimesWeeklyMean: 10 }`).loops);

describe.skipIf(missing)(`letters to unproven addresses ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('unproven');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  beforeEach(() => rows(database.db, 'truncate outbox restart identity cascade'));
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  const written = (count: number, at: Temporal.Instant, proven = false) =>
    rows(
      database.db,
      `insert into outbox (key, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, next_at, created_at)
       select key, 'acknowledgment', key, 'a@b.example', '', true, :proven, '', '', '', '', '', 'waiting', :at, :at
       from (select gen_random_uuid()::text as key from generate_series(1, :count)) made`,
      { count, at, proven },
    );
  const counted = (now: Temporal.Instant) =>
    database.db.transaction(async (trx) => {
      const [last] = await rows<{ id: number }>(trx, 'select last_value as id from outbox_id_seq');
      return countUnproven(trx, last?.id ?? 0, caps, now);
    });
  /** Counted here as it is meant: without a limit, a bound or a memory. */
  const plain = async (now: Temporal.Instant, span: string) => {
    const [found] = await rows<{ count: number }>(
      database.db,
      `select count(*) from outbox where automatic and not proven
         and created_at between cast(:now as timestamptz) - cast(:span as interval) and cast(:now as timestamptz) + interval '5 minutes'`,
      { now, span },
    );
    return found?.count ?? 0;
  };

  it.each([1, 2, 3])('open the breaker exactly when there are too many of them (history %i)', async (seed) => {
    const dice = chance(seed);
    let now = monday;
    const seen = new Set<string>();
    for (let step = 0; step < 40; step += 1) {
      now = now.add({ seconds: dice.pick([0, 1, 20, 59, 61, 400, 1800, -30]) });
      await written(
        dice.pick([1, 10, 90, 250, 700]),
        now.add({ seconds: dice.pick([0, 0, 200, 330]) }),
        dice.below(3) === 0,
      );
      const budget = await counted(now);
      const [hour, week] = [await plain(now, '1 hour'), await plain(now, '7 days')];
      const open = hour > caps.breakerAbove({ unprovenWeek: week });
      expect({ step, open: budget.unprovenHour > caps.breakerAbove(budget) }).toEqual({ step, open });
      seen.add(`${open} ${budget.unprovenHour === hour}`);
    }
    expect(seen).toContain('true false');
    expect(seen).toContain('false true');
  });
  it('are not counted again for every mail while the cap is far away', async () => {
    await written(100, monday);
    expect((await counted(monday)).unprovenHour).toBe(100);
    await written(50, monday, true);
    // Proven ones are within the bound.
    expect((await counted(monday)).unprovenHour).toBe(150);
    expect((await counted(monday.add({ minutes: 2 }))).unprovenHour).toBe(100);
  });
});
