// Reads a template file: one letter, its subject, text and html together, each opened by a line like `--- subject ---`. A file whose
// name starts with `_` is a partial: it has a text and an html part and no subject, and letters include it by the name after the `_`.

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
  text: TemplatePart;
  html: TemplatePart;
}

/** Something wrong with a template: where (line and column from 1), and what was found and is allowed. */
export interface Problem {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** Largest template file that is read (TRUST fact 6: a large one can exhaust the process). */
export const templateCharsMax = 64 * 1024;

type PartName = 'subject' | 'text' | 'html';
const partNames: readonly PartName[] = ['subject', 'text', 'html'];
const markerPattern = /^--- *([a-z]+) *---[ \t]*$/;

/** Takes a file apart; problems instead when a part is missing, twice, unknown, or the subject is not one line. */
export function readTemplate(file: string, source: string, kind: 'letter' | 'partial'): TemplateFile | Problem[] {
  const problem = (line: number, message: string): Problem => ({ file, line, column: 1, message });
  if (source.length > templateCharsMax) {
    return [problem(1, `the file has ${source.length} characters; at most ${templateCharsMax} are read`)];
  }
  const found = new Map<string, TemplatePart & { marker: number }>();
  const problems: Problem[] = [];
  let current: string | null = null;
  source.split(/\r?\n/).forEach((line, index) => {
    const name = markerPattern.exec(line)?.[1];
    const open = current === null ? undefined : found.get(current);
    if (name === undefined) {
      if (open) open.source += `${line}\n`;
      else if (line.trim() !== '')
        problems.push(problem(index + 1, 'text before the first "--- text ---" line is never sent'));
      return;
    }
    const allowed = kind === 'letter' ? partNames : partNames.slice(1);
    if (!allowed.includes(name as PartName)) {
      problems.push(problem(index + 1, `"--- ${name} ---" opens no part; allowed are ${allowed.join(', ')}`));
    } else if (found.has(name)) problems.push(problem(index + 1, `the ${name} part is here for the second time`));
    found.set(name, { source: '', line: index + 2, marker: index + 1 });
    current = name;
  });
  const part = (name: PartName): TemplatePart => {
    const { source: text, line } = found.get(name) ?? { source: '', line: 1 };
    if (text.trim() === '')
      problems.push(problem(1, `the ${name} part is missing: open it with a line "--- ${name} ---"`));
    return { source: text, line };
  };
  const subject = kind === 'letter' ? oneLine(part('subject'), problems, file) : null;
  const template = { file, subject, text: part('text'), html: part('html') };
  return problems.length > 0 ? problems : template;
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
