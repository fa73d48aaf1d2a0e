// Brings mails over from the server in bounded portions: small ones together, a large one alone (TRUST P12, F27). A mail cut off in the
// middle never gets here: imapflow hands over whole literals only, and the connection then fails (F15).
import type { FetchMessageObject } from 'imapflow';
import type { Instant } from '../clock.ts';
import { imapLimits } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';

/** Mails are fetched together up to this; a larger one alone. */
const batchBytesMax = 5 * 1024 * 1024;

/** An INTERNALDATE further ahead than this, or before `earliest`, is not believed. */
const aheadHours = 24;
const earliest = '1990-01-01T00:00Z';

/** Mails to fetch by one command, and their size as the server tells it. */
export interface Batch {
  uids: number[];
  bytes: number;
}

/** Puts mails together by size, in their order. Mails that are gone meanwhile are left out: the next search no longer names them. */
export async function batchesOf(connection: ImapConnection, uids: number[]): Promise<Batch[]> {
  const answers = await connection.run('FETCH sizes', () =>
    connection.client.fetchAll(uids, { uid: true, size: true }, { uid: true }),
  );
  const sizes = new Map(answers.map((answer) => [answer.uid, answer.size ?? 0]));
  const made: Batch[] = [];
  let open: Batch | null = null;
  for (const uid of uids) {
    const bytes = sizes.get(uid);
    if (bytes === undefined) continue;
    const alone = bytes > batchBytesMax;
    if (open === null || alone || open.bytes + bytes > batchBytesMax) {
      open = { uids: [], bytes: 0 };
      made.push(open);
    }
    open.uids.push(uid);
    open.bytes += bytes;
    if (alone) open = null;
  }
  return made;
}

/** Fetches the mails of a batch, each whole or not at all; what the server does not give is not in the answer. */
export async function fetchBatch(connection: ImapConnection, batch: Batch): Promise<FetchMessageObject[]> {
  const cut = batch.bytes >= imapLimits.rawBytesMax;
  const source = cut ? { start: 0, maxLength: imapLimits.rawBytesMax - 1 } : true;
  const messages = await connection.run(
    'FETCH mail',
    () => connection.client.fetchAll(batch.uids, { uid: true, internalDate: true, flags: true, source }, { uid: true }),
    imapLimits.commandSeconds + bytesOf(batch) / imapLimits.bytesPerSecondMin,
  );
  const asked = new Set(batch.uids);
  return messages.filter((message) => asked.has(message.uid) && message.source !== undefined);
}

/** Most bytes that a batch brings. */
export function bytesOf(batch: Batch): number {
  return Math.min(batch.bytes, imapLimits.rawBytesMax);
}

/** When the server says that a mail came; now, where that cannot be. */
export function arrivedAt({ internalDate }: Pick<FetchMessageObject, 'internalDate'>, now: Instant): Instant {
  const milliseconds = internalDate instanceof Date ? internalDate.getTime() : Date.parse(internalDate ?? '');
  if (Number.isNaN(milliseconds)) return now;
  const found = Temporal.Instant.fromEpochMilliseconds(milliseconds);
  const early = Temporal.Instant.compare(found, Temporal.Instant.from(earliest)) < 0;
  const late = Temporal.Instant.compare(found, now.add({ hours: aheadHours })) > 0;
  return early || late ? now : found;
}
