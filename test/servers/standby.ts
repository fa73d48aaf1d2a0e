// A standby that streams from a test PostgreSQL, and what a failover does: the primary dies, the standby is promoted, clients are pointed
// at it (by tcp-proxy's `repoint`). The stream runs through a proxy of its own, so that a test decides what the standby has never heard of.
import { Client } from 'pg';
import { clusterMadeBy, type Postgres } from './postgres.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const standbyName = 'standby';
const promoteSecondsMax = 60;
const pollMilliseconds = 20;

/** A running standby; until `promote` it answers reading only. Stop it before its primary, or after the primary's death. */
export type Standby = Postgres & {
  /** Resolves when all that the primary has committed so far is here too. */
  caughtUp(): Promise<void>;
  /** From now on nothing the primary commits arrives here; with `synchronous` the primary's commits then wait for ever. */
  cutOff(): void;
  /** Makes it a primary of a new timeline; resolves when it can be written to. */
  promote(): Promise<void>;
};

/** Copies `primary` (into the folder `dataOn` of a disk, if given) and streams from it. `synchronous`: from now on a commit there is only acknowledged once it is on the disk here. */
export async function startStandby(
  primary: Postgres,
  options: { synchronous?: boolean; dataOn?: string } = {},
): Promise<Standby> {
  const stream = await startTcpProxy(primary.port);
  try {
    const source = `host=127.0.0.1 port=${stream.port} user=casepost application_name=${standbyName}`;
    const words = ['-d', source, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
    const standby = await clusterMadeBy('pg_basebackup', words, {
      settings: { wal_retrieve_retry_interval: '100ms' },
      ...(options.dataOn ? { dataOn: options.dataOn } : {}),
    });
    if (options.synchronous) {
      await ask(primary, `alter system set synchronous_standby_names = '${standbyName}'`);
      await ask(primary, 'select pg_reload_conf()');
      await until(primary, `select 1 from pg_stat_replication where sync_state = 'sync'`);
    }
    return {
      ...standby,
      async caughtUp() {
        const [row] = await ask<{ lsn: string }>(primary, 'select pg_current_wal_flush_lsn()::text as lsn');
        await until(standby, `select 1 where pg_last_wal_replay_lsn() >= '${row?.lsn}'`);
      },
      cutOff() {
        stream.fault({ refuse: true });
        stream.cutAll();
      },
      async promote() {
        await ask(standby, `select pg_promote(true, ${promoteSecondsMax})`);
        await until(standby, 'select 1 where not pg_is_in_recovery()');
      },
      async stop() {
        await standby.stop();
        await stream.stop();
      },
    };
  } catch (error) {
    await stream.stop();
    throw error;
  }
}

async function ask<Row>(server: Postgres, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: server.url() });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

async function until(server: Postgres, statement: string): Promise<void> {
  const deadline = performance.now() + promoteSecondsMax * 1000;
  while ((await ask(server, statement)).length === 0) {
    if (performance.now() > deadline)
      throw new Error(`waited ${promoteSecondsMax} s on port ${server.port}: ${statement}`);
    await new Promise((later) => setTimeout(later, pollMilliseconds));
  }
}
