// Turns a mail into words that rules can be compared with: letter case, accents and width do not count, and each word knows its sentence and
// clause. One pass over a text cut to a named limit, so that no mail can make a rule slow (TRUST B68, T30).

/** Characters of a mail that rules look at; what matters about a request stands before that. */
export const charsJudgedMax = 20_000;

/** A line at least this long was probably wrapped by a mail program, and the sentence goes on in the next. */
export const wrappedLineChars = 50;

/** One word of a mail. `word` is folded for comparing, `shown` as written; sentences and clauses are numbered through the mail. */
export interface Word {
  readonly word: string;
  readonly shown: string;
  readonly sentence: number;
  readonly clause: number;
  /** Whether a colon stands before it: "data loss: none". */
  readonly afterColon: boolean;
}

/** The words of a mail: `subjectEnd` is how many of them are the subject's. */
export interface Words {
  readonly words: readonly Word[];
  readonly subjectEnd: number;
}

/** A word with no case, accents or ligatures, and ss for ß: `Wiederherstellung` and `récupération` become plain small letters. */
export function fold(word: string): string {
  if (/^[\x20-\x7e]*$/.test(word)) return word.toLowerCase();
  return word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss');
}

/** What was read last: a decision asks for the words of its mail more than once. */
let last: { subject: string; text: string; words: Words } | null = null;

/** Reads subject and text into words. The subject is a sentence of its own. */
export function wordsOf(subject: string, text: string): Words {
  if (last?.subject === subject && last.text === text) return last.words;
  const words = readWords(subject, text);
  last = { subject, text, words };
  return words;
}

function readWords(subject: string, text: string): Words {
  const words: Word[] = [];
  let sentence = 0;
  let clause = 0;
  let wrapped = false;
  let afterColon = false;
  const readLine = (line: string) => {
    for (const found of line.match(/[\p{L}\p{N}\p{M}]+(?:\.\p{N}+)*|[.!?…]+(?=\s|["'”»)]|$)|[,;:()–—]/gu) ?? []) {
      if (/^[\p{L}\p{N}\p{M}]/u.test(found)) {
        words.push({ word: fold(found), shown: found, sentence, clause, afterColon });
        afterColon = false;
        continue;
      }
      clause += 1;
      // What is asked is a word of its own, so that a rule can look for it in any language.
      if (found.includes('?')) words.push({ word: '?', shown: '?', sentence, clause, afterColon: false });
      afterColon = found === ':';
      if (/^[.!?…;]/.test(found)) sentence += 1;
    }
  };
  readLine(subject.slice(0, charsJudgedMax).normalize('NFKC'));
  const subjectEnd = words.length;
  for (const line of text.slice(0, charsJudgedMax).normalize('NFKC').split('\n')) {
    // The line before this one ended a sentence unless it was wrapped; the first line follows the subject.
    if (!wrapped) {
      sentence += 1;
      clause += 1;
    }
    readLine(line);
    wrapped = line.trim().length >= wrappedLineChars;
  }
  return { words, subjectEnd };
}
