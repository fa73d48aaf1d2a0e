// Makes a letter's texts ready to be filled in: read, walked, styled, compiled, once each. What the walk finds is never compiled; what is compiled calls
// only our helpers, escapes, and knows no prototypes (TRUST T15).
import Handlebars from 'handlebars';
import type { LetterKind } from '../cases/decision.ts';
import { derivedText } from './derived-text.ts';
import { builtInHelpers, ownHelpers, registerHelpers } from './formatting.ts';
import { styledHtml } from './inline-style.ts';
import { letterLimits } from './letter.ts';
import { singleLine, wrap } from './plain-text.ts';
import { sampleAdded, samples } from './samples.ts';
import { layoutName, readTemplate, type TemplateFile, type TemplatePart } from './template.ts';
import { findText, namesFor, type Problem, type Text, type Texts } from './texts.ts';
import { walkLetter, type Partials, type PartName } from './walk.ts';

/** A letter's words. */
export interface Words {
  subject: string;
  text: string;
  html: string;
}

/** A letter in one language, ready to be filled in. `versions` are those of the database that have a part in it. */
export interface CompiledLetter {
  language: string;
  versions: number[];
  /** Its own file, those of all texts in it, and the lines of its own where its parts begin. */
  file: string;
  files: string[];
  lines: Record<PartName, number>;
  /** Throws a Handlebars error for a name that is missing. */
  wordsFor(context: { zone: string }): Words;
}

type Fill = (context: object, data: { language: string; zone: string }) => string;

const compileOptions = {
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries([...builtInHelpers, ...ownHelpers].map((name) => [name, true])),
  preventIndent: true,
};
const runtimeOptions = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false };
const partNames: readonly PartName[] = ['subject', 'text', 'html'];

/** Texts taken apart so far. */
const read = new WeakMap<Text, TemplateFile | Problem[]>();

function fileOf(text: Text, name: string): TemplateFile | Problem[] {
  const known = read.get(text);
  if (known) return known;
  const file = readTemplate(text.file, name, text.source);
  read.set(text, file);
  return file;
}

/** The partials that a letter in `language` can include. */
function partialsFor(texts: Texts, language: string): Partials {
  return {
    get(name) {
      const found = findText(texts, language, `_${name}`);
      return found && fileOf(found.text, `_${name}`);
    },
    names: () => namesFor(texts, language, (name) => name.startsWith('_')).map((name) => name.slice(1)),
  };
}

/** The letter `kind` of `language`, whose own text it must have; or every problem of it and of the partials in it. */
export async function compileLetter(
  texts: Texts,
  language: string,
  kind: LetterKind,
): Promise<CompiledLetter | { problems: Problem[] }> {
  const text = texts.get(language)?.get(kind);
  if (!text) throw new Error(`letters: there is no "${kind}" in ${language}, so no letter was made`);
  const file = fileOf(text, kind);
  if (Array.isArray(file)) return { problems: file };
  const partials = partialsFor(texts, language);
  const example = { ...sampleAdded, ...samples(kind)[0] };
  const parts = partNames.filter((part) => file[part] !== null);
  const walked = parts.map((part) => walkLetter(file, part, partials, example));
  const problems = walked.flatMap((one) => one.problems);
  if (problems.length > 0) return { problems };
  const used = new Set(walked.flatMap((one) => [...one.files]));
  const environments = await environmentsFor(texts, language, used);
  const subject = compiled(file.subject ?? { source: '', line: 1 }, environments.text, true);
  const html = compiled(
    { ...file.html, source: await styledHtml(file, styleFor(texts, language)) },
    environments.html,
    false,
  );
  const ownText = file.text && compiled(file.text, environments.text, true);
  return {
    language,
    versions: versionsOf(texts, language, used),
    file: file.file,
    files: [...used].map((one) => one.file),
    lines: { subject: file.subject?.line ?? 1, text: (file.text ?? file.html).line, html: file.html.line },
    wordsFor(context) {
      const data = { language, zone: context.zone };
      const filled = `${html(context, data).trim()}\n`;
      return {
        subject: singleLine(subject(context, data), letterLimits.subjectCodePointsMax),
        text: wrap(ownText ? ownText(context, data) : derivedText(filled)),
        html: filled,
      };
    },
  };
}

function compiled(part: TemplatePart, environment: typeof Handlebars, noEscape: boolean): Fill {
  const template = environment.compile(part.source, { ...compileOptions, noEscape });
  return (context, data) => template(context, { data, ...runtimeOptions });
}

async function environmentsFor(
  texts: Texts,
  language: string,
  used: Set<TemplateFile>,
): Promise<{ text: typeof Handlebars; html: typeof Handlebars }> {
  const environments = { text: Handlebars.create(), html: Handlebars.create() };
  registerHelpers(environments.text, 'text');
  registerHelpers(environments.html, 'html');
  for (const [name, file] of partialFiles(texts, language)) {
    if (!used.has(file)) continue;
    environments.text.registerPartial(name.slice(1), file.text?.source ?? '');
    environments.html.registerPartial(name.slice(1), await styledHtml(file, styleFor(texts, language)));
  }
  return environments;
}

function* partialFiles(texts: Texts, language: string): Generator<[string, TemplateFile, Text]> {
  for (const name of namesFor(texts, language, (one) => one.startsWith('_'))) {
    const found = findText(texts, language, name);
    const file = found && fileOf(found.text, name);
    if (found && file && !Array.isArray(file)) yield [name, file, found.text];
  }
}

function styleFor(texts: Texts, language: string): string {
  const layout = findText(texts, language, layoutName);
  const file = layout && fileOf(layout.text, layoutName);
  return file && !Array.isArray(file) ? (file.style?.source ?? '') : '';
}

function versionsOf(texts: Texts, language: string, used: Set<TemplateFile>): number[] {
  const all = [...(texts.get(language)?.values() ?? [])].map((text): [Text, TemplateFile | Problem[] | undefined] => [
    text,
    read.get(text),
  ]);
  const own = all.filter(([, file]) => file && !Array.isArray(file) && used.has(file)).map(([text]) => text);
  const inherited = [...partialFiles(texts, language)].filter(([, file]) => used.has(file)).map(([, , text]) => text);
  return [...new Set([...own, ...inherited].map(({ version }) => version))]
    .filter((version) => version !== null)
    .toSorted((a, b) => a - b);
}
