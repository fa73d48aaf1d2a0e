// The outbox of the model database: claims with a lease, fates with the claim that fences them, as store/outbox.ts and postbox/record.ts have it.
import type { Instant } from '../../src/clock.ts';
import { endOf, retryMinutes } from '../../src/postbox/record.ts';
import type { Outcome } from '../../src/postbox/transport.ts';
import { workerLimits } from '../../src/postbox/worker.ts';
import type { Ledger } from './ledger.ts';
import { mayGoOn, type OutboxRow } from './rows.ts';

/** A letter in a postbox's hands. */
export interface Held {
  row: OutboxRow;
  claim: string;
  claimedAt: Instant;
}

/** Longer than any wait between two tries (store/outbox.ts). */
const putOffMax = 2 * 3_600_000;

/** Claims the oldest letter that may leave; `databaseMs` is the database's clock, which decides on leases. */
export function claimLetter(ledger: Ledger, owner: string, databaseMs: number, now: Instant): Held | null {
  const taken = new Set<string>();
  for (const row of ledger.waiting) {
    const order = `${row.caseNumber} ${row.recipient}`;
    const first = !taken.has(order);
    taken.add(order);
    if (!first || !mayGoOn(row.nextAt, now, putOffMax)) continue;
    if (row.leaseUntil !== null && row.leaseUntil >= databaseMs) continue;
    row.attempts += 1;
    row.claim = `${owner}:${row.id}:${row.attempts}`;
    row.leaseUntil = databaseMs + workerLimits.leaseSeconds * 1000;
    return { row, claim: row.claim, claimedAt: now };
  }
  return null;
}

/** Writes down what became of a letter; false when another postbox has taken it over meanwhile. */
export function recordFate(ledger: Ledger, { row, claim }: Held, outcome: Outcome, now: Instant): boolean {
  if (row.state !== 'waiting' || row.claim !== claim) return false;
  row.leaseUntil = null;
  if (outcome.outcome === 'unavailable' || outcome.outcome === 'withheld') {
    row.attempts -= 1;
    return true;
  }
  if (outcome.outcome === 'sent') {
    Object.assign(row, { state: 'sent', sentAt: now, lastError: null });
    ledger.waiting.delete(row);
    return true;
  }
  row.lastError = outcome.error;
  const ended = endOf(row, outcome.outcome) !== null;
  if (outcome.outcome === 'unknown') row.unknowns += 1;
  if (ended) {
    row.state = 'failed';
    ledger.waiting.delete(row);
    ledger.failed.add(row);
  } else {
    row.nextAt = now.add({ minutes: retryMinutes(row.attempts) });
  }
  return true;
}
