// The page of the editor: the form with what was typed, what is wrong with it, what it looks like, and the names that may be written. It is whole without
// script; the script makes it follow the typing.
import type { FastifyReply } from 'fastify';
import type { LetterKind } from '../cases/decision.ts';
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

/** The letter a partial is shown in unless another is chosen. */
const partialShownIn: LetterKind = 'acknowledgment';

/** Sends the editor of `shown` with the form as it stands. */
export async function showEditor(
  { room, pages, request, reply }: Asked,
  shown: TemplateShown,
  form: TemplateForm,
  said: Said,
): Promise<FastifyReply> {
  const { language, name, title, doc, partial } = shown;
  const rows = await templateList(room.db, room.desk);
  const letter = partial ? (form.letter ?? partialShownIn) : (name as LetterKind);
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
      ? letterKinds.map((kind) => ({ name: kind, title: titles.get(kind) ?? kind, chosen: kind === letter }))
      : null,
    samples: sampleNames(letter).map((sample) => ({ name: sample, chosen: sample === form.sample })),
    caseNumber: form.caseNumber,
    subject: looked.preview?.subject ?? '',
    text: looked.preview?.text ?? '',
    variables,
    helpers: helpersList,
  });
}

function sentenceOn({ problems, caseProblem }: Looked): { says: string; saysTone: 'good' | 'bad' } {
  if (caseProblem !== '') return { says: caseProblem, saysTone: 'bad' };
  if (problems.length === 0) return { says: 'No problem found.', saysTone: 'good' };
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return { says: `${count}: this can not be published yet.`, saysTone: 'bad' };
}
