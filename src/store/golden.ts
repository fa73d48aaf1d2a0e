// Mails whose outcome an admin has pinned: a policy that would judge one of them otherwise does not come into force unasked.
import type { Outcome } from '../cases/outcome.ts';
import type { Instant } from '../clock.ts';
import { rows, storableJson, type Db } from './db.ts';

/** A pinned mail; `expected` holds the values that are pinned, the others may change. */
export interface GoldenMail {
  name: string;
  mailbox: string;
  raw: Buffer;
  receivedAt: Instant;
  expected: Partial<Outcome>;
  author: string;
  pinnedAt: Instant;
}

/** Every pinned mail, by name. */
export async function goldenMails(db: Db): Promise<GoldenMail[]> {
  return rows(
    db,
    `select name, mailbox, raw, received_at as "receivedAt", expected, author, pinned_at as "pinnedAt" from golden_mails order by name`,
  );
}

/** Pins a mail, or pins the one of this name anew. */
export async function pinGolden(db: Db, golden: GoldenMail): Promise<void> {
  await rows(
    db,
    `insert into golden_mails (name, mailbox, raw, received_at, expected, author, pinned_at)
     values (:name, :mailbox, :raw, :receivedAt, :expected, :author, :pinnedAt)
     on conflict (name) do update set mailbox = excluded.mailbox, raw = excluded.raw, received_at = excluded.received_at,
       expected = excluded.expected, author = excluded.author, pinned_at = excluded.pinned_at`,
    { ...golden, expected: storableJson(golden.expected) },
  );
}

/** Lets a pinned mail go; false when there is none of this name. */
export async function unpinGolden(db: Db, name: string): Promise<boolean> {
  const gone = await rows(db, 'delete from golden_mails where name = :name returning name', { name });
  return gone.length > 0;
}
