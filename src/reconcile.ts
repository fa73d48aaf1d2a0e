// Compares a mailbox on its server with the rows (invariant 4, TRUST P1, P6): a mail without a row, a decided mail that was never flagged, a mail
// in the processed folder whose row is lost, and, by a sample, bytes that are not those of the server. The difference is empty.
import { connectImap } from './intake/imap-connection.ts';
import { archivedUids, describeMails, sumsOnServer } from './intake/imap-archive.ts';
import { serverUids } from './intake/imap-place.ts';
import { sourceKeyOf } from './intake/imap-read.ts';
import { imapSource } from './intake/imap-source.ts';
import type { Instant } from './clock.ts';
import type { ImapAccount } from './config.ts';
import { readCursor } from './store/cursors.ts';
import type { Db } from './store/db.ts';
import { knownKeys } from './store/inbound.ts';
import { describedKey, knownMails, knownSums, sumsOf, unmarkedMails } from './store/ledger.ts';

/** Limits of one comparison. */
export const reconcileLimits = {
  /** Keys asked of the database at once. */
  keysAtOnce: 2000,
  /** Mails of each folder whose bytes are compared each time. */
  sampleMails: 20,
  /** A mail that was decided is flagged within seconds; so long after, it never will be. */
  unmarkedMinutes: 60,
} as const;

/** A folder's mails, by UID. */
export interface FolderUids {
  folder: string;
  uidValidity: string;
  uids: number[];
}

/** What is not as it should be; everything is empty or 0. */
export interface Difference {
  source: string;
  /** Mails on the server that should have a row. */
  server: number;
  /** Those of the watched folder that have none. */
  missing: FolderUids;
  /** Mails in the processed folder that we moved there and that have no row any more; null without such a folder. */
  lost: FolderUids | null;
  /** The newest UID of the processed folder that was looked at. */
  archivedUpTo: { uidValidity: string; uid: number } | null;
  unmarked: number;
  /** Source keys of mails whose row has other bytes than the server; of `sampled`. */
  changed: string[];
  sampled: number;
}

/** Where to begin in the processed folder; null: at its beginning. */
export interface ReconcileFrom {
  archived: { uidValidity: string; uid: number } | null;
  /** An ISO date: mails of the processed folder that came before are left alone; null: none are. */
  archivedSince: string | null;
}

/** Compares one mailbox; rejects when its server or the database cannot be asked. Nothing is changed on either side. */
export async function differenceOf(
  db: Db,
  account: ImapAccount,
  from: ReconcileFrom,
  now: Instant,
): Promise<Difference> {
  const source = imapSource(account);
  const cursor = await readCursor(db, source);
  const { folder, uidValidity, uids } = await serverUids(account, cursor, now);
  const missing: number[] = [];
  for (let at = 0; at < uids.length; at += reconcileLimits.keysAtOnce) {
    const page = uids.slice(at, at + reconcileLimits.keysAtOnce);
    const known = await knownKeys(
      db,
      source,
      page.map((uid) => sourceKeyOf(uidValidity, uid)),
    );
    missing.push(...page.filter((uid) => !known.has(sourceKeyOf(uidValidity, uid))));
  }
  const without = new Set(missing);
  const sample = await sampleWatched(db, account, source, {
    uidValidity,
    uids: uids.filter((uid) => !without.has(uid)),
  });
  const archive = await compareArchive(
    db,
    account,
    { ...from, archivedSince: from.archivedSince ?? cursor?.since ?? null },
    now,
  );
  return {
    source,
    server: uids.length,
    missing: { folder, uidValidity, uids: missing },
    lost: archive?.lost ?? null,
    archivedUpTo: archive?.upTo ?? null,
    unmarked: await unmarkedMails(db, source, now.subtract({ minutes: reconcileLimits.unmarkedMinutes })),
    changed: [...sample.changed, ...(archive?.changed ?? [])],
    sampled: sample.sampled + (archive?.sampled ?? 0),
  };
}

/** The difference in words, a line each; none when it is empty. */
export function differenceLines({ source, missing, lost, unmarked, changed }: Difference): string[] {
  return [
    ...named(source, 'has no row', missing),
    ...(lost ? named(`${source}, moved to ${lost.folder}`, 'has no row any more', lost) : []),
    ...(unmarked > 0
      ? [
          `${source}: ${unmarked} mails were decided over ${reconcileLimits.unmarkedMinutes} minutes ago and are not flagged on the server`,
        ]
      : []),
    ...changed.map((key) => `${source}: the bytes of ${key} on the server are not those of its row`),
  ];
}

/** Mails named one by one before the rest is counted. */
const namedMax = 20;

function named(where: string, what: string, { uidValidity, uids }: FolderUids): string[] {
  const lines = uids
    .slice(0, namedMax)
    .map((uid) => `${where}: the mail with UIDVALIDITY:UID ${sourceKeyOf(uidValidity, uid)} ${what}`);
  return uids.length > namedMax ? [...lines, `${where}: and ${uids.length - namedMax} more`] : lines;
}

async function sampleWatched(
  db: Db,
  account: ImapAccount,
  source: string,
  { uidValidity, uids }: { uidValidity: string; uids: number[] },
): Promise<{ changed: string[]; sampled: number }> {
  const some = sampleOf(uids);
  if (some.length === 0) return { changed: [], sampled: 0 };
  const connection = await connectImap(account, { readOnly: true });
  try {
    const shown = await sumsOnServer(connection, some);
    const kept = await sumsOf(
      db,
      source,
      some.map((uid) => sourceKeyOf(uidValidity, uid)),
    );
    const keys = [...shown].map(([uid, sum]) => ({ key: sourceKeyOf(uidValidity, uid), sum }));
    return {
      changed: keys.filter(({ key, sum }) => kept.get(key) !== sum).map(({ key }) => key),
      sampled: keys.length,
    };
  } finally {
    await connection.end();
  }
}

interface Archive {
  lost: FolderUids;
  upTo: { uidValidity: string; uid: number } | null;
  changed: string[];
  sampled: number;
}

/** A moved mail has a new UID, so it is known by Message-ID and size, and else by its bytes. */
async function compareArchive(
  db: Db,
  account: ImapAccount,
  from: ReconcileFrom,
  now: Instant,
): Promise<Archive | null> {
  const { processedFolder: folder } = account;
  if (folder === null) return null;
  // Opened for writing, though nothing is written: read-only a server does not say whether it keeps keywords (RFC 3501 6.3.2).
  const connection = await connectImap({ ...account, folder });
  try {
    const { uidValidity } = connection;
    const uidAfter = from.archived?.uidValidity === uidValidity ? from.archived.uid : 0;
    const uids = await archivedUids(connection, uidAfter, from.archivedSince);
    const unknown: number[] = [];
    for await (const page of describeMails(connection, uids, now)) {
      const described = page.flatMap(({ messageId, bytes }) => (messageId === null ? [] : [{ messageId, bytes }]));
      const known = await knownMails(db, described);
      for (const { uid, messageId, bytes } of page)
        if (messageId === null || !known.has(describedKey({ messageId, bytes }))) unknown.push(uid);
    }
    const lost = await withoutRow(db, await sumsOnServer(connection, unknown));
    const found = new Set(unknown);
    const sums = await sumsOnServer(connection, sampleOf(uids.filter((uid) => !found.has(uid))));
    const changed = await withoutRow(db, sums);
    return {
      lost: { folder, uidValidity, uids: lost },
      upTo: uids.length === 0 ? from.archived : { uidValidity, uid: uids.at(-1) ?? 0 },
      changed: changed.map((uid) => `${folder} ${sourceKeyOf(uidValidity, uid)}`),
      sampled: sums.size,
    };
  } finally {
    await connection.end();
  }
}

async function withoutRow(db: Db, sums: Map<number, string>): Promise<number[]> {
  if (sums.size === 0) return [];
  const known = await knownSums(db, [...new Set(sums.values())]);
  return [...sums].filter(([, sum]) => !known.has(sum)).map(([uid]) => uid);
}

function sampleOf(uids: number[]): number[] {
  if (uids.length <= reconcileLimits.sampleMails) return uids;
  const some = new Set<number>();
  while (some.size < reconcileLimits.sampleMails) some.add(uids[Math.floor(Math.random() * uids.length)] ?? 0);
  return [...some].sort((one, other) => one - other);
}
