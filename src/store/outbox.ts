// Letters waiting to leave. A row commits with the case change that made it; the postbox claims it, sends it and says what happened.
// Leases are decided by the database's clock, and every record carries the claim, so that a postbox that slept too long changes nothing.
import type { Instant } from '../clock.ts';
import type { Letter } from '../letters/letter.ts';
import { rows, type Db } from './db.ts';
import { readInSlices } from './raw.ts';

/** A claimed letter: the exact bytes to send, to one recipient. */
export interface OutboxLetter {
  id: string;
  caseNumber: number | null;
  kind: string;
  recipient: string;
  /** '' is the null reverse path. */
  reversePath: string;
  raw: Buffer;
  attempts: number;
  /** How often it was sent to its end and no reply came. */
  unknowns: number;
  createdAt: Instant;
  /** Fencing token of this claim. */
  claim: string;
}

/**
 * Whether a letter (or a due step) waits, asked of those that are known by id or case: said so that no index of all that wait answers it. PostgreSQL hears of a
 * sudden backlog only at its next analysis; until then it takes such an index for nearly empty, and would read all of it for each letter.
 */
export const stillWaiting = (row: string) => `${row}.state || '' = 'waiting'`;

/** Whether a letter is an engineer's, asked of letters that are known by id or case: no index of all of them answers it, for the same reason. */
export const toEngineer = (letter: string) => `left(${letter}.kind, 9) = 'engineer-'`;

/** A letter as it was claimed: a large one comes without its bytes, which `wholeLetter` brings when its turn comes (TRUST P12). */
export type ClaimedLetter = Omit<OutboxLetter, 'raw'> & { raw: Buffer | null };

/** Letters up to this come with their claim: an attachment of 25 MB does not, many times over. */
const claimedBytesMax = 64 * 1024;

export interface ClaimOptions {
  /** Names the claiming process in the claim. */
  owner: string;
  limit: number;
  leaseSeconds: number;
}

/**
 * Claims due letters: what somebody waits for before what the clock has made, and then the oldest. A later letter to the same person in the same
 * case waits until the earlier one has left, or failed. One that is due much later than any wait of ours was put off by a clock that ran ahead: it
 * is due (TRUST F28).
 */
export async function claimLetters(db: Db, options: ClaimOptions, now: Instant): Promise<ClaimedLetter[]> {
  const claimed = await rows<ClaimedLetter>(
    db,
    // Given back, a letter has the attempts it had: only the transaction tells its claims apart.
    `update outbox set claim = :owner || ':' || id || ':' || txid_current(), attempts = attempts + 1,
       lease_until = clock_timestamp() + make_interval(secs => :leaseSeconds)
     -- as an array: joined, all letters there ever were may be read to find the few
     where id = any(array(
       select waiting.id from outbox waiting
       where waiting.state = 'waiting'
         and (waiting.next_at <= :now or waiting.next_at > cast(:now as timestamptz) + interval '${putOffMax}')
         and (waiting.lease_until is null or waiting.lease_until < clock_timestamp())
         -- asked of each by itself: joined, a backlog would be compared with all of itself
         -- as a case: a planner who takes the answer for a rare one sorts all that wait for each few
         and case when (
           select earlier.id from outbox earlier
           where ${stillWaiting('earlier')} and earlier.case_number = waiting.case_number
             and earlier.recipient = waiting.recipient and earlier.id < waiting.id limit 1) is null then true else false end
       order by ${unasked('waiting.kind')}, waiting.id limit :limit for update skip locked))
     returning id::text, case_number as "caseNumber", kind, recipient, reverse_path as "reversePath",
       case when octet_length(raw) <= :claimedBytesMax then raw end as raw, attempts, unknowns, created_at as "createdAt", claim`,
    { ...options, now, claimedBytesMax },
  );
  return claimed.sort(
    (one, other) =>
      Number(unaskedKinds.includes(one.kind)) - Number(unaskedKinds.includes(other.kind)) ||
      Number(one.id) - Number(other.id),
  );
}

/** A claimed letter with its bytes. */
export async function wholeLetter(db: Db, letter: ClaimedLetter): Promise<OutboxLetter> {
  if (letter.raw !== null) return { ...letter, raw: letter.raw };
  const { id } = letter;
  const [found] = await rows<{ bytes: number }>(db, 'select octet_length(raw) as bytes from outbox where id = :id', {
    id,
  });
  if (!found) throw new Error(`letter ${id}: claimed, and its row is gone`);
  return { ...letter, raw: await readInSlices(db, { table: 'outbox', id, bytes: found.bytes }) };
}

/** Kinds that the clock writes: a hundred thousand of them may be due at once, and nobody sits and waits for one. */
export const unaskedKinds: readonly string[] = ['follow-up', 'closed-no-response'];

/** As the index of migration 20 has it. */
export const unasked = (kind: string) => `(${kind} in (${unaskedKinds.map((word) => `'${word}'`).join(', ')}))`;

/** Once it is out of our hands, nobody needs the bytes of a letter that signs somebody in. */
const forgotten = `raw = case when kind = 'sign-in' then '' else raw end`;

/** A letter that its peer has accepted, with the peer's words and when. */
export interface SentLetter {
  letter: Pick<OutboxLetter, 'id' | 'claim'>;
  response: string;
  at: Instant;
}

/** The peer accepted them. From here the follow-up clock of an answer runs: a due step is counted from `sent_at` (cases/on-follow-up.ts). */
export async function recordSent(db: Db, sent: SentLetter[]): Promise<void> {
  const [only, ...others] = sent;
  if (only && others.length === 0) return writeSent(db, only);
  // Each by itself, in one packet: for several in one statement PostgreSQL plans anew each time, which took longer than the writing.
  const inOrder = sent.toSorted((one, other) => Number(one.letter.id) - Number(other.letter.id));
  await db.transaction(async (trx) => {
    await Promise.all(inOrder.map((one) => writeSent(trx, one)));
  });
}

async function writeSent(db: Db, { letter: { id, claim }, response, at }: SentLetter): Promise<void> {
  await rows(
    db,
    `update outbox set state = 'sent', sent_at = :at, response = :response, lease_until = null, last_error = null, ${forgotten}
     where id = :id and claim = :claim and ${stillWaiting('outbox')}`,
    // What one peer says must not keep the others' letters unrecorded: PostgreSQL takes no NUL.
    { id, claim, at, response: response.slice(0, 500).replaceAll(/\p{Cc}/gu, ' ') },
  );
}

/** Longer than any wait between two tries. */
const putOffMax = '2 hours';

/** It did not leave, or nobody knows (`unknown`); the same bytes go out again at `nextAt`. Written again after a lost answer it counts once: the lease is given up. */
export async function recordRetry(
  db: Db,
  letter: Pick<OutboxLetter, 'id' | 'claim'>,
  { error, unknown }: { error: string; unknown: boolean },
  nextAt: Instant,
): Promise<void> {
  await rows(
    db,
    `update outbox set next_at = :nextAt, lease_until = null, last_error = :error, unknowns = unknowns + :unknown
     where id = :id and claim = :claim and ${stillWaiting('outbox')} and lease_until is not null`,
    { id: letter.id, claim: letter.claim, error: error.slice(0, 2000), unknown: unknown ? 1 : 0, nextAt },
  );
}

/**
 * The peer refused it for good, or its fate is `unknown` once too often: never sent again. What follows for its case is decided by the clock's
 * door (`claimTrouble`).
 */
export async function recordFailed(
  db: Db,
  letter: Pick<OutboxLetter, 'id' | 'claim'>,
  { error, unknown }: { error: string; unknown: boolean },
): Promise<void> {
  await rows(
    db,
    `update outbox set state = 'failed', lease_until = null, last_error = :error, unknowns = unknowns + :unknown, ${forgotten}
     where id = :id and claim = :claim and ${stillWaiting('outbox')}`,
    { id: letter.id, claim: letter.claim, error: error.slice(0, 2000), unknown: unknown ? 1 : 0 },
  );
}

/** Gives claimed letters back untried (the whole postbox is down, or they lay too long): the attempt does not count. */
export async function releaseLetters(db: Db, letters: Pick<OutboxLetter, 'id' | 'claim'>[]): Promise<void> {
  await rows(
    db,
    `update outbox set lease_until = null, attempts = attempts - 1
     from unnest(cast(:ids as bigint[]), cast(:claims as text[])) as given (id, claim)
     where outbox.id = given.id and outbox.claim = given.claim and ${stillWaiting('outbox')} and lease_until is not null`,
    { ids: letters.map(({ id }) => id), claims: letters.map(({ claim }) => claim) },
  );
}

/** Lets go what the breaker of TRUST 4.3 holds back. Returns how many letters go out now. */
export async function releaseHeld(db: Db, now: Instant): Promise<number> {
  const released = await rows(
    db,
    `update outbox set state = 'waiting', next_at = :now where state = 'held' returning id`,
    { now },
  );
  return released.length;
}

/** A letter for showing: the demo's page and `case show`. */
export interface StoredLetter {
  id: string;
  kind: string;
  caseNumber: number | null;
  recipient: string;
  subject: string;
  text: string;
  html: string;
  raw: Buffer;
  because: string;
  state: string;
  attempts: number;
  lastError: string | null;
  createdAt: Instant;
  sentAt: Instant | null;
}

/** Puts a letter that belongs to no case into the outbox: a sign-in, a test. */
export async function insertLoose(
  db: Db,
  letter: Omit<Letter, 'kind'> & { kind: Letter['kind'] | 'test' },
  because: string,
  now: Instant,
): Promise<void> {
  await rows(
    db,
    `insert into outbox (key, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, language, templates,
       because, state, next_at, created_at)
     values (:key, :kind, :messageId, :recipient, :reversePath, :automatic, true, :subject, :text, :html, :raw, :language, :templates,
       :because, 'waiting', :now, :now)`,
    { ...letter, because, now },
  );
}

/** The newest letters of the desk, or all of one case, oldest first. */
export async function letters(db: Db, options: { caseNumber?: number; limit: number }): Promise<StoredLetter[]> {
  const found = await rows<StoredLetter>(
    db,
    `select id::text, kind, case_number as "caseNumber", recipient, subject, text, html, raw, because, state, attempts,
       last_error as "lastError", created_at as "createdAt", sent_at as "sentAt"
     from outbox where cast(:caseNumber as bigint) is null or case_number = :caseNumber order by outbox.id desc limit :limit`,
    { caseNumber: options.caseNumber ?? null, limit: options.limit },
  );
  return found.toReversed();
}

/** How many letters wait to leave. */
export async function waitingLetters(db: Db): Promise<number> {
  const [row] = await rows<{ count: number }>(db, `select count(*) from outbox where state = 'waiting'`);
  return row?.count ?? 0;
}
