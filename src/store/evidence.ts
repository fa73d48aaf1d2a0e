// Reads everything the store knows that bears on one mail, before anything is decided: where it may belong, who wrote it, how much
// that address has had from us already. The cases it points at are locked for the transaction.
import type { SharedCaps } from '../cases/budget.ts';
import type { Evidence, Participant } from '../cases/thread.ts';
import type { Contact, Person } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import type { Address, Mail } from '../mail/mail.ts';
import type { ReadToken } from '../mail/reply-token.ts';
import type { EntitlementRecord } from '../policy/entitlement.ts';
import type { SerialRecord } from '../policy/registration.ts';
import { countAlone, lockAddress, provenAddress, type Known } from './caps.ts';
import { readCases, readParticipants } from './cases.ts';
import { rows, storableJson, type Db, type Transaction } from './db.ts';
import type { InboundFacts } from './inbound.ts';
import { within } from './lately.ts';
import { readInSlices } from './raw.ts';

/** Most cases one mail may point at; further ones are not looked up. */
const candidatesMax = 10;

/** What in the store the mail points at. */
export type FoundThread = Pick<Evidence, 'letters' | 'references' | 'candidates'>;

/** Finds the cases a mail points at by Message-ID, token or number, and locks them. */
export async function findThread(
  trx: Transaction,
  mail: Pick<Mail, 'inReplyTo' | 'references'>,
  tokens: ReadToken[],
  numbers: number[],
): Promise<FoundThread> {
  const ids = [...new Set([...mail.inReplyTo, ...mail.references])];
  const answered = ids.length === 0 ? [] : await answeredBy(trx, ids);
  const letters = answered.flatMap((row) => (row.recipient === null ? [] : [{ ...row, recipient: row.recipient }]));
  const references = [...new Set(answered.filter((row) => row.recipient === null).map((row) => row.caseNumber))];
  const pointed = [
    ...letters.map((letter) => letter.caseNumber),
    ...tokens.map((token) => token.caseNumber),
    ...numbers,
    ...references,
  ];
  const candidates = await findCandidates(trx, [...new Set(pointed)].slice(0, candidatesMax));
  return { letters, references, candidates };
}

async function answeredBy(
  trx: Transaction,
  ids: string[],
): Promise<{ caseNumber: number; recipient: string | null; createdAt: Instant; leftAt: Instant }[]> {
  return rows(
    trx,
    // As json, and each id by itself: PostgreSQL plans anew each time for an array whose length it knows, and that took longer than the answer.
    `select found.* from json_array_elements_text(cast(:ids as json)) asked (id) cross join lateral (
       select case_number as "caseNumber", recipient, created_at as "createdAt",
         -- a clock that ran behind (TRUST F28) lets no letter leave before it was written
         greatest(created_at, sent_at) as "leftAt"
       from outbox
       where message_id = asked.id and case_number is not null
       union all
       select case_number, null, decided_at, decided_at from inbound
       -- as a sum: the index of all that have a case is not taken for this
       where message_id = asked.id and case_number + 0 is not null and disposition in ('opened', 'linked', 'joined')
       offset 0) found
     order by 3 desc`,
    { ids: storableJson(ids) },
  );
}

async function findCandidates(
  trx: Transaction,
  numbers: number[],
): Promise<{ supportCase: Awaited<ReturnType<typeof readCases>>[number]; participants: Participant[] }[]> {
  const [cases, people] = await Promise.all([readCases(trx, numbers, true), readParticipants(trx, numbers)]);
  return cases.map((supportCase) => ({
    supportCase,
    participants: people.filter((person) => person.caseNumber === supportCase.number),
  }));
}

/** An earlier mail with the same content, if any, and whether the top Message-ID is one of our own letters. */
export async function findCopies(
  trx: Transaction,
  content: Pick<InboundFacts, 'contentKey' | 'believedKey' | 'messageId' | 'from' | 'bodyKey'>,
): Promise<{
  copyOf: { id: string; caseNumber: number | null } | null;
  ownLetter: number | null;
  idSeenBefore: boolean;
  wordsSeenBefore: boolean;
}> {
  const [found] = await rows<{
    copyId: string | null;
    copyCase: number | null;
    ownLetter: number | null;
    idSeenBefore: boolean;
    wordsSeenBefore: boolean;
  }>(
    trx,
    `select copy.id::text as "copyId", copy.case_number as "copyCase",
       (select coalesce(case_number, 0) from outbox where message_id = :messageId) as "ownLetter",
       exists (select 1 from inbound where message_id = :messageId) as "idSeenBefore",
       exists (select 1 from inbound where message_id = :messageId and from_address = :from and body_key = :bodyKey
         and disposition in ('opened', 'linked', 'joined')) as "wordsSeenBefore"
     from (select 1) one left join inbound copy on copy.content_key in (:contentKey, :believedKey) and copy.disposition <> 'duplicate'
     -- as a sum: the first by id is looked for among these, and not among all mails from the first on
     order by copy.id + 0 limit 1`,
    content,
  );
  return {
    copyOf: found?.copyId ? { id: found.copyId, caseNumber: found.copyCase } : null,
    ownLetter: found?.ownLetter ?? null,
    idSeenBefore: found?.idSeenBefore ?? false,
    wordsSeenBefore: found?.wordsSeenBefore ?? false,
  };
}

/** When the cases of an address were submitted that came before case `before` (null: all), newest first, at most `max`. */
export async function priorCases(
  db: Db,
  from: Pick<Address, 'addrSpec'> | null,
  { before, max }: { before: number | null; max: number },
): Promise<Instant[]> {
  if (from === null) return [];
  const found = await rows<{ at: Instant }>(
    db,
    `select submitted_at as at from cases
     where requester = :address and (cast(:before as bigint) is null or number < :before)
     order by number desc limit :max`,
    { address: from.addrSpec, before, max },
  );
  return found.map(({ at }) => at);
}

/** Who is behind an address, and the letters that count for its caps: they stand until the transaction ends, whoever else decides meanwhile. */
export async function readPerson(trx: Transaction, address: string, caps: SharedCaps, now: Instant): Promise<Person> {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  // Sent in this order: what is counted is counted, and what is locked is locked, once nobody else decides about the address.
  const [, counted, entitlements] = await Promise.all([
    lockAddress(trx, address),
    countAlone(trx, { address, domain, caps }, () => readKnown(trx, { address, domain }, now), now),
    readEntitlements(trx, { address, domain }),
  ]);
  const { name, account, language, zone, proven, lastLetter: _, ...budget } = counted;
  const serials = account === null ? [] : (await serialsOf(trx, [account])).map(({ account: _, ...serial }) => serial);
  return { contact: { address, name, account, language, zone, proven }, entitlements, serials, budget };
}

/** Serial numbers of these accounts, the first of each product and version: a thousand licences of one product register it no more than one. */
export async function serialsOf(db: Db, accounts: string[]): Promise<(SerialRecord & { account: string })[]> {
  return rows(
    db,
    `select distinct on (account, product, version) account, product, version, serial, registered_on::text as registered
     from serials where account = any(:accounts) order by account, product, version, registered_on, serial`,
    { accounts },
  );
}

/**
 * What the account of an address holds. Bought incidents are locked when they are read: who decides for the same account at once takes turns, instead
 * of choosing the same one to spend and deciding anew, purchase after purchase, until it is taken for a fault.
 */
async function readEntitlements(
  trx: Transaction,
  of: { address: string; domain: string },
): Promise<EntitlementRecord[]> {
  return rows(
    trx,
    `with bought as (${held} and incidents_left is not null order by id || '' for update)
     select * from bought union all (${held} and incidents_left is null) order by id`,
    of,
  );
}

const held = `select id, account, plan, product, starts_at as "startsAt", expires_at as "expiresAt", incidents_left as "incidentsLeft"
  from entitlements where account = coalesce((select account from contacts where address = :address),
    (select account from account_domains where domain = :domain))`;

async function readKnown(
  trx: Transaction,
  { address, domain }: { address: string; domain: string },
  now: Instant,
): Promise<Omit<Contact, 'address'> & Known> {
  const [known] = await rows<Omit<Contact, 'address'> & Known>(
    trx,
    `select coalesce(c.name, '') as name, coalesce(c.language, a.language) as language, coalesce(c.zone, a.zone) as zone,
       coalesce(c.account, d.account) as account,
       (${provenAddress}) as proven,
       (select because from suppressed where address = :address and until > :now) as suppressed,
       had."tenMinutes", had."threeHours", had.day,
       (select count(*) from outbox where automatic and not proven and split_part(recipient, '@', 2) = :domain
          -- As rows, so that no plan reads what all domains had in this hour.
          and (split_part(recipient, '@', 2), created_at) >= (:domain, cast(:now as timestamptz) - interval '1 hour')
          and created_at <= cast(:now as timestamptz) + interval '5 minutes') as "domainHour",
       (select last_value from outbox_id_seq) as "lastLetter"
     from (
       select count(*) filter (where ${within('created_at', '10 minutes')}) as "tenMinutes",
         count(*) filter (where ${within('created_at', '3 hours')}) as "threeHours", count(*) as day
       from outbox where automatic and case_number is not null and kind not like 'engineer-%' and recipient = :address
           and ${within('created_at', '1 day')}) had
       left join contacts c on c.address = :address left join account_domains d on d.domain = :domain
       left join accounts a on a.id = coalesce(c.account, d.account)`,
    { address, domain, now },
  );
  if (!known) throw new Error(`contacts: nothing came back for one address`);
  return known;
}

/** Open cases of each owner. */
export async function readLoad(db: Db): Promise<Record<string, number>> {
  const load = await rows<{ owner: string; count: number }>(
    db,
    'select owner, sum(open)::bigint as count from loads group by owner having sum(open) > 0',
  );
  return Object.fromEntries(load.map((row) => [row.owner, row.count]));
}

/**
 * The letter a delivery report is about: by how the Message-ID of the letter begins whose signed reverse path the report came to, else by the
 * Message-IDs it returns.
 */
export async function findReported(
  trx: Transaction,
  messageIds: string[],
  messageIdStart: string | null,
): Promise<{ caseNumber: number; recipient: string; kind: string } | null> {
  const [letter] = await rows<{ caseNumber: number; recipient: string; kind: string }>(
    trx,
    `select case_number as "caseNumber", recipient, kind from outbox
     where case_number is not null and (case when cast(:messageIdStart as text) is null then message_id = any(:messageIds)
       else message_id >= :messageIdStart and message_id < :messageIdStart || chr(127) end)
     order by outbox.id desc limit 1`,
    { messageIds, messageIdStart },
  );
  return letter ?? null;
}

/** The raw bytes of a stored mail. */
export async function readRaw(db: Db, inboundId: string): Promise<Buffer | null> {
  const [found] = await rows<{ bytes: number }>(
    db,
    'select octet_length(raw) as bytes from inbound where id = :inboundId',
    { inboundId },
  );
  return found ? readInSlices(db, { table: 'inbound', id: inboundId, bytes: found.bytes }) : null;
}
