// Looks into the processed folder, where decided mails are moved: nothing watches it, so a row that is lost (a failover, a restored backup) is
// missed by nobody but who compares it. Only what carries our keyword is ours there; people keep other mail in the same folder.
import { createHash } from 'node:crypto';
import type { Instant } from '../clock.ts';
import { messageIds } from '../mail/message-id.ts';
import type { ImapConnection } from './imap-connection.ts';
import { arrivedAt, batchesOf, fetchBatch } from './imap-fetch.ts';
import { keyword } from './imap-mark.ts';

/** Mails described by one command. */
const describedMax = 500;

/** A mail on the server; `messageId` is null when it has none that is a key. */
export interface ArchivedMail {
  uid: number;
  messageId: string | null;
  bytes: number;
  receivedAt: Instant;
}

/** The UIDs above `uidAfter` of mails that we have moved here; where the server keeps no keywords, of all mails since `since` (an ISO date). */
export async function archivedUids(
  connection: ImapConnection,
  uidAfter: number,
  since: string | null,
): Promise<number[]> {
  const { client, folder } = connection;
  const flags = folder.permanentFlags;
  const marked = flags === undefined || flags.has('\\*') || flags.has(keyword);
  const query = {
    uid: `${uidAfter + 1}:*`,
    ...(marked ? { keyword } : {}),
    ...(since === null ? {} : { since }),
  };
  const found = await connection.run('SEARCH', () => client.search(query, { uid: true }));
  if (!Array.isArray(found)) throw new Error('SEARCH: the server refused to list the folder');
  return found.filter((uid) => uid > uidAfter);
}

/** Describes mails page by page, so that a folder of any size is walked in little memory. */
export async function* describeMails(
  connection: ImapConnection,
  uids: number[],
  now: Instant,
): AsyncGenerator<ArchivedMail[]> {
  for (let at = 0; at < uids.length; at += describedMax) {
    const page = uids.slice(at, at + describedMax);
    const answers = await connection.run('FETCH envelopes', () =>
      connection.client.fetchAll(page, { uid: true, envelope: true, size: true, internalDate: true }, { uid: true }),
    );
    yield answers.map(({ uid, envelope, size, internalDate }) => ({
      uid,
      messageId: messageIds(envelope?.messageId ?? '')[0] ?? null,
      bytes: size ?? 0,
      receivedAt: arrivedAt({ ...(internalDate && { internalDate }) }, now),
    }));
  }
}

/** The SHA-256 sums (hex) of mails' bytes as the intake would store them, by UID; those that are gone meanwhile are left out. */
export async function sumsOnServer(connection: ImapConnection, uids: number[]): Promise<Map<number, string>> {
  const sums = new Map<number, string>();
  if (uids.length === 0) return sums;
  for (const batch of await batchesOf(connection, uids)) {
    for (const { uid, source } of await fetchBatch(connection, batch))
      sums.set(
        uid,
        createHash('sha256')
          .update(source ?? Buffer.alloc(0))
          .digest('hex'),
      );
  }
  return sums;
}
