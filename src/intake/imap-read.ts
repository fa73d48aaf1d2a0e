// Reads the mails of a folder that are not stored yet: by UID, oldest first, whatever their flags say (TRUST F17-F19). The cursor stands
// below the oldest mail that is not stored, so that a mail the server cannot give now holds up nothing and is asked for again.
import type { FetchMessageObject } from 'imapflow';
import { monotonicMs } from '../clock.ts';
import type { Clock, Instant } from '../clock.ts';
import type { ImapAccount } from '../config.ts';
import type { Log } from '../log.ts';
import { errorText } from '../log.ts';
import type { Db } from '../store/db.ts';
import { knownKeys, readCursor, saveArrival, saveCursor } from '../store/inbound.ts';
import { imapErrorText, refusedByServer } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';
import { batchesOf, fetchBatch } from './imap-fetch.ts';

/** Limits of one reading. */
export const readLimits = {
  pageMails: 50,
  /** Failures of one mail, asked for alone, after which a line is logged. */
  triesBeforeSaid: 3,
  /** A mail that keeps failing is asked for after 4, 8, 16 … seconds, at most this far apart. */
  retrySecondsMin: 1,
  retrySecondsMax: 3600,
  /** An INTERNALDATE further ahead than this, or before `earliest`, is not believed. */
  aheadHours: 24,
  earliest: '1990-01-01T00:00Z',
} as const;

/** Whose mails are read, and where to. */
export interface ReadOptions {
  account: ImapAccount;
  /** The id of the configured mailbox. */
  mailbox: string;
  source: string;
  db: Db;
  onStored: () => void;
  log: Log;
  now: Clock;
  signal: AbortSignal;
}

/** What a watcher remembers between readings. All UIDs up to `lastUid` are stored; of those above it the ones in `stored` are. */
export interface Reading {
  uidValidity: string | null;
  lastUid: number;
  stored: Set<number>;
  /** UIDs the server failed to give: asked for last, each alone, and less and less often. */
  trouble: Map<number, Trouble>;
}

/** How often a mail failed to come, and the monotonic millisecond before which it is not asked for again. */
export interface Trouble {
  times: number;
  notBefore: number;
}

/** Milliseconds until the next mail that made trouble is due again, at least `retrySecondsMin`; Infinity when there is none. */
export function untilRetry(reading: Reading): number {
  const due = Math.min(...[...reading.trouble.values()].map((trouble) => trouble.notBefore));
  return Math.max(due - monotonicMs(), readLimits.retrySecondsMin * 1000);
}

/** A reading that knows nothing yet. */
export function newReading(): Reading {
  return { uidValidity: null, lastUid: 0, stored: new Set(), trouble: new Map() };
}

/** A failure of our own database in the midst of IMAP work: the connection is fine, and the server's state was not touched. */
export interface StoreFailure extends Error {
  storeFailed: true;
}

/** Whether an error came from the database. */
export function storeFailed(error: unknown): error is StoreFailure {
  return error instanceof Error && 'storeFailed' in error;
}

/** Marks the failures of a database call, so that they are not taken for the IMAP server's. */
export async function inStore<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw Object.assign(new Error(errorText(error), { cause: error }), { storeFailed: true as const });
  }
}

/** The key of a server message: unique within its source for all time (RFC 3501 2.3.1.1). */
export function sourceKeyOf(uidValidity: string, uid: number): string {
  return `${uidValidity}:${uid}`;
}

/** Stores what the folder holds and we do not have. Resolves with the number of fresh mails; stops early when the signal aborts. */
export async function readNew(connection: ImapConnection, reading: Reading, options: ReadOptions): Promise<number> {
  await findPlace(connection, reading, options);
  // RFC 3501 6.4.8: "n:*" always names at least the last mail, also one below n.
  const found = await search(connection, { uid: `${reading.lastUid + 1}:*` });
  const uids = found.filter((uid) => uid > reading.lastUid);
  const missing = uids.filter((uid) => !reading.stored.has(uid));
  // What others expunged is in no trouble any more.
  const here = new Set(missing);
  for (const uid of reading.trouble.keys()) if (!here.has(uid)) reading.trouble.delete(uid);
  let fresh = 0;
  for (const page of pagesOf(missing, reading.trouble)) {
    if (options.signal.aborted) break;
    fresh += await readPage(connection, reading, options, page);
    await advance(reading, options, uids);
  }
  return fresh;
}

/**
 * The UID below which nothing is read: all before the first mail that came on or after `since` (INTERNALDATE), or 0. It is only asked when a
 * folder is met for the first time or its UIDVALIDITY is new; from then on UIDs alone decide.
 */
export async function uidBefore(connection: ImapConnection, since: string | null): Promise<number> {
  if (since === null) return 0;
  const younger = await search(connection, { since });
  const first = younger[0];
  if (first !== undefined) return first - 1;
  const all = await search(connection, { all: true });
  return all.at(-1) ?? 0;
}

/** UIDs that fit, in ascending order. */
export async function search(
  connection: ImapConnection,
  query: { uid?: string; since?: string; all?: boolean },
): Promise<number[]> {
  const found = await connection.run('SEARCH', () => connection.client.search(query, { uid: true }));
  if (!Array.isArray(found)) throw new Error('SEARCH: the server refused to list the folder');
  return found;
}

async function findPlace(connection: ImapConnection, reading: Reading, options: ReadOptions): Promise<void> {
  const { uidValidity } = connection;
  if (reading.uidValidity === uidValidity) return;
  const cursor = await inStore(readCursor(options.db, options.source));
  const fits = cursor?.uidValidity === uidValidity;
  const lastUid = fits ? cursor.lastUid : await uidBefore(connection, options.account.since);
  if (cursor && !fits) {
    const found = { source: options.source, was: cursor.uidValidity, is: uidValidity };
    options.log.warn(
      found,
      `${options.source}: UIDVALIDITY changed, the folder is read anew; known mails are recognised by content`,
    );
  }
  Object.assign(reading, { uidValidity, lastUid, stored: new Set(), trouble: new Map() });
}

/** The order of asking: oldest first, then what made trouble and is due again, each alone: none waits behind it. */
function pagesOf(uids: number[], trouble: Map<number, Trouble>): number[][] {
  const clean = uids.filter((uid) => !trouble.has(uid));
  const pages: number[][] = [];
  for (let at = 0; at < clean.length; at += readLimits.pageMails)
    pages.push(clean.slice(at, at + readLimits.pageMails));
  const now = monotonicMs();
  const due = uids.filter((uid) => (trouble.get(uid)?.notBefore ?? Infinity) <= now);
  return [...pages, ...due.map((uid) => [uid])];
}

/** Suspects mails until they are stored: the first failure may be any of a page and is tried again at once, later ones wait. */
function suspect(reading: Reading, uids: number[]): void {
  for (const uid of uids) {
    const times = (reading.trouble.get(uid)?.times ?? 0) + 1;
    const waitSeconds = times === 1 ? 0 : Math.min(2 ** times, readLimits.retrySecondsMax);
    reading.trouble.set(uid, { times, notBefore: monotonicMs() + waitSeconds * 1000 });
  }
}

async function readPage(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  uids: number[],
): Promise<number> {
  const { uidValidity } = connection;
  const keys = uids.map((uid) => sourceKeyOf(uidValidity, uid));
  const known = await inStore(knownKeys(options.db, options.source, keys));
  for (const uid of uids) if (known.has(sourceKeyOf(uidValidity, uid))) reading.stored.add(uid);
  const missing = uids.filter((uid) => !reading.stored.has(uid));
  if (missing.length === 0) return 0;
  // Noted before, because a mail may take the connection with it.
  suspect(reading, missing);
  let fresh = 0;
  try {
    for (const batch of await batchesOf(connection, missing)) {
      if (options.signal.aborted) break;
      for (const message of await fetchBatch(connection, batch)) {
        if (await keep(connection, reading, options, message)) fresh += 1;
      }
    }
    sayTrouble(reading, options, missing, 'the server gave no content');
  } catch (error) {
    if (storeFailed(error)) for (const uid of missing) reading.trouble.delete(uid);
    else sayTrouble(reading, options, missing, imapErrorText(error));
    if (!refusedByServer(error)) throw error;
  }
  return fresh;
}

/** Several are asked for again one by one; only a mail that fails alone, and again, is worth a line, and one line. */
function sayTrouble(reading: Reading, options: ReadOptions, uids: number[], error: string): void {
  const [uid = 0] = uids;
  if (uids.length !== 1 || reading.trouble.get(uid)?.times !== readLimits.triesBeforeSaid) return;
  const { log, source } = options;
  const text = `${source}: UID ${uid} cannot be read (${error}); the others go on, it is asked for again`;
  log.error({ source, uid, error }, text);
}

async function keep(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  message: FetchMessageObject,
): Promise<boolean> {
  const { db, source, mailbox, now } = options;
  const raw = message.source ?? Buffer.alloc(0);
  const sourceKey = sourceKeyOf(connection.uidValidity, message.uid);
  const at = now();
  const receivedAt = believed(message.internalDate, at);
  const saved = await inStore(
    saveArrival(db, { source, sourceKey, mailbox, raw, envelopeFrom: null, envelopeTo: [], receivedAt }, at),
  );
  reading.stored.add(message.uid);
  reading.trouble.delete(message.uid);
  if (saved.fresh) options.onStored();
  return saved.fresh;
}

/** Moves the cursor up to below the oldest mail that is not stored. Losing this step is harmless: stored mails are known by their keys. */
async function advance(reading: Reading, options: ReadOptions, uids: number[]): Promise<void> {
  const gap = uids.find((uid) => uid > reading.lastUid && !reading.stored.has(uid));
  const lastUid = gap === undefined ? (uids.at(-1) ?? reading.lastUid) : gap - 1;
  if (lastUid <= reading.lastUid || reading.uidValidity === null) return;
  await inStore(saveCursor(options.db, options.source, { uidValidity: reading.uidValidity, lastUid }));
  reading.lastUid = lastUid;
  for (const uid of reading.stored) if (uid <= lastUid) reading.stored.delete(uid);
  for (const uid of reading.trouble.keys()) if (uid <= lastUid) reading.trouble.delete(uid);
}

function believed(internalDate: Date | string | undefined, now: Instant): Instant {
  const milliseconds = internalDate instanceof Date ? internalDate.getTime() : Date.parse(internalDate ?? '');
  if (Number.isNaN(milliseconds)) return now;
  const found = Temporal.Instant.fromEpochMilliseconds(milliseconds);
  const early = Temporal.Instant.compare(found, Temporal.Instant.from(readLimits.earliest)) < 0;
  const late = Temporal.Instant.compare(found, now.add({ hours: readLimits.aheadHours })) > 0;
  return early || late ? now : found;
}
