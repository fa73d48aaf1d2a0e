// A disk that is soon full (TRUST F7): a tmpfs of a few megabytes. Only root can mount one; whoever lacks it skips such tests and says why.
import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serverUser } from './guard.ts';
import { watchdogOn } from './watchdog.ts';

const run = promisify(execFile);

/** A mounted disk. Servers of the tests may write to it. */
export type SmallDisk = {
  folder: string;
  /** Takes all that is left of it, save `exceptBytes`. */
  fill(exceptBytes?: number): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
  /** Unmounts it; whoever writes there must have ended. */
  remove(): Promise<void>;
};

/** For `describe.skipIf(...)`: why no small disk can be had here, or undefined. With CI=true nothing is skipped. */
export function whyNoSmallDisk(): string | undefined {
  if (process.env['CI'] === 'true' || (process.getuid?.() === 0 && process.platform === 'linux')) return undefined;
  return 'only root can mount a small disk';
}

/** Mounts a disk of so many megabytes; it is unmounted when this process dies. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const { uid, gid } = serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'casepost-disk-'));
  const watchdog = watchdogOn(folder);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'casepost-test', folder]);
  await chown(folder, uid, gid);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    async fill(exceptBytes = 0) {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - exceptBytes)), { flag: 'a' });
    },
    free: () => rm(ballast, { force: true }),
    async remove() {
      await run('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
      watchdog.done();
    },
  };
}
