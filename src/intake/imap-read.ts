// Reads the mails of a folder that are not stored yet: by UID, oldest first, whatever their flags say (TRUST F17-F19). A look costs one SEARCH
// above what has been read, however many mails the folder holds; a mail the server cannot give now holds up nothing and is asked for again.
import type { FetchMessageObject } from 'imapflow';
import { monotonicMs } from '../clock.ts';
import type { Cursor } from '../store/cursors.ts';
import { saveCursor } from '../store/cursors.ts';
import { knownKeys, saveArrival } from '../store/inbound.ts';
import { readLineage } from '../store/lineage.ts';
import { tiesOf } from './conversation.ts';
import type { ImapConnection } from './imap-connection.ts';
import { arrivedAt, batchesOf, bytesOf, fetchBatch } from './imap-fetch.ts';
import type { Batch } from './imap-fetch.ts';
import { keyword } from './imap-mark.ts';
import { expectedUids, findPlace, search } from './imap-place.ts';
import type { PlaceOptions } from './imap-place.ts';
import { askedToWait, imapErrorText, refusedByServer } from './imap-refusal.ts';
import { dueUids, sayTrouble, suspect, type Trouble } from './imap-trouble.ts';
import type { LargeMails } from './large.ts';
import { inStore, storeFailed } from './store-failure.ts';

/** Limits of one reading. */
export const readLimits = {
  pageMails: 50,
  /** How long a large mail waits for those that other doors hold, before it is asked for later. */
  roomSeconds: 5,
  /** Every so often, and at each start, the whole folder is compared with the rows: a server may let a lower UID appear late. */
  sweepHours: 6,
  /** Keys asked of the database at once by the comparison. */
  sweepKeys: 1000,
} as const;

/** Whose mails are read, and where to. */
export interface ReadOptions extends PlaceOptions {
  /** The id of the configured mailbox. */
  mailbox: string;
  large: LargeMails;
  onStored: () => void;
  signal: AbortSignal;
}

/** What a watcher remembers between readings. Every mail of ours up to `readUid` is stored, or in `trouble`, or gone. */
export interface Reading {
  /** The history of the database that all this is true of (store/lineage.ts). */
  lineage: string | null;
  place: Cursor | null;
  readUid: number;
  /** UIDs the server failed to give: asked for last, each alone, and less and less often. */
  trouble: Trouble;
  /** The monotonic millisecond of the next comparison of the whole folder. */
  sweepAt: number;
}

/** A reading that knows nothing yet. */
export function newReading(): Reading {
  return { lineage: null, place: null, readUid: 0, trouble: new Map(), sweepAt: 0 };
}

/** The key of a server message: unique within its source for all time (RFC 3501 2.3.1.1). */
export function sourceKeyOf(uidValidity: string, uid: number): string {
  return `${uidValidity}:${uid}`;
}

/** Stores what the folder holds and we do not have. Resolves with the number of fresh mails; stops early when the signal aborts. */
export async function readNew(connection: ImapConnection, reading: Reading, options: ReadOptions): Promise<number> {
  const place = await placeOf(connection, reading, options);
  const found = await expectedUids(connection, place, reading.readUid + 1);
  const due = dueUids(reading.trouble).slice(0, readLimits.pageMails);
  const below = due.filter((uid) => uid <= reading.readUid);
  const here = new Set(found);
  if (below.length > 0) for (const uid of await search(connection, { uid: below.join(',') })) here.add(uid);
  // What others expunged is in no trouble any more.
  for (const uid of reading.trouble.keys())
    if ((uid > reading.readUid || below.includes(uid)) && !here.has(uid)) reading.trouble.delete(uid);
  const again = due.filter((uid) => here.has(uid));
  let fresh = await readPages(connection, reading, options, [...pagesOf(reading, found), ...again.map((uid) => [uid])]);
  // What stood there at the start is done with: from now on only what is above it is searched.
  if (!options.signal.aborted) await advance(reading, options, place.startUid);
  if (monotonicMs() >= reading.sweepAt && !options.signal.aborted) {
    const pages = pagesOf(reading, await overlooked(connection, reading, options));
    fresh += await readPages(connection, reading, options, pages);
    reading.sweepAt = nextSweep();
  }
  return fresh;
}

async function placeOf(connection: ImapConnection, reading: Reading, options: ReadOptions): Promise<Cursor> {
  const lineage = await inStore(readLineage(options.db));
  const same = reading.lineage === lineage;
  if (same && reading.place?.uidValidity === connection.uidValidity) return reading.place;
  const place = await findPlace(connection, options);
  // A folder read from its beginning needs no comparison now; a database that lacks its last rows does (TRUST F6).
  const sweepAt = place.lastUid === 0 ? nextSweep() : same ? reading.sweepAt : 0;
  Object.assign(reading, { lineage, place, readUid: place.lastUid, trouble: new Map(), sweepAt });
  return place;
}

function nextSweep(): number {
  return monotonicMs() + readLimits.sweepHours * 3_600_000;
}

/** UIDs below those that have been read, without a row and in no trouble: they should not be. */
async function overlooked(connection: ImapConnection, reading: Reading, options: ReadOptions): Promise<number[]> {
  const { place, readUid, trouble } = reading;
  if (place === null) return [];
  const uids = (await expectedUids(connection, place, 1)).filter((uid) => uid <= readUid && !trouble.has(uid));
  const missing: number[] = [];
  for (let at = 0; at < uids.length; at += readLimits.sweepKeys) {
    const some = uids.slice(at, at + readLimits.sweepKeys);
    const known = await knownUids(options, place.uidValidity, some);
    missing.push(...some.filter((uid) => !known.has(uid)));
  }
  const { log, source } = options;
  if (missing.length > 0) {
    const text = `${source}: ${missing.length} mails below UID ${readUid} have no row, the first is UID ${missing[0]}; they are read now`;
    log.warn({ source, missing: missing.length, readUid }, text);
  }
  return missing;
}

/** Mails in their order, but for those in trouble. */
function pagesOf(reading: Reading, uids: number[]): number[][] {
  const clean = uids.filter((uid) => !reading.trouble.has(uid));
  const pages: number[][] = [];
  for (let at = 0; at < clean.length; at += readLimits.pageMails)
    pages.push(clean.slice(at, at + readLimits.pageMails));
  return pages;
}

async function readPages(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  pages: number[][],
): Promise<number> {
  let fresh = 0;
  for (const page of pages) {
    if (options.signal.aborted) break;
    fresh += await readPage(connection, reading, options, page);
    // Only what was really given moves it: a server that names UIDs it does not have would hide all below them.
    const stored = page.filter((uid) => !reading.trouble.has(uid));
    await advance(reading, options, stored.at(-1) ?? 0);
  }
  return fresh;
}

async function readPage(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  uids: number[],
): Promise<number> {
  const known = await knownUids(options, connection.uidValidity, uids);
  for (const uid of known) reading.trouble.delete(uid);
  const missing = uids.filter((uid) => !known.has(uid));
  if (missing.length === 0) return 0;
  const before = new Map(reading.trouble);
  // Noted before, because a mail may take the connection with it.
  suspect(reading.trouble, missing);
  let fresh = 0;
  try {
    for (const batch of await batchesOf(connection, missing)) {
      if (options.signal.aborted) break;
      fresh += await bring(connection, reading, options, batch);
    }
    sayTrouble(reading.trouble, options, missing, 'the server gave no content, or others left no room for it');
  } catch (error) {
    const blameless = storeFailed(error) || askedToWait(error) !== null;
    if (blameless) reading.trouble = before;
    else sayTrouble(reading.trouble, options, missing, imapErrorText(error));
    if (blameless || !refusedByServer(error)) throw error;
  }
  return fresh;
}

async function knownUids(options: ReadOptions, uidValidity: string, uids: number[]): Promise<Set<number>> {
  const keys = new Map(uids.map((uid) => [sourceKeyOf(uidValidity, uid), uid]));
  const known = await inStore(knownKeys(options.db, options.source, [...keys.keys()]));
  return new Set([...known].map((key) => keys.get(key) ?? 0));
}

/** A batch from the server into the store. When there is no room for it soon its mails stay in trouble, and those behind them go first (TRUST P12). */
async function bring(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  batch: Batch,
): Promise<number> {
  const { large, signal } = options;
  const arriving = large.arriving();
  try {
    if (!(await arriving.hold(bytesOf(batch), readLimits.roomSeconds)) || signal.aborted) return 0;
    const messages = await fetchBatch(connection, batch);
    // What came, and not what the server said would.
    const bytes = messages.reduce((sum, { source }) => sum + (source?.length ?? 0), 0);
    return await large.stored(bytes, () => keep(connection, reading, options, messages));
  } finally {
    arriving.leave();
  }
}

/** Stores what a batch brought, all of it or nothing: one commit, however many small mails. */
async function keep(
  connection: ImapConnection,
  reading: Reading,
  options: ReadOptions,
  messages: FetchMessageObject[],
): Promise<number> {
  const { db, source, mailbox, now } = options;
  const at = now();
  const arrivals = messages.map((message) => {
    const raw = message.source ?? Buffer.alloc(0);
    const key = { source, sourceKey: sourceKeyOf(connection.uidValidity, message.uid), mailbox };
    const came = { receivedAt: arrivedAt(message, at), recovered: message.flags?.has(keyword) ?? false };
    return { ...key, ...came, ...tiesOf(raw), raw, envelopeFrom: null, envelopeTo: [] };
  });
  const saving = db.transaction((trx) => Promise.all(arrivals.map((arrival) => saveArrival(trx, arrival, at))));
  const saved = await inStore(saving);
  for (const { uid } of messages) reading.trouble.delete(uid);
  const fresh = saved.filter((one) => one.fresh).length;
  if (fresh > 0) options.onStored();
  return fresh;
}

/** Moves on to `uid`, and the stored cursor up to below the oldest mail in trouble. Losing this step is harmless: stored mails are known by their keys. */
async function advance(reading: Reading, options: ReadOptions, uid: number): Promise<void> {
  const { place, trouble } = reading;
  if (place === null) return;
  reading.readUid = Math.max(reading.readUid, uid);
  let lastUid = reading.readUid;
  for (const left of trouble.keys()) lastUid = Math.min(lastUid, left - 1);
  if (lastUid <= place.lastUid) return;
  await inStore(saveCursor(options.db, options.source, { uidValidity: place.uidValidity, lastUid }));
  place.lastUid = lastUid;
}
