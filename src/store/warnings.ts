// Warnings before and at the target of the first response: each once, claimed one at a time together with its case.
import type { Warning } from '../cases/on-warning.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** A claimed warning. */
export interface DueWarning extends Warning {
  caseNumber: number;
}

/** Plans a warning; the same one twice is one. */
export async function planWarning(
  trx: Transaction,
  warning: { caseNumber: number; percent: number; targetAt: Instant; at: Instant },
): Promise<void> {
  await rows(
    trx,
    `insert into warnings (case_number, percent, target_at, due_at) values (:caseNumber, :percent, :targetAt, :at)
     on conflict (case_number, percent, target_at) do nothing`,
    warning,
  );
}

/** Forgets the warnings of a case that were not given yet. */
export async function cancelWarnings(trx: Transaction, caseNumber: number): Promise<void> {
  await rows(trx, 'delete from warnings where case_number = :caseNumber and settled_at is null', { caseNumber });
}

/** Claims the warning that has been due longest; skips cases that somebody holds, so that it never waits for a lock. */
export async function claimWarning(trx: Transaction, now: Instant): Promise<DueWarning | null> {
  const [claimed] = await rows<DueWarning>(
    trx,
    `select warnings.id::text, case_number as "caseNumber", percent, warnings.target_at as "targetAt"
     from warnings join cases on cases.number = warnings.case_number
     where settled_at is null and due_at <= :now order by due_at, warnings.id limit 1 for update skip locked`,
    { now },
  );
  return claimed ?? null;
}

/** The warning has been decided on. */
export async function settleWarning(trx: Transaction, id: string, because: string, now: Instant): Promise<void> {
  await rows(trx, 'update warnings set settled_at = :now, because = :because where id = :id', { id, because, now });
}

/** Puts a warning off after a fault of ours. */
export async function postponeWarning(trx: Transaction, id: string, until: Instant, because: string): Promise<void> {
  await rows(trx, 'update warnings set due_at = :until, because = :because where id = :id and settled_at is null', {
    id,
    until,
    because,
  });
}

/** The warnings of a case in the order of their days. */
export async function readWarnings(
  db: Db,
  caseNumber: number,
): Promise<{ percent: number; dueAt: Instant; settledAt: Instant | null; because: string }[]> {
  return rows(
    db,
    `select percent, due_at as "dueAt", settled_at as "settledAt", because from warnings where case_number = :caseNumber order by due_at, id`,
    { caseNumber },
  );
}
