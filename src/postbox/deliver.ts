// Takes letters from the outbox to the mail server, and decides how many at once and when to knock again. It never thinks: what to send and to
// whom was decided and committed before. A letter goes out at least once, as the same bytes (TRUST P3, F31-F36); while the server takes nothing,
// every letter waits as it is.
import { backoff, bell, pace, pause } from '../bell.ts';
import type { Clock, Instant } from '../clock.ts';
import { errorText, outage } from '../log.ts';
import { sentTogether } from './record.ts';
import { openSupply } from './supply.ts';
import { endIdle, work } from './worker.ts';
import type { Desk, Drained, PostboxOptions, Tally } from './worker.ts';

/** Limits of the postbox. */
export const postboxLimits = {
  pollSeconds: 5,
  /** Waits while the mail server takes nothing at all; never longer, so that letters leave a minute after it is back (TRUST P13). */
  downSecondsMin: 5,
  downSecondsMax: 25,
  /** Waits after a refused login: many tries lock an account. */
  loginSecondsMin: 30,
  loginSecondsMax: 300,
  /** Letters on their way may finish for this long when the gateway stops. */
  stopSeconds: 8,
} as const;

/** A running postbox. */
export interface Postbox {
  /** Something was committed to the outbox: look now. */
  wake(): void;
  /** Sends all that is due at `now`, once; rejects when the database is away. */
  drainOnce(now: Instant): Promise<Drained>;
  /** Since when and why the mail server (or the database) is away; null while it works. */
  health(): { since: Instant; error: string } | null;
  /** Resolves when the postbox has come to rest after its signal. */
  stopped: Promise<void>;
}

/** Starts sending: at once, on every `wake()`, and each `pollSeconds` for what is due again. */
export function startPostbox(options: PostboxOptions): Postbox {
  const desk = openDesk(options);
  const { signal, now } = options;
  const doorbell = bell();
  const waits = backoff(postboxLimits.downSecondsMin, postboxLimits.downSecondsMax);
  const loginWaits = backoff(postboxLimits.loginSecondsMin, postboxLimits.loginSecondsMax);
  let turn: Promise<unknown> = Promise.resolve();
  const drainOnce = (clock: Clock): Promise<Tally> => {
    const drained = turn.then(() => drain(desk, clock));
    turn = drained.catch(() => {});
    return drained;
  };
  const poll = setInterval(() => desk.hire?.(), postboxLimits.pollSeconds * 1000);
  const stopped = (async () => {
    while (!signal.aborted) {
      const drained = await drainOnce(now).catch((error: unknown) => desk.database.down(errorText(error), now()));
      if (drained) desk.database.up(now());
      if (drained?.down) {
        // Letters that come meanwhile do not shorten the wait: the server is asked at its own pace.
        await pause(drained.login ? loginWaits.next() : waits.next(), signal);
      } else {
        waits.reset();
        loginWaits.reset();
        await doorbell.heard(postboxLimits.pollSeconds * 1000, signal);
      }
    }
    clearInterval(poll);
    await turn;
    await Promise.all(desk.workers);
    endIdle(desk);
  })();
  return {
    wake() {
      doorbell.ring();
      desk.hire?.();
    },
    drainOnce: (instant) => drainOnce(() => instant),
    health: () => desk.peer.current() ?? desk.database.current(),
    stopped,
  };
}

/** Sends all that is due at `now`, once, without a running postbox: the command `casepost send`. */
export async function drainPostbox(options: PostboxOptions, now: Instant): Promise<Drained> {
  const desk = openDesk(options);
  try {
    return await drain(desk, () => now);
  } finally {
    await Promise.all(desk.workers);
    endIdle(desk);
  }
}

function openDesk(options: PostboxOptions): Desk {
  const { db, owner, transport, log, signal } = options;
  const desk: Desk = {
    ...options,
    sent: sentTogether(db),
    supply: openSupply({ db, owner, paced: transport.ratePerSecond !== null, signal }),
    peer: outage(log, `${transport.protocol.toUpperCase()} server ${transport.host}:${transport.port}`),
    database: outage(log, 'postbox: reading the outbox'),
    sessions: new Set(),
    idle: new Map(),
    hanging: new Set(),
    recording: new Set(),
    workers: new Set(),
    hire: null,
    myTurn: pace(transport.ratePerSecond),
  };
  signal.addEventListener(
    'abort',
    () => {
      // A letter cut off here is of unknown fate and goes out again: stopping waits a little so that this stays rare.
      setTimeout(() => desk.sessions.forEach((session) => session.end(true)), postboxLimits.stopSeconds * 1000).unref();
    },
    { once: true },
  );
  return desk;
}

/** Works until nothing is due, or the server or the database takes no more; letters then on their way are left to their workers. */
async function drain(desk: Desk, clock: Clock): Promise<Tally> {
  const { workers, hanging } = desk;
  const tally: Tally = { sent: 0, retried: 0, failed: 0, down: null, login: false };
  const failures: unknown[] = [];
  const { connections } = desk.transport;
  const hire = () => {
    // An empty outbox costs one query: the next worker comes only when the one before has found work, or somebody rings.
    if (workers.size - hanging.size >= connections || workers.size >= 2 * connections) return;
    // Heard from the start: while one worker hangs at its peer, another one's failure must not go unheard and end the process.
    const worker = work(desk, tally, clock, hire)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => workers.delete(worker));
    workers.add(worker);
  };
  desk.hire = hire;
  hire();
  while (workers.size > 0 && tally.down === null && failures.length === 0) await Promise.race(workers);
  desk.hire = null;
  if (failures.length > 0) throw failures[0];
  // The server takes nothing, or we stop: what nobody has begun is not ours to hold.
  await desk.supply.giveBack();
  return tally;
}
