// Alarms on a real PostgreSQL: one open alarm a key, whoever raises it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimAlarmMail } from '../../src/store/alarm-mails.ts';
import { clearAlarm, openAlarms, raiseAlarm } from '../../src/store/alarms.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { monday } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`alarms ${missing ?? ''}`, { timeout: 120_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('alarms');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  beforeEach(() => rows(database.db, 'truncate alarms'));
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });
  const key = 'imap-login:support';
  const raise = (text: string, minutes = 0) => raiseAlarm(database.db, { key, text }, monday.add({ minutes }));
  const clear = (minutes: number) => clearAlarm(database.db, key, monday.add({ minutes }));
  const open = async () =>
    (await openAlarms(database.db)).map(({ text, since }) => `${text} since ${since.toString()}`);
  const all = async () => (await rows(database.db, 'select 1 from alarms')).length;

  it('one that is raised twice keeps its beginning and takes the newer text', async () => {
    await raise('refused');
    await raise('refused again', 5);
    expect(await open()).toEqual(['refused again since 2026-03-02T09:00:00Z']);
    expect(await all()).toBe(1);
  });
  it('one that twenty raise at the same moment is one', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => raise(`by ${index}`)));
    expect(await all()).toBe(1);
  });
  it('one that is cleared is open no more, and clearing what is not open does nothing', async () => {
    await clear(1);
    await raise('refused');
    await clear(2);
    await clear(3);
    expect(await open()).toEqual([]);
    const [row] = await rows<{ clearedAt: Temporal.Instant }>(
      database.db,
      'select cleared_at as "clearedAt" from alarms',
    );
    expect(row?.clearedAt.toString()).toBe('2026-03-02T09:02:00Z');
  });
  it('a mail that tells of it is claimed by one of many who ask at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await rows(database.db, 'truncate alarm_mails');
      await rows(
        database.db,
        `insert into alarm_mails (message_id, recipient, raw, created_at) values ('a@b', 'admin@elsewhere.test', '', now())`,
      );
      const claims = Array.from({ length: 8 }, (_, index) => claimAlarmMail(database.db, `claim ${index}`));
      expect((await Promise.all(claims)).filter((claimed) => claimed !== null)).toHaveLength(1);
    }
  });
  it('one that is back within the hour is the same one; later it is another', async () => {
    await raise('refused');
    await clear(10);
    await raise('refused', 20);
    expect(await open()).toEqual(['refused since 2026-03-02T09:00:00Z']);
    await clear(30);
    await raise('refused', 30 + 60);
    expect(await open()).toEqual(['refused since 2026-03-02T10:30:00Z']);
    expect(await all()).toBe(2);
  });
});
