// After a database backup was restored: the mails that came since are still on their servers, most of them in the processed folder that nobody
// watches. They are read again in the order in which they came, marked as decided before, so that nobody is answered twice (TRUST P16).
import type { Instant } from './clock.ts';
import type { Config, MailboxConfig } from './config.ts';
import { tiesOf } from './intake/conversation.ts';
import { describeMails } from './intake/imap-archive.ts';
import { connectImap, type ImapConnection } from './intake/imap-connection.ts';
import { batchesOf, fetchBatch } from './intake/imap-fetch.ts';
import { keyword } from './intake/imap-mark.ts';
import { sourceKeyOf } from './intake/imap-read.ts';
import { imapSource } from './intake/imap-source.ts';
import { receiveNext, type Received, type ReceiveOptions } from './intake/receive.ts';
import { differenceOf, type FolderUids } from './reconcile.ts';
import type { Db } from './store/db.ts';
import { recordMarked, saveArrival } from './store/inbound.ts';

/** Mails of the processed folder are looked at from so long before the backup's newest row on: clocks and days differ. */
export const marginDays = 2;

/** A mail on a server that has no row. */
export interface LostMail {
  mailbox: MailboxConfig;
  /** Its folder, as a source. */
  source: string;
  folder: string;
  uidValidity: string;
  uid: number;
  receivedAt: Instant;
}

/** The mails without a row, oldest first. `since` is an ISO date: older ones in processed folders are left alone. Rejects when a server can not be asked. */
export async function lostMails(db: Db, config: Config, since: string | null, now: Instant): Promise<LostMail[]> {
  const found: LostMail[] = [];
  for (const mailbox of config.mailboxes) {
    const { imap } = mailbox;
    if (!imap) continue;
    const { missing, lost } = await differenceOf(db, imap, { archived: null, archivedSince: since }, now);
    for (const { folder, uidValidity, uids } of [missing, ...(lost ? [lost] : [])] satisfies FolderUids[]) {
      if (uids.length === 0) continue;
      const source = imapSource({ ...imap, folder });
      await inFolder(mailbox, folder, async (connection) => {
        for await (const page of describeMails(connection, uids, now))
          found.push(...page.map(({ uid, receivedAt }) => ({ mailbox, source, folder, uidValidity, uid, receivedAt })));
      });
    }
  }
  return found.sort((one, other) => Temporal.Instant.compare(one.receivedAt, other.receivedAt) || one.uid - other.uid);
}

/** The ISO date from which on processed folders are looked at, by the newest row of the backup. */
export function lookedFrom(newest: Instant | null): string | null {
  return newest === null
    ? null
    : newest.toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: marginDays }).toString();
}

/** Stores and decides on one lost mail; null when it is gone from its server, or waits for a try that failed. */
export async function recover(
  receiving: ReceiveOptions,
  connection: ImapConnection,
  mail: LostMail,
): Promise<Received | null> {
  const { db, now } = receiving;
  const [batch] = await batchesOf(connection, [mail.uid]);
  const [message] = batch ? await fetchBatch(connection, batch) : [];
  if (!message?.source) return null;
  const watched = mail.folder === mail.mailbox.imap?.folder;
  const saved = await saveArrival(
    db,
    {
      source: mail.source,
      sourceKey: sourceKeyOf(mail.uidValidity, mail.uid),
      mailbox: mail.mailbox.id,
      raw: message.source,
      envelopeFrom: null,
      envelopeTo: [],
      receivedAt: mail.receivedAt,
      // In the watched folder lie also mails that nobody has ever decided: they came after the end.
      recovered: !watched || decidedBefore(connection, mail.mailbox, message.flags ?? new Set()),
      ...tiesOf(message.source),
    },
    now(),
  );
  const received = await receiveNext({ ...receiving, inboundId: saved.id });
  // What is in the processed folder is where it belongs; the gateway flags and moves the rest.
  if (received && !watched) await recordMarked(db, [saved.id], now());
  return received;
}

/** Opens a folder of a mailbox, and closes it afterwards. For writing, so that the server says whether it keeps keywords; nothing is written. */
export async function inFolder<T>(
  { imap }: MailboxConfig,
  folder: string,
  action: (connection: ImapConnection) => Promise<T>,
): Promise<T> {
  if (!imap) throw new Error('the mailbox has no imap:');
  const connection = await connectImap({ ...imap, folder });
  try {
    return await action(connection);
  } finally {
    await connection.end();
  }
}

/** Whether the server shows that we have decided on it: our keyword; where none are kept and nothing is moved, \Seen is all there is. */
function decidedBefore({ folder }: ImapConnection, { imap }: MailboxConfig, flags: Set<string>): boolean {
  const kept =
    folder.permanentFlags === undefined || folder.permanentFlags.has('\\*') || folder.permanentFlags.has(keyword);
  return kept ? flags.has(keyword) : imap?.processedFolder === null && flags.has('\\Seen');
}
