// The embedded database: PGlite in a worker thread, served on a Unix socket inside its folder. PGlite itself lets two processes open
// one folder and loses data silently, so a lock of the operating system (held through SQLite, gone with the process) makes one the
// server; the command line of another process is served through the socket.
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Longest path of a Unix socket that every system takes (104 bytes on macOS, less the file's own name). */
const socketPathMax = 80;
const startSeconds = 60;

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
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: { folder: join(home, 'pgdata'), socketPath },
  });
  try {
    await heard(worker, 'ready');
  } catch (error) {
    await worker.terminate();
    lock.close();
    throw new Error(
      `database ${home}: the embedded database did not start: ${(error as Error).message.slice(0, 300)}`,
      {
        cause: error,
      },
    );
  }
  return {
    socketFolder,
    async close() {
      const closed = heard(worker, 'closed');
      worker.postMessage('close');
      await closed;
      await worker.terminate();
      lock.close();
    },
  };
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
    throw error;
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
