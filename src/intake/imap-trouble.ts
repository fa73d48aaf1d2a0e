// Mails that a server failed to give: asked for last, each alone, and less and less often, so that one of them holds up none of the others.
import { monotonicMs } from '../clock.ts';
import type { Log } from '../log.ts';

/** Limits of asking again. */
const troubleLimits = {
  /** Failures of one mail, asked for alone, after which a line is logged. */
  triesBeforeSaid: 3,
  /** A mail that keeps failing is asked for after 4, 8, 16 … seconds, at most this far apart. */
  retrySecondsMin: 1,
  retrySecondsMax: 3600,
} as const;

/** By UID: how often a mail failed to come, and the monotonic millisecond before which it is not asked for again. */
export type Trouble = Map<number, { times: number; notBefore: number }>;

/** Milliseconds until the next mail that made trouble is due again, at least `retrySecondsMin`; Infinity when there is none. */
export function untilRetry(trouble: Trouble): number {
  let due = Infinity;
  for (const { notBefore } of trouble.values()) due = Math.min(due, notBefore);
  return Math.max(due - monotonicMs(), troubleLimits.retrySecondsMin * 1000);
}

/** Those that may be asked for now. */
export function dueUids(trouble: Trouble): number[] {
  const now = monotonicMs();
  return [...trouble].filter(([, { notBefore }]) => notBefore <= now).map(([uid]) => uid);
}

/** Suspects mails until they are stored: the first failure may be any of a page and is tried again at once, later ones wait. */
export function suspect(trouble: Trouble, uids: number[]): void {
  for (const uid of uids) {
    const times = (trouble.get(uid)?.times ?? 0) + 1;
    const waitSeconds = times === 1 ? 0 : Math.min(2 ** times, troubleLimits.retrySecondsMax);
    trouble.set(uid, { times, notBefore: monotonicMs() + waitSeconds * 1000 });
  }
}

/** Several are asked for again one by one; only a mail that fails alone, and again, is worth a line, and one line. */
export function sayTrouble(
  trouble: Trouble,
  { log, source }: { log: Log; source: string },
  uids: number[],
  error: string,
): void {
  const [uid = 0] = uids;
  if (uids.length !== 1 || trouble.get(uid)?.times !== troubleLimits.triesBeforeSaid) return;
  const text = `${source}: UID ${uid} cannot be read (${error}); the others go on, it is asked for again`;
  log.error({ source, uid, error }, text);
}
