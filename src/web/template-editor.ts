// What an admin does with one text: open, check, look at, try and publish it. The same routes answer a browser without script with a whole page and the
// editor's script with JSON. What was typed is never lost: every answer that is not "published" carries it back.
import type { FastifyReply } from 'fastify';
import { templateShown } from '../template-list.ts';
import { sendTest } from '../template-preview.ts';
import { saveTemplate } from '../templates.ts';
import type { TemplateName } from '../letters/texts.ts';
import { visitorOf } from './access.ts';
import { type Said, showEditor } from './template-editor-page.ts';
import { caseNumberOf, readForm, type TemplateForm } from './template-form.ts';
import { type Asked, look, noCaseText, noSuchLetter } from './template-room.ts';
import { diffView, hrefOf } from './template-views.ts';

/** The editor as it opens, with the text in force. */
export async function openEditor(asked: Asked): Promise<FastifyReply> {
  const { room, request, name } = asked;
  const shown = await templateShown(room.db, room.desk, name);
  if (shown === null) return noSuchLetter(asked);
  const form = { ...readForm({}), source: shown.source, base: shown.version };
  const { published } = request.query as Record<string, unknown>;
  const fresh = published !== undefined && published === String(shown.version);
  const same = published === 'nothing' ? 'Nothing was published: this text is in force already.' : '';
  const notice = fresh ? 'Published. Every letter written from now on has this text.' : same;
  return showEditor(asked, shown, form, { notice });
}

/** Publishes; or says why not, with everything that was typed, and with the other's text when somebody was faster. */
export async function publish(asked: Asked): Promise<FastifyReply> {
  const { room, request, reply, name } = asked;
  const form = readForm(request.body);
  const { source, base, note } = form;
  const author = visitorOf(request).address;
  const draft = { ...name, source, base, note, author };
  const saved = await saveTemplate(room.db, room.desk, room.checker, draft, room.now());
  if ('saved' in saved) return reply.redirect(afterSaving(name, saved), 303);
  if ('problems' in saved) {
    const looked = { problems: saved.problems, preview: null, caseProblem: '' };
    return answer({ ...asked, reply: reply.code(422) }, form, { looked });
  }
  const { version, author: other, source: theirs } = saved.conflict;
  const conflict = { author: other, source: theirs, lines: diffView(theirs, source) };
  return answer({ ...asked, reply: reply.code(409) }, { ...form, base: version }, { conflict });
}

/** Answers the editor's script: what is wrong with the text as it stands, and what it looks like. */
export async function check({ room, request, reply, name }: Asked): Promise<FastifyReply> {
  return reply.send(await look(room, name, readForm(request.body)));
}

/** The same for a browser without script, as a page. */
export function preview(asked: Asked): Promise<FastifyReply> {
  return answer(asked, readForm(asked.request.body), {});
}

/** The html part alone, for the frame of a browser without script. */
export async function htmlPart({ room, request, reply, name }: Asked): Promise<FastifyReply> {
  const { preview: rendered } = await look(room, name, readForm(request.body));
  const none = '<!doctype html><title>The letter</title><p>This text has problems, so it can not be shown yet.</p>';
  return reply.type('text/html; charset=utf-8').send(rendered?.html ?? none);
}

/** Sends the letter to whoever asks, and to nobody else. */
export async function tryOut(asked: Asked): Promise<FastifyReply> {
  const { room, request, reply, name } = asked;
  const form = readForm(request.body);
  const { source, sample, letter } = form;
  const to = visitorOf(request).address;
  const caseNumber = caseNumberOf(form.caseNumber);
  const facts = { ...(sample ? { sample } : {}), ...(letter ? { letter } : {}), ...(caseNumber ? { caseNumber } : {}) };
  const unreadable = form.caseNumber !== '' && caseNumber === null;
  const sent = unreadable
    ? null
    : await sendTest(room.db, room.desk, room.checker, { ...name, source, to, ...facts }, room.now());
  const done = sent !== null && 'sent' in sent;
  if (done) room.onLetter();
  const refused = sent === null ? noCaseText(form.caseNumber) : 'The text has problems.';
  const notice = done ? `On its way to ${to}.` : `Nothing was sent. ${refused}`;
  if (request.headers.accept === 'application/json') return reply.send({ said: notice, sent: done });
  return answer(asked, form, { notice, tone: done ? 'good' : 'problem' });
}

/** Where a browser goes when a text was taken. */
export function afterSaving(name: TemplateName, { saved, unchanged }: { saved: number; unchanged: boolean }): string {
  return `${hrefOf(name)}?published=${unchanged ? 'nothing' : saved}`;
}

async function answer(asked: Asked, form: TemplateForm, said: Said): Promise<FastifyReply> {
  const shown = await templateShown(asked.room.db, asked.room.desk, asked.name);
  return shown === null ? noSuchLetter(asked) : showEditor(asked, shown, form, said);
}
