// Reads a template file: one letter, its subject, text and html together, each opened by a line like `--- subject ---`. A letter may leave its text
// out: it is then made from the html. A file whose name starts with `_` is a partial: it has a text and an html part and no subject, and letters include
// it by the name after the `_`. The partial `_layout` may have a style part: css that is written into every html part of its language.
import type { Problem } from './texts.ts';

/** One part of a file: its source and the line of the file it starts at, from 1, so that problems can be found by line. */
export interface TemplatePart {
  source: string;
  line: number;
}

export interface TemplateFile {
  /** Path for people, e.g. `templates/mail/en/answer.hbs`. */
  file: string;
  /** null in a partial. */
  subject: TemplatePart | null;
  /** null in a letter whose text is made from its html. */
  text: TemplatePart | null;
  html: TemplatePart;
  style: TemplatePart | null;
}

/** Largest template file that is read (TRUST fact 6: a large one can exhaust the process). */
export const templateCharsMax = 64 * 1024;

type PartName = 'subject' | 'text' | 'html' | 'style';
const markerPattern = /^--- *([a-z]+) *---[ \t]*$/;

/** The partial that every letter stands in, and the only one with a style. */
export const layoutName = '_layout';

/** Takes the file of `name` apart; problems instead when a part is missing, twice, unknown, or the subject is not one line. */
export function readTemplate(file: string, name: string, source: string): TemplateFile | Problem[] {
  const problem = (line: number, message: string): Problem => ({ file, line, column: 1, message });
  // What comes from a browser is whatever it sent: an object here would be taken for a parsed template (TRUST T15).
  if (typeof source !== 'string')
    return [problem(1, 'a template is a text; something else was sent, and nothing was read')];
  if (source.length > templateCharsMax) {
    return [problem(1, `the file has ${source.length} characters; at most ${templateCharsMax} are read`)];
  }
  const partial = name.startsWith('_');
  const allowed = partsOf(name);
  const found = new Map<PartName, TemplatePart & { marker: number }>();
  const problems: Problem[] = [];
  let open: TemplatePart | null = null;
  source.split(/\r?\n/).forEach((line, index) => {
    const word = markerPattern.exec(line)?.[1] as PartName | undefined;
    if (word === undefined) {
      if (open) open.source += `${line}\n`;
      else if (line.trim() !== '')
        problems.push(problem(index + 1, 'text before the first "--- text ---" line is never sent'));
      return;
    }
    if (!allowed.includes(word)) {
      problems.push(problem(index + 1, `"--- ${word} ---" opens no part; allowed are ${allowed.join(', ')}`));
    } else if (found.has(word)) problems.push(problem(index + 1, `the ${word} part is here for the second time`));
    const part = { source: '', line: index + 2, marker: index + 1 };
    open = part;
    found.set(word, part);
  });
  const missing = (part: PartName) => problem(1, `the ${part} part is missing: open it with a line "--- ${part} ---"`);
  const optional = (part: PartName): TemplatePart | null => {
    const { source: text = '', line = 1 } = found.get(part) ?? {};
    return text.trim() === '' ? null : { source: text, line };
  };
  const required = (part: PartName): TemplatePart => {
    const had = optional(part);
    if (!had) problems.push(missing(part));
    return had ?? { source: '', line: 1 };
  };
  const template = {
    file,
    subject: partial ? null : oneLine(required('subject'), problems, file),
    text: partial ? required('text') : optional('text'),
    html: required('html'),
    style: optional('style'),
  };
  return problems.length > 0 ? problems : template;
}

function partsOf(name: string): PartName[] {
  if (name === layoutName) return ['text', 'html', 'style'];
  return name.startsWith('_') ? ['text', 'html'] : ['subject', 'text', 'html'];
}

function oneLine(part: TemplatePart, problems: Problem[], file: string): TemplatePart {
  const lines = part.source.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  const second = lines.findIndex((line, index) => index > first && line.trim() !== '');
  if (second > 0) {
    const message = 'the subject has a second line; a subject is one line';
    problems.push({ file, line: part.line + second, column: 1, message });
  }
  return { source: (lines[first] ?? '').trim(), line: part.line + Math.max(first, 0) };
}
