// The letters of a desk, filled in. A text that turns out to be broken never keeps a letter back: what ruled before it is taken, and the letter says so.
import type { LetterKind } from '../cases/decision.ts';
import { compileLetter, type CompiledLetter, type Words } from './compiled.ts';
import type { BrokenText } from './letter.ts';
import { problemOf } from './parse-problem.ts';
import { findText, problemText, withText, type TemplateName, type Text, type Texts } from './texts.ts';

/** Texts, and what has been made of them so far. */
export interface Templates {
  texts: Texts;
  ready: Map<string, Promise<Usable>>;
}

/** A letter that can be filled in, and what was wrong with the text that should have been. */
interface Usable {
  letter: CompiledLetter;
  broken: BrokenText | null;
}

/** A letter's words and where they came from. */
export interface Rendered extends Words {
  language: string;
  /** Versions of the database that have a part in it. */
  versions: number[];
  /** Why an older text stands in; null when none does. */
  broken: BrokenText | null;
}

/** Templates of these texts, nothing compiled yet. */
export function templatesOf(texts: Texts): Templates {
  return { texts, ready: new Map() };
}

/** The language whose letter serves a reader of `language`: the same, else its base (`de` for `de-AT`), else English. */
export function servedLanguage(templates: Templates, kind: LetterKind, language: string): string {
  const found = findText(templates.texts, language, kind);
  if (!found) throw new Error(`letters: there is no "${kind}" in English, so no letter was made`);
  return found.language;
}

/** Fills a letter in. Throws only when what was shipped, or stands in the folder of casepost.yaml, can not be filled in either. */
export async function render(
  templates: Templates,
  { kind, language }: { kind: LetterKind; language: string },
  context: { zone: string },
): Promise<Rendered> {
  const served = servedLanguage(templates, kind, language);
  const { letter, broken } = await usable(templates, kind, served);
  try {
    return { ...letter.wordsFor(context), language: letter.language, versions: letter.versions, broken };
  } catch (error) {
    // What no example has shown: the words that were shipped can say it.
    const last = lastResort(templates.texts);
    if (last === null) throw error;
    const fallback = await usable(templatesOf(last), kind, served);
    const { message } = problemOf(error, kind, { source: '', line: 1 });
    const problem = { name: { language: served, name: kind }, problem: message };
    return { ...fallback.letter.wordsFor(context), language: fallback.letter.language, versions: [], broken: problem };
  }
}

/**
 * Makes a letter ready before anyone waits for it. The first of a process loads what writes styles into tags: slow, and a module whose loading fails
 * half way, for want of descriptors (TRUST F43), fails as long as the process lives. So a gateway does this before it takes any mail.
 */
export async function prepare(
  templates: Templates,
  { kind, language }: { kind: LetterKind; language: string },
): Promise<void> {
  await usable(templates, kind, servedLanguage(templates, kind, language));
}

async function usable(templates: Templates, kind: LetterKind, language: string): Promise<Usable> {
  const key = `${language}/${kind}`;
  const known = templates.ready.get(key);
  if (known) return known;
  const made = firstUsable(templates.texts, kind, language);
  templates.ready.set(key, made);
  // What failed for the machine's sake (no descriptor left to load a file with) is tried again with the next letter.
  made.catch(() => templates.ready.delete(key));
  return made;
}

async function firstUsable(texts: Texts, kind: LetterKind, language: string): Promise<Usable> {
  let tried = texts;
  let broken: BrokenText | null = null;
  for (;;) {
    const served = findText(tried, language, kind);
    if (!served) throw new Error(`letters: there is no "${kind}" in English, so no letter was made`);
    const letter = await compileLetter(tried, served.language, kind);
    if (!('problems' in letter)) return { letter, broken };
    const [problem] = letter.problems;
    const culprit = problem && named(tried, problem.file);
    if (!problem || !culprit || culprit.text.version === null) {
      throw new Error(`letters: ${problem?.file}:${problem?.line}: ${problem?.message}; no letter was made`);
    }
    const { language: whose, name } = culprit;
    broken ??= { name: { language: whose, name }, problem: problemText(problem) };
    tried = withText(tried, culprit, culprit.text.before);
  }
}

function named(texts: Texts, file: string): (TemplateName & { text: Text }) | null {
  for (const [language, all] of texts) {
    for (const [name, text] of all) if (text.file === file) return { language, name, text };
  }
  return null;
}

/** The texts without anything of the database; null when there is nothing of it. */
function lastResort(texts: Texts): Texts | null {
  let last: Texts = texts;
  let changed = false;
  for (const [language, all] of texts) {
    for (const [name, text] of all) {
      if (text.version === null) continue;
      changed = true;
      let base: Text | null = text;
      while (base !== null && base.version !== null) base = base.before;
      last = withText(last, { language, name }, base);
    }
  }
  return changed ? last : null;
}
