// Where the words of a letter are looked for. A text is one file: a letter or a partial in one language. What a language lacks it has from the one it
// belongs to (de for de-at), and in the end from English; a text that was changed here remembers what it stands in for.

/** Which text: a language tag in small letters, and a letter or, with a line before it, a partial: `_timeline`. */
export interface TemplateName {
  language: string;
  name: string;
}

/** A text as it rules. */
export interface Text {
  /** For people and unique: `de/follow-up.hbs`, `de/follow-up, version 12`. */
  file: string;
  source: string;
  /** The version of the database; null for what is shipped, or stands in the folder of casepost.yaml. */
  version: number | null;
  /** What ruled before and is taken should this one turn out to be broken; null for the last resort. */
  before: Text | null;
}

/** All texts by language and name. */
export type Texts = ReadonlyMap<string, ReadonlyMap<string, Text>>;

/** The language every other one falls back to; it has every letter. */
export const lastLanguage = 'en';

/** The languages whose texts serve a reader of `language`, nearest first: `de-at, de, en`. */
export function chainOf(language: string): string[] {
  const wanted = language.toLowerCase();
  return [...new Set([wanted, wanted.split('-')[0] ?? lastLanguage, lastLanguage])];
}

/** The text that serves a reader of `language`, and whose it is; null when there is none in English either. */
export function findText(texts: Texts, language: string, name: string): { language: string; text: Text } | null {
  for (const candidate of chainOf(language)) {
    const text = texts.get(candidate)?.get(name);
    if (text) return { language: candidate, text };
  }
  return null;
}

/** The same texts with one replaced, or taken out. */
export function withText(texts: Texts, { language, name }: TemplateName, text: Text | null): Texts {
  const changed = new Map(texts.get(language));
  if (text) changed.set(name, text);
  else changed.delete(name);
  return new Map(texts).set(language, changed);
}

/** Every text that can be had in `language` whose name `wanted` accepts, by name: its own, else the inherited ones. */
export function namesFor(texts: Texts, language: string, wanted: (name: string) => boolean): string[] {
  const all = chainOf(language).flatMap((candidate) => [...(texts.get(candidate)?.keys() ?? [])]);
  return [...new Set(all)].filter(wanted);
}

/** Something wrong with a template: where (line and column of the file, from 1), and what was found and is allowed. */
export interface Problem {
  file: string;
  line: number;
  column: number;
  message: string;
  /** The word that is wrong, where it is one word, and the right name that is nearest to it. */
  found?: string;
  nearest?: string;
}

/** A problem as people read it: `en/answer.hbs:7:12: "subjct" …`. */
export function problemText(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
