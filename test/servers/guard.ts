// Gives a test server its own folder and its own process, and sees to it that neither outlives the test: a PostgreSQL or Dovecot lives on
// when its parent is killed, so a watchdog stands beside it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { watchdogOn } from './watchdog.ts';

const endSecondsMax = 8;
const logTailBytes = 1500;

/** Who a server runs as: the caller, or nobody when the caller is root (PostgreSQL refuses root, Dovecot's logins should not be root). */
export type ServerUser = { name: string; group: string; uid: number; gid: number; drop: boolean };

/** The user of this test run. */
export function serverUser(): ServerUser {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return { name: 'nobody', group: 'nogroup', uid: 65534, gid: 65534, drop: true };
  const gid = process.getgid?.() ?? 0;
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
  return { name: userInfo().username, group, uid, gid, drop: false };
}

/** A folder and at most one server process in it, both ended by `release` or, when the test process dies, by the watchdog. */
export type Guard = {
  folder: string;
  /** Starts the server, its output appended to `server.log` in the folder; the same guard may start it again after it has ended. */
  start(program: string, words: string[], options: { endSignal: NodeJS.Signals; asRoot?: boolean }): ServerProcess;
  /** Ends the server when it still runs, and removes the folder. */
  release(): Promise<void>;
};

/** A running server: its pid, whether it still runs, and its end. */
export type ServerProcess = {
  pid: number;
  running: () => boolean;
  /** Sends `signal` to the process group and waits for the server's end; after `secondsMax` (8) the group gets SIGKILL. */
  end: (signal: NodeJS.Signals, secondsMax?: number) => Promise<void>;
};

/** Makes a guarded folder under the system's temp folder, named after `word`, owned by the server's user. */
export async function guardedFolder(word: string): Promise<Guard> {
  const user = serverUser();
  const folder = await mkdtemp(join(tmpdir(), `casepost-${word}-`));
  await chmod(folder, 0o755);
  if (user.drop) await chown(folder, user.uid, user.gid);
  const watchdog = watchdogOn(folder);
  const log = await open(join(folder, 'server.log'), 'a', 0o666);
  let current: ServerProcess | undefined;
  return {
    folder,
    start(program, words, { endSignal, asRoot = false }) {
      const identity = user.drop && !asRoot ? { uid: user.uid, gid: user.gid } : {};
      const child = spawn(program, words, {
        cwd: folder,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC', LC_ALL: 'C' },
        ...identity,
      });
      child.on('error', () => {});
      watchdog.watch(child.pid, endSignal);
      current = serverProcess(child);
      return current;
    },
    async release() {
      if (current?.running()) await current.end('SIGTERM');
      await log.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      watchdog.done();
    },
  };
}

function serverProcess(child: ChildProcess): ServerProcess {
  const ended = once(child, 'exit').catch(() => undefined);
  child.unref();
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    running,
    async end(signal, secondsMax = endSecondsMax) {
      if (!running()) return;
      process.kill(-child.pid!, signal);
      const patience = new AbortController();
      const late = pause(secondsMax * 1000, 'late', { signal: patience.signal }).catch(() => 'ended');
      if ((await Promise.race([ended, late])) === 'late') {
        process.kill(-child.pid!, 'SIGKILL');
        await ended;
      }
      patience.abort();
    },
  };
}

/** The last lines of a server's log, for an error that must say why the server did not come up. */
export async function logTail(folder: string, name = 'server.log'): Promise<string> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => '(no log)');
  return text.slice(-logTailBytes).trim();
}
