// Reads a short text as known words: which of the policy's lists each piece is in, and what is in none. It decides nothing.
import type { KeywordWords } from './keyword-words.ts';

/** A piece of text: the lists it is in; none when the word is unknown. `text` is normalised. */
export interface Piece {
  text: string;
  lists: ReadonlySet<keyof KeywordWords>;
}

/** The words of a policy, ready to be looked up. */
export interface Vocabulary {
  phrases: Map<string, Set<keyof KeywordWords>>;
  /** Most words of a phrase, by the word it begins with. */
  longest: Map<string, number>;
  charsMax: number;
  /** Single long words that must not hide inside an unknown one ("unresolved"). */
  inside: string[];
}

const insideCharsMin = 6;
const joiner = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const tokens =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー])[\p{L}\p{N}])(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー])[\p{L}\p{M}\p{N}’-])*/gu;
/** French and Italian articles are written to their noun. */
const elided = /^(?:l|d|dell|all|nell|un|c|j|s)’(?=..)/u;

/**
 * Brings text to the form in which words are compared: full-width and ligature forms plain, invisible characters gone,
 * one apostrophe, lower case (also of the Turkish dotted capital).
 */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/['`´‘ʼ]/g, '’')
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .normalize('NFC');
}

const built = new WeakMap<KeywordWords, Vocabulary>();

/** The vocabulary of a policy's words; built once for each words object. */
export function vocabulary(words: KeywordWords): Vocabulary {
  const known = built.get(words);
  if (known) return known;
  const made: Vocabulary = { phrases: new Map(), longest: new Map(), charsMax: 1, inside: [] };
  for (const list of Object.keys(words) as (keyof KeywordWords)[]) {
    for (const entry of words[list]) {
      const pieces = [...normalised(entry).matchAll(tokens)].map((match) => match[0]);
      const phrase = pieces.join(' ');
      if (phrase === '') continue;
      made.phrases.set(phrase, (made.phrases.get(phrase) ?? new Set()).add(list));
      if (joiner.test(phrase)) made.charsMax = Math.max(made.charsMax, phrase.length);
      else made.longest.set(pieces[0] ?? '', Math.max(made.longest.get(pieces[0] ?? '') ?? 1, pieces.length));
      if (list === 'resolved' && pieces.length === 1 && phrase.length >= insideCharsMin) made.inside.push(phrase);
    }
  }
  built.set(words, made);
  return made;
}

const unknown: ReadonlySet<keyof KeywordWords> = new Set();

/** Cuts normalised text into the longest known phrases, left to right, and single unknown words. */
export function pieces(text: string, words: Vocabulary): Piece[] {
  const found = [...text.matchAll(tokens)].map((match) => match[0]);
  const read: Piece[] = [];
  for (let index = 0; index < found.length;) {
    const token = found[index] ?? '';
    if (joiner.test(token)) {
      read.push(...unspaced(token, words));
      index++;
      continue;
    }
    const taken = longest(found, index, words) ?? single(token, words);
    read.push(taken.piece);
    index += taken.tokens;
  }
  return read;
}

function longest(found: string[], index: number, words: Vocabulary): { piece: Piece; tokens: number } | null {
  const most = words.longest.get(found[index] ?? '') ?? 0;
  for (let count = Math.min(most, found.length - index); count > 0; count--) {
    const phrase = found.slice(index, index + count).join(' ');
    const lists = words.phrases.get(phrase);
    if (lists) return { piece: { text: phrase, lists }, tokens: count };
  }
  return null;
}

function single(token: string, words: Vocabulary): { piece: Piece; tokens: number } {
  const lists = elided.test(token) ? words.phrases.get(token.replace(elided, '')) : undefined;
  return { piece: { text: token, lists: lists ?? unknown }, tokens: 1 };
}

// Chinese and Japanese write no spaces: the longest phrase at each place, else one character.
function unspaced(run: string, words: Vocabulary): Piece[] {
  const read: Piece[] = [];
  for (let at = 0; at < run.length;) {
    let length = Math.min(words.charsMax, run.length - at);
    while (length > 1 && !words.phrases.has(run.slice(at, at + length))) length--;
    const text = run.slice(at, at + length);
    read.push({ text, lists: words.phrases.get(text) ?? unknown });
    at += length;
  }
  return read;
}

/** The known resolved-word hidden inside an unknown or negating word, or null. */
export function hiddenInside(piece: Piece, words: Vocabulary): string | null {
  if (piece.lists.size > 0 && !piece.lists.has('negations')) return null;
  return words.inside.find((word) => piece.text.includes(word)) ?? null;
}
