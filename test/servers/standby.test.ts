// The test standby is what the failover tests believe it is: it streams, it can be cut off, and promoted it goes on where the stream ended.
// And the small disk is a disk: full when it is full, and free again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './postgres.ts';
import { whyMissing } from './programs.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';
import { type Standby, startStandby } from './standby.ts';

const missing = whyMissing('postgres');

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe.skipIf(missing)(`a standby${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let primary: Postgres;
  let standby: Standby;
  beforeAll(async () => {
    primary = await startPostgres();
    await ask(primary.url(), 'create table notes (word text)');
    standby = await startStandby(primary, { synchronous: true });
  });
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
  });

  it('has what was committed, and takes nothing itself', async () => {
    await ask(primary.url(), `insert into notes values ('both')`);
    await standby.caughtUp();
    expect(await ask(standby.url(), 'select word from notes')).toEqual(['both']);
    await expect(ask(standby.url(), `insert into notes values ('here')`)).rejects.toMatchObject({ code: '25006' });
  });

  it('cut off keeps a synchronous commit from being acknowledged; promoted it goes on without it', async () => {
    standby.cutOff();
    const waiting = ask(primary.url(), `insert into notes values ('primary only')`).catch(() => 'never acknowledged');
    await expect
      .poll(() => ask(primary.url(), `select 1 from pg_stat_activity where wait_event = 'SyncRep'`), {
        timeout: 40_000,
      })
      .toEqual([1]);
    await primary.kill9();
    expect(await waiting).toBe('never acknowledged');
    await standby.promote();
    await ask(standby.url(), `insert into notes values ('standby')`);
    expect(await ask(standby.url(), 'select word from notes')).toEqual(['both', 'standby']);
  });
});

const noDisk = whyNoSmallDisk();
describe.skipIf(noDisk)(`a small disk${noDisk ? ` (${noDisk})` : ''}`, () => {
  it('filled takes nothing more, and freed it does', async () => {
    const disk = await smallDisk(4);
    const write = () => writeFile(join(disk.folder, 'note'), Buffer.alloc(100_000));
    try {
      await disk.fill();
      await expect(write()).rejects.toMatchObject({ code: 'ENOSPC' });
      await disk.free();
      await write();
    } finally {
      await disk.remove();
    }
  });
});
