// How a mistake in a policy file is told: where it stands, what was found there, what is allowed, and the word that was probably meant.
import { isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import type * as z from 'zod';
import { didYouMean } from './nearest.ts';

/** A mistake in a policy file; `line` and `column` count from 1, `path` is like `plans.trial.targets.A` ('' for the whole file). */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** The keys and list places from the top of a policy to a value. */
export type Path = readonly PropertyKey[];

/** A YAML file with what is needed to say where something stands in it. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** `policy.yaml:3:5: plans.trial.targets.A: "4 hrs" is not a duration; …` */
export function problemText(problem: Problem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${path}${problem.message}`;
}

/** A problem at the place of `path`, or of as much of the path as the file has. `at` chooses the key itself or what is written after it. */
export function problemAt(source: Source, path: Path, message: string, at: 'key' | 'value' = 'value'): Problem {
  const { line, col } = source.lines.linePos(offsetOf(source, path, at));
  return {
    file: source.file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: path.map(String).join('.'),
    message,
  };
}

/** The problems behind one issue of the schema: an issue about several unknown keys is several problems. */
export function issueProblems(issue: z.core.$ZodIssue, source: Source, found: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.message.split(', ');
    return issue.keys.map((key) => {
      const message = `unknown key "${key}"${didYouMean(key, allowed)}; allowed here: ${issue.message}`;
      return problemAt(source, [...issue.path, key], message, 'key');
    });
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues.map((inner) => inner.message).join('; ');
    return [problemAt(source, issue.path, message, 'key')];
  }
  return [problemAt(source, issue.path, issueText(issue, found))];
}

/** The wording of the schema's own issues; handed to zod so that it can see the keys an object allows. */
export const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys') return undefined;
  // zod tells which keys an object allows only through this field.
  // oxlint-disable-next-line no-underscore-dangle
  const definition = issue.inst?._zod.def as { shape?: object; keyType?: { options?: string[] } } | undefined;
  return (definition?.keyType?.options ?? Object.keys(definition?.shape ?? {})).join(', ');
};

function issueText(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return found === undefined
        ? `missing; ${kindText(issue.expected)} is needed here`
        : `found ${valueText(found)}; ${kindText(issue.expected)} is needed here`;
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const meant = typeof found === 'string' ? didYouMean(found, allowed) : '';
      return `found ${valueText(found)}; allowed: ${allowed.join(', ')}${meant}`;
    }
    case 'too_small':
      return `found ${valueText(found)}; the smallest allowed is ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `too long; at most ${String(issue.maximum)} ${issue.origin === 'array' ? 'entries' : 'characters'} are allowed`
        : `found ${valueText(found)}; the largest allowed is ${String(issue.maximum)}`;
    case 'invalid_format':
      return `found ${valueText(found)}; ${issue.message}`;
    default:
      return issue.message;
  }
}

function kindText(expected: string): string {
  const kinds: Record<string, string> = {
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'a map of keys',
    record: 'a map of names',
    array: 'a list',
  };
  return kinds[expected] ?? expected;
}

const shownCharsMax = 60;

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const shown = JSON.stringify(value);
  return shown.length > shownCharsMax ? `${shown.slice(0, shownCharsMax)}…` : shown;
}

function offsetOf(source: Source, path: Path, at: 'key' | 'value'): number {
  let node: Node | null = source.document.contents;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) break;
      node = pair.value as Node | null;
      const valueStart = node === null ? 0 : startOf(node);
      offset = (last && at === 'key') || valueStart === 0 ? startOf(pair.key as Node) : valueStart;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) break;
      node = item;
      offset = startOf(node);
    } else {
      break;
    }
  }
  return offset;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
