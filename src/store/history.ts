// The history of a case: every line with where it came from and why it stands there.
import type { NewEntry, Reason } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import { rows, storableJson, type Db, type Transaction } from './db.ts';

/** Where an entry came from and why it stands there. */
export interface Trace {
  reason: Reason;
  because: string;
  policyVersion: string;
  inboundId: string | null;
}

/** Adds a line to a case's history. */
export async function insertEntry(
  trx: Transaction,
  caseNumber: number,
  entry: NewEntry,
  trace: Trace,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `insert into entries (case_number, kind, visibility, author, text, full_text, attachments, inbound_id, reason, because, policy_version, at)
     values (:caseNumber, :kind, :visibility, :author, :text, :fullText, :attachments, :inboundId, :reason, :because, :policyVersion, :now)`,
    { caseNumber, ...entry, attachments: storableJson(entry.attachments), ...trace, now },
  );
}

/** A line of history as it is shown. */
export interface StoredEntry extends NewEntry {
  id: string;
  at: Instant;
  reason: string;
  because: string;
  inboundId: string | null;
}

/** The history of a case, oldest first. */
export async function readEntries(db: Db, caseNumber: number): Promise<StoredEntry[]> {
  return rows(
    db,
    `select id::text, kind, visibility, author, text, full_text as "fullText", attachments, reason, because, at,
       inbound_id::text as "inboundId"
     from entries where case_number = :caseNumber order by entries.id`,
    { caseNumber },
  );
}

/** What the customer first wrote in a case; '' when nobody has. */
export async function readDescription(db: Db, caseNumber: number): Promise<string> {
  const [first] = await rows<{ text: string }>(
    db,
    `select text from entries where case_number = :caseNumber and kind = 'mail' and visibility = 'public' order by entries.id limit 1`,
    { caseNumber },
  );
  return first?.text ?? '';
}
