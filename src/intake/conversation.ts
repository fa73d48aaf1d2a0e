// Whether two mails belong to one conversation, as far as their heads tell. A mail is decided only after the earlier ones of its conversation: a reply
// to a mail that has no case yet would otherwise open a second one, and two mails of one sender would each be the first.
import { parseAuthor } from '../mail/address.ts';
import { firstValue, readHeaderBlock, valuesOf } from '../mail/header-block.ts';
import type { Mail } from '../mail/mail.ts';
import { messageIds, ownMessageId } from '../mail/message-id.ts';
import type { Transaction } from '../store/db.ts';
import { awaitDecisions, olderUndecided } from '../store/inbound.ts';

/** What of a mail ties it to others. */
export type Ties = Pick<Mail, 'from' | 'messageId' | 'inReplyTo' | 'references'>;

/** Whether the mail must be decided after the earlier one: same author, an answer to it, or both answer the same mail. */
export function follows(mail: Ties, earlier: Ties): boolean {
  if (mail.from !== null && mail.from.addrSpec === earlier.from?.addrSpec) return true;
  const answered = new Set([...mail.inReplyTo, ...mail.references]);
  if (earlier.messageId !== null && answered.has(earlier.messageId)) return true;
  return [...earlier.inReplyTo, ...earlier.references].some((id) => answered.has(id));
}

/**
 * Waits until the earlier mails of this one's conversation that other workers have in hand are decided. Gives those that are not even then (their
 * decision failed and is tried again), oldest first. Nobody waits for a later mail, so no two wait for each other.
 */
export async function awaitConversation(
  trx: Transaction,
  mail: Ties,
  id: string,
): Promise<{ id: string; nextAt: Temporal.Instant }[]> {
  const older = await olderUndecided(trx, id);
  const tied = older.filter(({ head }) => follows(mail, tiesOf(head)));
  if (tied.length === 0) return [];
  return awaitDecisions(
    trx,
    tied.map((one) => one.id),
  );
}

/** The ties of a mail by the beginning of its raw bytes. */
export function tiesOf(head: Uint8Array): Ties {
  const { headers } = readHeaderBlock(head);
  return {
    from: parseAuthor(firstValue(headers, 'from')).address,
    messageId: ownMessageId(firstValue(headers, 'message-id')),
    inReplyTo: messageIds(firstValue(headers, 'in-reply-to')),
    references: messageIds(valuesOf(headers, 'references').join(' ')),
  };
}
