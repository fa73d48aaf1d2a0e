// How PostgreSQL carries out what every mail, letter and minute asks of it, on a desk with an archive: by an index, never by reading a table that grows.
// The statements are those that really ran: each connection keeps what it has prepared, and shows how it would carry it out whatever the values are.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
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
  Plans?: Plan[];
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
    await test.store(
      mailText(
        { From: 'Ann <ann@new.example>', 'Message-ID': '<one@new.example>' },
        'The nightly backup fails since Monday.',
      ),
    );
    const reply = {
      From: 'Writer <writer50@company50.test>',
      Subject: 'Re: Question',
      'In-Reply-To': '<letter50-2@desk.test>',
    };
    await test.store(mailText(reply, 'Still the same as before.'));
    expect((await test.decideAll()).map(({ disposition }) => disposition)).toEqual(['opened', 'joined']);
    const [letter] = await claimLetters(db, { owner: 'test', limit: 1, leaseSeconds: 60 }, clock.now);
    if (!letter) throw new Error('no letter was waiting');
    await heldLetters(db, [letter]);
    await recordSent(db, [{ letter, response: '250 ok', at: clock.now }]);
    await claimToMark(db, 'test', 'test', 50);
    await tickOnce({ db, desk: test.desk, sends: true }, clock.now);

    const plans = await db.transaction(async (trx) => {
      const prepared = await rows<{ name: string; count: number }>(
        trx,
        `select name, coalesce(array_length(parameter_types, 1), 0) as count from pg_prepared_statements where name <> ''`,
      );
      await rows(trx, 'set local plan_cache_mode = force_generic_plan');
      const found: { name: string; reads: string[] }[] = [];
      for (const { name, count } of prepared) {
        const values = Array.from({ length: count }, () => 'null').join(', ');
        const [shown] = await rows<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          trx,
          `explain (format json) execute "${name.replaceAll('"', '""')}"${count > 0 ? `(${values})` : ''}`,
        );
        found.push({ name, reads: wholeReads(shown?.['QUERY PLAN'][0]?.Plan) });
      }
      return found;
    });
    expect(plans.length).toBeGreaterThan(25);
    expect(plans.filter(({ reads }) => reads.length > 0)).toEqual([]);
  });
});

/** Growing tables that a plan reads from one end to the other, also by an index without a bound. */
function wholeReads(plan: Plan | undefined): string[] {
  if (!plan) return [];
  const table = plan['Relation Name'] ?? '';
  const whole = plan['Node Type'] === 'Seq Scan' && growing.includes(table);
  return [...(whole ? [table] : []), ...(plan.Plans ?? []).flatMap(wholeReads)];
}
