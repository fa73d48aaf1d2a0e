// Reads the policy: the shipped rules of support with a file of one's own laid over them. A file states only what differs (maps are merged,
// lists and values replaced), and is refused as a whole with every mistake named, because half a policy is a wrong one.
import { LineCounter, parseDocument } from 'yaml';
import type { Calendar } from '../schedule/calendar.ts';
import { checkPolicy } from './check.ts';
import { issueProblems, problemAt, wording } from './problems.ts';
import type { Path, Problem, Source } from './problems.ts';
import { policySchema } from './schema.ts';
import type { PolicyValues } from './schema.ts';

export type { Problem } from './problems.ts';
export { problemText } from './problems.ts';
export type { Engineer, Plan } from './schema.ts';
export type { Line, Product } from './line-schema.ts';

/** The rules of support as values, frozen. Durations are parsed, calendars know their names. */
export type Policy = Readonly<Omit<PolicyValues, 'calendars'>> & { readonly calendars: ReadonlyMap<string, Calendar> };

/** A policy file: its text, and the name it is called by in error texts. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** Limits on a policy file. */
export const limits = { charsMax: 512 * 1024, aliasesMax: 50 } as const;

/**
 * Reads the shipped policy with `overlay` laid over it (null: the shipped one alone).
 * Gives the policy, or every problem at once with its line and column; a problem of the shipped file is ours and is told the same way.
 */
export function readPolicy(
  shipped: PolicyFile,
  overlay: PolicyFile | null,
): { policy: Policy } | { problems: Problem[] } {
  const base = readFile(shipped);
  if ('problems' in base) return base;
  const own = overlay === null ? null : readFile(overlay);
  if (own !== null && 'problems' in own) return own;
  const source = own?.source ?? base.source;
  const values = own === null ? base.value : merged(base.value, own.value);

  const result = policySchema.safeParse(values, { error: wording });
  if (result.success) {
    const policy = withNames(result.data);
    const problems = crossProblems(policy, source, []);
    return problems.length > 0 ? { problems } : { policy };
  }
  const problems = result.error.issues.flatMap((issue) => issueProblems(issue, source, valueAt(values, issue.path)));
  // What only shows across the policy is looked for as well, with the wrong values put back to the shipped ones, so that nobody mends one
  // mistake only to be shown the next.
  const wrong = result.error.issues.flatMap((issue): Path[] =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
  );
  const repaired = policySchema.safeParse(wrong.reduce((value, path) => without(value, base.value, path), values));
  if (repaired.success) problems.push(...crossProblems(withNames(repaired.data), source, wrong));
  return { problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** What is odd about a sound policy, each thing at its line of the file it was read from. */
export function policyWarnings(policy: Policy, file: PolicyFile): Problem[] {
  const read = readFile(file);
  if ('problems' in read) return read.problems;
  return checkPolicy(policy).map(({ path, message }) => problemAt(read.source, path, message));
}

/** The calendar of a name; the check at load has made sure that every name in use is there, so a missing one is our bug and throws. */
export function calendarNamed(policy: Policy, name: string): Calendar {
  const calendar = policy.calendars.get(name);
  if (calendar === undefined)
    throw new Error(`calendar "${name}" is not in the policy, which check.ts should have refused`);
  return calendar;
}

function withNames(values: PolicyValues): Policy {
  return frozen({ ...values, calendars: named(values.calendars) });
}

/** Problems across the policy, but for those about a name that is missing only because its entry is `wrong`. */
function crossProblems(policy: Policy, source: Source, wrong: readonly Path[]): Problem[] {
  const takenAway = new Set(wrong.flatMap((path) => path.map(String)));
  return checkPolicy(policy)
    .filter((finding) => finding.gravity === 'problem' && !(finding.unknown !== null && takenAway.has(finding.unknown)))
    .map((finding) => problemAt(source, finding.path, finding.message));
}

function readFile(file: PolicyFile): { source: Source; value: unknown } | { problems: Problem[] } {
  const lines = new LineCounter();
  const start = { file: file.name, line: 1, column: 1, path: '' };
  if (file.text.length > limits.charsMax) {
    const message = `${file.text.length} characters; a policy may have ${limits.charsMax}; nothing of it was read`;
    return { problems: [{ ...start, message }] };
  }
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    const problems = mistakes.map((mistake): Problem => {
      const { line, col } = lines.linePos(mistake.pos[0]);
      return { file: file.name, line, column: col, path: '', message: `not YAML as we read it: ${mistake.message}` };
    });
    return { problems };
  }
  const source: Source = { file: file.name, document, lines };
  try {
    const value: unknown = document.toJS({ maxAliasCount: limits.aliasesMax });
    if (isRecord(value)) return { source, value };
    if (value === null) return { source, value: {} };
    return {
      problems: [problemAt(source, [], 'a policy is a map of keys such as company: or lines:; found something else')],
    };
  } catch (error) {
    return { problems: [problemAt(source, [], `its aliases (*name) can not be followed: ${String(error)}`)] };
  }
}

/** Lays `own` over `base`: maps key by key (new keys first, so that rules of one's own are looked at first), everything else replaced. */
export function merged(base: unknown, own: unknown): unknown {
  if (!isRecord(base) || !isRecord(own)) return own;
  const added = Object.entries(own).filter(([key]) => !Object.hasOwn(base, key));
  const kept = Object.entries(base).map(([key, value]): [string, unknown] =>
    Object.hasOwn(own, key) ? [key, merged(value, own[key])] : [key, value],
  );
  return Object.fromEntries([...added, ...kept]);
}

/** Whether a value read from YAML or JSON is a group of keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value with what stands at `path` put back to the shipped value, or its nearest named entry taken away when nothing was shipped there. */
function without(value: unknown, shipped: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined || !isRecord(value) || !isRecord(shipped)) return shipped;
  const key = String(step);
  if (Object.hasOwn(shipped, key)) return { ...value, [key]: without(value[key], shipped[key], rest) };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}

function named(calendars: ReadonlyMap<string, Omit<Calendar, 'name'>>): ReadonlyMap<string, Calendar> {
  return new Map([...calendars].map(([name, calendar]) => [name, { name, ...calendar }]));
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const parts: unknown[] = value instanceof Map ? [...(value as Map<unknown, unknown>).values()] : Object.values(value);
  for (const part of parts) frozen(part);
  return Object.freeze(value);
}
