// Mails as they came: stored raw before anything is thought about them, claimed one by one, and closed with one disposition each.
import { createHash } from 'node:crypto';
import type { Instant } from '../clock.ts';
import type { MailDecision } from '../cases/decision.ts';
import type { Defect } from '../mail/mail.ts';
import { rows, storableJson, type Db, type Transaction } from './db.ts';
import { readInSlices, wholeBytesMax } from './raw.ts';

/** A mail at a door. (`source`, `sourceKey`) names the server's message, so that showing it twice stores it once. */
export interface Arrival {
  source: string;
  sourceKey: string;
  /** The id of the configured mailbox it came to. */
  mailbox: string;
  raw: Buffer;
  envelopeFrom: string | null;
  envelopeTo: string[];
  receivedAt: Instant;
  /** Its server shows that it was decided before, by a row that is lost (a failover, a restored backup). */
  recovered?: boolean;
  /** What the door verified of the sender; left out where it verifies nothing. */
  verdict?: SenderVerdict;
  /** What ties it to other mails, and what of earlier ones it must wait for (intake/conversation.ts). */
  ties: string[];
  follows: string[];
}

/** What was verified of a mail's author (RFC 9989): it holds for `domain` only. */
export interface SenderVerdict {
  verdict: 'pass' | 'fail' | 'none';
  because: string;
  domain: string;
}

/** A stored mail, claimed for a decision: its row is locked until the transaction ends. */
export interface InboundMail {
  id: string;
  mailbox: string;
  raw: Buffer;
  envelopeFrom: string | null;
  envelopeTo: string[];
  receivedAt: Instant;
  attempts: number;
  lastError: string | null;
  verdict: SenderVerdict | null;
  recovered: boolean;
  /** Earlier mails of its conversation that were not decided when it was claimed, the oldest of them. */
  behind: string[];
}

/** What is remembered of a mail besides its bytes, for finding it, its copies and its storms again. */
export interface InboundFacts {
  messageId: string | null;
  from: string | null;
  subject: string;
  contentKey: Buffer;
  /** The content key that the same mail has when its sender is not proven false. */
  believedKey: Buffer;
  subjectKey: string;
  /** Of the new text with its numbers made one, and as it is; null when there is none. */
  bodyKey: Buffer | null;
  textKey: Buffer | null;
  defects: Defect[];
}

/** Stores a mail; committed when it returns. `fresh` is false when this very server message was stored before. */
export async function saveArrival(db: Db, arrival: Arrival, now: Instant): Promise<{ id: string; fresh: boolean }> {
  const [saved] = await rows<{ id: string }>(
    db,
    `insert into inbound (source, source_key, mailbox, raw, sha256, bytes, envelope_from, envelope_to, verdict, received_at, stored_at, next_at,
       recovered, ties, follows)
     values (:source, :sourceKey, :mailbox, :raw, :sha256, :bytes, :envelopeFrom, :envelopeTo, :verdict, :receivedAt, :now, :now,
       :recovered, :ties, :follows)
     on conflict (source, source_key) do nothing
     returning id::text`,
    {
      ...arrival,
      recovered: arrival.recovered ?? false,
      verdict: arrival.verdict ? JSON.stringify(arrival.verdict) : null,
      sha256: createHash('sha256').update(arrival.raw).digest(),
      bytes: arrival.raw.length,
      now,
    },
  );
  if (saved) return { id: saved.id, fresh: true };
  const [known] = await rows<{ id: string }>(
    db,
    'select id::text from inbound where source = :source and source_key = :sourceKey',
    { source: arrival.source, sourceKey: arrival.sourceKey },
  );
  if (!known) throw new Error(`inbound: ${arrival.source} ${arrival.sourceKey} was neither stored nor found`);
  return { id: known.id, fresh: false };
}

/** Which of these keys of a source are stored already. */
export async function knownKeys(db: Db, source: string, sourceKeys: string[]): Promise<Set<string>> {
  const found = await rows<{ source_key: string }>(
    db,
    'select source_key from inbound where source = :source and source_key = any(:sourceKeys)',
    { source, sourceKeys },
  );
  return new Set(found.map((row) => row.source_key));
}

/**
 * Claims mails of a source that are decided but not yet flagged or moved on its server, oldest first, for `marker` alone: two gateways that
 * move one mail at once leave two copies of it. A claim ends by itself after `markSeconds`.
 */
export async function claimToMark(
  db: Db,
  source: string,
  marker: string,
  limit: number,
): Promise<{ id: string; sourceKey: string }[]> {
  return rows(
    db,
    `update inbound set marker = :marker, marker_until = clock_timestamp() + make_interval(secs => :markSeconds)
     where id = any(array(
       select decided.id from inbound decided
       where source = :source and disposition is not null and marked_at is null
         and (marker = :marker or marker_until is null or marker_until < clock_timestamp())
       order by decided.id limit :limit for update skip locked))
     returning id::text, source_key as "sourceKey"`,
    { source, marker, limit, markSeconds },
  );
}

/** Another gateway takes over so long after its holder began; a batch that takes longer may leave a second copy in the processed folder. */
const markSeconds = 50;

/** Those of the claimed mails that are still `marker`'s, their claim renewed: asked right before they are touched (TRUST F30). */
export async function keepClaimed(db: Db, ids: string[], marker: string): Promise<Set<string>> {
  const kept = await rows<{ id: string }>(
    db,
    `update inbound set marker_until = clock_timestamp() + make_interval(secs => :markSeconds)
     where id = any(cast(:ids as bigint[])) and marker = :marker and marked_at is null and marker_until > clock_timestamp()
     returning id::text`,
    { ids, marker, markSeconds },
  );
  return new Set(kept.map(({ id }) => id));
}

/** The server shows these as processed now (or no longer has them). */
export async function recordMarked(db: Db, ids: string[], now: Instant): Promise<void> {
  await rows(db, 'update inbound set marked_at = :now where id = any(cast(:ids as bigint[]))', { ids, now });
}

/** Longer than a mail ever waits for another try. */
const putOffMax = '1 hour';

/** Most undecided earlier mails of one conversation that are waited for: the rest waits for these itself. */
const behindMax = 50;

/**
 * Claims the oldest waiting mail (or the one named) for this transaction, skipping what another gateway holds. A clock that ran ahead keeps
 * none waiting (TRUST F28): what was stored and never put off is due, and so is what waits for much later than any wait of ours. Mails of more than
 * `bytesMax` bytes are passed over.
 */
export async function claimMail(
  trx: Transaction,
  now: Instant,
  id: string | null = null,
  bytesMax = 2 ** 31 - 1,
): Promise<InboundMail | null> {
  const [, [claimed]] = await Promise.all([
    // With a backlog that the statistics do not know of yet, it would sort all that waits for each mail.
    rows(trx, `select set_config('enable_bitmapscan', 'off', true)`),
    rows<InboundMail & { bytes: number }>(
      trx,
      `with claimed as materialized (
       select * from inbound where disposition is null and bytes <= :bytesMax ${id === null ? '' : 'and id = :id'}
         and (next_at <= :now or next_at = stored_at or next_at > cast(:now as timestamptz) + interval '${putOffMax}')
       order by inbound.id limit 1 for update skip locked)
     select id::text, mailbox, envelope_from as "envelopeFrom", envelope_to as "envelopeTo",
       octet_length(raw) as bytes, case when octet_length(raw) <= ${wholeBytesMax} then raw end as raw,
       received_at as "receivedAt", attempts, left(last_error, 300) as "lastError", verdict, recovered,
       array(select older.id::text from inbound older
         where older.disposition is null and older.id < claimed.id and older.ties && claimed.follows
         order by older.id limit ${behindMax}) as behind
     from claimed`,
      { now, bytesMax, ...(id === null ? {} : { id }) },
    ),
  ]);
  if (!claimed) return null;
  const { bytes, ...mail } = claimed;
  return { ...mail, raw: mail.raw ?? (await readInSlices(trx, { table: 'inbound', id: mail.id, bytes })) };
}

/** Waits until nobody has these mails in hand, and gives those that are still undecided; `nextAt` is long ago for what was never put off. */
export async function awaitDecisions(trx: Transaction, ids: string[]): Promise<{ id: string; nextAt: Instant }[]> {
  const found = await rows<{ id: string; nextAt: Instant; disposition: string | null }>(
    trx,
    `select id::text, case when next_at = stored_at then to_timestamp(0) else next_at end as "nextAt", disposition from inbound
     where id = any(cast(:ids as bigint[])) order by inbound.id for key share`,
    { ids },
  );
  return found.filter(({ disposition }) => disposition === null);
}

/** Puts an undecided mail off; it is no failed attempt. */
export async function postponeMail(trx: Transaction, id: string, until: Instant): Promise<void> {
  await rows(trx, 'update inbound set next_at = :until where id = :id', { id, until });
}

/** Closes a mail with its decision: the row that proves it was not dropped. */
export async function recordDecision(
  trx: Transaction,
  inbound: InboundMail,
  decision: MailDecision,
  facts: InboundFacts | null,
  policyVersion: string,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `update inbound set decided_at = :now, disposition = :disposition, reason = :reason, because = :because,
       policy_version = :policyVersion, case_number = :caseNumber, message_id = :messageId, from_address = :from, subject = :subject,
       content_key = :contentKey, subject_key = :subjectKey, body_key = :bodyKey, text_key = :textKey, defects = :defects, last_error = null
     where id = :id`,
    {
      id: inbound.id,
      now,
      disposition: decision.disposition,
      reason: decision.reason,
      because: decision.because,
      policyVersion,
      caseNumber: decision.caseNumber,
      messageId: facts?.messageId ?? null,
      from: facts?.from ?? null,
      subject: facts?.subject ?? null,
      contentKey: facts?.contentKey ?? null,
      subjectKey: facts?.subjectKey ?? null,
      bodyKey: facts?.bodyKey ?? null,
      textKey: facts?.textKey ?? null,
      defects: storableJson(facts?.defects ?? []),
    },
  );
}

/** Counts a failed attempt of ours at a mail; it is tried again at `nextAt`. Returns the attempts so far. */
export async function recordAttempt(db: Db, id: string, error: string, nextAt: Instant): Promise<number> {
  const [row] = await rows<{ attempts: number }>(
    db,
    `update inbound set attempts = attempts + 1, last_error = :error, next_at = :nextAt
     where id = :id and disposition is null returning attempts`,
    { id, error: error.slice(0, 2000), nextAt },
  );
  return row?.attempts ?? 0;
}
