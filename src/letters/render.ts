// Turns a template and its variables into a subject, a text and an html. Strict: an unknown name is an error, only listed helpers
// exist, prototypes are out of reach (TRUST T15), and html is always escaped. Compiled once, when templates are loaded.
import Handlebars from 'handlebars';
import type { LetterKind } from '../cases/decision.ts';
import { builtInHelpers, ownHelpers, registerHelpers } from './formatting.ts';
import { letterLimits } from './letter.ts';
import { nearest } from './nearest.ts';
import { singleLine, wrap } from './plain-text.ts';
import type { Problem, TemplateFile, TemplatePart } from './template.ts';

type Render = (context: object, data: { language: string; zone: string }) => string;
type RenderedPart = 'subject' | 'text' | 'html';

/** The letters of one language, compiled; `files` keeps the sources for the linter, partials under their `_name`. */
export interface LanguageTemplates {
  files: Map<string, TemplateFile>;
  letters: Map<string, Record<RenderedPart, Render>>;
}

/** All templates by language tag in lower case; `en` is always there. */
export interface Templates {
  languages: Map<string, LanguageTemplates>;
}

const compileOptions = {
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries([...builtInHelpers, ...ownHelpers].map((name) => [name, true])),
  preventIndent: true,
};
const runtimeOptions = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false };

/** Compiles files read by `readTemplate`; a syntax error or a helper that is not ours is a problem with its line. */
export function compileTemplates(
  files: Map<string, Map<string, TemplateFile>>,
): { templates: Templates } | { problems: Problem[] } {
  const languages = new Map<string, LanguageTemplates>();
  const problems: Problem[] = [];
  for (const [language, ofLanguage] of files) {
    languages.set(language.toLowerCase(), compileLanguage(ofLanguage, problems));
  }
  return problems.length > 0 ? { problems } : { templates: { languages } };
}

function compileLanguage(files: Map<string, TemplateFile>, problems: Problem[]): LanguageTemplates {
  const environments = { text: Handlebars.create(), html: Handlebars.create() };
  registerHelpers(environments.text, 'text');
  registerHelpers(environments.html, 'html');
  const letters: LanguageTemplates['letters'] = new Map();
  for (const [word, file] of files) {
    if (word.startsWith('_')) {
      const name = word.slice(1);
      environments.text.registerPartial(name, file.text.source);
      environments.html.registerPartial(name, file.html.source);
      continue;
    }
    const compile = (part: TemplatePart, environment: typeof Handlebars, noEscape: boolean): Render => {
      checkSyntax(file.file, part, problems);
      const template = environment.compile(part.source, { ...compileOptions, noEscape });
      return (context, data) => template(context, { data, ...runtimeOptions });
    };
    letters.set(word, {
      subject: compile(file.subject ?? { source: '', line: 1 }, environments.text, true),
      text: compile(file.text, environments.text, true),
      html: compile(file.html, environments.html, false),
    });
  }
  return { files, letters };
}

function checkSyntax(file: string, part: TemplatePart, problems: Problem[]): void {
  try {
    Handlebars.precompile(part.source, compileOptions);
  } catch (error) {
    problems.push(problemOf(error, file, part));
  }
}

/** A Handlebars error as a problem of a file: its line counts from the part, ours from the file. */
export function problemOf(error: unknown, file: string, part: TemplatePart): Problem {
  const { message, lineNumber, column } = error as Error & { lineNumber?: number; column?: number };
  // The parser says the line only in its text; the compiler has it as a property and adds it to the text once more.
  const line = lineNumber ?? Number(/^Parse error on line ([0-9]+)/.exec(message)?.[1] ?? 1);
  const unknown = /used the unknown helper (\S+)/.exec(message)?.[1];
  const said =
    unknown === undefined
      ? (message.split('\n').at(-1) ?? message).replace(/ - [0-9]+:[0-9]+$/, '')
      : `there is no helper "${unknown}"${nearest(unknown, [...builtInHelpers, ...ownHelpers])}`;
  return { file, line: part.line + line - 1, column: (column ?? 0) + 1, message: said };
}

/** The language whose templates serve a reader of `language`: the same, else its base (`de` for `de-AT`), else English. */
export function servedLanguage(templates: Templates, kind: LetterKind, language: string): string {
  const wanted = language.toLowerCase();
  const candidates = [wanted, wanted.split('-')[0] ?? 'en'];
  return candidates.find((candidate) => templates.languages.get(candidate)?.letters.has(kind)) ?? 'en';
}

/** A letter's words. Throws a Handlebars error for a name that is missing: `checkTemplates` finds it before anyone is written to. */
export function render(
  templates: Templates,
  letter: { kind: LetterKind; language: string },
  context: { zone: string },
): { subject: string; text: string; html: string } {
  const language = servedLanguage(templates, letter.kind, letter.language);
  const template = templates.languages.get(language)?.letters.get(letter.kind);
  if (!template) throw new Error(`letters: there is no "${letter.kind}" template in English, so no letter was made`);
  const data = { language, zone: context.zone };
  return {
    subject: singleLine(template.subject(context, data), letterLimits.subjectCodePointsMax),
    text: wrap(template.text(context, data)),
    html: `${template.html(context, data).trim()}\n`,
  };
}
