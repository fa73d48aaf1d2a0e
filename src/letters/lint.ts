// Finds what is wrong with a text before a customer does: in every letter it has a part in, by names, blocks, links and size, and by filling each of
// these letters in with every example there is. A text that passes can be sent.
import type { LetterKind } from '../cases/decision.ts';
import { compileLetter } from './compiled.ts';
import { filledProblems } from './filled.ts';
import { remoteContent } from './remote-content.ts';
import { layoutName, readTemplate } from './template.ts';
import {
  chainOf,
  findText,
  lastLanguage,
  problemText,
  withText,
  type Problem,
  type TemplateName,
  type Text,
  type Texts,
} from './texts.ts';
import { letterKinds } from './variables.ts';

/** Most problems that are told at once. */
const problemsMax = 50;
/** A language tag as texts are kept under (BCP 47, in small letters), and a partial's name. */
const languagePattern = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/;
const partialPattern = /^_[a-z][a-z0-9-]{0,59}$/;

/** Every problem of every letter in every language, by file and line. Empty: all can be sent. */
export async function checkTexts(texts: Texts): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [language, all] of texts) {
    for (const [name, text] of all) {
      const wrong = namedWrongly({ language, name }, text.file) ?? readProblems(text, name);
      problems.push(...wrong);
      if (wrong.length === 0 && isKind(name)) problems.push(...(await letterProblems(texts, { language, kind: name })));
    }
  }
  return distinct(problems);
}

/** A text that somebody wants to have. */
export type Draft = TemplateName & { source: string };

/** Every problem that these texts would make together: their own, and those of every letter they have a part in. */
export async function checkDrafts(texts: Texts, drafts: Draft[]): Promise<Problem[]> {
  const wrong = drafts.flatMap(
    (draft) => namedWrongly(draft, draftFile(draft)) ?? readProblems(textOf(draft), draft.name),
  );
  if (wrong.length > 0) return distinct(wrong);
  const changed = withDrafts(texts, drafts);
  const files = new Set(drafts.map(draftFile));
  const problems = new Map<string, Problem>();
  for (const { language, kind } of lettersWith(changed, drafts)) {
    for (const problem of await letterProblems(changed, { language, kind }, files)) {
      // Of a partial the first letter is named: often it is right for one letter and wrong for another.
      const own = problem.file === draftFile({ language, name: kind });
      const told = own ? problem : { ...problem, message: `${problem.message} (as ${language}/${kind} uses it)` };
      if (!problems.has(problemText(problem))) problems.set(problemText(problem), told);
    }
  }
  return [...problems.values()].slice(0, problemsMax);
}

/** The texts with drafts over them. */
export function withDrafts(texts: Texts, drafts: Draft[]): Texts {
  return drafts.reduce(
    (all, draft) => withText(all, { language: draft.language, name: draft.name }, textOf(draft)),
    texts,
  );
}

function textOf(draft: Draft): Text {
  return { file: draftFile(draft), source: draft.source, version: null, before: null };
}

/** A text that is not saved yet, as its problems name it. */
export function draftFile({ language, name }: TemplateName): string {
  return `${language}/${name}.hbs`;
}

function isKind(name: string): name is LetterKind {
  return letterKinds.some((kind) => kind === name);
}

function namedWrongly({ language, name }: TemplateName, file: string): Problem[] | null {
  const problem = (message: string): Problem[] => [{ file, line: 1, column: 1, message }];
  if (!languagePattern.test(language)) return problem(`"${language}" is no language; write it like de or pt-br`);
  if (isKind(name) || partialPattern.test(name)) return null;
  return problem(`"${name}" is no letter; letters are ${letterKinds.join(', ')}, and a partial starts with _`);
}

function readProblems(text: Text, name: string): Problem[] {
  const file = readTemplate(text.file, name, text.source);
  if (Array.isArray(file)) return file;
  const problems = remoteContent(file.file, file.html);
  if (name === layoutName && file.style) problems.push(...remoteContent(file.file, file.style));
  return problems;
}

/** Every letter that one of the drafts can have a part in: for a partial those of its language, and of the languages that inherit from it. */
function lettersWith(texts: Texts, drafts: Draft[]): { language: string; kind: LetterKind }[] {
  const partials = drafts.filter(({ name }) => !isKind(name)).map(({ language }) => language);
  return [...texts.keys()].flatMap((language) => {
    const all = chainOf(language).some((one) => partials.includes(one));
    return letterKinds
      .filter((kind) => texts.get(language)?.has(kind))
      .filter((kind) => all || drafts.some((draft) => draft.language === language && draft.name === kind))
      .map((kind) => ({ language, kind }));
  });
}

/** Problems of one letter; with `files` only those told of one of them, and none when none has a part in it. */
async function letterProblems(
  texts: Texts,
  { language, kind }: { language: string; kind: LetterKind },
  files?: Set<string>,
): Promise<Problem[]> {
  const letter = await compileLetter(texts, language, kind);
  if ('problems' in letter) return letter.problems.filter(({ file }) => files?.has(file) ?? true);
  const told = files?.has(letter.file) === false ? letter.files.find((file) => files.has(file)) : letter.file;
  return told === undefined ? [] : filledProblems(letter, kind, told);
}

/** The letters that are missing: English must have every one, for it stands in for what another language lacks. */
export function missingLetters(texts: Texts): Problem[] {
  return letterKinds
    .filter((kind) => !findText(texts, lastLanguage, kind))
    .map((kind) => ({
      file: draftFile({ language: lastLanguage, name: kind }),
      line: 1,
      column: 1,
      message: 'the file is missing; English must have every letter',
    }));
}

function distinct(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => !seen.has(problemText(problem)) && seen.add(problemText(problem)))
    .slice(0, problemsMax);
}
