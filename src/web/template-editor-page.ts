// The page of the editor: the form with what was typed, what is wrong with it, what it looks like, and the names that may be written. It is whole without
// script; the script makes it follow the typing.
import type { FastifyReply } from 'fastify';
import type { LetterKind } from '../cases/decision.ts';
import { findText, type TemplateName, type Texts } from '../letters/texts.ts';
import { templateCharsMax } from '../letters/template.ts';
import { letterKinds } from '../letters/variables.ts';
import { helpersList, sampleNames, variablesOf } from '../letters/variables-list.ts';
import { templateList, type TemplateShown } from '../template-list.ts';
import { noteCharsMax, type TemplateForm } from './template-form.ts';
import { type Asked, look, type Looked } from './template-room.ts';
import { hrefOf, languageName, standingText } from './template-views.ts';
import { wordsOf } from './template-words.ts';

/** What the page says besides the form. */
export interface Said {
  /** What is known already of the text; else it is looked at. */
  looked?: Looked;
  notice?: string;
  tone?: 'good' | 'problem';
  conflict?: { author: string; source: string; lines: object[] };
}

/** Sends the editor of `shown` with the form as it stands. */
export async function showEditor(
  { room, pages, request, reply }: Asked,
  shown: TemplateShown,
  form: TemplateForm,
  said: Said,
): Promise<FastifyReply> {
  const { language, name, title, doc, partial } = shown;
  const rows = await templateList(room.db, room.desk);
  const letters: [LetterKind, ...LetterKind[]] = partial
    ? lettersWith(room.desk.templates.texts, shown)
    : [name as LetterKind];
  const letter = letters.find((kind) => kind === form.letter) ?? letters[0];
  const looked = said.looked ?? (await look(room, shown, { ...form, letter }));
  const variables = variablesOf(letter);
  const partials = rows.filter((row) => row.partial && row.language === language);
  const titles = new Map(rows.map((row) => [row.name, row.title]));
  return pages.show(request, reply, 'template-editor', {
    title: `${title}, ${languageName(language)}`,
    scripts: ['/templates/editor.js'],
    styles: ['/templates/templates.css'],
    wide: true,
    doc,
    href: hrefOf(shown),
    language,
    standing: standingText(shown),
    mayCompare: shown.shipped !== null && shown.source !== shown.shipped,
    others: rows
      .filter((row) => row.name === name)
      .map((row) => ({
        href: hrefOf(row),
        here: row.language === language,
        language: row.language,
        languageName: languageName(row.language),
      })),
    notice: said.notice ?? '',
    noticeTone: said.tone ?? 'good',
    conflict: said.conflict ?? null,
    words: JSON.stringify(wordsOf(variables, helpersList, partials)),
    base: form.base ?? '',
    source: form.source,
    unsaved: form.source !== shown.source,
    sourceMax: templateCharsMax,
    note: form.note,
    noteMax: noteCharsMax,
    problems: looked.problems,
    ...sentenceOn(looked),
    letters: partial
      ? letters.map((kind) => ({ name: kind, title: titles.get(kind) ?? kind, chosen: kind === letter }))
      : null,
    samples: sampleNames(letter).map((sample) => ({ name: sample, chosen: sample === form.sample })),
    caseNumber: form.caseNumber,
    subject: looked.preview?.subject ?? '',
    text: looked.preview?.text ?? '',
    variables,
    helpers: helpersList,
  });
}

/** The letters that name a partial; all there are for one that only other partials name. */
function lettersWith(texts: Texts, { language, name }: TemplateName): [LetterKind, ...LetterKind[]] {
  const call = new RegExp(`\\{\\{~?#?>\\s*${RegExp.escape(name.slice(1))}[\\s}~]`);
  const [first, ...others] = letterKinds.filter((kind) =>
    call.test(findText(texts, language, kind)?.text.source ?? ''),
  );
  return first ? [first, ...others] : [...letterKinds];
}

function sentenceOn({ problems, caseProblem }: Looked): { says: string; saysTone: 'good' | 'bad' } {
  if (caseProblem !== '') return { says: caseProblem, saysTone: 'bad' };
  if (problems.length === 0) return { says: 'No problem found.', saysTone: 'good' };
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return { says: `${count}: this can not be published yet.`, saysTone: 'bad' };
}
