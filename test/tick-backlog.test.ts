// A morning with more due steps than one run takes: all of them are through at once, none twice, and the caps of an address hold among them.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows, type Transaction } from '../src/store/db.ts';
import { claimLetters } from '../src/store/outbox.ts';
import { rowsPerRunMax, startTicking } from '../src/tick.ts';
import { seedDesk } from './bench/seeded-desk.ts';
import { startDesk, type TestDesk } from './intake/desk.ts';
import { whyMissing } from './servers/programs.ts';
import { until } from './story/until.ts';

const missing = whyMissing('postgres');
const cases = rowsPerRunMax + 50;
const busy = 'writer1@company1.test';
const ofTheBusyOne = 10;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(missing)(`a backlog of follow-ups ${missing ?? ''}`, () => {
  let test: TestDesk;
  beforeAll(async () => {
    test = await startDesk();
    const client = new Client({ connectionString: test.url });
    await client.connect();
    await seedDesk(client, cases, test.clock.now.subtract({ hours: 720 }), 1);
    await client.query('update cases set requester = $1 where number <= $2', [busy, ofTheBusyOne]);
    // What the statistics say is each test's own matter: autovacuum may look in a moment in which hardly a letter waits.
    await client.query('alter table outbox set (autovacuum_enabled = false)');
    await client.end();
  }, 120_000);
  afterAll(() => test?.stop());

  it('is through without waiting for the next minute, one letter a case, and no address gets more than its cap', async () => {
    const { db, desk, clock } = test;
    const ticking = startTicking({ db, desk, now: () => clock.now, log: silent, onTicked() {} });
    try {
      const through = async () =>
        (await rows(db, `select from due where state = 'waiting' and due_at <= :now limit 1`, { now: clock.now }))
          .length === 0;
      await until('nothing is due any more', through, 50);
    } finally {
      await ticking.stop();
    }
    const written = await rows<{ recipient: string; letters: number; cases: number }>(
      db,
      `select recipient, count(*) as letters, count(distinct case_number) as cases from outbox where kind = :kind group by recipient`,
      { kind: 'follow-up' },
    );
    const cap = desk.policy.loops.lettersPerAddressIn10Minutes;
    expect(written.filter(({ letters, cases: of }) => letters !== of)).toEqual([]);
    expect(written.find(({ recipient }) => recipient === busy)?.letters).toBe(cap);
    expect(written.filter(({ recipient }) => recipient !== busy)).toHaveLength(cases - ofTheBusyOne);
  }, 60_000);

  /** How PostgreSQL claims letters by its statistics of this moment: what its plan says of the letters that wait, and of earlier ones of their cases. */
  async function claimPlan(trx: Transaction): Promise<string[]> {
    const letters = await claimLetters(trx, { owner: 'test', limit: 8, leaseSeconds: 60 }, test.clock.now);
    expect(letters).toHaveLength(8);
    const [prepared] = await rows<{ name: string; count: number }>(
      trx,
      `select name, array_length(parameter_types, 1) as count from pg_prepared_statements where name like 'update outbox set claim%'`,
    );
    const values = Array.from({ length: prepared?.count ?? 0 }, () => 'null').join(', ');
    await rows(trx, 'set local plan_cache_mode = force_generic_plan');
    const lines = await rows<{ 'QUERY PLAN': string }>(trx, `explain execute "${prepared?.name}"(${values})`);
    return lines.map((line) => line['QUERY PLAN']).filter((line) => /on outbox (?:waiting|earlier)/.test(line));
  }
  const byIndexes = [expect.stringContaining('using outbox_turn'), expect.stringContaining('using outbox_case')];

  it('leaves by the index of each case, also before PostgreSQL has analysed how many wait', async () => {
    expect(await test.db.transaction(claimPlan)).toEqual(byIndexes);
  });

  it('leaves in the order of its index when PostgreSQL has analysed it while some hundred waited', async () => {
    const planned = test.db.transaction(async (trx) => {
      const few = `select id from outbox where state = 'waiting' order by outbox.id limit 400`;
      await rows(
        trx,
        `update outbox set state = 'sent', sent_at = created_at where state = 'waiting' and id not in (${few})`,
      );
      await rows(trx, 'analyze outbox');
      expect(await claimPlan(trx)).toEqual(byIndexes);
      throw new Error('rolled back');
    });
    await expect(planned).rejects.toThrow('rolled back');
  });
});
