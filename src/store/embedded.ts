// The embedded database: PGlite in a worker thread, served on a Unix socket inside its folder. PGlite itself lets two processes open
// one folder and loses data silently, so a lock of the operating system (held through SQLite, gone with the process) makes one the
// server; the command line of another process is served through the socket. A kill leaves no half-made database behind, and a damaged one is
// never taken for an empty one.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Longest path of a Unix socket that every system takes (104 bytes on macOS, less the file's own name). */
const socketPathMax = 80;
const startSeconds = 60;
const damagedAdvice =
  'If the disk has room and the folder was not made by a newer Casepost, it is damaged: put a backup of it in its place, or move it away to begin anew';

export interface Embedded {
  /** The folder that holds `.s.PGSQL.5432`. */
  socketFolder: string;
  close(): Promise<void>;
}

/** Serves `folder`, or joins the process that does; `exclusive` refuses the latter with an error that says who can help. */
export async function openEmbedded(folder: string, exclusive: boolean): Promise<Embedded> {
  const home = resolve(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const socketFolder = socketFolderOf(home);
  const lock = takeLock(join(home, 'lock.db'));
  if (!lock) {
    if (exclusive) {
      throw new Error(
        `database ${home}: another Casepost process has this folder open; stop it first, or give this one a PostgreSQL server`,
      );
    }
    return { socketFolder, close: async () => {} };
  }
  mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
  const socketPath = join(socketFolder, '.s.PGSQL.5432');
  rmSync(socketPath, { force: true });
  let worker: Worker;
  try {
    const making = readyToMake(home);
    worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
      workerData: { folder: join(home, 'pgdata'), socketPath },
    });
    await heard(worker, 'ready').catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    });
    rmSync(making, { force: true });
  } catch (error) {
    lock.close();
    throw new Error(
      `database ${home}: the embedded database did not start (${(error as Error).message.slice(0, 300)}); nothing was changed. ${damagedAdvice}`,
      { cause: error },
    );
  }
  let closing = false;
  worker.on('exit', () => {
    // Without it every door would wait for ever: the process ends as by a kill, which loses nothing, and is started again.
    if (!closing) throw new Error(`database ${home}: the embedded database ended by itself; start the program again`);
  });
  return {
    socketFolder,
    async close() {
      closing = true;
      const closed = heard(worker, 'closed');
      worker.postMessage('close');
      await closed;
      await worker.terminate();
      lock.close();
    },
  };
}

/** Marks that the database is being made until it is; what a kill left of an earlier making is removed. Returns the mark. */
function readyToMake(home: string): string {
  const [data, mark] = [join(home, 'pgdata'), join(home, 'making')];
  if (existsSync(mark)) rmSync(data, { recursive: true, force: true });
  const found = existsSync(data) ? readdirSync(data) : [];
  if (found.length === 0) writeFileSync(mark, '');
  // PGlite would make a new database over what is left of the old one.
  else if (!found.includes('PG_VERSION')) throw new Error(`${data} has no file PG_VERSION`);
  return mark;
}

function socketFolderOf(home: string): string {
  if (home.length <= socketPathMax) return home;
  return join(tmpdir(), `casepost-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
}

function takeLock(path: string): DatabaseSync | null {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (/locked|busy/i.test((error as Error).message)) return null;
    throw new Error(
      `database ${path}: the lock can not be taken (${(error as Error).message}); nothing was opened. It holds no data: remove it when no Casepost runs`,
      { cause: error },
    );
  }
}

function heard(worker: Worker, word: string): Promise<void> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`no "${word}" within ${startSeconds} s`)), startSeconds * 1000);
    worker.on('error', failed);
    worker.on('message', (message: { word: string; error?: string }) => {
      clearTimeout(timer);
      if (message.word === word) done();
      else failed(new Error(message.error ?? message.word));
    });
  });
}
