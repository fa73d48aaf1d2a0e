// Reads a raw mail. The only file that knows mailparser: its reading of the text is used unless it is known to be wrong there, and its
// reading of the sender must agree with ours. Never throws: when the library refuses, our own reading stands (TRUST 0.1, 0.4, 0.5, P5).
import { simpleParser, type ParsedMail } from 'mailparser';
import { canonicalDomain } from './address.ts';
import { cleanText, cut } from './encoded-word.ts';
import { firstValue, valuesOf, withLineEnds } from './header-block.ts';
import { limits, type Defect, type Mail } from './mail.ts';
import type { MailText } from './mail-text.ts';
import { leaves } from './mime-part.ts';
import { libraryMisreads } from './charset.ts';
import { composeMail, readHeaderOnly, readOwn, type OwnReading } from './read-mail.ts';

/** Everything is kept as an attachment that is not text, links and images are left alone: each of these costs time or mixes foreign text in. */
const libraryOptions = {
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  keepCidLinks: true,
  skipImageLinks: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipHtmlToText: true,
  checksumAlgo: false as const,
  maxHeadSize: limits.headerBytesMax,
};

/** Reads `raw` (RFC 5322, MIME). Always resolves; what was odd is in `defects`. */
export async function parseMail(raw: Uint8Array): Promise<Mail> {
  try {
    return await read(raw);
  } catch (error) {
    const detail = `our own code failed on this mail (${reasonOf(error)}); only its header was taken`;
    return readHeaderOnly(raw, { code: 'library-refused', detail });
  }
}

async function read(raw: Uint8Array): Promise<Mail> {
  const own = readOwn(raw);
  if (raw.length > limits.mailBytesMax) {
    const detail = `${raw.length} bytes, ${limits.mailBytesMax} are read; only the header was taken`;
    return composeMail(own, own.text, [{ code: 'text-cut', detail }]);
  }
  if (raw.length === 0) return composeMail(own, own.text, [{ code: 'empty', detail: 'the mail has no bytes' }]);
  const library = await simpleParser(forLibrary(raw, own), libraryOptions).catch(reasonOf);
  if (typeof library !== 'string') return reconcile(own, library);
  const detail = `the library refused (${library}); our own reading was taken`;
  return composeMail(own, own.text, [{ code: 'library-refused', detail }]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Most of a part that the library gets: of a text more than is ever kept of it, of a large file nothing, since only text and sender are asked for. */
const libraryBytesMax = { text: 8 * limits.htmlCharsMax, file: 64 * 1024 } as const;

/** The library takes a byte order mark for a part of the first field's name, and knows no line ends but CRLF and LF. It would hold files several times over. */
function forLibrary(raw: Uint8Array, own: OwnReading): Buffer {
  const lines = withLineEnds(raw);
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  const kept: Buffer[] = [];
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (const { type, body } of leaves(own.message)) {
    const whole = /^(?:text|message|multipart)\//.test(type);
    if (body.length <= libraryBytesMax[whole ? 'text' : 'file'] || body.buffer !== bytes.buffer) continue;
    const start = body.byteOffset - bytes.byteOffset;
    kept.push(bytes.subarray(at, start + (whole ? libraryBytesMax.text : 0)));
    at = start + body.length;
  }
  return kept.length === 0 ? bytes.subarray(at) : Buffer.concat([...kept, bytes.subarray(at)]);
}

function reconcile(own: OwnReading, library: ParsedMail): Mail {
  const defects: Defect[] = [];
  const fault = libraryFault(own, library);
  const text: MailText = fault === null ? textOfLibrary(library, own.text) : own.text;
  for (const wrong of own.text.unusual.filter((why) => why !== 'html-only'))
    defects.push({ code: 'charset', detail: wrong });
  const mail = composeMail(own, text, defects);
  const theirs = senderOf(library);
  if (mail.from && theirs !== mail.from.addrSpec) {
    const detail = `we read the sender as ${mail.from.addrSpec}, the library as "${theirs}"; no sender was taken`;
    return { ...mail, from: null, defects: [...mail.defects, { code: 'sender-disagreement', detail }] };
  }
  return mail;
}

/** Why the library's text can not be used, or null when it can. One line for each fault met in mailparser 3.14.2. */
function libraryFault(own: OwnReading, library: ParsedMail): string | null {
  const texts = [...leaves(own.message)].filter((part) => part.type.startsWith('text/'));
  if (own.text.unusual.length > 0)
    return 'it gives no text for HTML-only parts within multiparts, and believes wrong charsets';
  if (texts.some((part) => libraryMisreads(part.parameters['charset'] ?? '')))
    return 'it refuses UTF-7 and lacks the vendor characters of CP932';
  if (texts.some((part) => /uu/.test(part.encoding))) return 'it does not know uuencode';
  if (texts.some((part) => part.disposition === 'inline' && part.fileName !== ''))
    return 'it puts named inline files into the text';
  if (texts.some((part) => part.parameters['charset'] === undefined && /[^\0-\x7f]/.test(own.text.text)))
    return 'it takes undeclared 8-bit text for UTF-8';
  if (wordsIn(library.text ?? '') * 1.2 < wordsIn(own.text.text))
    return 'it left out text whose type it could not read';
  if (
    valuesOf(own.message.headers, 'content-type').length > 1 ||
    firstValue(own.message.headers, 'content-type') === ''
  )
    return 'it may have read another header';
  return null;
}

function wordsIn(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

function textOfLibrary(library: ParsedMail, own: MailText): MailText {
  const text = cleanText(library.text ?? '');
  const html = own.html;
  return {
    text: cut(text, limits.textCharsMax),
    html,
    cut: own.cut || text.length > limits.textCharsMax,
    unusual: own.unusual,
  };
}

function senderOf(library: ParsedMail): string {
  const only = library.from?.value.length === 1 ? library.from.value[0] : undefined;
  const address = only?.address ?? '';
  const at = address.lastIndexOf('@');
  // The library shows punycode as Unicode and keeps letter case; neither is a disagreement.
  const host = canonicalDomain(address.slice(at + 1)) ?? address.slice(at + 1).toLowerCase();
  return `${address.slice(0, at).toLowerCase()}@${host}`;
}
