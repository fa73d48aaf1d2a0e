// The words of the keyword reading as shipped, by language. They are policy: an admin changes them without code.
// All are lower case and compared whole. `fillers` may stand beside a word without changing what it says; a word that is in no
// list makes the sentence more than a clear statement, so a short list errs on the safe side.
import { easternRows } from './keyword-words-east.ts';
import { westernRows } from './keyword-words-west.ts';

/** The lists of one policy. Every entry is a word or a phrase, lower case. */
export interface KeywordWords {
  resolved: string[];
  /** Resolves as a whole clause only: beside other words it is a verb of another language (Swedish and German "löst"). */
  resolvedAlone: string[];
  moreTime: string[];
  noneHelped: string[];
  thanks: string[];
  /** One of these anywhere: never a clear statement. */
  negations: string[];
  /** A clause that begins with one of these asks, with or without its question mark. */
  questions: string[];
  fillers: string[];
  /** May stand beside `moreTime` only: "we need this resolved" is a demand. */
  wants: string[];
  /** May stand before a question's first word: "so is it resolved". */
  leadIns: string[];
  greetings: string[];
  /** "Best regards": only names and addresses may follow. */
  closings: string[];
}

/** Rows of words by language. */
export type KeywordRows = Record<string, { [list in keyof KeywordWords]?: string }>;

const byLanguage: KeywordRows = { ...westernRows, ...easternRows };

function merged(list: keyof KeywordWords): string[] {
  const all = Object.values(byLanguage).flatMap((row) => (row[list] ?? '').split('|'));
  return [...new Set(all.filter((word) => word !== ''))];
}

/** The shipped words of all languages together: a customer may answer in another language than the letter's. */
export const defaultKeywordWords: KeywordWords = {
  resolved: merged('resolved'),
  resolvedAlone: merged('resolvedAlone'),
  moreTime: merged('moreTime'),
  noneHelped: merged('noneHelped'),
  thanks: merged('thanks'),
  negations: merged('negations'),
  questions: merged('questions'),
  fillers: merged('fillers'),
  wants: merged('wants'),
  leadIns: merged('leadIns'),
  greetings: merged('greetings'),
  closings: merged('closings'),
};
