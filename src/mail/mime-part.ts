// The tree of a mail's parts, read by ourselves from the raw bytes: delivery reports, attachments by index, and the reading that is left when
// the library refuses (TRUST B19–B21). Never throws; every node, level and size has a limit.
import { decodeText, type DecodedText } from './charset.ts';
import { displayText, readParameters } from './encoded-word.ts';
import { firstValue, readHeaderBlock, withLineEnds } from './header-block.ts';
import type { Header } from './mail.ts';
import { decodeBody } from './transfer-encoding.ts';

/** A MIME part (RFC 2045, 2046). `body` is a view into the raw mail, still encoded; `children` is empty for a leaf. */
export interface Part {
  headers: Header[];
  /** Lower case; `text/plain` when nothing usable is declared. */
  type: string;
  parameters: Record<string, string>;
  /** `attachment`, `inline`, another word, or '' when there is none. */
  disposition: string;
  encoding: string;
  /** Decoded for showing; '' when the part has no name. */
  fileName: string;
  contentId: string | null;
  body: Uint8Array;
  children: Part[];
  /** The type of the enclosing multipart, '' at the top. */
  within: string;
}

/** Limits of the tree; what is beyond them stays inside the part that holds it. */
export const treeLimits = { partsMax: 2000, depthMax: 20 } as const;

const typePattern = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;

/** Reads a whole message (RFC 5322 with MIME) from `raw`. */
export function readMessage(raw: Uint8Array): Part {
  return readPart(withLineEnds(raw), { depth: 0, within: '', count: { parts: 0 } });
}

interface Place {
  depth: number;
  within: string;
  count: { parts: number };
}

function readPart(raw: Uint8Array, place: Place): Part {
  place.count.parts += 1;
  const first = readHeaderBlock(raw);
  const declared = readParameters(firstValue(first.headers, 'content-type'));
  const block = declared.parameters['charset'] ? readHeaderBlock(raw, declared.parameters['charset']) : first;
  const disposition = readParameters(firstValue(block.headers, 'content-disposition'));
  const fallbackType = place.within === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const type = typePattern.test(declared.value) ? declared.value : wholeTypeOf(declared.value, fallbackType);
  const part: Part = {
    headers: block.headers,
    type,
    parameters: declared.parameters,
    disposition: disposition.value.split(/\s/)[0] ?? '',
    encoding: firstValue(block.headers, 'content-transfer-encoding')
      .replace(/[;(].*$/s, '')
      .trim()
      .toLowerCase(),
    fileName: displayText(
      disposition.parameters['filename'] ?? declared.parameters['name'] ?? disposition.parameters['name'] ?? '',
    ),
    contentId: displayText(firstValue(block.headers, 'content-id')).replace(/^\s*<|>\s*$/g, '') || null,
    body: raw.subarray(block.bodyStart),
    children: [],
    within: place.within,
  };
  if (part.type.startsWith('multipart/') && place.depth < treeLimits.depthMax) readChildren(part, place);
  return part;
}

/** `text` alone or `text/` means what its family usually is; anything else unreadable is the default of RFC 2045 section 5.2. */
function wholeTypeOf(value: string, fallback: string): string {
  if (/^text\b/.test(value)) return value.includes('html') ? 'text/html' : 'text/plain';
  if (/^multipart\b/.test(value)) return 'multipart/mixed';
  return /^[a-z]+\/.|^(?:application|image|audio|video|font|model)\b/.test(value)
    ? 'application/octet-stream'
    : fallback;
}

function readChildren(part: Part, place: Place): void {
  const boundary = part.parameters['boundary'] || boundarySeen(part.body);
  const slices = boundary ? split(part.body, boundary) : [];
  if (slices.length === 0 && (!boundary || !part.body.includes(45))) {
    // No boundary at all: the text is shown as found (TRUST B21).
    part.type = 'text/plain';
    return;
  }
  for (const slice of slices) {
    if (place.count.parts >= treeLimits.partsMax) break;
    part.children.push(readPart(slice, { depth: place.depth + 1, within: part.type, count: place.count }));
  }
  if (part.children.length === 0) part.type = 'text/plain';
}

/** The parts between boundary lines (RFC 2046 section 5.1.1). A missing last line ends at the end; preamble and epilogue are left out. */
function split(body: Uint8Array, boundary: string): Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const delimiter = Buffer.from(`--${boundary}`, 'utf8');
  const slices: Uint8Array[] = [];
  let start = -1;
  let at = bytes.indexOf(delimiter);
  while (at >= 0 && slices.length <= treeLimits.partsMax) {
    const after = at + delimiter.length;
    const lineStart = at === 0 || bytes[at - 1] === 10 || bytes[at - 1] === 13;
    const closing = bytes[after] === 45 && bytes[after + 1] === 45;
    const lineEnd = endOfLine(bytes, after);
    if (lineStart && isPadding(bytes.subarray(closing ? after + 2 : after, lineEnd.text))) {
      if (start >= 0) slices.push(bytes.subarray(start, beforeLineEnd(bytes, at, start)));
      start = closing ? -1 : lineEnd.next;
      if (closing && !moreParts(bytes, delimiter, lineEnd.next)) break;
    }
    at = bytes.indexOf(delimiter, lineEnd.text);
  }
  if (start >= 0 && start < bytes.length) slices.push(bytes.subarray(start));
  return slices;
}

/** A closing line that is followed by further parts of the same boundary closed nothing. */
function moreParts(bytes: Buffer, delimiter: Buffer, from: number): boolean {
  return (
    bytes.indexOf(Buffer.concat([Buffer.from('\n'), delimiter, Buffer.from('\n')]), from) >= 0 ||
    bytes.indexOf(Buffer.concat([Buffer.from('\n'), delimiter, Buffer.from('\r\n')]), from) >= 0
  );
}

function endOfLine(bytes: Uint8Array, from: number): { text: number; next: number } {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === 10) return { text: at, next: at + 1 };
    if (bytes[at] === 13) return { text: at, next: bytes[at + 1] === 10 ? at + 2 : at + 1 };
  }
  return { text: bytes.length, next: bytes.length };
}

function isPadding(bytes: Uint8Array): boolean {
  return bytes.length < 200 && bytes.every((byte) => byte === 32 || byte === 9);
}

function beforeLineEnd(bytes: Uint8Array, at: number, start: number): number {
  let end = at;
  if (end > start && bytes[end - 1] === 10) end -= 1;
  if (end > start && bytes[end - 1] === 13) end -= 1;
  return end;
}

/** When no boundary is declared, the first line that looks like one and is followed by a MIME field. */
function boundarySeen(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 64 * 1024)).toString('latin1');
  return /(?:^|[\r\n])--([^\s-][^\r\n]{0,70}?)[ \t]*\r?\n(?:content-|\r?\n)/i.exec(text)?.[1] ?? '';
}

/** Every leaf, in the order of the mail. */
export function* leaves(part: Part): Generator<Part> {
  if (part.children.length === 0) yield part;
  for (const child of part.children) yield* leaves(child);
}

/** The decoded bytes of a leaf. */
export function contentOf(part: Part): Uint8Array {
  return decodeBody(part.body, part.encoding);
}

/** The decoded text of a leaf, at most `charsMax` characters of it (and a little more read, so that the cut shows). */
export function textOf(part: Part, charsMax: number): DecodedText {
  const bytes = contentOf({ ...part, body: part.body.subarray(0, charsMax * 8) });
  return decodeText(bytes.subarray(0, charsMax * 4), { declared: part.parameters['charset'] ?? null });
}
