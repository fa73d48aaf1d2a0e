// Builds the bytes of a letter: one header block, text and html side by side, the same bytes for the same input. The only file that knows
// nodemailer's encoders: what a header may hold is theirs to know, the structure is small enough to write down. Its composer builds the same by a
// stream for each part, which cost more than all the rest of a letter. Nothing is read from a file or fetched (TRUST T14, T16, T17).
import MimeNode from 'nodemailer/lib/mime-node';
import { foldLines } from 'nodemailer/lib/mime-funcs';
import { encode, wrap } from 'nodemailer/lib/qp';
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

/** Characters of an encoded line (RFC 2045 6.7, 6.8), and of a line that is sent as it is. */
const lineChars = 76;

/** It holds nothing: its methods encode headers, and its children have the headers of attachments. */
const encoder = new MimeNode();

/** The mail's bytes, CRLF throughout. Throws when they are more than `letterLimits.rawBytesMax`. */
export function mimeBytes(parts: MimeParts, now: Instant): Buffer {
  // The unique part of the Message-ID is 80 bits no sender of a quoted text can know: a body can not contain the boundary.
  const boundary = `--casepost-${parts.messageId.split('.')[1] ?? parts.messageId}-Part_`;
  const words = multipart('alternative', `${boundary}2`, [textPart('plain', parts.text), textPart('html', parts.html)]);
  const body =
    parts.attachments.length === 0
      ? words
      : multipart('mixed', `${boundary}1`, [words, ...parts.attachments.map(attachmentPart)]);
  const raw = Buffer.from(`${headerBlock(parts, now)}${body}`);
  if (raw.length > letterLimits.rawBytesMax) {
    const allowed = `at most ${letterLimits.rawBytesMax} are sent`;
    throw new RangeError(`letters: <${parts.messageId}> has ${raw.length} bytes; ${allowed}, so no letter was made`);
  }
  return raw;
}

function headerBlock(parts: MimeParts, now: Instant): string {
  const headers: [string, unknown][] = [
    ...Object.entries(parts.headers),
    ['From', parts.from],
    ['To', parts.to],
    ['Reply-To', parts.replyTo],
    ['In-Reply-To', parts.inReplyTo],
    ['References', parts.references],
    ['Subject', parts.subject],
    ['Message-ID', parts.messageId],
    ['Date', dateHeader(now)],
    ['MIME-Version', '1.0'],
  ];
  const lines = headers.map(([name, value]) => {
    const written = value === null ? '' : encoder.encodeHeaderValue(name, value);
    return written.trim() === '' ? '' : `${foldLines(`${name}: ${written}`, lineChars)}\r\n`;
  });
  return lines.join('');
}

function multipart(kind: string, boundary: string, parts: string[]): string {
  const header = `Content-Type: multipart/${kind};\r\n boundary="${boundary}"\r\n\r\n`;
  return `${header}${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

/** Words go as they are where they can, and else in the shorter of the two encodings, as far as that can be told at a glance. */
function textPart(kind: 'plain' | 'html', words: string): string {
  const text = words.replaceAll(/\r\n|\r|\n/g, '\r\n');
  const header = (encoding: string) =>
    `Content-Type: text/${kind}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  if (/^(?:[\t -~]{0,76}\r\n)*[\t -~]{0,76}$/.test(text)) return `${header('7bit')}${text}`;
  const bytes = Buffer.from(text);
  if (bytes.length > text.length * latinBytes) return `${header('base64')}${base64Lines(bytes)}`;
  return `${header('quoted-printable')}${wrap(encode(bytes), lineChars)}`;
}

/** Bytes a character up to which a text is mostly Latin: what is not takes two or three, and each of them three in quoted-printable. */
const latinBytes = 1.25;

function base64Lines(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/.{76}(?!$)/g, '$&\r\n');
}

/** The bytes as they are, under a name and type that can not be taken for anything else (TRUST T14). */
function attachmentPart({ name, type, content }: LetterAttachment): string {
  // A type a reader would treat as structure (a mail in a mail, a multipart) goes as plain bytes: it arrives as it was.
  const usable = /^(?:text|image|audio|video|font|application)\/[a-z0-9][a-z0-9.+_-]{0,100}$/.test(type.toLowerCase());
  const filename = headerText(name, letterLimits.nameCodePointsMax).replaceAll(/["/\\]/g, '_') || 'attachment';
  const node = new MimeNode(usable ? type.toLowerCase() : 'application/octet-stream', { filename, rootNode: encoder });
  node.setHeader('Content-Transfer-Encoding', 'base64');
  node.setHeader('Content-Disposition', 'attachment');
  return `${node.buildHeaders()}\r\n\r\n${base64Lines(Buffer.from(content))}`;
}

/** `Mon, 02 Mar 2026 09:00:00 +0000` (RFC 5322 3.3), always in UTC. */
export function dateHeader(now: Instant): string {
  return new Date(now.epochMilliseconds).toUTCString().replace('GMT', '+0000');
}
