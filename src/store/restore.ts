// What a restored backup may be wrong about: it shows letters as waiting that have left, mails as undecided that were decided, steps as due that
// were taken, and numbers as free that people hold. Nothing here is known; all of it is made safe (TRUST P16).
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';
import { skipNumbers } from './lineage.ts';

/** A step that came due in the time that is lost is taken so much later, so that a person can look first. */
export const dueLaterHours = 24;

/** A letter that waits in the backup and may have left. */
export interface SuspectLetter {
  id: string;
  kind: string;
  caseNumber: number | null;
  createdAt: Instant;
}

/** What of the backup may have gone on without it. */
export interface Suspects {
  letters: SuspectLetter[];
  undecided: number;
  /** Steps that came due by now. */
  due: number;
}

/** Reads it; nothing is changed. */
export async function readSuspects(db: Db, now: Instant): Promise<Suspects> {
  const letters = await rows<SuspectLetter>(
    db,
    `select id::text, kind, case_number as "caseNumber", created_at as "createdAt" from outbox where state = 'waiting' order by outbox.id`,
  );
  const [found] = await rows<{ undecided: number; due: number }>(
    db,
    `select (select count(*) from inbound where disposition is null) as undecided,
       (select count(*) from due where state = 'waiting' and due_at <= :now) as due`,
    { now },
  );
  return { letters, undecided: found?.undecided ?? 0, due: found?.due ?? 0 };
}

/** Holds the letters, marks the mails as decided before, puts the steps off, and leaves out the numbers that may have been given. */
export async function makeSafe(trx: Transaction, now: Instant): Promise<void> {
  const because = `held after a restore: it may have left before; "casepost send --release" sends it`;
  await rows(trx, `update outbox set state = 'held', last_error = :because where state = 'waiting'`, { because });
  await rows(trx, 'update inbound set recovered = true where disposition is null');
  await rows(trx, `update due set due_at = :later, because = :because where state = 'waiting' and due_at <= :now`, {
    now,
    later: now.add({ hours: dueLaterHours }),
    because: `put off by ${dueLaterHours} hours after a restore: it may have been done before`,
  });
  await skipNumbers(trx);
}

/** How many other connections of Casepost the database has; to be asked first, over the only connection so far. 0 for the embedded one. */
export async function otherConnections(db: Db): Promise<number> {
  const [found] = await rows<{ count: number }>(
    db,
    `select count(*) from pg_stat_activity
     where application_name = 'casepost' and datname = current_database() and pid <> pg_backend_pid()`,
  );
  return found?.count ?? 0;
}
