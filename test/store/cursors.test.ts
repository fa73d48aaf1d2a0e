// Two gateways on one folder have one place in it: where the first began, under the UIDVALIDITY that holds now.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cursor, beginCursor, readCursor, saveCursor } from '../../src/store/cursors.ts';
import { type Database, openDatabase, rows } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDatabase, sharedDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`the place in a folder ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('cursors');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  beforeEach(() => rows(database.db, 'truncate cursors'));
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  const begin = (cursor: Cursor) => beginCursor(database.db, 'imap:one', cursor);
  const first: Cursor = { uidValidity: '7', lastUid: 0, since: '2026-03-01', startUid: 100 };

  test('of two gateways that meet a folder at once, the start of the first holds for both', async () => {
    expect(await begin(first)).toEqual(first);
    // A mail came in between.
    expect(await begin({ ...first, startUid: 101 })).toEqual(first);
  });

  test('a gateway that begins again at the same place does not lose how far the other has read', async () => {
    await begin(first);
    await saveCursor(database.db, 'imap:one', { uidValidity: '7', lastUid: 120 });
    expect((await begin({ ...first, startUid: 120 })).lastUid).toBe(120);
  });

  test('a new UIDVALIDITY and another day each begin a new place', async () => {
    await begin(first);
    const renumbered = { ...first, uidValidity: '8', startUid: 90 };
    expect(await begin(renumbered)).toEqual(renumbered);
    const all = { ...renumbered, since: null, startUid: 0 };
    expect(await begin(all)).toEqual(all);
    expect(await begin({ ...all, startUid: 0 })).toEqual(all);
  });

  test('a gateway that still reads under the old UIDVALIDITY moves nothing', async () => {
    await begin({ ...first, uidValidity: '8' });
    await saveCursor(database.db, 'imap:one', { uidValidity: '7', lastUid: 5000 });
    expect(await readCursor(database.db, 'imap:one')).toEqual({ ...first, uidValidity: '8' });
  });
});
