// Says what is wrong in a YAML file of ours so that a person can go to the place: `file:line:column: key: what was found; what is allowed`.
// Values of keys that hold passwords are never repeated: an error text ends up in logs and tickets (TRUST T26).
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';

/** A parsed file, with what is needed to find the line of a key. `shown` is the file's name as the person wrote it. */
export interface YamlText {
  shown: string;
  document: Document;
  lines: LineCounter;
}

/** One problem and where it stands, so that all can be sorted into the file's order. */
export interface Problem {
  offset: number;
  text: string;
}

type Key = string | number;

/** Aliases a file may expand to, against the "billion laughs" of YAML. */
const aliasesMax = 100;
const foundCharsMax = 60;
const secretKey = /password|secret|database|token/i;

/** Parses YAML text; syntax errors and doubled keys come back as problems, with nothing of a password's line repeated. */
export function readYaml(shown: string, text: string): { yaml: YamlText; problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const yaml = { shown, document, lines };
  const problems = document.errors.map((error) => {
    const { line } = lines.linePos(error.pos[0]);
    const hidden = secretKey.test(text.split('\n')[line - 1] ?? '');
    return problemAt(yaml, error.pos[0], `the YAML cannot be read: ${hidden ? error.code : error.message}`);
  });
  return { yaml, problems };
}

/** The file as plain data; an alias without its anchor, or aliases that multiply beyond `aliasesMax`, are a problem and there is no data. */
export function plainData(yaml: YamlText): { data: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  visit(yaml.document, {
    Alias(_, node) {
      if (node.resolve(yaml.document)) return;
      // The alias may be an unquoted password that begins with a star, so its name is not repeated.
      const text =
        'the YAML cannot be read: an alias has no anchor before it; write a text that begins with * in quotes';
      problems.push(problemAt(yaml, node.range?.[0] ?? 0, text));
    },
  });
  if (problems.length > 0) return { data: null, problems };
  try {
    return { data: yaml.document.toJS({ maxAliasCount: aliasesMax }) ?? {}, problems };
  } catch {
    const text = `the YAML cannot be read: its aliases expand to more than ${aliasesMax} nodes; write the values out`;
    return { data: null, problems: [problemAt(yaml, 0, text)] };
  }
}

/** Puts the environment's values in place of `${NAME}` in every text; `$${` stands for a plain `${`. A missing name is a problem. */
export function fillFromEnvironment(yaml: YamlText, env: Record<string, string | undefined>): Problem[] {
  const problems: Problem[] = [];
  visit(yaml.document, {
    Scalar(place, node) {
      if (place === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replace(
        /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
        (whole, escaped: string, name: string) => {
          if (escaped) return whole.slice(1);
          const value = env[name];
          if (value === undefined || value === '') {
            const text = `\${${name}}: the environment has no ${name}; set it, or write $\${${name}} for the text itself`;
            problems.push(problemAt(yaml, node.range?.[0] ?? 0, text));
          }
          return value ?? '';
        },
      );
    },
  });
  return problems;
}

/** A problem at a key; when the key is not written, at the nearest group that should hold it. */
export function problemOf(yaml: YamlText, path: Key[], text: string): Problem {
  return problemAt(yaml, offsetOf(yaml, path), `${shownPath(path)}: ${text}`);
}

/** What zod found, as problems: the value found, what is allowed, and for an unknown key the nearest known one. */
export function schemaProblems(
  yaml: YamlText,
  schema: z.ZodType,
  data: unknown,
  issues: z.core.$ZodIssue[],
): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    if (issue.code !== 'unrecognized_keys')
      return [problemOf(yaml, path, foundText(path, valueAt(data, path), issue.message))];
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const allowed = near ? `did you mean "${near}"?` : `allowed here are ${known.join(', ')}`;
      return problemOf(yaml, [...path, key], `is no key of ours; ${allowed}`);
    });
  });
}

/** The lines to print, in the file's order. */
export function problemLines(problems: Problem[]): string[] {
  return problems.toSorted((a, b) => a.offset - b.offset).map((problem) => problem.text);
}

function problemAt(yaml: YamlText, offset: number, text: string): Problem {
  const { line, col } = yaml.lines.linePos(offset);
  return { offset, text: `${yaml.shown}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${text}` };
}

function foundText(path: Key[], value: unknown, message: string): string {
  const allowed = message.slice(message.indexOf(';') + 2);
  if (value === undefined) return `is missing; ${allowed}`;
  if (value === null) return `is empty; ${allowed}`;
  if (path.some((key) => typeof key === 'string' && secretKey.test(key))) return `what is written ${message}`;
  const found = JSON.stringify(value);
  return `${found.length > foundCharsMax ? `${found.slice(0, foundCharsMax)}…` : found} ${message}`;
}

function shownPath(path: Key[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

/** Where a key stands in the text; of a key that is not there, where the group around it begins. */
function offsetOf(yaml: YamlText, path: Key[]): number {
  const last = path.at(-1);
  const around = path.length > 1 ? yaml.document.getIn(path.slice(0, -1), true) : yaml.document.contents;
  if (isMap(around)) {
    const pair = around.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last);
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  const node = last === undefined ? yaml.document.contents : yaml.document.getIn(path, true);
  if (isNode(node)) return node.range?.[0] ?? 0;
  return path.length === 0 ? 0 : offsetOf(yaml, path.slice(0, -1));
}

function valueAt(data: unknown, path: Key[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<Key, unknown>)[key];
  }
  return value;
}

/** The keys a schema allows at a path, read from the schema itself so that the advice cannot fall behind it. */
function knownKeys(schema: z.ZodType, path: Key[]): string[] {
  let at: unknown = bare(schema);
  for (const key of path) {
    const { shape, element } = at as { shape?: Record<string, unknown>; element?: unknown };
    at = bare(typeof key === 'number' ? element : shape?.[key]);
  }
  return Object.keys((at as { shape?: object } | undefined)?.shape ?? {});
}

/** A schema without the optional and default wrappers around it. */
function bare(schema: unknown): unknown {
  const inner = (schema as { def?: { innerType?: unknown } } | undefined)?.def?.innerType;
  return inner === undefined ? schema : bare(inner);
}

/** The known word at most two letters away, or a third of the word's letters in long ones. */
function nearest(word: string, known: string[]): string | null {
  const reach = Math.max(2, Math.floor(word.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= reach && best.distance < word.length ? best.candidate : null;
}

/** Levenshtein's distance: letters to add, drop or change. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(to).entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, change));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
