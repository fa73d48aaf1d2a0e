// Counts of what happened lately, for the caps of TRUST 4.3.4: storms of like mails, reopenings, letters to engineers.
import type { Reason } from '../cases/decision.ts';
import type { Storm } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/**
 * Rows of the last `span`. What lies ahead of `now` by more than two gateways' clocks may differ does not count: letters of a clock that ran
 * ahead, or of days walked with --now, would fill the caps until that day comes (TRUST F28).
 */
export function within(column: 'created_at' | 'decided_at' | 'at', span: string): string {
  return `${column} between cast(:now as timestamptz) - interval '${span}' and cast(:now as timestamptz) + interval '${clocksDiffer}'`;
}

const clocksDiffer = '5 minutes';

/** Any number, the same in every gateway: the first half of the locks on texts. */
const stormLock = 5_117_329;

/** What mails began cases with, or were folded by: the reasons that a storm counts. */
const stormReasons: Reason[] = [
  'new-request',
  'unanswered-new-request',
  'not-a-participant',
  'closed-case-linked',
  'sender-ambiguous',
  'too-many-hops',
  'too-large',
  'unreadable',
  'storm',
];

/** How many like mails came to the mailbox lately, and the first one's case, for each kind of storm (cases/facts.ts). */
export async function findStorms(
  trx: Transaction,
  mail: {
    mailbox: string;
    from: string | null;
    subjectKey: string;
    bodyKey: Buffer | null;
    textKey: Buffer | null;
    /** Whether its subject names a case, there or not: what is folded must not tell which numbers exist (TRUST T20). */
    numbered: boolean;
  },
  now: Instant,
): Promise<{ by: Storm['by']; caseNumber: number; count: number }[]> {
  // Several workers at once would each count too few of one text.
  const alone = mail.textKey ? lockText(trx, mail.textKey.readInt32BE(0)) : null;
  const counting = rows<{ by: Storm['by']; caseNumber: number | null; count: number }>(
    trx,
    `select 'sender' as by, min(case_number) as "caseNumber", count(*) from inbound
     where from_address = :from and mailbox = :mailbox and ${within('decided_at', '1 hour')}
       and reason = any(:stormReasons) and (body_key = :bodyKey or (subject_key = :subjectKey and subject_key <> ''))
     union all
     select 'body', min(case_number), count(*) from inbound
     where text_key = :textKey and mailbox = :mailbox and ${within('decided_at', '1 hour')}
       and reason = any(:stormReasons)
     union all
     select 'body-all-day', min(case_number), count(*) from inbound
     where text_key = :textKey and mailbox = :mailbox and ${within('decided_at', '1 day')}
       and reason = any(:stormReasons)
     union all
     select 'domain', min(case_number), count(*) from inbound
     where body_key = :bodyKey and split_part(from_address, '@', 2) = split_part(:from, '@', 2) and mailbox = :mailbox
       and ${within('decided_at', '1 hour')} and reason = any(:stormReasons)
     union all
     select 'numbered', min(case_number), count(*) from inbound
     where cast(:numbered as boolean) and body_key = :bodyKey and split_part(from_address, '@', 2) = split_part(:from, '@', 2)
       and mailbox = :mailbox and ${within('decided_at', '1 day')} and reason = any(:stormReasons)
     union all
     select 'whole-sender', min(case_number), count(*) from inbound
     where from_address = :from and mailbox = :mailbox and ${within('decided_at', '1 hour')}
       and reason = any(:stormReasons)`,
    { ...mail, stormReasons, now },
  );
  const [found] = await Promise.all([counting, alone]);
  return found.flatMap(({ by, caseNumber, count }) => (caseNumber === null ? [] : [{ by, caseNumber, count }]));
}

async function lockText(trx: Transaction, text: number): Promise<void> {
  await rows(trx, 'select pg_advisory_xact_lock(:stormLock, :text)', { stormLock, text });
}

/** How often mail has reopened this case in the last hour (TRUST 4.3.4). */
export async function reopensThisHour(db: Db, caseNumber: number, now: Instant): Promise<number> {
  const [found] = await rows<{ count: number }>(
    db,
    `select count(*) from entries where case_number = :caseNumber and reason = 'closed-case-reopened' and kind = 'mail'
       and ${within('at', '1 hour')}`,
    { caseNumber, now },
  );
  return found?.count ?? 0;
}

/** Letters that each engineer has had in the last hour. */
export async function readNotices(db: Db, now: Instant): Promise<Record<string, number>> {
  const had = await rows<{ recipient: string; count: number }>(
    db,
    `select recipient, count(*) from outbox
     where kind like 'engineer-%' and ${within('created_at', '1 hour')} group by recipient`,
    { now },
  );
  return Object.fromEntries(had.map((row) => [row.recipient, row.count]));
}
