// Whether two mails belong to one conversation, as far as their heads tell. A mail is decided only after the earlier ones of its conversation: a reply
// to a mail that has no case yet would otherwise open a second one, and two mails of one sender would each be the first.
import { parseAuthor } from '../mail/address.ts';
import { firstValue, readHeaderBlock, valuesOf } from '../mail/header-block.ts';
import type { Mail } from '../mail/mail.ts';
import { messageIds, ownMessageId } from '../mail/message-id.ts';
import type { Arrival } from '../store/inbound.ts';

/** What of a mail ties it to others. */
export type Ties = Pick<Mail, 'from' | 'messageId' | 'inReplyTo' | 'references'>;

const headBytesMax = 64 * 1024;

/** Whether the mail must be decided after the earlier one: same author, an answer to it, or both answer the same mail. */
export function follows(mail: Ties, earlier: Ties): boolean {
  const { ties } = tied(earlier);
  return tied(mail).follows.some((one) => ties.includes(one));
}

/** The ties of a mail by the beginning of its raw bytes, as they are stored with it: it waits for the earlier ones that have a tie which it `follows`. */
export function tiesOf(raw: Uint8Array): Pick<Arrival, 'ties' | 'follows'> {
  const { headers } = readHeaderBlock(raw.subarray(0, headBytesMax));
  return tied({
    from: parseAuthor(firstValue(headers, 'from')).address,
    messageId: ownMessageId(firstValue(headers, 'message-id')),
    inReplyTo: messageIds(firstValue(headers, 'in-reply-to')),
    references: messageIds(valuesOf(headers, 'references').join(' ')),
  });
}

function tied({ from, messageId, inReplyTo, references }: Ties): Pick<Arrival, 'ties' | 'follows'> {
  const author = from === null ? [] : [`from ${from.addrSpec}`];
  const answered = [...new Set([...inReplyTo, ...references])];
  const answers = answered.map((id) => `answers ${id}`);
  return {
    ties: [...author, ...(messageId === null ? [] : [`is ${messageId}`]), ...answers],
    follows: [...author, ...answered.map((id) => `is ${id}`), ...answers],
  };
}
