// Takes letters from the outbox to the mail server: claim, send, record. It never thinks: what to send and to whom was decided and committed
// before. A letter goes out at least once, as the same bytes; once more only when its fate is unknown (TRUST P3, F31-F35).
import { backoff, bell, pace, pause } from '../bell.ts';
import type { Clock, Instant } from '../clock.ts';
import type { SmtpTarget } from '../config.ts';
import { errorText, outage } from '../log.ts';
import type { Log, Outage } from '../log.ts';
import type { Db } from '../store/db.ts';
import { renewLease } from '../store/lease.ts';
import { claimLetters } from '../store/outbox.ts';
import type { OutboxLetter } from '../store/outbox.ts';
import { recordFate } from './record.ts';
import { openSession } from './transport.ts';
import type { Outcome, Session } from './transport.ts';

/** Limits of the postbox. */
export const postboxLimits = {
  pollSeconds: 5,
  /** Another postbox takes a letter over this long after its holder was last heard of. */
  leaseSeconds: 50,
  /** Waits while the mail server takes nothing at all; never longer, so that letters leave a minute after it is back (TRUST P13). */
  downSecondsMin: 5,
  downSecondsMax: 45,
  /** Waits after a refused login: many tries lock an account. */
  loginSecondsMin: 30,
  loginSecondsMax: 300,
  /** Letters on their way may finish for this long when the gateway stops. */
  stopSeconds: 8,
} as const;

/** `owner` names this process in its claims; `connections` defaults to the configured number. */
export interface PostboxOptions {
  db: Db;
  transport: SmtpTarget;
  owner: string;
  log: Log;
  now: Clock;
  signal: AbortSignal;
  connections?: number;
}

/** What a drain did. `down` is why the mail server took nothing more; the letters then wait, their attempts uncounted. */
export interface Drained {
  sent: number;
  retried: number;
  failed: number;
  down: string | null;
}

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

interface Desk extends PostboxOptions {
  peer: Outage;
  database: Outage;
  sessions: Set<Session>;
  recording: Set<Promise<void>>;
  /** While a drain runs: sets one more worker to it, so that one session that hangs does not hold up the letters of others (TRUST P12). */
  hire: (() => void) | null;
  myTurn: (signal: AbortSignal) => Promise<void>;
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
export function drainPostbox(options: PostboxOptions, now: Instant): Promise<Drained> {
  return drain(openDesk(options), () => now);
}

function openDesk(options: PostboxOptions): Desk {
  const { transport, log, signal } = options;
  const desk: Desk = {
    ...options,
    peer: outage(log, `${transport.protocol.toUpperCase()} server ${transport.host}:${transport.port}`),
    database: outage(log, 'postbox: reading the outbox'),
    sessions: new Set(),
    recording: new Set(),
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

interface Tally extends Drained {
  login: boolean;
}

async function drain(desk: Desk, clock: Clock): Promise<Tally> {
  const tally: Tally = { sent: 0, retried: 0, failed: 0, down: null, login: false };
  const workers = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const connections = desk.connections ?? desk.transport.connections;
  const hire = () => {
    // An empty outbox costs one query: the next worker comes only when the one before has found work, or somebody rings.
    if (workers.size >= connections) return;
    // Heard from the start: while one worker hangs at its peer, another one's failure must not go unheard and end the process.
    const worker = work(desk, tally, clock, hire)
      .catch((error: unknown) => failures.push(error))
      .finally(() => workers.delete(worker));
    workers.add(worker);
  };
  desk.hire = hire;
  hire();
  while (workers.size > 0) await Promise.all(workers);
  desk.hire = null;
  if (failures.length > 0) throw failures[0];
  return tally;
}

async function work(desk: Desk, tally: Tally, clock: Clock, hire: () => void): Promise<void> {
  let session: Session | null = null;
  try {
    while (!desk.signal.aborted && tally.down === null) {
      // A fate not yet recorded would look like an expired claim: it goes first, so that no letter is sent twice for a slow database.
      await Promise.all(desk.recording);
      const claim = { owner: desk.owner, limit: 1, leaseSeconds: postboxLimits.leaseSeconds };
      const [letter] = await claimLetters(desk.db, claim, clock());
      if (!letter) return;
      hire();
      const lease = keepLease(desk, letter, () => session?.end(true));
      try {
        if (!session?.usable()) {
          if (session) dismiss(desk, session);
          session = await open(desk, tally, letter, clock);
          if (!session) return;
        }
        await desk.myTurn(desk.signal);
        const outcome = await session.send(letter);
        await settle(desk, tally, letter, outcome, clock);
      } finally {
        clearInterval(lease);
      }
    }
  } finally {
    if (session) dismiss(desk, session);
  }
}

async function open(desk: Desk, tally: Tally, letter: OutboxLetter, clock: Clock): Promise<Session | null> {
  const opened = await openSession(desk.transport);
  if ('outcome' in opened) {
    await settle(desk, tally, letter, opened, clock);
    return null;
  }
  desk.peer.up(clock());
  desk.sessions.add(opened);
  return opened;
}

function dismiss(desk: Desk, session: Session): void {
  desk.sessions.delete(session);
  session.end();
}

function keepLease(desk: Desk, letter: OutboxLetter, lost: () => void): NodeJS.Timeout {
  const renew = async () => {
    try {
      if (!(await renewLease(desk.db, letter, postboxLimits.leaseSeconds))) lost();
    } catch (error) {
      // The claim may run out; whoever takes the letter over then is the one whose record counts.
      desk.log.debug(
        { letter: letter.id, error: errorText(error) },
        `letter ${letter.id}: its lease could not be renewed`,
      );
    }
  };
  return setInterval(() => void renew(), (postboxLimits.leaseSeconds / 3) * 1000);
}

/** Records a fate and counts it; the server's own trouble ends the drain. */
async function settle(desk: Desk, tally: Tally, letter: OutboxLetter, outcome: Outcome, clock: Clock): Promise<void> {
  const recorded = recordFate(desk, letter, outcome, clock);
  const settled = recorded.then(
    () => {},
    () => {},
  );
  desk.recording.add(settled);
  try {
    const fate = await recorded;
    if (fate !== 'untried') tally[fate] += 1;
  } finally {
    desk.recording.delete(settled);
  }
  if (outcome.outcome !== 'unavailable') return;
  desk.peer.down(outcome.error, clock());
  tally.down = outcome.error;
  tally.login = outcome.login;
}
