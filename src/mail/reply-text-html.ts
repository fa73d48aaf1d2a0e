// Reads html as lines, as a person sees them: hidden elements are dropped, quotation and signature carry a mark.
// One pass of a tokenizer and no document tree; deep or broken html costs no more than its length (TRUST B38, T18).
import { Parser } from 'htmlparser2';
import { plainHeading, replyLimits } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';
import { markOf } from './reply-text-html-marks.ts';
import type { Mark } from './reply-text-html-marks.ts';

const blocks = new Set([
  'address',
  'article',
  'aside',
  'blockquote',
  'body',
  'center',
  'dd',
  'div',
  'dl',
  'dt',
  'fieldset',
  'figure',
  'footer',
  'form',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'header',
  'hr',
  'html',
  'li',
  'main',
  'nav',
  'ol',
  'p',
  'pre',
  'section',
  'table',
  'tbody',
  'tr',
  'ul',
]);
const spaced = new Set(['p', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'table', 'pre']);
const voids = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]);
const outlookParagraph = /(?:^|\s)(?:x_)?MsoNormal/;

/** Deeper than a mail program ever nests; from there on the rest is taken as quotation, tags and all dropped. */
const depthMax = 600;
const chunkChars = 8192;

interface Reading {
  lines: Line[];
  /** The line being written, in pieces: a text joined at every piece would cost the square of its length. */
  pieces: string[];
  spaceAtEnd: boolean;
  open: { mark: Mark; pre: boolean; spaced: boolean }[];
  hidden: number;
  unread: number;
  /** All text, the hidden too, as letters and digits only: to know a text part that a library made from this html. */
  letters: string[];
  quote: number;
  indent: number;
  signature: number;
  pre: number;
  rest: boolean;
  /** Whether a quotation has been closed inside the Gmail container that is open: what follows in it is an answer. */
  gmail: { depth: number; answered: boolean }[];
}

/** An html body read: its lines, nothing hidden among them, and the letters and digits of all its text, the hidden too. */
export interface ReadHtml {
  lines: Line[];
  letters: string;
}

/** The letters and digits of a text, in order. */
export function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Reads an html body; at most `htmlCharsMax` characters of it. */
export function readHtml(html: string): ReadHtml {
  const source = html.slice(0, replyLimits.htmlCharsMax);
  const reading: Reading = {
    lines: [],
    pieces: [],
    spaceAtEnd: true,
    open: [],
    hidden: 0,
    unread: 0,
    letters: [],
    quote: 0,
    indent: 0,
    signature: 0,
    pre: 0,
    rest: false,
    gmail: [],
  };
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => opened(reading, tag, attributes),
      ontext: (text) => written(reading, text),
      onclosetag: (tag) => closed(reading, tag),
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  let at = 0;
  while (at < source.length && reading.open.length < depthMax) {
    parser.write(source.slice(at, at + chunkChars));
    at += chunkChars;
  }
  if (reading.open.length >= depthMax) {
    endLine(reading);
    reading.rest = true;
    for (const row of source
      .slice(at)
      .replace(/<[^<>]*>/g, ' ')
      .split('\n')) {
      add(reading, row);
      endLine(reading);
    }
  } else parser.end();
  endLine(reading);
  return { lines: reading.lines, letters: reading.letters.join('') };
}

/**
 * The html as text for reading, without hidden elements: the text of a mail that has no text part. Lines end in `\n`.
 * parse.ts: prefer this to the library's own text, which shows what `display:none` hides.
 */
export function visibleText(html: string): string {
  return readHtml(html)
    .lines.map((line) => line.text)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function opened(reading: Reading, tag: string, attributes: Record<string, string>): void {
  if (tag === 'br') {
    if (reading.hidden === 0) endLine(reading, true);
    return;
  }
  const block = blocks.has(tag);
  if (block && reading.hidden === 0) endLine(reading);
  const mark = markOf(tag, attributes);
  if (mark === 'rest') {
    endLine(reading);
    reading.rest = true;
  }
  if (tag === 'td' || tag === 'th') written(reading, ' ');
  if (voids.has(tag)) return;
  if (mark === 'quote' || mark === 'gmail' || mark === 'signature') endLine(reading);
  if (mark === 'hidden') reading.hidden++;
  if (mark === 'unread') reading.unread++;
  if (mark === 'quote') reading.quote++;
  if (mark === 'indent') reading.indent++;
  if (mark === 'signature') reading.signature++;
  if (mark === 'gmail') reading.gmail.push({ depth: reading.open.length, answered: false });
  const pre = tag === 'pre';
  if (pre) reading.pre++;
  // Outlook's paragraphs have no margin: each is a line.
  reading.open.push({ mark, pre, spaced: spaced.has(tag) && !outlookParagraph.test(attributes['class'] ?? '') });
}

function closed(reading: Reading, tag: string): void {
  if (voids.has(tag)) return;
  const element = reading.open.pop();
  if (!element) return;
  const { mark } = element;
  if (blocks.has(tag) || mark !== 'none') {
    endLine(reading);
    if (element.spaced && reading.hidden === 0 && reading.lines.at(-1)?.text !== '') push(reading, '');
  }
  if (mark === 'hidden') reading.hidden--;
  if (mark === 'unread') reading.unread--;
  if (mark === 'quote') reading.quote--;
  if (mark === 'indent') reading.indent--;
  if (mark === 'signature') reading.signature--;
  if (element.pre) reading.pre--;
  if (mark === 'gmail') reading.gmail.pop();
  const around = reading.gmail.at(-1);
  if (around && tag === 'blockquote' && mark === 'quote' && reading.quote === 0) around.answered = true;
}

function written(reading: Reading, text: string): void {
  if (reading.unread > 0) return;
  reading.letters.push(lettersOf(text));
  if (reading.hidden > 0) return;
  if (reading.pre > 0) {
    const rows = text.split(/\r\n|\r|\n/);
    for (const [index, row] of rows.entries()) {
      if (index > 0) endLine(reading, true);
      add(reading, row);
    }
    return;
  }
  const plain = text.replace(/[ \t\r\n\f]+/g, ' ');
  add(reading, reading.spaceAtEnd && plain.startsWith(' ') ? plain.slice(1) : plain);
}

function add(reading: Reading, text: string): void {
  if (text === '') return;
  reading.pieces.push(text);
  reading.spaceAtEnd = text.endsWith(' ');
}

function endLine(reading: Reading, always = false): void {
  if (reading.pieces.length > 0 || always) {
    const text = reading.pieces.join('').trimEnd();
    if (text !== '' || always) push(reading, text);
  }
  reading.pieces = [];
  reading.spaceAtEnd = true;
}

function push(reading: Reading, text: string): void {
  const inGmail = reading.gmail.some((container) => !container.answered);
  reading.lines.push({
    text,
    heading: plainHeading(text),
    quoted: reading.rest || reading.quote > 0 || inGmail,
    signature: reading.signature > 0,
    indented: reading.indent > 0,
  });
}
