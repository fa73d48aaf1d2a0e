// Brings mails over from the server in bounded portions: small ones together, a large one alone, and a mail that made trouble before by
// itself, so that it takes no other with it. What the server cannot give is said once and asked for again later (TRUST P12, F15, F23).
import type { FetchMessageObject } from 'imapflow';
import { imapErrorText, imapLimits, refusedByServer } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';
import type { ReadOptions, Reading } from './imap-read.ts';

/** Mails are fetched together up to this; a larger one alone. */
const batchBytesMax = 5 * 1024 * 1024;

/** Mails to fetch by one command, and their size as the server tells it. */
export interface Batch {
  uids: number[];
  bytes: number;
}

/** Puts mails together by size; mails that made trouble stand alone, so that they take no others with them. */
export async function batchesOf(connection: ImapConnection, reading: Reading, uids: number[]): Promise<Batch[]> {
  const answers = await connection.run('FETCH sizes', () =>
    connection.client.fetchAll(uids, { uid: true, size: true }, { uid: true }),
  );
  const sizes = new Map(answers.map((answer) => [answer.uid, answer.size ?? 0]));
  const made: Batch[] = [];
  let open: Batch | null = null;
  for (const uid of uids) {
    const bytes = sizes.get(uid);
    // Expunged since the search: the next search no longer names it.
    if (bytes === undefined) continue;
    const alone = reading.trouble.has(uid) || bytes > batchBytesMax;
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

/** Fetches the mails of a batch, whole; one the server cannot give is left out, and the connection's own failures reject. */
export async function fetchBatch(
  connection: ImapConnection,
  reading: Reading,
  options: Pick<ReadOptions, 'log' | 'source'>,
  batch: Batch,
): Promise<FetchMessageObject[]> {
  const cut = batch.bytes >= imapLimits.rawBytesMax;
  const source = cut ? { start: 0, maxLength: imapLimits.rawBytesMax - 1 } : true;
  const seconds =
    imapLimits.commandSeconds + Math.min(batch.bytes, imapLimits.rawBytesMax) / imapLimits.bytesPerSecondMin;
  // Until they are stored, these are the ones to suspect when the connection does not survive.
  for (const uid of batch.uids) reading.trouble.set(uid, (reading.trouble.get(uid) ?? 0) + 1);
  try {
    const messages = await connection.run(
      'FETCH mail',
      () => connection.client.fetchAll(batch.uids, { uid: true, internalDate: true, source }, { uid: true }),
      seconds,
    );
    const asked = new Set(batch.uids);
    const whole = messages.filter((message) => asked.has(message.uid) && message.source !== undefined);
    if (whole.length === 0) sayOnce(reading, options, batch, 'the server gave no content');
    return whole;
  } catch (error) {
    if (!refusedByServer(error)) throw error;
    sayOnce(reading, options, batch, imapErrorText(error));
    return [];
  }
}

function sayOnce(reading: Reading, options: Pick<ReadOptions, 'log' | 'source'>, batch: Batch, error: string): void {
  const [uid = 0] = batch.uids;
  // Several at once are asked for again one by one; only the one that fails alone is worth a line, and one line.
  if (batch.uids.length > 1 || reading.trouble.get(uid) !== 2) return;
  options.log.error(
    { source: options.source, uid, error },
    `${options.source}: UID ${uid} cannot be read (${error}); the others go on, it is asked for again at every poll`,
  );
}
