// The outbox of the model database: claims with a lease, fates with the claim that fences them, as store/outbox.ts and postbox/record.ts have it.
import type { Instant } from '../../src/clock.ts';
import { endOf, retryMinutes } from '../../src/postbox/record.ts';
import type { Outcome } from '../../src/postbox/transport.ts';
import { supplyLimits } from '../../src/postbox/supply.ts';
import { unaskedKinds } from '../../src/store/outbox.ts';
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

/** Claims the letter that is to leave next; `databaseMs` is the database's clock, which decides on leases. */
export function claimLetter(ledger: Ledger, owner: string, databaseMs: number, now: Instant): Held | null {
  const taken = new Set<string>();
  let next: OutboxRow | null = null;
  for (const row of ledger.waiting) {
    const order = `${row.caseNumber} ${row.recipient}`;
    const first = !taken.has(order);
    taken.add(order);
    if (!first || !mayGoOn(row.nextAt, now, putOffMax)) continue;
    if (row.leaseUntil !== null && row.leaseUntil >= databaseMs) continue;
    next ??= row;
    if (unaskedKinds.includes(row.kind)) continue;
    next = row;
    break;
  }
  if (next === null) return null;
  next.attempts += 1;
  next.claim = `${owner}:${next.id}:${next.attempts}`;
  next.leaseUntil = databaseMs + supplyLimits.leaseSeconds * 1000;
  return { row: next, claim: next.claim, claimedAt: now };
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
