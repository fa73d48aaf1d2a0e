// What the pages of letters stand on, and one question each of them asks: what is wrong with a text as it was typed, and what would it look like.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { caseNumberText } from '../cases/support-case.ts';
import type { Desk } from '../desk.ts';
import type { Checker } from '../letters/checker.ts';
import type { Problem, TemplateName } from '../letters/texts.ts';
import type { Db } from '../store/db.ts';
import { checkDraft, previewOnCase, previewTemplate } from '../template-preview.ts';
import type { Pages } from './page.ts';
import { caseNumberOf, type TemplateForm } from './template-form.ts';

/** What the gateway lends the pages of letters. */
export interface TemplateRoom {
  db: Db;
  /** Its templates are looked at with each request, so that a new text counts at once. */
  desk: Desk;
  checker: Checker;
  now: Clock;
  /** Called when a test letter waits in the outbox. */
  onLetter: () => void;
}

/** One request for the pages of one text. */
export interface Asked {
  room: TemplateRoom;
  pages: Pages;
  request: FastifyRequest;
  reply: FastifyReply;
  name: TemplateName;
}

/** What came of looking at a text; the editor's script knows it as `Checked`. */
export interface Looked {
  problems: Problem[];
  /** null when it can not be rendered. */
  preview: { subject: string; text: string; html: string } | null;
  /** Why the case that was asked for is not what it is shown with; '' when nothing is wrong with it. */
  caseProblem: string;
}

/** Checks a text and renders it with the case or the invented facts the form names. Nothing is written. */
export async function look(room: TemplateRoom, name: TemplateName, form: TemplateForm): Promise<Looked> {
  const { db, desk, checker, now } = room;
  const { source, sample, letter } = form;
  const draft = { ...name, source, ...(letter ? { letter } : {}) };
  const problems = await checkDraft(desk, checker, draft);
  const caseNumber = caseNumberOf(form.caseNumber);
  const onCase = caseNumber === null ? null : await previewOnCase(db, desk, checker, { ...draft, caseNumber }, now());
  const caseProblem = form.caseNumber !== '' && onCase === null ? noCaseText(form.caseNumber) : '';
  const rendered = onCase ?? (await previewTemplate(desk, checker, { ...draft, ...(sample ? { sample } : {}) }));
  return { problems, preview: 'problems' in rendered ? null : rendered, caseProblem };
}

/** Why what was typed as a case's number names none. */
export function noCaseText(typed: string): string {
  const number = caseNumberOf(typed);
  if (number === null) return `"${typed}" is no case number; write it like 00000001.`;
  return `There is no case ${caseNumberText(number)}.`;
}

/** A page for an address that names no text. */
export function noSuchLetter({ pages, request, reply }: Asked): FastifyReply {
  const view = { title: 'There is no such letter', text: 'The list of letters shows all there are.' };
  return pages.show(request, reply.code(404), 'message', view);
}
