// Two engineers tell customers of releases at the very same time: each customer is told once, and no cap is passed. Both are past their preview
// when the first letter is written: locks that the test holds keep them there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockAddress } from '../../src/store/caps.ts';
import { insertCase, addParticipant } from '../../src/store/cases.ts';
import { openDatabase, rows, type Database, type Transaction } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aCase, anAddress, at } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { casepost, casepostJson } from './program.ts';
import { until } from './until.ts';

const missing = whyMissing('postgres');
const day = at('2026-03-02T09:00Z');
const customers = [1, 2, 3, 4, 5, 6];
const caps = { lettersPerAddressIn10Minutes: 1, lettersPerDomainAnHour: 1 };

describe.skipIf(missing)(`releases told at once${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  let folder: string;
  beforeAll(async () => {
    own = await sharedDatabase('releases');
    database = await openDatabase(own.url);
    await migrate(database.db);
    folder = await mkdtemp(join(tmpdir(), 'casepost-releases-'));
    await writeFile(
      join(folder, 'policy.yaml'),
      `engineers: [{ name: Ines, address: ines@engineers.test, lines: [corporate] }, { name: Otto, address: otto@engineers.test, lines: [corporate] }]
bugs: { maintenance: [] }
loops: ${JSON.stringify(caps)}
`,
    );
    await writeFile(
      join(folder, 'casepost.yaml'),
      `database: ${own.url}\npolicy: ./policy.yaml\nmailboxes: [{ id: support, address: support@desk.test, line: corporate }]\n`,
    );
  });
  afterAll(async () => {
    await database?.close();
    await own?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Customers with a case on C-1 and another on D-1; the first three have one on A-1 as well, the others on B-1. */
  async function desk(proven: boolean): Promise<void> {
    await rows(
      database.db,
      'truncate cases, outbox, entries, participants, contacts, case_bugs, release_notices cascade',
    );
    for (const customer of customers) {
      const requester = `customer${customer}@firm.test`;
      await database.db.transaction(async (trx) => {
        for (const [number, bugs] of [
          [customer, ['C-1', customer <= 3 ? 'A-1' : 'B-1']],
          [customer + customers.length, ['D-1']],
        ] as const) {
          const supportCase = aCase({ number, requester, owner: 'ines@engineers.test', status: 'waiting on support' });
          await insertCase(trx, supportCase);
          const participant = { effect: 'participant', caseNumber: number, address: anAddress(requester) } as const;
          await addParticipant(trx, { ...participant, role: 'requester', confirmed: true }, day);
          for (const bug of bugs)
            await rows(trx, `insert into case_bugs values (:number, :bug, 'ines@engineers.test', :day)`, {
              number,
              bug,
              day,
            });
        }
        if (proven)
          await rows(trx, 'insert into contacts (address, proven_at) values (:requester, :day)', { requester, day });
      });
    }
  }
  beforeEach(() => desk(true));

  async function telling(bug: string, by: string): Promise<string[]> {
    const words = ['bug', 'release', bug, '--release', 'Build 9', '--text', 'Please install it.', '--as', by];
    const all = [...words, '-c', join(folder, 'casepost.yaml')];
    const lines = await casepostJson(all);
    return [...all, '--send', '--confirm', String(lines.at(-1)?.['confirm'])];
  }
  /** So many commands wait for a lock. */
  const allWait = (what: string, count: number) =>
    until(what, async () => {
      const [waiting] = await rows<{ count: number }>(
        database.db,
        `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting?.count === count;
    });
  /** Takes locks and holds them until it is told to let go. */
  async function holding(take: (trx: Transaction) => Promise<unknown>): Promise<() => Promise<void>> {
    const [locked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = database.db.transaction(async (trx) => {
      await take(trx);
      locked.resolve();
      await over.promise;
    });
    await Promise.race([locked.promise, held]);
    return async () => {
      over.resolve();
      await held;
    };
  }
  /** Both commands, let go together before their first customer is looked at, and again when both have a first letter in hand. */
  async function atOnce(...commands: string[][]) {
    // Looking at a customer locks them: who is as far as a letter would keep the other from looking.
    const customersGo = await holding(async (trx) => {
      for (const address of everybody) await lockAddress(trx, address);
    });
    const lettersGo = await holding((trx) => rows(trx, 'lock table release_notices in exclusive mode'));
    const both = commands.map((words) => casepost(words));
    try {
      await allWait('both wait for their first customer', commands.length);
      await customersGo();
      await allWait('both wait with a letter in hand', commands.length);
    } finally {
      await customersGo();
      await lettersGo();
    }
    return Promise.all(both);
  }
  const letters = async () =>
    (await rows<{ recipient: string }>(database.db, `select recipient from outbox where kind = 'release-notice'`))
      .map(({ recipient }) => recipient)
      .toSorted();
  const everybody = customers.map((number) => `customer${number}@firm.test`);

  it('of one release: each customer is told once, by one of the two', async () => {
    const ended = await atOnce(
      await telling('C-1', 'ines@engineers.test'),
      await telling('C-1', 'otto@engineers.test'),
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await letters()).toEqual(everybody);
    const told = ended.map(({ stdout }) => Number(/(\d+) of 6 told/.exec(stdout)?.[1]));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(6);
  });

  it('of two releases: no customer gets more letters than the cap of an address allows, and the rest is told later', async () => {
    const ended = await atOnce(
      await telling('C-1', 'ines@engineers.test'),
      await telling('D-1', 'otto@engineers.test'),
    );
    expect(ended.map(({ stderr }) => stderr)).toEqual(['', '']);
    expect(await letters()).toEqual(everybody);
    const later = ended.map(({ stdout }) => Number(/; (\d+) waits? until a cap has room/.exec(stdout)?.[1] ?? 0));
    expect(later.reduce((sum, count) => sum + count, 0)).toBe(6);
  });

  it('to unproven addresses of one domain: both together no more than its cap', async () => {
    await desk(false);
    await atOnce(await telling('A-1', 'ines@engineers.test'), await telling('B-1', 'otto@engineers.test'));
    expect(await letters()).toHaveLength(caps.lettersPerDomainAnHour);
  });
});
