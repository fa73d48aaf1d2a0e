// Prepares the variables of a letter: only the names that letter knows, every string cleaned, no prototypes, the sender's facts
// added. What a template can see is decided here and not by what a desk happened to hand over.
import type { LetterKind } from '../cases/decision.ts';
import { caseNumberText, caseTag } from '../cases/support-case.ts';
import { bareSubject } from '../mail/subject.ts';
import { askedWords } from './asked-words.ts';
import { letterLimits } from './letter.ts';
import type { Sender } from './letter.ts';
import { mailto } from './mailto.ts';
import { manyLines, singleLine } from './plain-text.ts';
import { samples } from './samples.ts';
import type { AddedByCompose, TimelineStep } from './variables.ts';
import { manyLined, walkLimits } from './walk.ts';

/** What a letter's words are filled in from: `language` is the one it is written in, `caseNumber` null in a letter about no case. */
export interface Filling {
  kind: LetterKind;
  caseNumber: number | null;
  language: string;
  variables: Record<string, unknown>;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Everything the template of `request.kind` can see. Throws a TypeError that names every variable that is missing. */
export function contextOf(
  request: Filling,
  sender: Sender,
  reply: { address: string; messageId: string },
): { zone: string } {
  const names = Object.keys(samples(request.kind)[0] ?? {});
  const missing = names.filter((name) => request.variables[name] === undefined);
  if (missing.length > 0) {
    const which = missing.join(', ');
    throw new TypeError(
      `letters: the ${request.kind} of case ${request.caseNumber ?? 'none'} lacks ${which}; no letter was made`,
    );
  }
  const context: Record<string, unknown> = Object.create(null);
  for (const name of names) context[name] = cleaned(request.variables[name] as Json, name);
  if (typeof context['subject'] === 'string') context['subject'] = ownSubject(context['subject'], request.language);
  if (Array.isArray(context['suggestions']))
    context['suggestions'] = shown(context['suggestions'] as { url: string }[]);
  if (Array.isArray(context['timeline'])) context['timeline'] = told(context['timeline'] as TimelineStep[]);
  Object.assign(context, addedByCompose(request, sender, { ...reply, subject: subjectOf(context) }));
  return context as { zone: string };
}

/** A customer's subject without reply prefixes and case tags: ours is put before it, and only one number may be read there. */
export function ownSubject(subject: string, language: string): string {
  let bare = singleLine(subject, walkLimits.lineCharsMax);
  // Taking one tag out can join the halves of another, so until nothing changes; each round is shorter than the last.
  for (let before = ''; before !== bare;) {
    before = bare;
    bare = singleLine(bareSubject(bare), walkLimits.lineCharsMax);
  }
  return bare === '' ? askedWords(language).noSubject : bare;
}

function addedByCompose(
  request: Filling,
  sender: Sender,
  reply: { address: string; messageId: string; subject: string },
): AddedByCompose {
  const caseNumber = request.caseNumber ? caseNumberText(request.caseNumber) : '';
  const tag = request.caseNumber ? caseTag(request.caseNumber) : '';
  const words = askedWords(request.language);
  const subject = singleLine(`Re: ${tag} ${reply.subject}`, letterLimits.subjectCodePointsMax);
  const answer = (body: string) => mailto({ to: reply.address, subject, body, inReplyTo: reply.messageId });
  const base = sender.publicUrl?.replace(/\/+$/, '') ?? null;
  return {
    language: request.language,
    caseNumber,
    caseTag: tag,
    company: singleLine(sender.company, letterLimits.nameCodePointsMax),
    mailboxAddress: sender.mailbox.address,
    publicUrl: base,
    caseUrl: base === null || caseNumber === '' ? null : `${base}/cases/${caseNumber}`,
    resolvedWord: words.resolved,
    moreTimeWord: words.moreTime,
    resolvedUrl: answer(words.resolved),
    moreTimeUrl: answer(words.moreTime),
    notSolvedUrl: answer(`${words.notSolved}\n\n`),
  };
}

function subjectOf(context: Record<string, unknown>): string {
  return typeof context['subject'] === 'string' ? context['subject'] : '';
}

function told(timeline: TimelineStep[]): TimelineStep[] {
  // When nothing is left to come but the end of asking, the letter says so in a sentence of its own.
  return timeline.some((step) => step.what !== 'leave-open') ? timeline : [];
}

function shown(suggestions: { url: string }[]): { url: string }[] {
  // A link in our own letter leads to a web page or is not there: no javascript:, no data:, no file:.
  return suggestions.filter(({ url }) => /^https?:\/\/\S+$/.test(url)).slice(0, letterLimits.suggestionsMax);
}

function cleaned(value: Json, name: string): Json {
  if (typeof value === 'string') {
    return manyLined.has(name) ? manyLines(value) : singleLine(value, walkLimits.lineCharsMax);
  }
  if (Array.isArray(value)) return value.slice(0, walkLimits.itemsMax).map((item) => cleaned(item, ''));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, Json> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[key] = cleaned(inner, key);
  return copy;
}

/** The kinds that carry nothing the customer wrote (TRUST T9): their templates can not even name it. */
export const ownWordsOnly: readonly LetterKind[] = ['acknowledgment', 'feedback-thanks', 'linked-case', 'sign-in'];
