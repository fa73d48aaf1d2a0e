// Faults of PostgreSQL itself.
import { execFile } from 'node:child_process';
import { chown, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startStandby } from '../servers/standby.ts';
import { insist, type Injector } from './injector.ts';
import type { PlannedFault } from './plan.ts';
import { serverUser } from '../servers/guard.ts';
import { diskMegabytes, type World } from './world.ts';

const run = promisify(execFile);
const roomKilobytes = 200;
const deadlocksPerSecond = 4;
const lockedTables = ['inbound', 'outbox', 'cases', 'cursors'];

export const databaseFaults: Injector[] = [
  {
    fault: 'F4',
    what: 'PostgreSQL restarts, fast or immediate',
    heal: 'it comes up again',
    touches: ['database-server'],
    seconds: [1, 4],
    doubles: true,
    strike: ({ postgres }, { dice }) => postgres.restart((dice[0] ?? 0) < 0.5 ? 'fast' : 'immediate'),
  },
  {
    fault: 'F5',
    what: 'SIGKILL to the postmaster',
    heal: 'it starts and recovers from its WAL',
    touches: ['database-server'],
    seconds: [1, 20],
    doubles: true,
    async strike({ postgres }) {
      await postgres.kill9();
      return () => postgres.start();
    },
  },
  {
    fault: 'F6',
    what: 'the server dies and a synchronous standby is promoted',
    heal: 'the gateways find it at the same address',
    touches: ['database-server', 'database-wire'],
    seconds: [4, 10],
    doubles: true,
    strike: failover,
  },
  {
    fault: 'F7',
    what: 'the disk of the database is full',
    heal: 'there is room again',
    touches: ['database-server'],
    seconds: [4, 20],
    doubles: true,
    async strike({ disk, postgres }) {
      if (!disk) throw new Error('only root can mount a small disk');
      await resize(disk.folder, roomKilobytes + (await usedKilobytes(disk.folder)));
      return async () => {
        await resize(disk.folder, diskMegabytes * 1024);
        // Without room for its log the server stops, and somebody starts it again.
        if (!(await answers(postgres.url()))) await postgres.restart('immediate');
      };
    },
  },
  {
    fault: 'F8',
    what: 'all connections of the database server are taken by others',
    heal: 'they are given back',
    touches: ['database-server', 'database-wire'],
    seconds: [3, 20],
    doubles: true,
    async strike(world) {
      const hogs: Client[] = [];
      for (const wire of world.wires.database) wire.cutAll();
      for (let full = 0; full < 3;) {
        const hog = new Client({ connectionString: world.databaseUrl(), connectionTimeoutMillis: 3000 });
        hog.on('error', () => {});
        try {
          await hog.connect();
          hogs.push(hog);
        } catch {
          full += 1;
        }
      }
      return async () => {
        await Promise.all(hogs.map((hog) => hog.end().catch(() => {})));
        return `${hogs.length} connections were taken`;
      };
    },
  },
  {
    fault: 'F9',
    what: 'another client locks rows in the opposite order: deadlocks',
    heal: 'it stops',
    touches: ['database-server'],
    seconds: [4, 15],
    doubles: false,
    async strike(world, { seconds }) {
      let met = 0;
      const client = await connected(world);
      const until = performance.now() + seconds * 1000;
      const working = (async () => {
        while (performance.now() < until) {
          if (await oppositeOrder(client)) met += 1;
          await pause(1000 / deadlocksPerSecond);
        }
      })().catch(() => {});
      return async () => {
        await working;
        await client.end().catch(() => {});
        return `${met} transactions of the other client met a deadlock`;
      };
    },
  },
  {
    fault: 'F11',
    what: 'LOCK TABLE in access exclusive mode',
    heal: 'it is given back',
    touches: ['database-server'],
    seconds: [3, 40],
    doubles: true,
    async strike(world, { dice }) {
      const client = await connected(world);
      const table = lockedTables[Math.floor((dice[0] ?? 0) * lockedTables.length)]!;
      await client.query('begin');
      await client.query(`lock table ${table} in access exclusive mode`);
      return async () => {
        await client.query('rollback').catch(() => {});
        await client.end().catch(() => {});
        return table;
      };
    },
  },
  {
    fault: 'F13',
    what: 'the database is read-only',
    heal: 'it can be written to again',
    touches: ['database-server'],
    seconds: [3, 20],
    doubles: true,
    async strike(world) {
      await readOnly(world, 'on');
      return () => insist(() => readOnly(world, 'off'));
    },
  },
];

async function connected(world: World): Promise<Client> {
  return insist(async () => {
    const client = new Client({
      connectionString: world.databaseUrl(),
      connectionTimeoutMillis: 3000,
      statement_timeout: 20_000,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  });
}

/** Cases first and the waiting mails and letters second, while the gateways go the other way; true when the database chose us to give in. */
async function oppositeOrder(client: Client): Promise<boolean> {
  try {
    await client.query('begin');
    await client.query('select number from cases order by number desc limit 5 for update');
    await client.query('select pg_sleep(0.3)');
    await client.query('select id from inbound where disposition is null order by id desc limit 20 for update');
    await client.query('select id from outbox where case_number is not null order by id desc limit 20 for update');
    await client.query('commit');
    return false;
  } catch (error) {
    await client.query('rollback');
    return (error as { code?: string }).code === '40P01';
  }
}

async function readOnly(world: World, value: 'on' | 'off'): Promise<void> {
  await world.rows(`alter system set default_transaction_read_only = ${value}`);
  await world.rows('select pg_reload_conf()');
}

/** Makes a standby, lets it follow, and hands over to it as an operator's failover does: dead primary first. */
async function failover(world: World, { dice }: PlannedFault): Promise<() => string> {
  const { disk, postgres, wires } = world;
  const dataOn = disk && join(disk.folder, `standby-${Math.floor((dice[0] ?? 0) * 1e9)}`);
  if (dataOn) {
    const { uid, gid } = serverUser();
    await mkdir(dataOn);
    await chown(dataOn, uid, gid);
  }
  const standby = await startStandby(postgres, { synchronous: true, ...(dataOn ? { dataOn } : {}) });
  await standby.caughtUp();
  await postgres.kill9();
  await standby.promote();
  world.postgres = standby;
  for (const wire of wires.database) {
    wire.repoint(standby.port);
    wire.cutAll();
  }
  await postgres.stop();
  return () => `port ${postgres.port} to ${standby.port}`;
}

async function resize(folder: string, kilobytes: number): Promise<void> {
  await run('mount', ['-o', `remount,size=${kilobytes}k`, folder]);
}

async function usedKilobytes(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder);
  return Math.ceil(((blocks - bfree) * bsize) / 1024);
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('create temporary table room (word text)');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
