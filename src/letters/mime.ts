// Builds the bytes of a letter: one header block, text and html side by side, the same bytes for the same input. The only file that
// knows nodemailer's composer; everything goes in as objects, nothing may be read from a file or fetched (TRUST T14, T16, T17).
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Instant } from '../clock.ts';
import { letterLimits } from './letter.ts';
import type { LetterAttachment } from './letter.ts';
import { headerText } from './plain-text.ts';

/** An RFC 5322 mailbox as nodemailer takes it: never a string, which it would split at commas. */
export interface NamedAddress {
  name: string;
  address: string;
}

/** The parts of a letter, cleaned. Message-IDs without brackets; `references` oldest first. */
export interface MimeParts {
  from: NamedAddress;
  to: NamedAddress;
  replyTo: NamedAddress | null;
  subject: string;
  messageId: string;
  inReplyTo: string | null;
  references: string[];
  /** Further headers, name and value, ASCII and one line each. */
  headers: Record<string, string>;
  text: string;
  html: string;
  attachments: LetterAttachment[];
}

/** The mail's bytes, CRLF throughout. Rejects when they are more than `letterLimits.rawBytesMax`. */
export async function mimeBytes(parts: MimeParts, now: Instant): Promise<Buffer> {
  const composer = new MailComposer({
    from: parts.from,
    to: parts.to,
    ...(parts.replyTo ? { replyTo: parts.replyTo } : {}),
    subject: parts.subject,
    messageId: `<${parts.messageId}>`,
    date: dateHeader(now),
    ...(parts.inReplyTo === null ? {} : { inReplyTo: `<${parts.inReplyTo}>` }),
    ...(parts.references.length > 0 ? { references: parts.references.map((id) => `<${id}>`) } : {}),
    headers: parts.headers,
    text: parts.text,
    html: parts.html,
    attachments: parts.attachments.map(mimeAttachment),
    // The unique part of the Message-ID is 80 bits no sender of a quoted text can know: a body can not contain the boundary.
    baseBoundary: parts.messageId.split('.')[1] ?? parts.messageId,
    boundaryPrefix: '--casepost',
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = await composer.compile().build();
  if (raw.length > letterLimits.rawBytesMax) {
    const allowed = `at most ${letterLimits.rawBytesMax} are sent`;
    throw new RangeError(`letters: <${parts.messageId}> has ${raw.length} bytes; ${allowed}, so no letter was made`);
  }
  return raw;
}

/** Bytes only: a path or an address in an attachment would be read by the composer (TRUST T14). */
function mimeAttachment({ name, type, content }: LetterAttachment) {
  // A type the composer would treat as structure (a mail in a mail, a multipart) goes as plain bytes: it arrives as it was.
  const usable = /^(?:text|image|audio|video|font|application)\/[a-z0-9][a-z0-9.+_-]{0,100}$/.test(type.toLowerCase());
  return {
    filename: headerText(name, letterLimits.nameCodePointsMax).replaceAll(/["/\\]/g, '_') || 'attachment',
    contentType: usable ? type.toLowerCase() : 'application/octet-stream',
    contentDisposition: 'attachment',
    content: Buffer.from(content),
  };
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon, 02 Mar 2026 09:00:00 +0000` (RFC 5322 3.3), always in UTC. */
export function dateHeader(now: Instant): string {
  const at = now.toZonedDateTimeISO('UTC');
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${days[at.dayOfWeek - 1]}, ${two(at.day)} ${months[at.month - 1]} ${at.year}`;
  return `${date} ${two(at.hour)}:${two(at.minute)}:${two(at.second)} +0000`;
}
