// The model database: everything that is committed, with what is looked up again kept by its key.
import type { Instant } from '../../src/clock.ts';
import {
  byTime,
  Violation,
  type ByTime,
  type CaseFile,
  type ContactRow,
  type DueRow,
  type EntitlementRecord,
  type InboundRow,
  type OutboxRow,
  type WarningRow,
} from './rows.ts';

/** Everything that is committed. */
export interface Ledger {
  cases: Map<number, CaseFile>;
  casesOf: Map<string, CaseFile[]>;
  /** Numbers ever asked for: gaps are allowed. */
  numbers: number;
  inbound: InboundRow[];
  bySourceKey: Map<string, InboundRow>;
  byContent: Map<string, InboundRow>;
  inboundByMessageId: Map<string, InboundRow[]>;
  /** Decided mails that a storm counts or might. */
  decided: ByTime<InboundRow>;
  undecided: Set<InboundRow>;
  unmarked: Set<InboundRow>;
  outbox: OutboxRow[];
  outboxKeys: Set<string>;
  outboxByMessageId: Map<string, OutboxRow>;
  /** By the beginning of the Message-ID, up to its token. */
  outboxByStart: Map<string, OutboxRow>;
  automatic: ByTime<OutboxRow>;
  notices: ByTime<OutboxRow>;
  waiting: Set<OutboxRow>;
  failed: Set<OutboxRow>;
  due: Set<DueRow>;
  dueCount: number;
  warnings: Set<WarningRow>;
  /** Every warning ever planned and not forgotten, by case, percent and target. */
  warningKeys: Set<string>;
  warningCount: number;
  entryCount: number;
  contacts: Map<string, ContactRow>;
  accountDomains: Map<string, string>;
  entitlements: EntitlementRecord[];
  suppressed: Map<string, { because: string; until: Instant }>;
}

/** An empty database. */
export function emptyLedger(): Ledger {
  return {
    cases: new Map(),
    casesOf: new Map(),
    numbers: 0,
    inbound: [],
    bySourceKey: new Map(),
    byContent: new Map(),
    inboundByMessageId: new Map(),
    decided: byTime(),
    undecided: new Set(),
    unmarked: new Set(),
    outbox: [],
    outboxKeys: new Set(),
    outboxByMessageId: new Map(),
    outboxByStart: new Map(),
    automatic: byTime(),
    notices: byTime(),
    waiting: new Set(),
    failed: new Set(),
    due: new Set(),
    dueCount: 0,
    warnings: new Set(),
    warningKeys: new Set(),
    warningCount: 0,
    entryCount: 0,
    contacts: new Map(),
    accountDomains: new Map(),
    entitlements: [],
    suppressed: new Map(),
  };
}

/** The file of a case that must be there. */
export function fileOf(ledger: Ledger, caseNumber: number): CaseFile {
  const file = ledger.cases.get(caseNumber);
  if (!file) throw new Violation(`case ${caseNumber} is not there`);
  return file;
}

/** Stores a mail; false when this server message was stored before. */
export function saveArrival(
  ledger: Ledger,
  arrival: Pick<InboundRow, 'source' | 'sourceKey' | 'mailbox' | 'raw' | 'mail' | 'envelopeFrom' | 'receivedAt'>,
  now: Instant,
): boolean {
  const key = `${arrival.source} ${arrival.sourceKey}`;
  if (ledger.bySourceKey.has(key)) return false;
  const id = String(ledger.inbound.length + 1);
  const open = { decidedAt: null, disposition: null, reason: null, because: null, caseNumber: null, facts: null };
  const row: InboundRow = { ...arrival, ...open, id, storedAt: now, nextAt: now, marked: false };
  ledger.inbound.push(row);
  ledger.bySourceKey.set(key, row);
  ledger.undecided.add(row);
  return true;
}

/** Ends a step that waited. */
export function settleDue(ledger: Ledger, row: DueRow, state: 'done' | 'cancelled', because: string): void {
  Object.assign(row, { state, because });
  ledger.due.delete(row);
}

/** The key of a warning: the same one twice is one. */
export function warningKey({ caseNumber, percent, targetAt }: Omit<WarningRow, 'id' | 'dueAt'>): string {
  return `${caseNumber} ${percent} ${targetAt.toString()}`;
}
