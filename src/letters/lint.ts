// Finds what is wrong with templates before a customer does: names that do not exist, with the nearest that does; unescaped output; what
// would fetch from outside; a subject without the case number; a follow-up that does not say how to answer. Then renders every
// letter with every sample, so that a template that passes can be sent.
import Handlebars from 'handlebars';
import type { LetterKind } from '../cases/decision.ts';
import { builtInHelpers, ownHelpers } from './formatting.ts';
import { caseless, letterKinds } from './variables.ts';
import { nearest } from './nearest.ts';
import { problemOf, render } from './render.ts';
import type { LanguageTemplates, Templates } from './render.ts';
import { sampleAdded, samples } from './samples.ts';
import type { Problem, TemplateFile, TemplatePart } from './template.ts';

/** Deepest nesting of blocks and partials in one letter. */
export const nestingMax = 20;

/** Every problem of every letter in every language, by file and line. Empty: all can be sent. */
export function checkTemplates(templates: Templates): Problem[] {
  const problems: Problem[] = [];
  for (const [name, language] of templates.languages) {
    for (const file of language.files.values()) problems.push(...remoteContent(file));
    for (const kind of letterKinds) {
      const file = language.files.get(kind);
      if (!file) continue;
      const before = problems.length;
      for (const part of ['subject', 'text', 'html'] as const)
        problems.push(...unknownNames(language, file, kind, part));
      // A name that is unknown fails every rendering as well: once is enough.
      if (problems.length === before) problems.push(...renderingProblems(templates, name, kind, file));
    }
  }
  const seen = new Set<string>();
  return problems.filter(({ file, line, column, message }) => {
    const key = `${file}:${line}:${column}:${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** A problem as people read it: `templates/mail/en/answer.hbs:7:12: "subjct" …`. */
export function problemText(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** Where a walk stands: what is in scope (innermost first), in which file and part, and how deep. */
interface Walk {
  language: LanguageTemplates;
  part: 'subject' | 'text' | 'html';
  file: TemplateFile;
  scopes: unknown[];
  depth: number;
  problems: Problem[];
}

function unknownNames(
  language: LanguageTemplates,
  file: TemplateFile,
  kind: LetterKind,
  part: Walk['part'],
): Problem[] {
  const problems: Problem[] = [];
  const scope = { ...sampleAdded, ...samples(kind)[0] };
  walkPart({ language, part, file, scopes: [scope], depth: 0, problems });
  return problems;
}

function partOf(walk: Walk): TemplatePart {
  const part = walk.file[walk.part];
  return part ?? walk.file.text;
}

function walkPart(walk: Walk): void {
  try {
    walkProgram(Handlebars.parse(partOf(walk).source), walk);
  } catch (error) {
    walk.problems.push(problemOf(error, walk.file.file, partOf(walk)));
  }
}

function walkProgram(program: hbs.AST.Program | undefined, walk: Walk): void {
  for (const node of program?.body ?? []) walkNode(node, walk);
}

function walkNode(node: hbs.AST.Statement, walk: Walk): void {
  switch (node.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return;
    case 'MustacheStatement': {
      const mustache = node as hbs.AST.MustacheStatement;
      if (!mustache.escaped)
        found(walk, node, 'unescaped output is not allowed; write {{ … }}, it is escaped where it must be');
      walkCall(mustache, walk);
      return;
    }
    case 'BlockStatement':
      return walkBlock(node as hbs.AST.BlockStatement, walk);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return walkPartial(node as hbs.AST.PartialStatement, walk);
    default:
      found(walk, node, `${node.type} is not allowed in a letter`);
  }
}

function walkBlock(block: hbs.AST.BlockStatement, walk: Walk): void {
  const inner = { ...walk, depth: walk.depth + 1 };
  if (inner.depth > nestingMax) return found(walk, block, `blocks are nested more than ${nestingMax} deep`);
  walkCall(block, walk);
  const helper = block.path.original;
  const subject = block.params[0];
  const value = subject ? valueOf(subject, walk) : undefined;
  const enters = helper === 'each' ? (value as unknown[] | undefined)?.[0] : value;
  const scopes = helper === 'each' || helper === 'with' ? [enters, ...walk.scopes] : walk.scopes;
  walkProgram(block.program, { ...inner, scopes });
  walkProgram(block.inverse, inner);
}

function walkPartial(statement: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, walk: Walk): void {
  const depth = walk.depth + 1;
  if (depth > nestingMax) return found(walk, statement, `partials include each other more than ${nestingMax} deep`);
  const hash = Object.fromEntries(
    (statement.hash?.pairs ?? []).map((pair) => [pair.key, valueOf(pair.value, walk) ?? '']),
  );
  for (const pair of statement.hash?.pairs ?? []) checkValue(pair.value, walk);
  if (statement.type === 'PartialBlockStatement') walkProgram(statement.program, { ...walk, depth });
  const name = (statement.name as hbs.AST.PathExpression).original;
  if (name === '@partial-block') return;
  const file = walk.language.files.get(`_${name}`);
  if (!file) {
    const known = [...walk.language.files.keys()].filter((word) => word.startsWith('_')).map((word) => word.slice(1));
    return found(walk, statement, `there is no partial "${name}"${nearest(name, known)}`);
  }
  const [scope, ...outer] = walk.scopes;
  walkPart({ ...walk, file, depth, scopes: [{ ...(scope as object), ...hash }, ...outer] });
}

function walkCall(call: hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression, walk: Walk): void {
  const path = call.path as hbs.AST.PathExpression;
  const helpers: readonly string[] = [...builtInHelpers, ...ownHelpers];
  const isCall = call.params.length > 0 || call.hash !== undefined || call.type !== 'MustacheStatement';
  if (!isCall && !helpers.includes(path.original)) checkValue(path, walk);
  if (isCall && !helpers.includes(path.original)) {
    found(walk, path, `there is no helper "${path.original}"${nearest(path.original, helpers)}`);
  }
  for (const param of call.params) checkValue(param, walk);
  for (const pair of call.hash?.pairs ?? []) checkValue(pair.value, walk);
}

function checkValue(expression: hbs.AST.Expression, walk: Walk): void {
  if (expression.type === 'SubExpression') return walkCall(expression as hbs.AST.SubExpression, walk);
  if (expression.type !== 'PathExpression' || valueOf(expression, walk) !== undefined) return;
  const path = expression as hbs.AST.PathExpression;
  // The first part that does not exist is the one to correct: `flags.oldbuild` is about `oldbuild` and the names in `flags`.
  let at = 0;
  const parent = (length: number) =>
    valueOf({ ...path, parts: path.parts.slice(0, length) } as hbs.AST.PathExpression, walk);
  while (at < path.parts.length - 1 && parent(at + 1) !== undefined) at += 1;
  const names = Object.keys(Object(parent(at)) as object);
  found(walk, expression, `"${path.original}" is no variable of this letter${nearest(path.parts[at] ?? '', names)}`);
}

/** What an expression would be with the sample; undefined when its name does not exist. Null counts as existing. */
function valueOf(expression: hbs.AST.Expression, walk: Walk): unknown {
  if (expression.type === 'StringLiteral') return (expression as hbs.AST.StringLiteral).value;
  if (expression.type !== 'PathExpression') return '';
  const path = expression as hbs.AST.PathExpression;
  if (path.data) return ['index', 'first', 'last', 'key'].includes(path.parts.join('.')) ? '' : undefined;
  let value = walk.scopes[path.depth];
  for (const part of path.parts) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function found(walk: Walk, node: hbs.AST.Node, message: string): void {
  const { line, column } = node.loc.start;
  walk.problems.push({ file: walk.file.file, line: partOf(walk).line + line - 1, column: column + 1, message });
}

function remoteContent(file: TemplateFile): Problem[] {
  const problems: Problem[] = [];
  file.html.source.split('\n').forEach((line, index) => {
    const match =
      /<(?:script|link|iframe|object|embed|form|base|img|svg)\b|\s(?:src|background|on[a-z]+)\s*=|url\(|@import/i.exec(
        line,
      );
    if (!match) return;
    const message = `"${match[0].trim()}" can load or run something; a letter carries all it shows and runs nothing`;
    problems.push({ file: file.file, line: file.html.line + index, column: match.index + 1, message });
  });
  return problems;
}

function renderingProblems(templates: Templates, language: string, kind: LetterKind, file: TemplateFile): Problem[] {
  const problems: Problem[] = [];
  const say = (part: TemplatePart | null, message: string) =>
    problems.push({ file: file.file, line: part?.line ?? 1, column: 1, message });
  for (const sample of samples(kind)) {
    try {
      const { subject, text, html } = render(templates, { kind, language }, { ...sample, ...sampleAdded });
      if (!caseless.includes(kind) && !subject.includes(sampleAdded.caseTag)) {
        say(file.subject, 'the subject does not show {{caseTag}}; without it an answer may not find its case');
      }
      const words = wordsToAsk(kind, sample);
      for (const word of words.filter((word) => !text.includes(word)))
        say(file.text, `the text does not ask for ${word}`);
      for (const word of words.filter((word) => !html.includes(word)))
        say(file.html, `the html does not ask for ${word}`);
    } catch (error) {
      problems.push(problemOf(error, file.file, file.text));
    }
  }
  return problems;
}

function wordsToAsk(kind: LetterKind, sample: object): string[] {
  if (kind !== 'answer' && kind !== 'follow-up' && kind !== 'more-time') return [];
  if (kind === 'answer' && 'timeline' in sample && (sample.timeline as unknown[]).length === 0) return [];
  return 'mayAskMoreTime' in sample && sample.mayAskMoreTime === true ? ['RESOLVED', 'MORE TIME'] : ['RESOLVED'];
}
