// One worker of the postbox: takes a claimed letter, sends it over a session it keeps, and has its fate recorded while the next one goes out. A letter
// is asked for its claim right before its first byte leaves, so that a gateway that slept or was cut off does not send what another one has taken
// over; what it then records is not heard.
import type { Clock } from '../clock.ts';
import type { SmtpTarget } from '../config.ts';
import { errorText } from '../log.ts';
import type { Log, Outage } from '../log.ts';
import type { Db } from '../store/db.ts';
import { renewLease } from '../store/lease.ts';
import type { OutboxLetter } from '../store/outbox.ts';
import { recordFate } from './record.ts';
import type { Recorder } from './record.ts';
import { supplyLimits } from './supply.ts';
import type { Supplied, Supply } from './supply.ts';
import { openSession } from './transport.ts';
import type { Outcome, Session } from './transport.ts';

/** Limits of one letter on its way. */
export const workerLimits = {
  /** A letter on its way for so long no longer counts as one of the connections, of which there are then twice as many at most (TRUST P12). */
  hangSeconds: 10,
  /** A session without a letter is kept for the next one so long; servers end it themselves after minutes. */
  idleSeconds: 10,
} as const;

/** `owner` names this process in its claims. */
export interface PostboxOptions {
  db: Db;
  transport: SmtpTarget;
  owner: string;
  log: Log;
  now: Clock;
  signal: AbortSignal;
}

/** What a drain did. `down` is why the mail server took nothing more; the letters then wait, their attempts uncounted. */
export interface Drained {
  sent: number;
  retried: number;
  failed: number;
  down: string | null;
}

/** What the workers of a drain have done so far. `login`: the server refused the login, and not the letters. */
export interface Tally extends Drained {
  login: boolean;
}

/** What the workers of one postbox share. */
export interface Desk extends PostboxOptions, Recorder {
  supply: Supply;
  peer: Outage;
  database: Outage;
  sessions: Set<Session>;
  /** Those of them that nobody uses now, and what ends each in time. */
  idle: Map<Session, NodeJS.Timeout>;
  /** Those of them whose letter has been on its way for `hangSeconds`. */
  hanging: Set<Session>;
  recording: Set<Promise<void>>;
  workers: Set<Promise<void>>;
  /** While a drain runs: sets one more worker to it, so that one session that hangs does not hold up the letters of others (TRUST P12). */
  hire: (() => void) | null;
  myTurn: (signal: AbortSignal) => Promise<void>;
}

/** Works until nothing is due, the server is down or the postbox stops. Rejects when the database is away. `hire` is called while more letters are there. */
export async function work(desk: Desk, tally: Tally, clock: Clock, hire: () => void): Promise<void> {
  let session: Session | null = null;
  let onItsWay: OutboxLetter | null = null;
  let recorded: Promise<unknown> = Promise.resolve();
  let before: Promise<unknown> = Promise.resolve();
  const unrecorded: unknown[] = [];
  try {
    // While the server is away we knock with empty hands: another gateway may well reach it, and the letters are not ours to hold meanwhile.
    if (desk.peer.current() !== null) {
      const opened = await open(desk, tally, clock);
      if ('outcome' in opened) return;
      session = opened;
    }
    while (!desk.signal.aborted && tally.down === null && unrecorded.length === 0) {
      // A fate not yet recorded would look like an expired claim: it goes first, so that no letter is sent twice for a slow database.
      const supplied = await desk.supply.next(() => Promise.all(desk.recording), clock);
      if (!supplied) break;
      if (desk.supply.stocked()) hire();
      const { letter } = supplied;
      const lease = keepLease(desk, letter, () => {
        // One that was recorded while its lease was being renewed is lost as well: the session has the next letter in hand by then.
        if (onItsWay === letter) session?.end(true);
      });
      try {
        session = ready(desk, session);
        const opened: Awaited<ReturnType<typeof open>> = session ?? (await open(desk, tally, clock));
        if ('outcome' in opened) {
          // Renewed after it was given back, the letter would be nobody's and in nobody's reach.
          clearInterval(lease);
          await settle(desk, tally, letter, opened, clock);
          break;
        }
        session = opened;
        await desk.myTurn(desk.signal);
        onItsWay = letter;
        const outcome = await send(desk, opened, supplied, before);
        onItsWay = null;
        if (outcome.outcome === 'unavailable') shut(desk, tally, outcome, clock);
        const settled = settle(desk, tally, letter, outcome, clock).finally(() => clearInterval(lease));
        // The first byte of the letter after the next waits for it: of one session two letters at most are accepted and not recorded (TRUST P3).
        before = recorded;
        recorded = Promise.all([before, settled]);
        recorded.catch((error: unknown) => void unrecorded.push(error));
      } catch (error) {
        clearInterval(lease);
        throw error;
      }
    }
    await recorded;
  } finally {
    await recorded.catch(() => {});
    if (session) keepIdle(desk, session);
  }
}

/** A session to send over: this one while it is good, or one that idles; null when one must be opened. */
function ready(desk: Desk, session: Session | null): Session | null {
  if (session?.usable()) return session;
  if (session) dismiss(desk, session);
  for (const [idle, ending] of desk.idle) {
    clearTimeout(ending);
    desk.idle.delete(idle);
    if (idle.usable()) return idle;
    dismiss(desk, idle);
  }
  return null;
}

function keepIdle(desk: Desk, session: Session): void {
  if (!session.usable() || desk.signal.aborted) return dismiss(desk, session);
  const end = () => {
    desk.idle.delete(session);
    dismiss(desk, session);
  };
  desk.idle.set(session, setTimeout(end, workerLimits.idleSeconds * 1000).unref());
}

/** Ends the sessions that wait for a letter. */
export function endIdle(desk: Desk): void {
  for (const [session, ending] of desk.idle) {
    clearTimeout(ending);
    dismiss(desk, session);
  }
  desk.idle.clear();
}

async function open(desk: Desk, tally: Tally, clock: Clock): ReturnType<typeof openSession> {
  const opened = await openSession(desk.transport);
  if ('outcome' in opened) {
    shut(desk, tally, opened, clock);
  } else {
    desk.peer.up(clock());
    desk.sessions.add(opened);
  }
  return opened;
}

/** The server takes nothing now, which ends the drain: at once, so that no other worker knocks meanwhile. */
function shut(desk: Desk, tally: Tally, outcome: Outcome & { outcome: 'unavailable' }, clock: Clock): void {
  desk.peer.down(outcome.error, clock());
  tally.down = outcome.error;
  tally.login = outcome.login;
}

function dismiss(desk: Desk, session: Session): void {
  desk.sessions.delete(session);
  session.end();
}

async function send(
  desk: Desk,
  session: Session,
  { letter, ours }: Supplied,
  before: Promise<unknown>,
): Promise<Outcome> {
  const hangs = setTimeout(() => {
    desk.hanging.add(session);
    desk.hire?.();
  }, workerLimits.hangSeconds * 1000);
  try {
    return await session.send(letter, async () => {
      await before;
      return ours();
    });
  } finally {
    clearTimeout(hangs);
    desk.hanging.delete(session);
  }
}

function keepLease(desk: Desk, letter: OutboxLetter, lost: () => void): NodeJS.Timeout {
  const renew = async () => {
    try {
      if (!(await renewLease(desk.db, letter, supplyLimits.leaseSeconds))) lost();
    } catch (error) {
      // The claim may run out; whoever takes the letter over then is the one whose record counts.
      desk.log.debug(
        { letter: letter.id, error: errorText(error) },
        `letter ${letter.id}: its lease could not be renewed`,
      );
    }
  };
  return setInterval(() => void renew(), (supplyLimits.leaseSeconds / 3) * 1000);
}

/** Records a fate and counts it. */
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
}
