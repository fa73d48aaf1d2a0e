// What reconciling asks of the rows: does each mail that a server shows have one, are its bytes those of the server, and was it flagged.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** A mail as a server describes it without giving it. */
export interface Described {
  messageId: string;
  bytes: number;
}

/** Which of these mails have a row of the same Message-ID and size, as `describedKey`. */
export async function knownMails(db: Db, mails: Described[]): Promise<Set<string>> {
  const found = await rows<Described>(
    db,
    `select message_id as "messageId", inbound.bytes from inbound
     join unnest(cast(:ids as text[]), cast(:sizes as integer[])) as shown (id, size) on message_id = shown.id and inbound.bytes = shown.size`,
    { ids: mails.map(({ messageId }) => messageId), sizes: mails.map(({ bytes }) => bytes) },
  );
  return new Set(found.map(describedKey));
}

/** A mail's name among those of `knownMails`. */
export function describedKey({ messageId, bytes }: Described): string {
  return `${bytes} ${messageId}`;
}

/** Which of these SHA-256 sums (hex) are those of a row's raw bytes. Reads the whole table: for the few that nothing else has found. */
export async function knownSums(db: Db, sums: string[]): Promise<Set<string>> {
  const found = await rows<{ sum: string }>(
    db,
    `select encode(sha256, 'hex') as sum from inbound where sha256 in (select decode(unnest(cast(:sums as text[])), 'hex'))`,
    { sums },
  );
  return new Set(found.map(({ sum }) => sum));
}

/** The SHA-256 sums (hex) of these server messages' rows, by source key. */
export async function sumsOf(db: Db, source: string, sourceKeys: string[]): Promise<Map<string, string>> {
  const found = await rows<{ key: string; sum: string }>(
    db,
    `select source_key as key, encode(sha256, 'hex') as sum from inbound where source = :source and source_key = any(:sourceKeys)`,
    { source, sourceKeys },
  );
  return new Map(found.map(({ key, sum }) => [key, sum]));
}

/** How many mails of a source were decided before `before` and are not flagged on their server. */
export async function unmarkedMails(db: Db, source: string, before: Instant): Promise<number> {
  const [found] = await rows<{ count: number }>(
    db,
    `select count(*) from inbound where source = :source and disposition is not null and marked_at is null and decided_at < :before`,
    { source, before },
  );
  return found?.count ?? 0;
}

/** When the newest mail was stored; null in an empty database. */
export async function newestStoredAt(db: Db): Promise<Instant | null> {
  const [newest] = await rows<{ at: Instant }>(
    db,
    'select stored_at as at from inbound order by inbound.id desc limit 1',
  );
  return newest?.at ?? null;
}
