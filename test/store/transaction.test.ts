// What is asked for in one turn leaves together and stands or falls together; a transaction is all of it or nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, rows, type Database, type Db } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a transaction ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    own = await sharedDatabase('transaction');
    database = await openDatabase(own.url);
    db = database.db;
    await rows(db, 'create table words (word text primary key)');
  }, 90_000);
  beforeEach(() => rows(db, 'truncate words'));
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  const add = (at: Db, word: string) => rows(at, 'insert into words values (:word)', { word });
  const words = async () =>
    (await rows<{ word: string }>(db, 'select word from words order by word')).map(({ word }) => word);

  it('gives each statement of one turn its own rows, in the order they were asked for', async () => {
    const given = await db.transaction((trx) =>
      Promise.all([
        add(trx, 'a'),
        rows(trx, 'select word from words'),
        add(trx, 'b'),
        rows(trx, 'select count(*), :x as x from words', { x: 'y' }),
      ]),
    );
    expect(given).toEqual([[], [{ word: 'a' }], [], [{ count: 2, x: 'y' }]]);
    expect(await words()).toEqual(['a', 'b']);
  });

  it('gives them again when the connection knows what their rows look like', async () => {
    const asked = (word: string) =>
      db.transaction((trx) =>
        Promise.all([
          rows(trx, 'select word, :none::text as none from words', { none: null }),
          add(trx, word),
          rows(trx, 'select count(*) from words where word <> :word', { word: 'z' }),
          rows(trx, 'select word from words where word = :word', { word: 'z' }),
        ]),
      );
    expect(await asked('a')).toEqual([[], [], [{ count: 1 }], []]);
    expect(await asked('b')).toEqual([[{ word: 'a', none: null }], [], [{ count: 2 }], []]);
    // Something new among what is known.
    const mixed = await db.transaction((trx) =>
      Promise.all([
        rows(trx, 'select count(*) from words where word <> :word', { word: 'z' }),
        rows(trx, 'select max(word) from words where word <> :word', { word: 'z' }),
        rows(trx, 'select word from words where word = :word', { word: 'a' }),
      ]),
    );
    expect(mixed).toEqual([[{ count: 2 }], [{ max: 'b' }], [{ word: 'a' }]]);
  });

  it('has nothing left of what one of its statements failed on, and tells that one', async () => {
    const failing = db.transaction((trx) =>
      Promise.all([
        add(trx, 'a'),
        rows(trx, 'select 1 / (:zero)::int', { zero: 0 }),
        rows(trx, 'select word from words'),
      ]),
    );
    await expect(failing).rejects.toThrow('division by zero');
    expect(await words()).toEqual([]);
  });

  it('takes nothing more once it has ended, and holds no other', async () => {
    const held = await db.transaction(async (trx) => trx);
    await expect(add(held, 'a')).rejects.toThrow('the statement was not sent');
    await expect(db.transaction((trx) => trx.transaction(async () => {}))).rejects.toThrow('holds no other');
  });

  it('tells of a statement that failed, whoever has heard of it already', async () => {
    const deaf = db.transaction(async (trx) => {
      await add(trx, 'a');
      await rows(trx, 'select 1 / (:zero)::int', { zero: 0 }).catch(() => {});
    });
    await expect(deaf).rejects.toThrow('division by zero');
    expect(await words()).toEqual([]);
  });

  /** Runs to the end of all that promises have to do by now, `steps` deep. */
  const stepsLater = async (steps: number) => {
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
  };
  const fault = async (steps: number) => {
    await stepsLater(steps);
    throw new Error('a fault of ours');
  };

  it('has nothing left of what was asked for as it failed, however close', async () => {
    for (let steps = 0; steps < 24; steps += 1) {
      const failing = db.transaction((trx) =>
        Promise.all([fault(steps), stepsLater(10).then(() => add(trx, String(steps)))]),
      );
      await expect(failing).rejects.toThrow('a fault of ours');
    }
    expect(await words()).toEqual([]);
  });

  it('is over for whoever has its connection next, though a statement fails as it ends', async () => {
    for (let steps = 0; steps < 24; steps += 1) {
      const failing = db.transaction((trx) =>
        Promise.all([fault(steps), stepsLater(10).then(() => rows(trx, 'select 1 / (:zero)::int', { zero: 0 }))]),
      );
      await expect(failing).rejects.toThrow();
      expect(await rows(db, 'select :x as x', { x: 'y' })).toEqual([{ x: 'y' }]);
    }
  });

  it('sends nothing of what holds a value that can not be written, and its connection knows what it knew', async () => {
    const endless: Record<string, unknown> = {};
    endless['itself'] = endless;
    const both = (x: unknown) =>
      db.transaction((trx) =>
        Promise.all([rows(trx, 'select :x::text as first', { x }), rows(trx, 'select :x::text as second', { x: 'z' })]),
      );
    await expect(both(endless)).rejects.toThrow('circular');
    expect(await both('y')).toEqual([[{ first: 'y' }], [{ second: 'z' }]]);
    await expect(both(endless)).rejects.toThrow('circular');
    expect(await both('y')).toEqual([[{ first: 'y' }], [{ second: 'z' }]]);
  });

  it('that was told so sees one moment and writes nothing', async () => {
    await db.transaction(async (trx) => {
      await rows(trx, 'select word from words');
      await add(db, 'later');
      expect(await rows(trx, 'select word from words')).toEqual([]);
    }, 'isolation level repeatable read read only');
    const writing = db.transaction((trx) => add(trx, 'a'), 'isolation level repeatable read read only');
    await expect(writing).rejects.toThrow('read-only transaction');
  });

  it('prepares again what stood behind a failure, on the same connection', async () => {
    const missing = (trx: Db) => rows(trx, 'select later from not_yet where later = :later', { later: 'a' });
    const behind = (trx: Db) =>
      rows<{ n: number }>(trx, 'select count(*) as n from words where word <> :word', { word: '' });
    const failing = db.transaction(async (trx) => {
      await rows(trx, 'savepoint here');
      await expect(Promise.all([behind(trx), missing(trx), add(trx, 'a')])).rejects.toThrow('not_yet');
      await rows(trx, 'rollback to savepoint here');
      await rows(trx, 'create temporary table not_yet (later text)');
      expect(await Promise.all([missing(trx), behind(trx)])).toEqual([[], [{ n: 0 }]]);
    });
    await expect(failing).rejects.toThrow('not_yet');
  });
});
