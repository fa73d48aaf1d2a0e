// Which mails of a folder are ours to read: by UID and the day the reading began, never by sequence number or flag (TRUST F17-F19). Of the
// mails that stood there when we first came, those since that day; of what came after, every one, whatever its date says.
import type { Clock, Instant } from '../clock.ts';
import type { ImapAccount } from '../config.ts';
import type { Log } from '../log.ts';
import type { Db } from '../store/db.ts';
import { beginCursor, readCursor } from '../store/cursors.ts';
import type { Cursor } from '../store/cursors.ts';
import { connectImap } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';
import { inStore } from './store-failure.ts';

/**
 * Without `since:` mail is read that came from the day before the first connection on. Not less: SEARCH SINCE knows days only, in the
 * server's zone (RFC 3501 6.4.4), and nothing that came while the gateway was set up may be missing.
 */
const daysBefore = 1;

/** Whose place is looked for. */
export interface PlaceOptions {
  account: ImapAccount;
  source: string;
  db: Db;
  log: Log;
  now: Clock;
}

/** The place that is stored for the open folder; or, when it is met for the first time, has a new UIDVALIDITY or another `since:`, a new one. */
export async function findPlace(connection: ImapConnection, options: PlaceOptions): Promise<Cursor> {
  const { account, source, db, log, now } = options;
  const { uidValidity } = connection;
  const stored = await inStore(readCursor(db, source));
  const since = startDay(account.since, stored, now());
  if (stored?.uidValidity === uidValidity && stored.since === since) return stored;
  const startUid = since === null ? 0 : await highestUid(connection);
  const place = await inStore(beginCursor(db, source, { uidValidity, since, startUid, lastUid: 0 }));
  const read = place.since === null ? 'all of it is read' : `mail that came before ${place.since} is left alone`;
  if (stored && stored.uidValidity !== uidValidity) {
    const text = `${source}: UIDVALIDITY changed, the folder is read anew and known mails are recognised by content; ${read}`;
    log.warn({ source, was: stored.uidValidity, is: uidValidity, since: place.since }, text);
  } else {
    log.info(
      { source, since: place.since },
      `${source}: the reading begins; ${read} (since: in casepost.yaml decides)`,
    );
  }
  return place;
}

/** The UIDs from `from` on that should have a row, in ascending order. */
export async function expectedUids(connection: ImapConnection, place: Cursor, from: number): Promise<number[]> {
  const { since, startUid } = place;
  const early =
    since !== null && from <= startUid ? await search(connection, { uid: `${from}:${startUid}`, since }) : [];
  const late = Math.max(from, startUid + 1);
  // RFC 3501 6.4.8: "n:*" always names at least the last mail, also one below n.
  const came = (await search(connection, { uid: `${late}:*` })).filter((uid) => uid >= late);
  return [...early.filter((uid) => uid >= from && uid <= startUid), ...came];
}

/** UIDs that fit, in ascending order; rejects when the server refuses. */
export async function search(connection: ImapConnection, query: { uid: string; since?: string }): Promise<number[]> {
  const found = await connection.run('SEARCH', () => connection.client.search(query, { uid: true }));
  if (!Array.isArray(found)) throw new Error('SEARCH: the server refused to list the folder');
  return found;
}

/** What a folder holds now, for `reconcile`: how many mails, and the UIDs that should have a row. `cursor` is its stored place, null before the first time. Rejects when it cannot be asked. */
export async function serverUids(
  account: ImapAccount,
  cursor: Cursor | null,
  now: Instant,
): Promise<{ folder: string; uidValidity: string; mails: number; uids: number[] }> {
  const connection = await connectImap(account, { readOnly: true });
  try {
    const { uidValidity } = connection;
    const since = startDay(account.since, cursor, now);
    const fits = cursor?.uidValidity === uidValidity && cursor.since === since;
    const startUid = since === null ? 0 : fits ? cursor.startUid : await highestUid(connection);
    const uids = await expectedUids(connection, { uidValidity, lastUid: 0, since, startUid }, 1);
    return { folder: account.folder, uidValidity, mails: connection.folder.exists, uids };
  } finally {
    await connection.end();
  }
}

/** What is written goes before what is stored; null is the beginning of all mail. */
function startDay(written: string | null, stored: Cursor | null, now: Instant): string | null {
  if (written === 'beginning') return null;
  if (written !== null) return written;
  if (stored !== null) return stored.since;
  return now.toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: daysBefore }).toString();
}

/** UIDNEXT would be cheaper, and servers that tell it wrong are known; the last mail's own UID is what it is. */
async function highestUid(connection: ImapConnection): Promise<number> {
  return connection.folder.exists === 0 ? 0 : ((await search(connection, { uid: '*' })).at(-1) ?? 0);
}
