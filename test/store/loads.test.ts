// What each engineer has in hand is counted as it changes: the count and the cases never part, whatever happens to a case and in however many
// transactions at once.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertCase, updateCase } from '../../src/store/cases.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { readLoad } from '../../src/store/evidence.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aCase, monday } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');
const [ines, tom] = ['ines@engineers.test', 'tom@engineers.test'];

describe.skipIf(missing)(`the load of an engineer ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('loads');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  beforeEach(async () => {
    await rows(database.db, 'truncate cases cascade');
    // Each in a transaction of its own, so that several connections count.
    await Promise.all([1, 2, 3, 4, 5, 6].map((number) => opened(number, number < 6 ? ines : null)));
  });
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  const opened = (number: number, owner: string | null) =>
    database.db.transaction((trx) => insertCase(trx, aCase({ number, owner })));
  const changed = (number: number, changes: Parameters<typeof updateCase>[2]) =>
    database.db.transaction((trx) => updateCase(trx, number, changes));
  const load = () => readLoad(database.db);

  it('is the open cases that have them as owner', async () => {
    expect(await load()).toEqual({ [ines]: 5 });
  });
  it('goes with a case to another owner, and away when it has none', async () => {
    await Promise.all([changed(1, { owner: tom }), changed(2, { owner: null }), changed(6, { owner: tom })]);
    expect(await load()).toEqual({ [ines]: 3, [tom]: 2 });
  });
  it('is less by a case that is closed, and more when it is opened again', async () => {
    const closed = { status: 'closed', closeReason: 'spam', closedAt: monday } as const;
    await Promise.all([1, 2, 6].map((number) => changed(number, closed)));
    expect(await load()).toEqual({ [ines]: 3 });
    await changed(1, { status: 'waiting on support', closeReason: null, closedAt: null });
    await changed(2, { owner: tom });
    expect(await load()).toEqual({ [ines]: 4 });
  });
  it('is as before when the change is rolled back, and without what is deleted', async () => {
    const failing = database.db.transaction(async (trx) => {
      await updateCase(trx, 1, { owner: tom });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await rows(database.db, 'delete from cases where number in (1, 6)');
    expect(await load()).toEqual({ [ines]: 4 });
  });
});
