// The schema comes and goes as a whole: up, down, twice, eight at once, and never from a newer program's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate, newestVersion } from '../../src/store/migrate.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const tables = async ({ db }: Database) =>
  (
    await rows<{ name: string }>(
      db,
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    )
  ).map(({ name }) => name);
const newest = newestVersion();

/** The same facts on either kind of database. */
function facts(open: () => Database) {
  it('comes up from nothing, and a second time does nothing', async () => {
    expect((await migrate(open().db)).applied).not.toEqual([]);
    expect(await tables(open())).toEqual(expect.arrayContaining(['cases', 'inbound', 'outbox']));
    expect(await migrate(open().db)).toEqual({ from: newest, to: newest, applied: [] });
  });
  it('goes down step by step to nothing, and comes up again', async () => {
    const all = await tables(open());
    const down: string[] = [];
    for (let version = newest - 1; version >= 0; version -= 1)
      down.push(...(await migrate(open().db, version)).applied);
    expect(await tables(open())).toEqual(['schema_migrations']);
    const { to, applied } = await migrate(open().db);
    expect(to).toBe(newest);
    expect(applied.map((step) => step.replace('up', 'down')).toReversed()).toEqual(down);
    expect(await tables(open())).toEqual(all);
  });
  it('of a newer program is left alone', async () => {
    await rows(open().db, 'insert into schema_migrations (version, name) values (999, :name)', { name: 'later' });
    await expect(migrate(open().db)).rejects.toThrow('version 999');
    await rows(open().db, 'delete from schema_migrations where version = 999');
  });
}

const missing = whyMissing('postgres');
describe.skipIf(missing)(`the schema on a PostgreSQL server ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('migrate');
    database = await openDatabase(own.url);
  }, 90_000);
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });
  facts(() => database);
  it('is brought up once when eight gateways start at once', async () => {
    const { applied } = await migrate(database.db, 0);
    const gateways = await Promise.all(Array.from({ length: 8 }, () => openDatabase(own.url)));
    const runs = await Promise.all(gateways.map(({ db }) => migrate(db)));
    const steps = runs.map((run) => run.applied.length).sort((a, b) => a - b);
    expect(steps).toEqual([0, 0, 0, 0, 0, 0, 0, applied.length]);
    await Promise.all(gateways.map((one) => one.close()));
  });
  it('that fails half way leaves nothing behind', async () => {
    await migrate(database.db, 0);
    await rows(database.db, 'create table suppressed (in_the_way integer)');
    await expect(migrate(database.db)).rejects.toThrow('suppressed');
    expect(await tables(database)).toEqual(['schema_migrations', 'suppressed']);
    await rows(database.db, 'drop table suppressed');
    await migrate(database.db);
  });
});

describe('the schema on the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-test-'));
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(folder, { exclusive: true });
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  facts(() => database);
});
