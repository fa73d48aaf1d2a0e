// Mails of many peers at once: one commit serves them, and each of them hears about its own mail.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeTogether } from '../../src/intake/store-together.ts';
import { openDatabase, rows } from '../../src/store/db.ts';
import { saveArrival } from '../../src/store/inbound.ts';
import { freePorts } from '../servers/ports.ts';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { startDatabase, type TestDatabase } from './database.ts';

const missing = whyMissing('postgres');
const now = Temporal.Instant.from('2026-03-02T09:00Z');

const arrival = (sourceKey: string) => ({
  source: 'lmtp',
  sourceKey,
  mailbox: 'support',
  raw: Buffer.from(`Subject: ${sourceKey}\r\n\r\n`),
  envelopeFrom: 'ann@customer.example',
  envelopeTo: ['support@help.example'],
  receivedAt: now,
  ties: [],
  follows: [],
});
const keys = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => String(from + at));

describe.skipIf(missing)(`mails handed over at once ${missing ?? ''}`, () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await startDatabase();
  }, 90_000);
  beforeEach(() => test.reset());
  afterAll(() => test?.stop(), 60_000);

  const stored = () =>
    rows<{ key: string; transaction: string }>(
      test.db,
      'select source_key as key, xmin::text as transaction from inbound order by source_key::integer',
    );

  it('are stored by few transactions, each with a row and an id of its own', async () => {
    const save = storeTogether(test.db, () => now);
    const saved = await Promise.all(keys(0, 40).map((key) => save(arrival(key))));
    expect(saved.every(({ fresh }) => fresh)).toBe(true);
    expect(new Set(saved.map(({ id }) => id)).size).toBe(40);
    const found = await stored();
    expect(found.map(({ key }) => key)).toEqual(keys(0, 40));
    expect(new Set(found.map(({ transaction }) => transaction)).size).toBeLessThan(10);
  });

  it('of which one is known already are all answered, and that one as known', async () => {
    const { id } = await saveArrival(test.db, arrival('3'), now);
    const save = storeTogether(test.db, () => now);
    const saved = await Promise.all([...keys(0, 6), '5'].map((key) => save(arrival(key))));
    expect(saved[3]).toEqual({ id, fresh: false });
    expect(saved[6]).toEqual({ id: saved[5]?.id, fresh: false });
    expect((await stored()).map(({ key }) => key)).toEqual(keys(0, 6));
  });

  it('of which one can not be stored are stored without it', async () => {
    const save = storeTogether(test.db, () => now);
    const broken = { ...arrival('4'), mailbox: null as unknown as string };
    const all = await Promise.allSettled([...keys(0, 4).map(arrival), broken, ...keys(5, 8).map(arrival)].map(save));
    expect(all.map(({ status }) => status === 'fulfilled')).toEqual([1, 1, 1, 1, 0, 1, 1, 1].map(Boolean));
    expect((await stored()).map(({ key }) => key)).toEqual([...keys(0, 4), ...keys(5, 8)]);
  });

  it('are all refused while the database is away', async () => {
    const [port] = await freePorts(1);
    const nobody = await openDatabase(`postgres://postgres@127.0.0.1:${port}/casepost`);
    try {
      const save = storeTogether(nobody.db, () => now);
      const all = await Promise.allSettled(keys(0, 5).map((key) => save(arrival(key))));
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['rejected']));
    } finally {
      await nobody.close();
    }
  });

  it('and at another gateway in another order are all answered, though one of the two transactions has to go', async () => {
    const [began, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = test.db.transaction(async (trx) => {
      await saveArrival(trx, arrival('2'), now);
      began.resolve();
      await over.promise;
    });
    await began.promise;
    const waiting = async (many: number) => {
      const sql = `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'transactionid'`;
      await until('they wait', async () => (await rows<{ count: number }>(test.db, sql))[0]?.count === many);
    };
    const [one, other] = [storeTogether(test.db, () => now), storeTogether(test.db, () => now)];
    const first = ['1', '2', '3'].map((key) => one(arrival(key)));
    await waiting(1);
    const second = ['3', '1'].map((key) => other(arrival(key)));
    await waiting(2);
    over.resolve();
    await holding;
    const saved = await Promise.all([...first, ...second]);
    expect(saved[3]?.id).toBe(saved[2]?.id);
    expect(saved[4]?.id).toBe(saved[0]?.id);
    expect((await stored()).map(({ key }) => key)).toEqual(['1', '2', '3']);
  });
});
