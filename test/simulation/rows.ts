// The rows of the model database: what migrations/0001 and 0002 say, in memory, with the same unique keys. A key that is broken is thrown as
// PostgreSQL would, and in a world where one decision is made after the other it is always a fault of ours.
import type { Disposition, DueRule, Effect, EntryKind, Reason } from '../../src/cases/decision.ts';
import type { SupportCase } from '../../src/cases/support-case.ts';
import type { Instant } from '../../src/clock.ts';
import type { EntitlementRecord } from '../../src/policy/entitlement.ts';
import type { Mail } from '../../src/mail/mail.ts';
import type { InboundFacts } from '../../src/store/inbound.ts';

export interface InboundRow {
  id: string;
  source: string;
  sourceKey: string;
  mailbox: string;
  raw: Buffer;
  mail: Mail;
  envelopeFrom: string | null;
  receivedAt: Instant;
  storedAt: Instant;
  nextAt: Instant;
  decidedAt: Instant | null;
  disposition: Disposition | null;
  reason: Reason | null;
  because: string | null;
  caseNumber: number | null;
  facts: InboundFacts | null;
  marked: boolean;
}

export interface OutboxRow {
  id: number;
  key: string;
  caseNumber: number;
  kind: string;
  messageId: string;
  recipient: string;
  reversePath: string;
  automatic: boolean;
  proven: boolean;
  subject: string;
  raw: Buffer;
  /** Of the bytes as they were composed. */
  digest: string;
  state: 'waiting' | 'sent' | 'failed' | 'held';
  attempts: number;
  unknowns: number;
  nextAt: Instant;
  claim: string | null;
  /** Of the database's clock, in epoch milliseconds. */
  leaseUntil: number | null;
  lastError: string | null;
  createdAt: Instant;
  sentAt: Instant | null;
  trouble: 'late' | 'failed' | null;
}

export interface EntryRow {
  id: number;
  kind: EntryKind;
  reason: Reason;
  at: Instant;
  /** The kind of the letter that the entry is about. */
  letterKind: string | null;
}

export interface DueRow {
  id: string;
  caseNumber: number;
  rule: DueRule;
  step: number;
  anchor: string;
  dueAt: Instant;
  createdAt: Instant;
  plannedAt: Instant;
  state: 'waiting' | 'done' | 'cancelled';
  because: string;
  /** It was put off at least once. */
  moved: boolean;
}

/** A warning that was not given yet. */
export interface WarningRow {
  id: string;
  caseNumber: number;
  percent: number;
  targetAt: Instant;
  dueAt: Instant;
}

export interface ParticipantRow {
  address: string;
  name: string;
  role: 'requester' | 'cc';
  confirmed: boolean;
  addedAt: Instant;
}

/** A case with everything that hangs on it. */
export interface CaseFile {
  supportCase: SupportCase;
  incident: string | null;
  participants: ParticipantRow[];
  entries: EntryRow[];
  letters: OutboxRow[];
  mails: InboundRow[];
  due: DueRow[];
}

export interface ContactRow {
  name: string;
  account: string | null;
  language: string | null;
  provenAt: Instant | null;
}

/** A unique key or a check of the schema was broken. */
export class Violation extends Error {
  override name = 'Violation';
}

/** Rows in the order of an instant, for counting those of a stretch of time. */
export interface ByTime<Row> {
  add(at: Instant, row: Row): void;
  /** Rows from `from` to `to` in epoch milliseconds, both inclusive. */
  between(from: number, to: number): Row[];
}

/** Mostly appended to: a clock that jumps back puts a row in between. */
export function byTime<Row>(): ByTime<Row> {
  const times: number[] = [];
  const rows: Row[] = [];
  const firstAbove = (at: number): number => {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(at, row) {
      const place = firstAbove(at.epochMilliseconds);
      times.splice(place, 0, at.epochMilliseconds);
      rows.splice(place, 0, row);
    },
    between: (from, to) => rows.slice(firstAbove(from - 1), firstAbove(to)),
  };
}

/** What stands under `key`, made when it is new. */
export function under<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

export type Scheduled = Extract<Effect, { effect: 'schedule' }>;
export type { EntitlementRecord };

/** Whether what waits until then may go on: it is time, or a clock that ran ahead has put it off for longer than anything waits. */
export function mayGoOn(nextAt: Instant, now: Instant, putOffMax: number): boolean {
  const wait = nextAt.epochMilliseconds - now.epochMilliseconds;
  return wait <= 0 || wait > putOffMax;
}
