// Decides which lines of a short reply are its statement: quoted lines, the greeting, the name and the address below it are not.
// A line is taken for a name or an address only on evidence; what is doubtful stays, and then keeps the reply from being clear.
import { normalised, pieces } from './keyword-scan.ts';
import type { Vocabulary } from './keyword-scan.ts';

/** The statement's lines, normalised and without emphasis, and its text as written for looking at marks. */
export interface Content {
  lines: string[];
  raw: string;
}

const closingLinesMax = 12;
const nameWordsMax = 4;
const contactWordsMax = 10;
const linesMax = 400;
const contact =
  /@|\bwww\.|https?:|[|•·]|\+\d|(?:^|\s)(?:tel|phone|mobile|fax|mob|gsm)\b|\b(?:gmbh|inc|ltd|llc|corp)\b/iu;
/** A word of an address: holds an `@`, a digit or a link. */
const addressWord = /@|\d|\bwww\.|:\/\/|^(?:tel|phone|mobile|fax|mob|gsm|mail|email|e-mail|web|[tmfew])[.:]*$/iu;
/** A name in Chinese characters, without those that make a sentence. */
const hanName = /^(?![^]*[了不没沒又坏壞错錯还還再])\p{Script=Han}{2,4}$/u;
const emphasis = /^[\s*_"'’“”„«»‹›「」『』<>#`^•·–—-]+|[\s*_"'’“”„«»‹›「」『』<>#`^–—-]+$/gu;
const smileys = /[:;]-?[)D*]|\^\^|<3/g;

/** The statement of a reply, or null when nothing was written (or every line is quoted). */
export function content(reply: string, known: Vocabulary, authorName: string): Content | null {
  const rows = reply
    .split(/\r\n|\r|\n|\u2028|\u2029/)
    .slice(0, linesMax)
    .filter((row) => !/^\s*[>＞]/.test(row))
    .map((row) => ({ raw: row.trim(), line: bare(row) }));
  while (rows.length > 0 && rows[0]?.line === '') rows.shift();
  while (rows.length > 0 && rows.at(-1)?.line === '') rows.pop();
  const first = rows[0];
  if (first === undefined) return null;
  first.line = withoutGreeting(first, known);
  const end = statementEnd(rows, known, authorName);
  const statement = rows.slice(0, end);
  const kept = statement.filter(({ line }) => line !== '');
  return {
    lines: kept.map(({ line }) => line),
    raw: statement
      .map(({ raw }) => raw.replace(smileys, ''))
      .join('\n')
      .normalize('NFKC'),
  };
}

interface Row {
  raw: string;
  line: string;
}

function bare(row: string): string {
  return normalised(row.replace(smileys, ' ')).replace(emphasis, '').replace(/[*_]/g, '').trim();
}

// "Hi Anna," and "Dear support team": the greeting goes, with up to a few names to the comma or the line's end.
function withoutGreeting(row: Row, known: Vocabulary): string {
  const at = row.line.search(/[,!:，！、。]/u);
  const head = at < 0 ? row.line : row.line.slice(0, at);
  const read = pieces(head, known);
  if (!read[0]?.lists.has('greetings')) return row.line;
  const rest = read.slice(1);
  if (rest.length > nameWordsMax || rest.some((piece) => piece.lists.has('negations') || piece.lists.has('resolved')))
    return row.line;
  const written =
    row.raw
      .normalize('NFKC')
      .replace(emphasis, '')
      .split(/[,!:，！、。]/u)[0] ?? '';
  const named = written
    .split(/\s+/)
    .slice(1)
    .every(
      (word) =>
        /^[\p{Lu}\p{Lo}]/u.test(word) ||
        pieces(normalised(word), known).every((piece) => piece.lists.has('greetings') || piece.lists.has('fillers')),
    );
  if (!named) return row.line;
  return at < 0 ? '' : row.line.slice(at + 1).trim();
}

// The line after which only a closing, names and addresses follow.
function statementEnd(rows: Row[], known: Vocabulary, authorName: string): number {
  for (const [index, row] of rows.entries()) {
    const kind = closing(row, known);
    if (kind === null) continue;
    const below = rows.slice(index + 1);
    if (
      below.filter(({ line }) => line !== '').length <= closingLinesMax &&
      below.every((line) => named(line, known, authorName, true))
    ) {
      // "Thanks," closes a letter and thanks as well: it stays to be read.
      return kind === 'thanks' ? index + 1 : Math.max(index, 0);
    }
  }
  let start = rows.length;
  while (start > 1 && (rows[start - 1]?.line === '' || named(rows[start - 1] ?? rows[0]!, known, authorName, false)))
    start--;
  const block = rows.slice(start).filter(({ line }) => line !== '');
  if (block.length === 0 || block.length > closingLinesMax) return rows.length;
  const signed = block.some((row) => contact.test(row.raw) || ofAuthor(row, authorName));
  return signed ? start : rows.length;
}

function closing(row: Row, known: Vocabulary): 'closing' | 'thanks' | null {
  if (row.line === '') return null;
  const head = row.line.split(/[,!.;，！。]/u)[0] ?? '';
  const tail = row.line.slice(head.length).replace(/^[,!.;，！。\s]+/u, '');
  const phrase = head.replaceAll('&', ' ').replace(/\s+/g, ' ').trim();
  const lists = known.phrases.get(phrase);
  if (!lists?.has('closings')) {
    // "Resolved, thanks," above a name.
    const last = /[,.!]\s*([^,.!]+),$/u.exec(row.line)?.[1]?.trim() ?? '';
    return known.phrases.get(last)?.has('closings') ? 'thanks' : null;
  }
  if (tail !== '' && !pieces(tail, known).every((piece) => piece.lists.size === 0 || piece.lists.has('thanks')))
    return null;
  const names = wordsOf(row.raw).slice(-wordsOf(tail).length);
  if (tail !== '' && (names.length > nameWordsMax || !names.every((word) => capital(word)))) return null;
  return lists.has('thanks') ? (tail === '' ? 'thanks' : null) : 'closing';
}

// Names begin with capitals and are no word of the policy; an address shows itself. `closed`: a closing stood above, after which
// people also write what they do and where.
function named(row: Row, known: Vocabulary, authorName: string, closed: boolean): boolean {
  if (row.line === '' || ofAuthor(row, authorName)) return true;
  if (/[?？!！;]|\[|☐/u.test(row.raw)) return false;
  const read = pieces(row.line, known);
  const telling = ['negations', 'resolved', 'moreTime', 'noneHelped', 'questions'] as const;
  if (read.some((piece) => telling.some((list) => piece.lists.has(list)))) return false;
  const all = wordsOf(row.raw);
  const words = all.filter((word) => !addressWord.test(word));
  const capitals = words.filter((word) => capital(word)).length;
  if (all.length > contactWordsMax) return false;
  if (closed) return capitals * 2 > words.length || words.length === 0;
  // "IT" and "Co" are words of departments and firms too.
  const strange = read.every((piece) => piece.lists.size === 0 || piece.text.length <= 2);
  return capitals === words.length && (contact.test(row.raw) ? strange : words.length <= nameWordsMax && strange);
}

function wordsOf(raw: string): string[] {
  const written = raw.normalize('NFKC').replace(emphasis, '');
  return written.split(/[\s,|]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

function capital(word: string): boolean {
  return /^[^\p{L}\p{N}]*[\p{Lu}\p{Lt}]/u.test(word) || hanName.test(word);
}

function ofAuthor(row: Row, authorName: string): boolean {
  const author = new Set(normalised(authorName).match(/[\p{L}\p{M}]+/gu));
  const words = row.line.match(/[\p{L}\p{M}]+/gu) ?? [];
  return author.size > 0 && words.length > 0 && words.length <= nameWordsMax && words.every((word) => author.has(word));
}
