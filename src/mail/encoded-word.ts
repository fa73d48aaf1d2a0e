// Header text for showing: RFC 2047 encoded words and RFC 2231 parameters, decoded with our own charsets. What comes out is display text
// only and freed of control characters: an encoded word may hold an address, a comma or CR LF, and none of them means anything (TRUST B7, B8).
import { decodeText } from './charset.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

/** Longest header value that is decoded; more is cut before (TRUST B45). */
const valueCharsMax = 32 * 1024;
const word = /=\?([^?\s]{1,75})\?([bBqQ])\?([^\r\n]{0,1000}?)\?=/g;

/** Decodes encoded words (RFC 2047), tolerantly: inside quotes, without spaces between, with spaces within, split in mid character. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value.slice(0, valueCharsMax);
  const text = value.slice(0, valueCharsMax);
  let result = '';
  let done = 0;
  let charsetOfRun = '';
  let run: Uint8Array[] = [];
  const flush = (): void => {
    if (run.length > 0) result += decodeText(Buffer.concat(run), { declared: charsetOfRun }).text;
    run = [];
  };
  for (const found of text.matchAll(word)) {
    const [whole, charsetAndLanguage = '', encoding = '', coded = ''] = found;
    const between = text.slice(done, found.index);
    const charset = charsetAndLanguage.replace(/\*.*$/, '').toLowerCase();
    // RFC 2047 section 6.2: white space between two words is not shown. Words of one charset are joined as bytes: programs split characters.
    const adjacent = run.length > 0 && /^\s*$/.test(between);
    if (!adjacent || charsetOfRun !== charset) flush();
    if (!adjacent) result += between;
    const bytes =
      encoding.toLowerCase() === 'b'
        ? Buffer.from(coded, 'base64')
        : decodeQuotedPrintable(Buffer.from(coded.replaceAll('_', ' '), 'latin1'));
    charsetOfRun = charset;
    run.push(bytes);
    done = found.index + whole.length;
  }
  flush();
  return result + text.slice(done);
}

/** Header text for people: encoded words decoded, control and direction-changing characters taken out, white space folded. */
export function displayText(value: string): string {
  return cleanText(decodeWords(value)).replace(/\s+/g, ' ').trim();
}

/** The first `charsMax` UTF-16 units of a text, without half a character at the end. */
export function cut(text: string, charsMax: number): string {
  return text.slice(0, charsMax).toWellFormed();
}

/** Takes out what must never reach a database, a header or a page: C0/C1 controls but tab and line break, bidi controls, lone surrogates. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '')
    .toWellFormed();
}

/** Whether `cleanText` has something to take out that people do not write. */
export function hasControls(text: string): boolean {
  return /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\u202a-\u202e\u2066-\u2069]/.test(text);
}

/** A MIME header value: lower-case first token and its parameters by lower-case name, RFC 2231 pieces joined and decoded. */
export interface Parameterised {
  value: string;
  parameters: Record<string, string>;
}

/** Reads `text/plain; charset=x; name*0*=utf-8''a%20; name*1=b` (RFC 2045 section 5.1, RFC 2231 sections 3 and 4). The first of two equal names counts. */
export function readParameters(header: string): Parameterised {
  const text = withoutComments(header.slice(0, valueCharsMax));
  const semicolon = text.indexOf(';');
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  const plain = new Map<string, string>();
  const pieces = new Map<string, { coded: boolean; text: string }[]>();
  const parameter = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)(?:"|$)|([^;]*))/g;
  for (const [, rawName = '', quoted, bare] of text.slice(Math.max(semicolon, 0)).matchAll(parameter)) {
    const content = quoted === undefined ? (bare ?? '').trim() : quoted.replace(/\\(["\\])/g, '$1');
    const piece = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(rawName.toLowerCase());
    const name = piece?.[1];
    if (!piece || !name) continue;
    if (piece[2] === undefined && piece[3] === undefined) {
      if (!plain.has(name)) plain.set(name, decodeWords(content));
    } else {
      const list = pieces.get(name) ?? [];
      list[Number(piece[2] ?? 0)] = { coded: piece[3] === '*', text: content };
      pieces.set(name, list);
    }
  }
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, content] of plain) parameters[name] = content;
  for (const [name, list] of pieces) parameters[name] = joinPieces(list);
  return { value, parameters };
}

function joinPieces(list: { coded: boolean; text: string }[]): string {
  const present = list.filter(Boolean);
  const first = present[0];
  const tagged = first?.coded ? /^([^']*)'[^']*'([\s\S]*)$/.exec(first.text) : null;
  const chunks = present.map(({ coded, text }, index) => {
    const content = index === 0 && tagged ? (tagged[2] ?? '') : text;
    return coded ? percentBytes(content) : Buffer.from(content, 'utf8');
  });
  const joined = decodeText(Buffer.concat(chunks), { declared: tagged?.[1] || null }).text;
  return joined.includes('=?') ? decodeWords(joined) : joined;
}

function percentBytes(text: string): Buffer {
  const coded = text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
  const latin = Buffer.from(coded, 'utf8').toString('latin1');
  return Buffer.from(
    latin.replace(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** Comments go away, but not inside quoted strings (RFC 5322 section 3.2.2); an unclosed one is left standing. */
function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  return text.replace(/"(?:[^"\\]|\\[\s\S])*"|\((?:[^()\\]|\\[\s\S])*\)/g, (piece) =>
    piece.startsWith('"') ? piece : ' ',
  );
}
