// What is remembered of a mail beside its bytes: the keys by which its copies, its like and its answers are found again.
import { createHash } from 'node:crypto';
import type { Mail } from '../mail/mail.ts';
import { bareSubject } from '../mail/subject.ts';
import type { InboundFacts } from '../store/inbound.ts';

/** Headers that say who wrote what; those a mail gains on its way (Received, Delivered-To …) are no content. */
const contentHeaders = new Set([
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'content-type',
]);

/**
 * The row's facts of a mail. The content key is the same however often and through whichever mailbox the mail is delivered;
 * a mail whose sender is proven false has one of its own, so that a forged copy that is faster can not make the real mail a duplicate (TRUST T19).
 */
export function rememberedOf(mail: Mail, raw: Buffer, sender: 'failed' | 'believed'): InboundFacts {
  const head = mail.headers.filter(({ name }) => contentHeaders.has(name)).map(({ name, value }) => `${name}:${value}`);
  const body = bodyOf(raw);
  const written = mail.reply.replaceAll(/\s+/g, ' ').trim();
  const identified = mail.messageId !== null || mail.date !== null;
  const contentKey = createHash('sha256');
  // A mail without id and date has nothing that tells a second sending from a second copy but all of its bytes.
  if (identified) contentKey.update(head.join('\n')).update('\n\n').update(body);
  else contentKey.update(raw);
  const content = contentKey.digest();
  return {
    messageId: mail.messageId,
    from: mail.from?.addrSpec ?? null,
    subject: mail.subject,
    contentKey: sender === 'failed' ? createHash('sha256').update('forged\n').update(content).digest() : content,
    believedKey: content,
    subjectKey: bareSubject(mail.subject).toLowerCase(),
    // A machine's mails differ in numbers: of the host, the ticket, the minute. From one sender they are one text; from several, they are not.
    bodyKey: written === '' ? null : digestOf(written.replaceAll(/\p{Nd}+/gu, '0')),
    textKey: written === '' ? null : digestOf(written),
    defects: mail.defects,
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Bodies up to this size are compared with their line ends made one; making them so in a larger one would hold up everything else (TRUST P12). */
const evenedBytesMax = 1024 * 1024;

/** What stands after the first empty line. */
function bodyOf(raw: Buffer): string | Buffer {
  const empty = raw.indexOf('\r\n\r\n');
  const bare = raw.indexOf('\n\n');
  const start = empty >= 0 && (bare < 0 || empty < bare) ? empty + 4 : bare + 2;
  if (empty < 0 && bare < 0) return '';
  const body = raw.subarray(start);
  return body.length > evenedBytesMax ? body : body.toString('latin1').replaceAll('\r\n', '\n').trimEnd();
}
