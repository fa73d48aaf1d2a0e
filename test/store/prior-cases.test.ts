// What is told of a sender's earlier cases: theirs alone, before the one in question, the newest first and no more than are counted.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priorCasesMax } from '../../src/policy/rules-schema.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { priorCases } from '../../src/store/evidence.ts';
import { migrate } from '../../src/store/migrate.ts';
import { anAddress, monday } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');
const ann = anAddress('ann@customer.example');

describe.skipIf(missing)(`earlier cases ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('prior');
    database = await openDatabase(own.url);
    await migrate(database.db);
    await rows(
      database.db,
      `insert into cases (number, mailbox, line, subject, status, severity, severity_by, severity_because, plan, plan_because, requester,
         requester_name, owner_because, language, target_because, submitted_at, updated_at)
       select n, 'support', 'corporate', 'x', 'new', 'C', 'rule', 'x', 'trial', 'x', case when n % 2 = 0 then :ann else 'bob@customer.example' end,
         '', 'x', 'en', 'x', cast(:monday as timestamptz) + n * interval '1 minute', :monday
       from generate_series(1, 300) n`,
      { ann: ann.addrSpec, monday },
    );
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });
  const minutes = async (before: number | null) =>
    (await priorCases(database.db, ann, { before, max: priorCasesMax })).map((at) => at.since(monday).total('minutes'));

  it('are the sender’s own, before the case, newest first', async () => expect(await minutes(7)).toEqual([6, 4, 2]));
  it('are no more than are counted', async () => {
    const all = await minutes(null);
    expect([all.length, all[0]]).toEqual([priorCasesMax, 300]);
  });
  it('nobody has none', async () =>
    expect(await priorCases(database.db, null, { before: null, max: priorCasesMax })).toEqual([]));
});
