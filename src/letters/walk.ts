// Walks the parsed template of one letter through all its partials, with an example in hand: which names exist, what may be called, where a value
// may stand, and how long the letter can become at most. What passes calls nothing but our own helpers, so often at most, and ends: it may be rendered
// where mails are decided (TRUST T15).
import Handlebars from 'handlebars';
import { builtInHelpers, ownHelpers } from './formatting.ts';
import { htmlAfter, htmlStart, whyNotHere, type HtmlPlace } from './html-place.ts';
import { nearest, nearestName } from './nearest.ts';
import { blockProblem, problemOf } from './parse-problem.ts';
import { fieldAt, valueOf } from './scope.ts';
import type { TemplateFile, TemplatePart } from './template.ts';
import type { Problem } from './texts.ts';

/** What one letter may be at most. */
export const walkLimits = {
  /** Blocks and partials inside each other. */
  nestingMax: 20,
  /** Statements carried out, each list taken for full. */
  stepsMax: 100_000,
  /** Characters written, each value taken for as long as it may be. */
  charsMax: 1_000_000,
  /** Items of a list, and characters of a line and of a text, as `context.ts` leaves them. */
  itemsMax: 100,
  lineCharsMax: 1000,
  textCharsMax: 200_000,
} as const;

/** Names whose text a person wrote, with several lines. */
export const manyLined: ReadonlySet<string> = new Set(['text', 'bodyText', 'solution']);

export type PartName = 'subject' | 'text' | 'html';

/** Partials by their names without the line; problems for one that can not be read. */
export interface Partials {
  get(name: string): TemplateFile | Problem[] | null;
  names(): string[];
}

/** What a walk found: problems, and the files that have a part in the letter. */
export interface Walked {
  problems: Problem[];
  files: Set<TemplateFile>;
}

/** What all of one walk shares. */
interface Tally extends Walked {
  steps: number;
  chars: number;
  over: boolean;
  html: HtmlPlace;
}

interface Walk {
  part: PartName;
  partials: Partials;
  file: TemplateFile;
  scopes: unknown[];
  /** What `{{> @partial-block}}` stands for here. */
  block: { program: hbs.AST.Program; from: Walk; used: boolean } | null;
  depth: number;
  /** How often at most it comes here. */
  times: number;
  tally: Tally;
}

/** Walks one part of a letter; `sample` is an example with everything filled in. */
export function walkLetter(file: TemplateFile, part: PartName, partials: Partials, sample: object): Walked {
  const tally = { problems: [], files: new Set<TemplateFile>(), steps: 0, chars: 0, over: false, html: htmlStart };
  walkFile({ part, partials, file, scopes: [sample], block: null, depth: 0, times: 1, tally });
  return tally;
}

function sourceOf({ file, part }: Walk): TemplatePart {
  return file[part] ?? file.html;
}

function walkFile(walk: Walk): void {
  walk.tally.files.add(walk.file);
  const part = sourceOf(walk);
  try {
    walkProgram(Handlebars.parse(part.source), walk);
  } catch (error) {
    walk.tally.problems.push(blockProblem(walk.file.file, part) ?? problemOf(error, walk.file.file, part));
  }
}

function walkProgram(program: hbs.AST.Program | undefined, walk: Walk): void {
  for (const node of program?.body ?? []) {
    if (walk.tally.over) return;
    spend(walk, node, node.type === 'ContentStatement' ? (node as hbs.AST.ContentStatement).value.length : 0);
    walkNode(node, walk);
  }
}

function spend(walk: Walk, node: hbs.AST.Node, chars: number): void {
  const { tally, times } = walk;
  tally.steps += times;
  tally.chars += chars * times;
  if (tally.steps <= walkLimits.stepsMax && tally.chars <= walkLimits.charsMax) return;
  tally.over = true;
  const most = `${walkLimits.stepsMax} steps and ${walkLimits.charsMax} characters`;
  say(
    walk,
    node,
    `with long lists and texts the letter can grow beyond ${most} here; take a list or a text out of a list`,
  );
}

function walkNode(node: hbs.AST.Statement, walk: Walk): void {
  switch (node.type) {
    case 'ContentStatement':
      if (walk.part === 'html') walk.tally.html = htmlAfter(walk.tally.html, (node as hbs.AST.ContentStatement).value);
      return;
    case 'CommentStatement':
      return;
    case 'MustacheStatement':
      return walkMustache(node as hbs.AST.MustacheStatement, walk);
    case 'BlockStatement':
      return walkBlock(node as hbs.AST.BlockStatement, walk);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return walkPartial(node as hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, walk);
    default:
      say(walk, node, `${node.type} is not allowed in a letter`);
  }
}

function walkMustache(mustache: hbs.AST.MustacheStatement, walk: Walk): void {
  if (!mustache.escaped) {
    return say(walk, mustache, 'unescaped output is not allowed; write {{ … }}, it is escaped where it must be');
  }
  walkCall(mustache, walk);
  const shown = mustache.params[0] ?? mustache.path;
  const name = (shown as hbs.AST.PathExpression).parts?.at(-1) ?? '';
  spend(walk, mustache, manyLined.has(name) ? walkLimits.textCharsMax : walkLimits.lineCharsMax);
  if (walk.part !== 'html') return;
  const why = whyNotHere(walk.tally.html, mustache.params.length > 0 ? undefined : valueOf(mustache.path, walk.scopes));
  if (why !== null) say(walk, mustache, why);
  else if (walk.tally.html.in === 'value') walk.tally.html = { ...walk.tally.html, value: `${walk.tally.html.value}x` };
}

function walkBlock(block: hbs.AST.BlockStatement, walk: Walk): void {
  const inner = { ...walk, depth: walk.depth + 1 };
  if (inner.depth > walkLimits.nestingMax) {
    return say(walk, block, `blocks are nested more than ${walkLimits.nestingMax} deep`);
  }
  walkCall(block, walk);
  const helper = wordOf(block.path);
  const value = block.params[0] ? valueOf(block.params[0], walk.scopes) : undefined;
  const scopes =
    helper === 'each'
      ? [(value as unknown[] | undefined)?.[0], ...walk.scopes]
      : helper === 'with'
        ? [value, ...walk.scopes]
        : walk.scopes;
  const times = helper === 'each' ? walk.times * walkLimits.itemsMax : walk.times;
  walkProgram(block.program, { ...inner, scopes, times });
  walkProgram(block.inverse, inner);
}

function walkPartial(statement: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, walk: Walk): void {
  const depth = walk.depth + 1;
  if (depth > walkLimits.nestingMax) {
    walk.tally.over = true;
    return say(walk, statement, `partials include each other more than ${walkLimits.nestingMax} deep`);
  }
  if (statement.name.type !== 'PathExpression' || statement.params.length > 0) {
    return say(
      walk,
      statement,
      'a partial is named by one word and given name=value pairs, like {{> button url=caseUrl label="Open"}}',
    );
  }
  const pairs = statement.hash?.pairs ?? [];
  for (const pair of pairs) checkValue(pair.value, walk);
  const name = wordOf(statement.name);
  const [scope, ...outer] = walk.scopes;
  const given = Object.fromEntries(pairs.map((pair) => [pair.key, valueOf(pair.value, walk.scopes) ?? '']));
  const scopes = [{ ...(scope as object), ...given }, ...outer];
  if (name === '@partial-block') {
    if (!walk.block) return say(walk, statement, 'there is no letter around this to put here');
    walk.block.used = true;
    const { program, from } = walk.block;
    return walkProgram(program, { ...from, scopes, depth, times: walk.times });
  }
  const file = walk.partials.get(name);
  if (file === null)
    return sayUnknown(walk, statement, 'there is no partial', { found: name, known: walk.partials.names() });
  if (Array.isArray(file)) return void walk.tally.problems.push(...file);
  const block =
    statement.type === 'PartialBlockStatement' ? { program: statement.program, from: walk, used: false } : null;
  const inner = { ...walk, file, depth, scopes, block };
  walkFile(inner);
  if (block && !block.used && !walk.tally.over) {
    const message =
      'what is written between {{#> …}} and {{/…}} would be lost: put {{> @partial-block}} where it belongs';
    walk.tally.problems.push({ file: file.file, line: sourceOf(inner).line, column: 1, message });
  }
}

function walkCall(call: hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression, walk: Walk): void {
  const name = wordOf(call.path);
  const helpers: readonly string[] = [...builtInHelpers, ...ownHelpers];
  const isCall = call.params.length > 0 || call.hash !== undefined || call.type !== 'MustacheStatement';
  if (isCall && !helpers.includes(name))
    sayUnknown(walk, call.path, 'there is no helper', { found: name, known: helpers });
  else if (helpers.includes(name) && call.params.length !== (name === 'eq' ? 2 : 1)) {
    const needs = name === 'eq' ? 'two values, like (eq what "close")' : `to be told of what, like {{${name} …}}`;
    say(walk, call.path, `"${name}" needs ${needs}`);
  } else if (name === '') say(walk, call, 'a name must stand here, like {{company}}');
  else if (!isCall) checkValue(call.path, walk);
  for (const param of call.params) checkValue(param, walk);
  for (const pair of call.hash?.pairs ?? []) checkValue(pair.value, walk);
}

/** The word that names a helper or partial; '' for what is no word: a number, a call. */
function wordOf(expression: hbs.AST.Expression): string {
  const { original } = expression as Partial<hbs.AST.PathExpression>;
  return expression.type === 'PathExpression' && typeof original === 'string' ? original : '';
}

function checkValue(expression: hbs.AST.Expression, walk: Walk): void {
  if (expression.type === 'SubExpression') return walkCall(expression as hbs.AST.SubExpression, walk);
  if (expression.type !== 'PathExpression' || valueOf(expression, walk.scopes) !== undefined) return;
  const path = expression as hbs.AST.PathExpression;
  const { wrong, names } = fieldAt(path, walk.scopes);
  const message = `"${path.original}" is no variable of this letter${nearest(wrong, names)}`;
  say(walk, expression, message, { found: wrong, nearest: nearestName(wrong, names) });
}

function sayUnknown(
  walk: Walk,
  node: hbs.AST.Node,
  what: string,
  word: { found: string; known: readonly string[] },
): void {
  const { found, known } = word;
  say(walk, node, `${what} "${found}"${nearest(found, known)}`, { found, nearest: nearestName(found, known) });
}

function say(walk: Walk, node: hbs.AST.Node, message: string, word?: { found: string; nearest: string | null }): void {
  const { line, column } = node.loc.start;
  walk.tally.problems.push({
    file: walk.file.file,
    line: sourceOf(walk).line + line - 1,
    column: column + 1,
    message,
    ...(word ? { found: word.found, ...(word.nearest === null ? {} : { nearest: word.nearest }) } : {}),
  });
}
