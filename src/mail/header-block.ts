// Where the header of a mail (or of a MIME part) ends, and which fields it has: read from the bytes by ourselves, because the library
// keeps only one of two Froms and guesses at 8-bit text. Nothing here throws; odd lines are stepped over (TRUST B18, B25, B26).
import { decodeText } from './charset.ts';
import { limits, type Header } from './mail.ts';

/** A header as read: the fields topmost first, the offset of the body, and whether fields over a limit were left out. */
export interface HeaderBlock {
  headers: Header[];
  bodyStart: number;
  cut: boolean;
}

const LF = 10;
const CR = 13;
const fieldPattern = /^([!-9;-~]{1,998})[ \t]*:(.*)$/s;
const mboxLine = /^>?From .*\d/;

/**
 * Reads the header at the start of `bytes` (RFC 5322 section 2.2). Takes CRLF or LF line ends, a byte order mark, blank lines and an
 * mbox `From ` line before the first field. Values are unfolded; 8-bit text is decoded as UTF-8, else by `charsetHint`, else windows-1252.
 */
export function readHeaderBlock(bytes: Uint8Array, charsetHint: string | null = null): HeaderBlock {
  const fields: { name: string; parts: Uint8Array[] }[] = [];
  const end = Math.min(bytes.length, limits.headerBytesMax);
  let at = startOfFields(bytes);
  let bodyStart = bytes.length;
  let cut = false;
  while (at < bytes.length) {
    if (at >= end) {
      cut = true;
      bodyStart = bodyAfterLongHeader(bytes, at);
      break;
    }
    const line = lineAt(bytes, at);
    // The first line can fold nothing: white space before it is a mistake.
    const text = fields.length === 0 ? withoutIndent(line.bytes) : line.bytes;
    if (text.length === 0) {
      bodyStart = line.next;
      break;
    }
    const last = fields.at(-1);
    if ((text[0] === 32 || text[0] === 9) && last) {
      if (isBlank(text) && !continues(bytes, line.next)) {
        bodyStart = line.next;
        break;
      }
      last.parts.push(text);
    } else {
      const field = fieldPattern.exec(Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1'));
      if (field?.[1]) {
        fields.push({ name: field[1].toLowerCase(), parts: [text.subarray(text.length - (field[2] ?? '').length)] });
      } else if (!fieldAt(bytes, line.next) && !isFirstLine(fields.length, text)) {
        // Not a field, and no field follows: the blank line is missing and this is already the body.
        bodyStart = at;
        break;
      }
    }
    at = line.next;
  }
  cut ||= fields.length > limits.headersMax;
  const kept = fields.slice(0, limits.headersMax);
  return { headers: kept.map(({ name, parts }) => ({ name, value: unfold(parts, charsetHint) })), bodyStart, cut };
}

/** A mail whose only line ends are bare CRs (old Macs) with LFs instead; any other as it is, since a CR among LFs ends nothing (TRUST B25). */
export function withLineEnds(raw: Uint8Array): Uint8Array {
  return raw.includes(LF) || !raw.includes(CR) ? raw : raw.map((byte) => (byte === CR ? LF : byte));
}

/** Every value of a field, topmost first. */
export function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter((entry) => entry.name === name).map((entry) => entry.value);
}

/** The topmost value of a field, or '' when there is none. */
export function firstValue(headers: readonly Header[], name: string): string {
  return headers.find((entry) => entry.name === name)?.value ?? '';
}

function unfold(parts: Uint8Array[], charsetHint: string | null): string {
  // RFC 5322 section 2.2.3 takes away only the line break; the white space that begins the next line stays.
  const whole = parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, Math.min(whole.length, limits.headerBytesMax));
  const value = isAscii(bytes)
    ? bytes.toString('latin1')
    : decodeText(bytes, { declared: null, hint: charsetHint }).text;
  return value.trim();
}

function isAscii(bytes: Uint8Array): boolean {
  // ESC means ISO-2022-JP written raw into the header: 7-bit, but not ASCII.
  for (const byte of bytes) if (byte >= 0x80 || byte === 0x1b) return false;
  return true;
}

function startOfFields(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === CR || bytes[at] === LF) at += 1;
  const line = lineAt(bytes, at);
  return mboxLine.test(Buffer.from(line.bytes.subarray(0, 200)).toString('latin1')) ? line.next : at;
}

interface Line {
  bytes: Uint8Array;
  next: number;
}

/** The line that begins at `at`, without its end, and where the next one begins. */
function lineAt(bytes: Uint8Array, at: number): Line {
  let end = bytes.indexOf(LF, at);
  if (end < 0) end = bytes.length;
  let textEnd = end;
  while (textEnd > at && bytes[textEnd - 1] === CR) textEnd -= 1;
  return { bytes: bytes.subarray(at, textEnd), next: Math.min(end + 1, bytes.length) };
}

function fieldAt(bytes: Uint8Array, at: number): boolean {
  return looksLikeField(bytes.subarray(at, at + 80));
}

function looksLikeField(bytes: Uint8Array): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{1,60}[ \t]*:/.test(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
  );
}

function withoutIndent(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 32 && byte !== 9);
  return from > 0 && fieldAt(bytes, from) ? bytes.subarray(from) : bytes;
}

/** A first line that is no field (binary junk, a stray word) is stepped over as long as it can not be text of a header-less mail. */
function isFirstLine(fieldsSoFar: number, text: Uint8Array): boolean {
  return fieldsSoFar === 0 && text.some((byte) => byte < 9 || byte === 0x7f);
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9);
}

function continues(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 32 || bytes[at] === 9 || fieldAt(bytes, at);
}

function bodyAfterLongHeader(bytes: Uint8Array, from: number): number {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // The line break before `from` may be the first half of the blank line.
  const ends = [rest.indexOf('\n\n', from - 1) + 2, rest.indexOf('\n\r\n', from - 1) + 3].filter((end) => end > 3);
  return ends.length > 0 ? Math.min(...ends) : bytes.length;
}
