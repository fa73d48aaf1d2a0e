// Reads and writes cases and their participants.
import type { Effect } from '../cases/decision.ts';
import type { CaseFacts } from '../cases/facts.ts';
import type { SupportCase } from '../cases/support-case.ts';
import type { Participant } from '../cases/thread.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';
import type { InboundFacts } from './inbound.ts';
import { stillWaiting, toEngineer } from './outbox.ts';

/** Field of a SupportCase -> column of `cases`, one table for reading and writing. */
const columns: Record<keyof SupportCase, string> = {
  number: 'number',
  mailbox: 'mailbox',
  line: 'line',
  subject: 'subject',
  status: 'status',
  statusNote: 'status_note',
  closeReason: 'close_reason',
  severity: 'severity',
  severityBy: 'severity_by',
  severityBecause: 'severity_because',
  plan: 'plan',
  planBecause: 'plan_because',
  product: 'product',
  version: 'version',
  build: 'build',
  account: 'account',
  requester: 'requester',
  requesterName: 'requester_name',
  owner: 'owner',
  ownerBecause: 'owner_because',
  language: 'language',
  zone: 'zone',
  solution: 'solution',
  linkedFrom: 'linked_from',
  targetAt: 'target_at',
  targetBecause: 'target_because',
  firstResponseAt: 'first_response_at',
  submittedAt: 'submitted_at',
  updatedAt: 'updated_at',
  closedAt: 'closed_at',
};

const selection = Object.entries(columns)
  .map(([field, column]) => `${column} as "${field}"`)
  .join(', ');

/** One case, or null. `lock` keeps it for this transaction. */
export async function readCase(db: Db, caseNumber: number, lock = false): Promise<SupportCase | null> {
  const [found] = await readCases(db, [caseNumber], lock);
  return found ?? null;
}

/** Several cases in the order of their numbers: locked in one order everywhere, so that no two gateways wait for each other. */
export async function readCases(db: Db, numbers: number[], lock = false): Promise<SupportCase[]> {
  if (numbers.length === 0) return [];
  return rows<SupportCase>(
    db,
    `select ${selection} from cases where number = any(cast(:numbers as bigint[])) order by number ${lock ? 'for update' : ''}`,
    { numbers },
  );
}

/** The newest cases, optionally of one status or one requester. */
export async function listCases(
  db: Db,
  filter: { status?: string; requester?: string; open?: boolean; limit: number },
): Promise<SupportCase[]> {
  return rows<SupportCase>(
    db,
    `select ${selection} from cases
     where (cast(:status as text) is null or status = :status) and (cast(:requester as text) is null or requester = :requester)
       and (not :open or status <> 'closed')
     order by cases.number desc limit :limit`,
    {
      status: filter.status ?? null,
      requester: filter.requester ?? null,
      open: filter.open ?? false,
      limit: filter.limit,
    },
  );
}

/**
 * Open cases that nobody could take, the most severe first, then the oldest, from one line's product in one language those that stand first.
 * What an engineer left without an owner by hand stays so.
 */
export async function queuedCases(
  db: Db,
  limit: number,
): Promise<Pick<SupportCase, 'number' | 'line' | 'product' | 'language'>[]> {
  return rows(
    db,
    `select number, line, product, language from cases
     where owner is null and status <> 'closed' and owner_because not like '% set it' order by severity, number limit :limit`,
    { limit },
  );
}

/** Who belongs to these cases. */
export async function readParticipants(db: Db, numbers: number[]): Promise<(Participant & { caseNumber: number })[]> {
  if (numbers.length === 0) return [];
  return rows(
    db,
    `select case_number as "caseNumber", address, name, role, confirmed from participants
     where case_number = any(cast(:numbers as bigint[])) order by case_number, added_at, address`,
    { numbers },
  );
}

/** Most Message-IDs that a conversation's chain is read with; the first and the newest matter (RFC 5322 3.6.4). */
const chainMax = 40;

/** Everything a decision about an existing case needs to know of it. */
export async function readCaseFacts(
  db: Db,
  supportCase: SupportCase,
  participants: Participant[],
  now: Instant,
): Promise<CaseFacts> {
  const [state] = await rows<{
    stuck: number;
    waiting: number;
    answeredAt: Instant | null;
    leftAt: Instant | null;
    chain: string[] | null;
    noticesThisHour: number;
    untold: number;
  }>(
    db,
    `select
       (select count(*) from outbox where case_number = :number and recipient = :requester and ${stillWaiting('outbox')}) as waiting,
       (select max(sent_at) from outbox
        where case_number = :number and recipient = :requester and kind in ('answer', 'more-information', 'follow-up', 'release-notice')
          -- what left after now left by a clock that ran ahead (TRUST F28)
          and sent_at <= cast(:now as timestamptz) + interval '5 minutes') as "leftAt",
       (select count(*) from outbox where case_number = :number and ${toEngineer('outbox')}
          and created_at between cast(:now as timestamptz) - interval '1 hour' and cast(:now as timestamptz) + interval '5 minutes') as "noticesThisHour",
       (select count(*) from entries where case_number = :number and kind = 'mail' and entries.id > coalesce(
          (select max(told.id) from entries told join outbox on outbox.id = told.outbox_id
           where told.case_number = :number and ${toEngineer('outbox')}), 0)) as untold,
       (select count(*) from outbox where case_number = :number and recipient = :requester and ${stillWaiting('outbox')} and claim is not null) as stuck,
       (select max(greatest(created_at, sent_at)) from outbox
        where case_number = :number and kind in ('answer', 'more-information', 'release-notice') and state <> 'failed') as "answeredAt",
       (select array_agg(message_id order by at, message_id) from (
          select message_id, created_at as at from outbox where case_number = :number and recipient = :requester
          union all
          select message_id, received_at from inbound
          where case_number = :number and from_address = :requester and message_id is not null
          order by at desc limit :chainMax) newest) as chain`,
    { number: supportCase.number, requester: supportCase.requester, chainMax, now },
  );
  return {
    supportCase,
    participants,
    answeredAt: state?.answeredAt ?? null,
    chain: state?.chain ?? [],
    stuck: state?.stuck ?? 0,
    waiting: state?.waiting ?? 0,
    leftAt: state?.leftAt ?? null,
    notices: { thisHour: state?.noticesThisHour ?? 0, untold: state?.untold ?? 0 },
  };
}

/** A case with its facts, locked for this transaction; null when there is no such case. */
export async function lockCase(trx: Transaction, caseNumber: number, now: Instant): Promise<CaseFacts | null> {
  const supportCase = await readCase(trx, caseNumber, true);
  return supportCase && readCaseFacts(trx, supportCase, await readParticipants(trx, [caseNumber]), now);
}

/** The next case number; gaps are allowed, reuse is not. */
export async function nextCaseNumber(db: Db): Promise<number> {
  const [next] = await rows<{ number: number }>(db, `select nextval('case_numbers') as number`);
  if (!next) throw new Error('case_numbers: the sequence gave no number');
  return next.number;
}

/** A number for a new case; null, and none is used up, when `findCopies` finds the mail to be a copy or a letter of ours. */
export async function numberUnlessCopy(
  trx: Transaction,
  content: Pick<InboundFacts, 'contentKey' | 'believedKey' | 'messageId'>,
): Promise<number | null> {
  const [next] = await rows<{ number: number }>(
    trx,
    `select nextval('case_numbers') as number
     where not exists (select 1 from inbound where content_key in (:contentKey, :believedKey) and disposition <> 'duplicate')
       and not exists (select 1 from outbox where message_id = :messageId)`,
    content,
  );
  return next?.number ?? null;
}

/** Writes a new case. */
export async function insertCase(trx: Transaction, supportCase: SupportCase): Promise<void> {
  await rows(trx, caseInsert, { ...supportCase });
}

const caseInsert = `insert into cases (${Object.values(columns).join(', ')})
  values (${Object.keys(columns)
    .map((field) => `:${field}`)
    .join(', ')})`;

/** Writes the changed fields of a case. */
export async function updateCase(trx: Transaction, caseNumber: number, changes: Partial<SupportCase>): Promise<void> {
  const fields = (Object.keys(changes) as (keyof SupportCase)[]).filter((field) => field !== 'number');
  if (fields.length === 0) return;
  await rows(
    trx,
    `update cases set ${fields.map((field) => `${columns[field]} = :${field}`).join(', ')} where number = :caseNumber`,
    { ...changes, caseNumber },
  );
}

/** Adds a participant, or confirms a proposed one; a requester is never replaced by mail. */
export async function addParticipant(
  trx: Transaction,
  added: Extract<Effect, { effect: 'participant' }>,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `insert into participants (case_number, address, name, role, confirmed, added_at)
     values (:caseNumber, :address, :name, :role, :confirmed, :now)
     on conflict (case_number, address) do update set confirmed = participants.confirmed or excluded.confirmed`,
    {
      caseNumber: added.caseNumber,
      address: added.address.addrSpec,
      name: added.address.displayName,
      role: added.role,
      confirmed: added.confirmed,
      now,
    },
  );
}

/** Takes a participant out of a case; the requester stays. */
export async function removeParticipant(trx: Transaction, caseNumber: number, address: string): Promise<void> {
  await rows(
    trx,
    `delete from participants where case_number = :caseNumber and address = :address and role <> 'requester'`,
    {
      caseNumber,
      address,
    },
  );
}
