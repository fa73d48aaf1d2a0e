// A real PostgreSQL of our own for a test: its own cluster in a temp folder, its own port, fsync on as shipped. Locks, crashes and
// several processes are only tried against this one; PGlite passes such tests vacuously.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Guard, type ServerProcess, guardedFolder, logTail, serverUser } from './guard.ts';
import { comesUp, freePorts } from './ports.ts';
import { programPath } from './programs.ts';

const startSecondsMax = 60;
const startAttemptsMax = 5;
const run = promisify(execFile);

/** PostgreSQL settings by name, e.g. `{ fsync: 'off', max_connections: '10' }`. */
export type PostgresSettings = Record<string, string>;

/** `fast` disconnects clients and writes a checkpoint; `immediate` stops dead, the next start replays the WAL. */
export type RestartMode = 'fast' | 'immediate';

/** A running cluster; the superuser is `casepost`, without a password, from loopback only. */
export type Postgres = {
  port: number;
  folder: string;
  /** The postmaster's pid; changes with every restart. */
  pid(): number;
  /** Connection string of `database`, by default the cluster's own `postgres`. */
  url(database?: string): string;
  /** Creates `database` (a plain lower-case name) and returns its connection string. */
  createDatabase(database: string): Promise<string>;
  /** Disconnects everyone from `database` and removes it; absent is fine. */
  dropDatabase(database: string): Promise<void>;
  /** Stops and starts on the same port; `settings` are added to those of before. */
  restart(mode: RestartMode, settings?: PostgresSettings): Promise<void>;
  /** SIGKILL to the postmaster, as a power cut would; `start` brings it back through WAL recovery. */
  kill9(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** How a cluster is made: settings by name, and folders (of a small disk) for its data or its WAL; the cluster makes a folder of its own in them. */
export type PostgresOptions = { settings?: PostgresSettings; dataOn?: string; walOn?: string };

/**
 * Makes and starts a cluster. Settings are the shipped ones (fsync on) unless `settings` says otherwise; `{ fsync: 'off' }` is for speed
 * where no test kills it. Throws when PostgreSQL is missing or does not come up, with the tail of its log.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const words = ['-U', 'casepost', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  // Segments of 1 MB instead of 16: a small disk holds a few.
  const small = options.dataOn || options.walOn ? ['--wal-segsize=1'] : [];
  const wal = options.walOn ? ['-X', join(options.walOn, 'wal')] : [];
  return clusterMadeBy('initdb', [...words, ...small, ...wal], options);
}

/** Makes a cluster with `program` (initdb, or pg_basebackup for a copy), which is given `words` and the data folder, and starts it. */
export async function clusterMadeBy(program: string, words: string[], options: PostgresOptions): Promise<Postgres> {
  const programs = programPath('postgres');
  const guard = await guardedFolder('postgres');
  const data = join(options.dataOn ?? guard.folder, 'data');
  const user = serverUser();
  const identity = user.drop ? { uid: user.uid, gid: user.gid } : {};
  try {
    const environment = { ...identity, cwd: '/', env: { PATH: process.env['PATH'], TZ: 'UTC' } };
    await run(join(programs, program), ['-D', data, ...words], environment);
    return await clusterIn(guard, { programs, data }, options.settings ?? {});
  } catch (error) {
    await guard.release();
    throw error;
  }
}

type Place = { programs: string; data: string };

async function clusterIn(guard: Guard, { programs, data }: Place, first: PostgresSettings): Promise<Postgres> {
  let settings = first;
  let port = (await freePorts(1))[0]!;
  let server: ServerProcess;

  async function start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      server = guard.start(join(programs, 'postgres'), serverWords({ data, sockets: guard.folder }, port, settings), {
        endSignal: 'SIGQUIT',
      });
      const up = await comesUp(() => ready(url('postgres')), server.running, startSecondsMax);
      if (up) return;
      await server.end('SIGQUIT');
      // After kill9 the old backends hold the shared memory for some milliseconds: the next attempt finds them gone.
      if (attempt === startAttemptsMax) {
        const log = await logTail(guard.folder);
        throw new Error(
          `PostgreSQL did not come up on 127.0.0.1:${port} in ${attempt} attempts; its log ends:\n${log}`,
        );
      }
    }
  }
  function url(database = 'postgres'): string {
    return `postgres://casepost@127.0.0.1:${port}/${database}`;
  }
  async function administer(statement: string): Promise<void> {
    const client = new Client({ connectionString: url('postgres') });
    // A server that dies under it is told by the query; unheard it would end the process.
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
  try {
    await start();
  } catch {
    // The port may have been taken between asking and binding; later restarts must keep theirs.
    port = (await freePorts(1))[0]!;
    await start();
  }
  return {
    port,
    folder: guard.folder,
    pid: () => server.pid,
    url,
    async createDatabase(database) {
      await administer(`create database "${database}"`);
      return url(database);
    },
    dropDatabase: (database) => administer(`drop database if exists "${database}" with (force)`),
    async restart(mode, added = {}) {
      settings = { ...settings, ...added };
      await server.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await start();
    },
    kill9: () => server.end('SIGKILL'),
    start,
    async stop() {
      await server.end('SIGQUIT');
      await guard.release();
    },
  };
}

function serverWords(
  { data, sockets }: { data: string; sockets: string },
  port: number,
  settings: PostgresSettings,
): string[] {
  const all: PostgresSettings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: sockets,
    timezone: 'UTC',
    shared_buffers: '32MB',
    ...settings,
  };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function ready(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
