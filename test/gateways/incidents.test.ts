// A bought incident serves one case, however many are opened at once: fifty cases of one account together, as several gateways have them, over
// fewer incidents, bought at once or one by one; and what is given back is given back once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tiesOf } from '../../src/intake/conversation.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import { openDatabase, rows, type Database, type Db } from '../../src/store/db.ts';
import { saveEntitlement } from '../../src/store/entitlements.ts';
import { saveArrival } from '../../src/store/inbound.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDesk, type Desk } from '../../src/desk.ts';
import { mailText, startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');
const gateways = 5;
const workersEach = 10;
const mails = 50;

describe.skipIf(missing)(`bought incidents ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let test: TestDesk;
  const databases: Database[] = [];
  beforeAll(async () => {
    test = await startDesk();
    for (let gateway = 0; gateway < gateways; gateway += 1) databases.push(await openDatabase(test.url));
  }, 60_000);
  beforeEach(() => rows(test.db, 'truncate inbound, outbox, entries, cases, entitlements cascade'));
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await test?.stop();
  });

  async function bought(db: Db, purchases: number, each: number): Promise<void> {
    // Each at a domain of their own: colleagues of one domain take turns anyway, for its share of letters.
    await rows(
      db,
      `insert into contacts (address, account) select 'kim@place' || person || '.example', 'acme' from generate_series(0, :mails) person
       on conflict do nothing`,
      { mails },
    );
    for (let index = 0; index < purchases; index += 1)
      await saveEntitlement(db, {
        id: `bought ${String(index).padStart(2, '0')}`,
        account: 'acme',
        plan: 'pay-per-incident',
        product: null,
        startsAt: Temporal.Instant.from('2026-01-01T00:00Z'),
        expiresAt: null,
        incidentsLeft: each,
      });
  }
  const mail = (index: number) =>
    mailText(
      { From: `kim@place${index}.example`, Subject: `Restore ${index} of ${index * 31}` },
      `The restore of volume ${index} stops with ${'abcdefghij'[index % 10]}${index * 7919}.`,
    );
  async function decided(on: readonly Database[], desk: Desk): Promise<void> {
    const work = async ({ db }: Database) => {
      while (await receiveNext({ db, desk, parser: test.parser, now: () => test.clock.now }));
    };
    await Promise.all(on.flatMap((database) => Array.from({ length: workersEach }, () => work(database))));
  }
  /** Cases by plan; how many hold an incident; incidents left. No purchase may serve more cases than it was for. */
  async function outcome(db: Db) {
    const plans = await rows<{ plan: string; count: number }>(db, 'select plan, count(*) from cases group by plan');
    const [sums] = await rows<{ held: number; left: number }>(
      db,
      'select (select count(*) from cases where incident is not null) as held, (select sum(incidents_left) from entitlements) as left',
    );
    expect(
      await rows(
        db,
        `select id from entitlements where incidents_left + (select count(*) from cases where incident = entitlements.id) <> incidents_bought`,
      ),
    ).toEqual([]);
    return { plans: Object.fromEntries(plans.map(({ plan, count }) => [plan, count])), ...sums };
  }

  it.each([
    [1, 1],
    [1, 7],
    [1, 49],
    [49, 1],
  ])('%i purchases of %i each serve so many of fifty cases, and not one more', async (purchases, each) => {
    await bought(test.db, purchases, each);
    for (let index = 0; index < mails; index += 1) await test.store(mail(index));
    await decided(databases, test.desk);
    const served = purchases * each;
    expect(await outcome(test.db)).toEqual({
      plans: { 'pay-per-incident': served, 'customer-service': mails - served },
      held: served,
      left: 0,
    });
  });

  it('are the same on the embedded database', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'casepost-incidents-'));
    const embedded = await openDatabase(join(folder, 'data'), { exclusive: true });
    try {
      const { db } = embedded;
      await migrate(db);
      await bought(db, 1, 2);
      const desk = await openDesk(test.desk.config, db, test.clock.now);
      for (let index = 0; index < 5; index += 1) {
        const raw = Buffer.from(mail(index).replaceAll('\n', '\r\n'));
        const arrival = {
          source: 'test',
          sourceKey: String(index),
          mailbox: 'support',
          raw,
          envelopeFrom: null,
          envelopeTo: [],
          receivedAt: test.clock.now,
          ...tiesOf(raw),
        };
        await saveArrival(db, arrival, test.clock.now);
      }
      await decided([embedded], desk);
      expect(await outcome(db)).toEqual({ plans: { 'pay-per-incident': 2, 'customer-service': 3 }, held: 2, left: 0 });
    } finally {
      await embedded.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
