// The test PostgreSQL is what our fault tests believe it is: a real server that survives restarts and SIGKILL with what it acknowledged.
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './postgres.ts';
import { whyMissing } from './programs.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a PostgreSQL of our own${missing ? ` (${missing})` : ''}`, () => {
  let postgres: Postgres;
  let url: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase('notes');
    await ask('create table notes (word text primary key)');
  }, 60_000);
  afterAll(() => postgres?.stop());

  async function ask(statement: string): Promise<unknown[][]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      const result = await client.query({ text: statement, rowMode: 'array' });
      return result.rows as unknown[][];
    } finally {
      await client.end();
    }
  }

  it('is durable unless asked otherwise', async () => {
    expect(await ask('show fsync')).toEqual([['on']]);
    expect(await ask('show synchronous_commit')).toEqual([['on']]);
  });

  it('excludes a second session from a locked row, as PGlite does not', async () => {
    await ask(`insert into notes values ('locked')`);
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin');
    await holder.query(`select word from notes where word = 'locked' for update`);
    expect(await ask(`select word from notes where word = 'locked' for update skip locked`)).toEqual([]);
    await holder.query('rollback');
    await holder.end();
  });

  it('keeps its port and its rows over both kinds of restart, and takes new settings', async () => {
    await ask(`insert into notes values ('fast')`);
    await postgres.restart('fast', { max_connections: '10' });
    await ask(`insert into notes values ('immediate')`);
    await postgres.restart('immediate');
    expect(await ask('show max_connections')).toEqual([['10']]);
    expect(await ask(`select word from notes where word in ('fast', 'immediate') order by word`)).toEqual([
      ['fast'],
      ['immediate'],
    ]);
  });

  it('is gone after kill9 and comes back with every acknowledged row', async () => {
    await ask(`insert into notes values ('killed')`);
    const pid = postgres.pid();
    await postgres.kill9();
    await expect(ask('select 1')).rejects.toThrow();
    await postgres.start();
    expect(postgres.pid()).not.toBe(pid);
    expect(await ask(`select word from notes where word = 'killed'`)).toEqual([['killed']]);
  });

  it('leaves no folder and no process after stop', async () => {
    const second = await startPostgres({ settings: { fsync: 'off' } });
    const pid = second.pid();
    await second.stop();
    expect(existsSync(second.folder)).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  }, 60_000);
});
