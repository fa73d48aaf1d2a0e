// What became of one stored mail, for showing: its disposition and why, its case as it stands now, the letters it caused.
import { rows, type Db } from './db.ts';

export interface Outcome {
  mail: string;
  disposition: string;
  reason: string;
  because: string;
  caseNumber: number | null;
  status: string | null;
  severity: string | null;
  plan: string | null;
  owner: string | null;
  letters: { kind: string; recipient: string; subject: string }[];
}

/** The outcome of a mail; null while it waits for its decision. */
export async function readOutcome(db: Db, inboundId: string): Promise<Outcome | null> {
  const [outcome] = await rows<Outcome>(
    db,
    `select inbound.id::text as mail, disposition, reason, because, inbound.case_number as "caseNumber", cases.status, cases.severity,
       cases.plan, cases.owner,
       coalesce((select json_agg(json_build_object('kind', kind, 'recipient', recipient, 'subject', outbox.subject) order by outbox.id)
         from outbox where outbox.inbound_id = inbound.id), '[]') as letters
     from inbound left join cases on cases.number = inbound.case_number
     where inbound.id = :inboundId and disposition is not null`,
    { inboundId },
  );
  return outcome ?? null;
}

/** The outcome of the mail that was decided last; null before the first. */
export async function newestOutcome(db: Db): Promise<Outcome | null> {
  const [newest] = await rows<{ id: string }>(
    db,
    'select id::text from inbound where disposition is not null order by inbound.id desc limit 1',
  );
  return newest ? readOutcome(db, newest.id) : null;
}

/** Counts for `reconcile`: per source, how many mails are stored, undecided, and unmarked, and how they were disposed of. */
export interface Ledger {
  source: string;
  stored: number;
  waiting: number;
  dispositions: Record<string, number>;
}

/** The ledger of every source of mail. */
export async function readLedger(db: Db): Promise<Ledger[]> {
  return rows(
    db,
    `select source, sum(count)::bigint as stored, coalesce(sum(count) filter (where disposition = 'waiting'), 0)::bigint as waiting,
       json_object_agg(disposition, count) as dispositions
     from (select source, coalesce(disposition, 'waiting') as disposition, count(*) from inbound group by 1, 2) counted
     group by source order by source`,
  );
}
