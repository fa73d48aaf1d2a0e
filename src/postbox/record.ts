// Writes down what became of a letter: sent, to be sent again and when, or refused for good. While the database is away it keeps trying,
// because a fate that is forgotten sends the letter twice. Records carry the claim: a postbox that slept too long changes nothing.
import { backoff, pause } from '../bell.ts';
import { monotonicMs } from '../clock.ts';
import type { Clock, Instant } from '../clock.ts';
import type { Log } from '../log.ts';
import { worldFailed } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { recordFailed, recordRetry, recordSent, releaseLetters } from '../store/outbox.ts';
import type { ClaimedLetter, OutboxLetter, SentLetter } from '../store/outbox.ts';
import { together } from '../store/together.ts';
import type { Outcome } from './transport.ts';

/**
 * Limits of trying again: after 1, 2, 4 … minutes, at most an hour apart, for five days as Postfix does (TRUST F31). The tries are counted and not
 * the days: what waited while we were away, or while a clock was wrong, has all of them before it.
 */
export const retryLimits = {
  minutesMax: 60,
  /** 1 + 2 + … + 32 minutes, and then 119 hours. */
  triesMax: 126,
  /**
   * A letter of unknown fate may have arrived each time, and a server that takes letters and is always late to say so would deliver all 126 of
   * them: it goes out once more, and then a person decides (TRUST F33).
   */
  resendsMax: 1,
  /** How long a fate is kept trying to be recorded when the database is away. */
  recordSeconds: 300,
} as const;

/** What the record says; `untried` gives the letter back with its attempt uncounted. */
export type Fate = 'sent' | 'retried' | 'failed' | 'untried';

/** What fates are recorded with; `sent` records a letter that was accepted, several of a moment in one statement. */
export interface Recorder {
  db: Db;
  log: Log;
  signal: AbortSignal;
  sent: (letter: SentLetter) => Promise<void>;
}

/** The `sent` of a `Recorder`. */
export function sentTogether(db: Db): Recorder['sent'] {
  return together<SentLetter, void>(async (letters) => {
    await recordSent(db, letters);
    return [];
  });
}

/** Records one letter's outcome. Rejects when the database stays away for `recordSeconds`, or the signal aborts meanwhile. */
export async function recordFate(desk: Recorder, letter: ClaimedLetter, outcome: Outcome, clock: Clock): Promise<Fate> {
  const deadline = monotonicMs() + retryLimits.recordSeconds * 1000;
  const waits = backoff(0.2, 5);
  for (;;) {
    try {
      return await write(desk, letter, outcome, clock());
    } catch (error) {
      if (!worldFailed(error) || desk.signal.aborted || monotonicMs() > deadline) throw error;
      await pause(waits.next(), desk.signal);
    }
  }
}

/** Minutes until the next try after `attempts` of them: 1, 2, 4 … 60. */
export function retryMinutes(attempts: number): number {
  return Math.min(2 ** Math.min(attempts - 1, 10), retryLimits.minutesMax);
}

async function write(
  { db, log, sent }: Recorder,
  letter: ClaimedLetter,
  outcome: Outcome,
  now: Instant,
): Promise<Fate> {
  // The server's words may name addresses: they go into the row, not into the log (TRUST T27).
  const about = { letter: letter.id, case: letter.caseNumber, attempts: letter.attempts, outcome: outcome.outcome };
  const name = `letter ${letter.id}`;
  if (outcome.outcome === 'unavailable' || outcome.outcome === 'withheld') {
    await releaseLetters(db, [letter]);
    return 'untried';
  }
  if (outcome.outcome === 'sent') {
    await sent({ letter, response: outcome.response, at: now });
    log.info(about, `${name}: accepted by the mail server`);
    return 'sent';
  }
  const failure = { error: outcome.error, unknown: outcome.outcome === 'unknown' };
  const end = endOf(letter, outcome.outcome);
  if (end !== null) {
    await recordFailed(db, letter, failure);
    log.warn(about, `${name}: ${end}`);
    return 'failed';
  }
  // A first cut is rather the connection's than the letter's: a session elsewhere, or of another gateway, may take it at once.
  const soon = outcome.outcome === 'cut' && letter.attempts === 1;
  const nextAt = soon ? now : now.add({ minutes: retryMinutes(letter.attempts) });
  await recordRetry(db, letter, failure, nextAt);
  log.info({ ...about, nextAt: nextAt.toString() }, `${name}: not accepted yet, the same bytes go out again`);
  return 'retried';
}

/** Why a letter that did not leave is not sent again; null while it is. */
export function endOf(
  letter: Pick<OutboxLetter, 'attempts' | 'unknowns'>,
  outcome: 'transient' | 'cut' | 'permanent' | 'unknown',
): string | null {
  if (outcome === 'permanent') return 'refused for good';
  if (outcome === 'unknown' && letter.unknowns >= retryLimits.resendsMax) return 'sent twice, and no reply either time';
  return letter.attempts >= retryLimits.triesMax ? 'given up after five days of tries' : null;
}
