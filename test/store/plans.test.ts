// How PostgreSQL carries out what every mail, letter and minute asks of it, on a desk with an archive: by an index, never by reading a table that grows.
// The statements are those that really ran: each connection keeps what it has prepared, and shows how it would carry it out whatever the values are.
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rows, type Db } from '../../src/store/db.ts';
import { claimToMark } from '../../src/store/inbound.ts';
import { heldLetters } from '../../src/store/lease.ts';
import { claimLetters, recordSent } from '../../src/store/outbox.ts';
import { tickOnce } from '../../src/tick.ts';
import { seedDesk } from '../bench/seeded-desk.ts';
import { mailText, startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');
const growing = ['cases', 'participants', 'inbound', 'outbox', 'entries', 'due', 'warnings', 'contacts'];
const archived = 5_000;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

/** Decides on a new mail and on an answer, and sends the letter of the first. */
async function atWork(test: TestDesk, answer: Record<string, string>): Promise<void> {
  const { db, clock } = test;
  const request = { From: 'Ann <ann@new.example>', 'Message-ID': '<one@new.example>' };
  await test.store(mailText(request, 'The nightly backup fails since Monday.'));
  const [opened] = await test.decideAll();
  await test.store(mailText(answer, 'Still the same as before.'));
  const [joined] = await test.decideAll();
  expect([opened?.disposition, joined?.disposition]).toEqual(['opened', 'joined']);
  const [letter] = await claimLetters(db, { owner: 'test', limit: 1, leaseSeconds: 60 }, clock.now);
  if (!letter) throw new Error('no letter was waiting');
  await heldLetters(db, [letter]);
  await recordSent(db, [{ letter, response: '250 ok', at: clock.now }]);
}

/**
 * What each prepared statement of the connection reads as a whole, by `wholes`, whatever the values are. With `seqscan` on PostgreSQL may choose to read
 * a table as a whole, which the connections of a gateway keep it from.
 */
async function readsOf(
  db: Db,
  wholes: (plan: Plan | undefined) => string[],
  seqscan: 'on' | 'off',
): Promise<{ name: string; reads: string[] }[]> {
  return db.transaction(async (trx) => {
    const prepared = await rows<{ name: string; count: number }>(
      trx,
      `select name, coalesce(array_length(parameter_types, 1), 0) as count from pg_prepared_statements where name <> ''`,
    );
    await rows(trx, 'set local plan_cache_mode = force_generic_plan');
    await rows(trx, `set local enable_seqscan = ${seqscan}`);
    const found: { name: string; reads: string[] }[] = [];
    for (const { name, count } of prepared) {
      const values = Array.from({ length: count }, () => 'null').join(', ');
      const [shown] = await rows<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        trx,
        `explain (format json) execute "${name.replaceAll('"', '""')}"${count > 0 ? `(${values})` : ''}`,
      );
      found.push({ name, reads: wholes(shown?.['QUERY PLAN'][0]?.Plan) });
    }
    return found;
  });
}

describe.skipIf(missing)(`on a desk with an archive ${missing ?? ''}`, () => {
  let test: TestDesk;
  beforeAll(async () => {
    test = await startDesk();
    const client = new Client({ connectionString: test.url });
    await client.connect();
    await seedDesk(client, archived, test.clock.now);
    await client.end();
  }, 120_000);
  afterAll(() => test?.stop());

  it('no statement of a mail, a letter or a minute reads a table that grows', async () => {
    const { db, clock } = test;
    await atWork(test, {
      From: 'Writer <writer50@company50.test>',
      Subject: 'Re: Question',
      'In-Reply-To': '<letter50-2@desk.test>',
    });
    await claimToMark(db, 'test', 'test', 50);
    await tickOnce({ db, desk: test.desk, sends: true }, clock.now);

    const plans = await readsOf(db, wholeReads, 'on');
    expect(plans.length).toBeGreaterThan(25);
    expect(plans.filter(({ reads }) => reads.length > 0)).toEqual([]);
  });
});

describe.skipIf(missing)(`on a young desk ${missing ?? ''}`, () => {
  let test: TestDesk;
  beforeEach(async () => {
    test = await startDesk();
  });
  afterEach(() => test?.stop());

  it.for(['never looked at by PostgreSQL', 'looked at when it was nearly empty'])(
    'no statement of a mail or a letter would read all that comes after it: %s',
    async (state) => {
      const { db } = test;
      if (state !== 'never looked at by PostgreSQL') {
        await test.store(mailText({ From: 'Bob <bob@other.example>' }, 'Where do I find my licence key?'));
        await test.decideAll();
        await rows(db, 'analyze');
      }
      await atWork(test, { From: 'Ann <ann@new.example>', Subject: 'Re: it', 'In-Reply-To': '<one@new.example>' });
      const plans = await readsOf(db, unbounded, 'off');
      expect(plans.length).toBeGreaterThan(25);
      expect(plans.filter(({ reads }) => reads.length > 0)).toEqual([]);
    },
  );
});

/** Indexes that hold only what waits to be done, oldest first: the beginning of one is what is asked for. */
const queues = ['inbound_waiting', 'outbox_turn'];

/** Growing tables, or indexes of them, that a plan reads without a bound. */
function unbounded(plan: Plan | undefined): string[] {
  if (!plan) return [];
  const { 'Relation Name': table = '', 'Index Name': index = '', 'Node Type': type } = plan;
  // What a bitmap is made of stands below it.
  const bounded =
    'Index Cond' in plan ||
    (queues.includes(index) && type !== 'Bitmap Index Scan') ||
    /ModifyTable|Bitmap Heap Scan/.test(type);
  const grows = growing.some((name) => name === table || index.startsWith(`${name}_`));
  return [...(grows && !bounded ? [`${table} ${index} ${type}`] : []), ...(plan.Plans ?? []).flatMap(unbounded)];
}

/** Growing tables that a plan reads from one end to the other, also by an index without a bound. */
function wholeReads(plan: Plan | undefined): string[] {
  if (!plan) return [];
  const table = plan['Relation Name'] ?? '';
  const whole = plan['Node Type'] === 'Seq Scan' && growing.includes(table);
  return [...(whole ? [table] : []), ...(plan.Plans ?? []).flatMap(wholeReads)];
}
