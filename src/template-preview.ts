// What a text looks like before it is saved: with an invented example or with a real case, on a page or in the mailbox of whoever edits it. Everything
// is filled in by the checker's thread; nothing of it can reach a customer.
import { randomUUID } from 'node:crypto';
import { exampleOf } from './cases/example.ts';
import type { LetterKind } from './cases/decision.ts';
import type { Instant } from './clock.ts';
import { senderOf, type Desk } from './desk.ts';
import type { Checker } from './letters/checker.ts';
import type { Words } from './letters/compiled.ts';
import { contextOf } from './letters/context.ts';
import type { Letter } from './letters/letter.ts';
import { withDrafts, type Draft } from './letters/lint.ts';
import { composeLoose } from './letters/loose.ts';
import { templatesOf } from './letters/render.ts';
import { findText, type Problem } from './letters/texts.ts';
import { sampleNamed } from './letters/variables-list.ts';
import { letterKinds } from './letters/variables.ts';
import { readCase } from './store/cases.ts';
import type { Db } from './store/db.ts';
import { readEntries } from './store/history.ts';
import { insertLoose } from './store/outbox.ts';

/** A text to look at. `letter`: for a partial, the letter it is shown in; the first that there is when left out. */
export type Looked = Draft & { letter?: LetterKind };

/** Every problem that keeps the text from being saved. */
export async function checkDraft(desk: Desk, checker: Checker, { language, name, source }: Draft): Promise<Problem[]> {
  return checker.check(desk.templates.texts, [{ language, name, source }]);
}

/** The words with an invented example: the named one, else the fullest. */
export async function previewTemplate(
  desk: Desk,
  checker: Checker,
  looked: Looked & { sample?: string },
): Promise<Words | { problems: Problem[] }> {
  const letter = letterOf(looked);
  return shown(desk, checker, looked, {
    letter,
    variables: sampleNamed(letter, looked.sample),
    caseNumber: exampleNumber,
  });
}

/** The words with the facts of a real case; null when there is no such case. */
export async function previewOnCase(
  db: Db,
  desk: Desk,
  checker: Checker,
  looked: Looked & { caseNumber: number },
  now: Instant,
): Promise<Words | { problems: Problem[] } | null> {
  const { caseNumber } = looked;
  const letter = letterOf(looked);
  const variables = await variablesOn(db, desk, { letter, caseNumber }, now);
  return variables && shown(desk, checker, looked, { letter, variables, caseNumber });
}

/** Puts the letter into the outbox for `to` alone; its subject says that it is a test. Null when there is no such case. */
export async function sendTest(
  db: Db,
  desk: Desk,
  checker: Checker,
  test: Looked & { sample?: string; caseNumber?: number; to: string },
  now: Instant,
): Promise<{ sent: true } | { problems: Problem[] } | null> {
  const { language, name, source, to } = test;
  const letter = letterOf(test);
  const caseNumber = test.caseNumber ?? exampleNumber;
  const variables =
    test.caseNumber === undefined
      ? sampleNamed(letter, test.sample)
      : await variablesOn(db, desk, { letter, caseNumber }, now);
  if (!variables) return null;
  // What the thread could fill in may be filled in here.
  const tried = await shown(desk, checker, test, { letter, variables, caseNumber });
  if ('problems' in tried) return tried;
  const templates = templatesOf(withDrafts(desk.templates.texts, [{ language, name, source }]));
  const request = { kind: letter, to: { addrSpec: to, displayName: '' }, language, variables, caseNumber };
  const composed: Letter = await composeLoose(
    { ...request, key: `test:${randomUUID()}`, prefix: '[Test] ' },
    senderOf(desk, firstMailbox(desk)),
    templates,
    now,
  );
  const because = `${to} wanted to see the ${letter} in ${language}`;
  await insertLoose(db, { ...composed, kind: 'test', templates: [] }, because, now);
  return { sent: true };
}

/** The number that invented examples have. */
const exampleNumber = 2;

async function variablesOn(
  db: Db,
  { policy }: Desk,
  { letter, caseNumber }: { letter: LetterKind; caseNumber: number },
  now: Instant,
): Promise<Record<string, unknown> | null> {
  const supportCase = await readCase(db, caseNumber);
  if (!supportCase) return null;
  const real = exampleOf(letter, supportCase, await readEntries(db, caseNumber), policy, now);
  return { ...sampleNamed(letter), ...real };
}

async function shown(
  desk: Desk,
  checker: Checker,
  { language, name, source }: Draft,
  like: { letter: LetterKind; variables: Record<string, unknown>; caseNumber: number },
): Promise<Words | { problems: Problem[] }> {
  const { letter, variables, caseNumber } = like;
  const { texts } = desk.templates;
  const drafted = withDrafts(texts, [{ language, name, source }]);
  const served = findText(drafted, language, letter)?.language ?? language;
  const sender = senderOf(desk, firstMailbox(desk));
  const number = letter === 'sign-in' ? null : caseNumber;
  const reply = { address: sender.mailbox.address, messageId: `preview@${sender.instance}.invalid` };
  const context = contextOf({ kind: letter, caseNumber: number, language: served, variables }, sender, reply);
  return checker.preview(texts, { language, name, source }, { letter, context });
}

function letterOf({ name, letter }: Looked): LetterKind {
  return letterKinds.find((kind) => kind === name) ?? letter ?? 'acknowledgment';
}

function firstMailbox(desk: Desk): string {
  return desk.config.mailboxes[0]?.id ?? '';
}
