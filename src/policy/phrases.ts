// Finds many phrases in the words of a mail in one walk. A phrase is words in a row within one sentence; a word ending in * stands for every
// word that begins so (`fail*`). There are no patterns beyond that on purpose: nothing an admin writes can be slow.
import { fold, wordsOf } from './words.ts';
import type { Word } from './words.ts';

/** Words of a phrase that are compared; the schema's text limit makes longer ones rare. */
export const phraseWordsMax = 12;

/** A phrase found in a mail: words `from` (inclusive) to `to` (exclusive). */
export interface Found<T> {
  readonly from: number;
  readonly to: number;
  readonly meaning: T;
}

interface Branch<T> {
  readonly exact: Map<string, Branch<T>>;
  /** By beginning; `lengths` are the lengths of those by their first letter, so that a word is looked up once for each. */
  readonly prefixes: Map<string, Branch<T>>;
  readonly lengths: Map<string, number[]>;
  readonly meanings: T[];
}

/** Phrases with what each means, ready to be looked for. */
export interface Phrases<T> {
  readonly root: Branch<T>;
  /** Where a phrase that begins with a word goes on, by words that mails had: most words of most mails are the same few thousand. */
  readonly begun: Map<string, readonly Branch<T>[]>;
}

/** A set of phrases with nothing in it yet. */
export function noPhrases<T>(): Phrases<T> {
  return { root: branch(), begun: new Map() };
}

/** Adds a phrase; `rewrite` brings its spelling to the one form that mails are brought to as well. */
export function addPhrase<T>(
  phrases: Phrases<T>,
  phrase: string,
  meaning: T,
  rewrite: (words: string[]) => string[],
): void {
  let node = phrases.root;
  for (const word of rewrite(phraseWords(phrase)).slice(0, phraseWordsMax)) {
    const isPrefix = word.endsWith('*');
    const key = isPrefix ? word.slice(0, -1) : word;
    const branches = isPrefix ? node.prefixes : node.exact;
    let next = branches.get(key);
    if (next === undefined) {
      next = branch();
      branches.set(key, next);
      if (isPrefix) addLength(node, key);
    }
    node = next;
  }
  // A phrase without a single letter or figure would be found everywhere.
  if (node === phrases.root) return;
  node.meanings.push(meaning);
  phrases.begun.clear();
}

function addLength<T>({ lengths }: Branch<T>, key: string): void {
  const known = lengths.get(key.charAt(0)) ?? [];
  if (!known.includes(key.length)) lengths.set(key.charAt(0), [...known, key.length]);
}

/** Every place where one of the phrases stands, by place. */
export function findPhrases<T>(phrases: Phrases<T>, words: readonly Word[]): Found<T>[] {
  const found: Found<T>[] = [];
  for (let from = 0; from < words.length; from += 1) {
    for (const next of begunBy(words[from]?.word ?? '', phrases)) collect(next, words, from, from + 1, found);
  }
  return found;
}

/** The folded words of a phrase as written in the policy; a trailing * is kept. */
export function phraseWords(phrase: string): string[] {
  return phrase
    .split(/\s+/)
    .flatMap((part) => {
      const words = wordsOf(part, '').words.map((word) => word.word);
      const last = words.pop();
      if (last === undefined) return [];
      return [...words, part.endsWith('*') ? `${last}*` : last];
    })
    .map(fold);
}

function collect<T>(node: Branch<T>, words: readonly Word[], from: number, at: number, found: Found<T>[]): void {
  for (const meaning of node.meanings) found.push({ from, to: at, meaning });
  const word = words[at];
  if (word === undefined || word.sentence !== words[from]?.sentence) return;
  for (const next of branchesFor(node, word.word)) collect(next, words, from, at + 1, found);
}

/** Words that are remembered, and how long they may be: a mail made of others fills no memory. */
const begunMax = 20_000;
const begunCharsMax = 32;

function begunBy<T>(word: string, { root, begun }: Phrases<T>): readonly Branch<T>[] {
  const known = begun.get(word);
  if (known !== undefined) return known;
  const branches = branchesFor(root, word);
  if (begun.size < begunMax && word.length <= begunCharsMax) begun.set(word, branches);
  return branches;
}

function branchesFor<T>(node: Branch<T>, word: string): readonly Branch<T>[] {
  const exact = node.exact.get(word);
  const lengths = node.lengths.get(word.charAt(0));
  if (lengths === undefined) return exact === undefined ? nowhere : [exact];
  const branches = exact === undefined ? [] : [exact];
  for (const length of lengths) {
    const next = word.length < length ? undefined : node.prefixes.get(word.slice(0, length));
    if (next !== undefined) branches.push(next);
  }
  return branches;
}

const nowhere: readonly never[] = [];

function branch<T>(): Branch<T> {
  return { exact: new Map(), prefixes: new Map(), lengths: new Map(), meanings: [] };
}
