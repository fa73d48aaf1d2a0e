// What is due, row by row. One waiting step a case at most (a unique index says so), claimed one at a time.
import type { DueRule } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** A claimed step of a case's calendar. */
export interface DueStep {
  id: string;
  caseNumber: number;
  rule: DueRule;
  step: number;
  anchor: string;
  createdAt: Instant;
  dueAt: Instant;
}

/** Claims the steps that have been due longest together with their cases; skips those that somebody holds, so that it never waits for a lock. */
export async function claimDue(trx: Transaction, limit: number, now: Instant): Promise<DueStep[]> {
  return rows<DueStep>(
    trx,
    `select due.id::text, case_number as "caseNumber", rule, step, anchor, due.created_at as "createdAt", due_at as "dueAt"
     from due join cases on cases.number = due.case_number
     where state = 'waiting' and due_at <= :now order by due_at, due.id limit :limit for update skip locked`,
    { now, limit },
  );
}

/** The step has been decided. */
export async function settleDue(trx: Transaction, id: string, because: string, now: Instant): Promise<void> {
  await rows(trx, `update due set state = 'done', settled_at = :now, because = :because where id = :id`, {
    id,
    because,
    now,
  });
}

/** The step comes later: nothing was decided but the time. */
export async function postponeDue(
  trx: Transaction,
  id: string,
  until: Instant,
  because: string,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `update due set due_at = :until, because = :because, planned_at = :now where id = :id and state = 'waiting'`,
    { id, until, because, now },
  );
}

/**
 * Steps that were planned by a clock that ran ahead are looked at now, as if planned now: the desk finds their day anew. Without it nobody would be
 * asked before that clock's day comes (TRUST F28).
 */
export async function replanAhead(db: Db, now: Instant): Promise<void> {
  await rows(
    db,
    `update due set due_at = :now, planned_at = :now, created_at = least(created_at, cast(:now as timestamptz))
     where state = 'waiting' and planned_at > cast(:now as timestamptz) + interval '${clocksDiffer}'`,
    { now },
  );
}

/** No two gateways' clocks that anybody looks after differ by more. */
const clocksDiffer = '1 hour';

/** The one step a case waits for, and those behind it, oldest first. */
export async function readSchedule(
  db: Db,
  caseNumber: number,
): Promise<(DueStep & { state: string; because: string; settledAt: Instant | null })[]> {
  return rows(
    db,
    `select id::text, case_number as "caseNumber", rule, step, anchor, created_at as "createdAt", due_at as "dueAt",
       state, because, settled_at as "settledAt"
     from due where case_number = :caseNumber order by due.id`,
    { caseNumber },
  );
}

/** When the earliest waiting step is due; null when none waits. */
export async function nextDueAt(db: Db): Promise<Instant | null> {
  const [next] = await rows<{ dueAt: Instant | null }>(
    db,
    `select min(due_at) as "dueAt" from due where state = 'waiting'`,
  );
  return next?.dueAt ?? null;
}
