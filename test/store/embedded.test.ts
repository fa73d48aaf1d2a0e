// The embedded database: one process has its folder, others come in through it, and what was committed outlives a kill. A damaged folder is
// never taken for an empty one, a half-made one never for a database, and a full disk is survived.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase, rows, worldFailed } from '../../src/store/db.ts';
import { smallDisk, whyNoSmallDisk } from '../servers/small-disk.ts';

const folders: string[] = [];
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-test-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const kills = 20;
/** A start on a machine that is busy with other tests. */
const startWaitMilliseconds = 60_000;
/** About how long a start takes. */
const startMillisecondsMax = 900;
const seed = Number(process.env['CASEPOST_TEST_SEED']) || Temporal.Now.instant().epochMilliseconds % 2 ** 31;
const writer = new URL('token-writer.ts', import.meta.url).pathname;
const dying = new URL('worker-dies.ts', import.meta.url).pathname;

/** Starts token-writer.ts; `said` is the last token that it has said. */
function startWriter(folder: string): { child: ChildProcess; said: () => number } {
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)) };
}

let made: Promise<string> | undefined;
/** A folder whose database has been closed in order: made once, to be copied. */
const whole = (): Promise<string> => {
  const make = async () => {
    const folder = freshFolder();
    const { db, close } = await openDatabase(folder, { exclusive: true });
    await rows(db, 'create table tokens (token integer primary key)');
    await close();
    return folder;
  };
  return (made ??= make());
};

const ended = (child: ChildProcess) => new Promise<void>((done) => child.once('exit', () => done()));

describe('the embedded database', () => {
  it('is refused to a second process that wants it for itself, and serves one that does not', async () => {
    const folder = freshFolder();
    const { child, said } = startWriter(folder);
    try {
      await expect.poll(said, { timeout: startWaitMilliseconds, interval: 50 }).toBeGreaterThan(0);
      await expect(openDatabase(folder, { exclusive: true })).rejects.toThrow(
        'another Casepost process has this folder open',
      );
      const joined = await openDatabase(folder);
      expect((await rows<{ count: number }>(joined.db, 'select count(*) from tokens'))[0]?.count).toBeGreaterThan(0);
      await joined.close();
    } finally {
      child.kill('SIGKILL');
      await ended(child);
    }
  }, 120_000);

  it(`killed ${kills} times at random, in starting and in writing, has every token that was said to be committed, seed ${seed}`, async () => {
    const folder = freshFolder();
    const random = chance(seed);
    let committed = 0;
    let kept = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const { child, said } = startWriter(folder);
      // Every fifth dies while it starts, the others after up to thirty tokens.
      const goal = kill % 5 === 4 ? 0 : committed + 1 + Math.floor(random() * 30);
      if (goal === 0) await pause(random() * startMillisecondsMax);
      else await expect.poll(said, { timeout: startWaitMilliseconds, interval: 5 }).toBeGreaterThan(goal);
      child.kill('SIGKILL');
      await ended(child);
      if (said() > committed) kept += 1;
      committed = Math.max(committed, said());
    }
    const database = await openDatabase(folder, { exclusive: true });
    const [found] = await rows<{ count: number; last: number }>(
      database.db,
      'select count(*), max(token)::bigint as last from tokens',
    );
    await database.close();
    expect(found?.last).toBeGreaterThanOrEqual(committed);
    expect(found?.count).toBe(found?.last);
    expect(kept).toBeGreaterThanOrEqual(kills / 2);
  }, 240_000);

  it('killed while it is made for the first time is made anew', async () => {
    const folder = freshFolder();
    const { child } = startWriter(folder);
    const data = join(folder, 'pgdata');
    await expect
      .poll(() => existsSync(data) && readdirSync(data).length, { timeout: startWaitMilliseconds, interval: 1 })
      .toBeTruthy();
    child.kill('SIGKILL');
    await ended(child);
    // What the kill may leave at worst: some files, without the one that says what they are.
    rmSync(join(data, 'PG_VERSION'), { force: true });
    writeFileSync(join(folder, 'making'), '');
    const database = await openDatabase(folder, { exclusive: true });
    expect(await rows(database.db, 'select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
    expect(existsSync(join(folder, 'making'))).toBe(false);
  }, 120_000);

  it.each([
    ['its control file is cut short', (data: string) => truncateSync(join(data, 'global', 'pg_control'), 100)],
    ['its WAL is emptied', (data: string) => emptied(join(data, 'pg_wal'))],
    ['its tables are gone', (data: string) => rmSync(join(data, 'base'), { recursive: true })],
    ['PG_VERSION is gone', (data: string) => rmSync(join(data, 'PG_VERSION'))],
    ['it is of another PostgreSQL', (data: string) => writeFileSync(join(data, 'PG_VERSION'), '12\n')],
  ])(
    'that is damaged is refused with what to do: %s',
    async (_, harm) => {
      const folder = freshFolder();
      cpSync(await whole(), folder, { recursive: true });
      harm(join(folder, 'pgdata'));
      await expect(openDatabase(folder, { exclusive: true })).rejects.toThrow(
        /^database \S+: the embedded database did not start \(.+\); nothing was changed\. .*put a backup of it in its place/,
      );
    },
    120_000,
  );

  it('whose thread dies ends its process with a sentence, and loses nothing', async () => {
    const folder = freshFolder();
    const child = spawn(process.execPath, [dying, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const code = await new Promise((done) => child.once('close', done));
    expect(code).toBe(1);
    expect(told).toMatch(/the embedded database ended by itself; start the program again/);
    const database = await openDatabase(folder, { exclusive: true });
    expect(await rows(database.db, 'select count(*) from tokens')).toEqual([{ count: 0 }]);
    await database.close();
  }, 120_000);

  it.skipIf(whyNoSmallDisk())(
    'on a full disk takes nothing, says so, and goes on when there is room',
    async () => {
      const disk = await smallDisk(80);
      const { db, close } = await openDatabase(join(disk.folder, 'data'), { exclusive: true });
      const insert = () =>
        rows(db, `insert into words select repeat(md5(random()::text), 30) from generate_series(1, 2000)`);
      try {
        await rows(db, 'create table words (word text)');
        await disk.fill();
        const refused = await insert().catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: '53100' });
        expect(worldFailed(refused)).toBe(true);
        expect(await rows(db, 'select count(*) from words')).toEqual([{ count: 0 }]);
        await disk.free();
        await insert();
        expect(await rows(db, 'select count(*) from words')).toEqual([{ count: 2000 }]);
      } finally {
        await close();
        await disk.remove();
      }
    },
    120_000,
  );
});

function emptied(folder: string): void {
  for (const name of readdirSync(folder)) if (/^[0-9A-F]{24}$/.test(name)) truncateSync(join(folder, name));
}

/** A small generator of numbers from 0 to 1: the same seed, the same moments. */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
