// `casepost policy …`: the rules of support as versions in the database: read, compared, applied, taken back. Running gateways take a new
// version within seconds; a broken one is refused here, with every mistake at its line, and never reaches them.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { diff, styleText } from 'node:util';
import { policyWarnings, problemText, type Policy, type PolicyFile } from '../policy/policy.ts';
import { shippedText } from '../policy/load.ts';
import { effectivePolicy, effectiveText } from '../policy/effective.ts';
import { policyJsonSchema } from '../policy/json-schema.ts';
import { breakText } from '../golden.ts';
import { applyPolicy, readVersion, type Applied } from '../rules.ts';
import { findPolicy, policyHistory, rulingPolicy, type PolicyTexts, type PolicyVersion } from '../store/policies.ts';
import type { Db } from '../store/db.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { configOf, print, withSession, type CommonOptions, type Session } from './session.ts';

/** Options of applying. */
type Applying = CommonOptions & { note?: string; as?: string; base?: string; acceptGolden?: boolean };

const historyShownMax = 1_000;
/** Lines shown around a difference. */
const contextLines = 3;

/** `policy check [FILE]`: every mistake at once; without a file the one of casepost.yaml, else the shipped policy. Touches no database. */
export async function checkCommand(
  path: string | undefined,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const named = path ?? configOf(options, env).policy;
  const own = named === null ? { name: 'the shipped policy', text: '' } : policyFile(named);
  const read = readVersion({ shipped: shippedText().text, own: own.text }, own.name);
  if ('problems' in read) throw new ProblemsFound(read.problems.join('\n'));
  const warnings = policyWarnings(read.policy, own).map(problemText);
  const { policyVersion: version } = read;
  const size = sizeOf(read.policy);
  print(
    options,
    { file: own.name, version, ...size, warnings },
    [`${own.name} is sound: ${sizeText(size)}`, ...warnings].join('\n'),
  );
}

/** `policy show [VERSION]`: what the installation lays over the shipped rules; `--shipped` shows those, `--effective` both laid together. */
export async function showCommand(
  name: string | undefined,
  options: CommonOptions & { shipped?: boolean; effective?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async ({ database: { db } }) => {
    const found = await named(db, name);
    const { version, origin, author, note, appliedAt } = found;
    const head = `# policy ${version}, applied ${appliedAt.toString({ smallestUnit: 'second' })} by ${author}${note === '' ? '' : `: ${note}`}`;
    if (options.effective) {
      const effective = effectivePolicy({ text: found.shipped }, { text: found.own });
      return print(options, { version, ...effective }, `${head}\n${effectiveText(effective)}`);
    }
    const text = options.shipped ? found.shipped : found.own;
    const body = text === '' ? '# nothing of its own: the shipped rules alone (--shipped shows them)' : text.trimEnd();
    print(
      options,
      { version, origin, author, note, appliedAt, own: found.own, shipped: found.shipped },
      `${head}\n${body}`,
    );
  });
}

/** `policy history`: every applying, newest first. */
export async function historyCommand(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database: { db } }) => {
    for (const version of await policyHistory(db, historyShownMax)) print(options, version, historyLine(version));
  });
}

/** `policy apply FILE`: checks it and lets it rule. */
export async function applyCommand(path: string, options: Applying, env: NodeJS.ProcessEnv): Promise<void> {
  const own = policyFile(path);
  await withSession(options, env, async (session) => ruled(session, own, 'command', options));
}

/** `policy rollback VERSION`: an earlier version rules again, as a new applying; nothing is taken out of the history. */
export async function rollbackCommand(
  name: string | undefined,
  options: Applying,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async (session) => {
    const { db } = session.database;
    const wanted = name === undefined ? await before(db) : await named(db, name);
    const own = { name: `policy ${wanted.version}`, text: wanted.own };
    await ruled(session, own, 'rollback', { ...options, note: options.note ?? `back to ${wanted.version}` });
  });
}

/** `policy diff [FROM] [TO]`: the lines that differ; FROM is the version that rules when left out, and either may be a file. */
export async function diffCommand(words: string[], options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database: { db } }) => {
    const ruling = { name: 'in force', ...(await named(db, undefined)) };
    const sides = await Promise.all(words.map((word) => side(db, word)));
    const [from, to] =
      sides.length === 2 ? sides : sides.length === 1 ? [ruling, sides[0]] : [await before(db), ruling];
    if (!from || !to) throw new UsageError('policy diff takes two versions or files at most');
    const lines = [...changedLines(from.shipped, to.shipped, 'shipped'), ...changedLines(from.own, to.own, 'own')];
    print(options, { lines }, lines.length === 0 ? 'no difference' : lines.map(coloured).join('\n'));
  });
}

/** `policy schema`: the JSON Schema of a policy file, for editors. */
export function schemaCommand(): void {
  process.stdout.write(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
}

async function ruled(
  { config, database: { db }, now }: Session,
  own: PolicyFile,
  origin: 'command' | 'rollback',
  options: Applying,
): Promise<void> {
  const { base, acceptGolden = false } = options;
  const by = {
    origin,
    author: options.as ?? userInfo().username,
    note: options.note ?? '',
    acceptGolden,
    ...(base === undefined ? {} : { base }),
  };
  const applied = await db.transaction((trx) => applyPolicy(trx, config, own, by, now()));
  if (!('version' in applied)) throw new ProblemsFound([...refusal(applied), nothingApplied].join('\n'));
  const { version, unchanged, repinned } = applied;
  const ruling = unchanged
    ? `policy ${version} rules already`
    : `policy ${version} is in force; running gateways take it within seconds`;
  print(options, applied, [ruling, ...repinned.map((name) => `golden mail "${name}" is pinned anew`)].join('\n'));
}

const nothingApplied = 'nothing was applied; the policy in force stays';

function refusal(refused: Exclude<Applied, { version: string }>): string[] {
  if ('problems' in refused) return refused.problems;
  if ('breaks' in refused) return [...refused.breaks.map(breakText), '--accept-golden pins them anew'];
  return [`policy ${refused.otherRules} rules meanwhile; "casepost policy diff" shows what it changed`];
}

async function named(db: Db, name: string | undefined): Promise<PolicyVersion & PolicyTexts> {
  const found = name === undefined ? await rulingPolicy(db) : await findPolicy(db, name);
  if (found) return found;
  throw new ProblemsFound(
    `policy "${name ?? ''}" is not in the history, or several begin like that; "casepost policy history" lists them`,
  );
}

/** The version that ruled before the present one. */
async function before(db: Db): Promise<PolicyVersion & PolicyTexts> {
  const [ruling, ...older] = await policyHistory(db, historyShownMax);
  const other = older.find(({ version }) => version !== ruling?.version);
  if (!other) throw new ProblemsFound('there is no earlier policy; nothing was changed');
  return named(db, String(other.id));
}

async function side(db: Db, word: string): Promise<PolicyTexts> {
  const found = /^[0-9a-f]{1,12}$/.test(word) ? await findPolicy(db, word) : null;
  return found ?? { shipped: shippedText().text, own: policyFile(word).text };
}

/** A policy file; a UsageError when it can not be read. */
export function policyFile(path: string): PolicyFile {
  try {
    return { name: path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new UsageError(`${path}: can not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

interface Size {
  products: number;
  plans: number;
  engineers: number;
  severityRules: number;
  signs: number;
}

function sizeOf({ lines, plans, engineers, rules }: Policy): Size {
  const products = Object.values(lines).reduce((count, line) => count + line.products.size, 0);
  return {
    products,
    plans: plans.size,
    engineers: engineers.length,
    severityRules: rules.severity.size,
    signs: rules.signs.size,
  };
}

function sizeText({ products, plans, engineers, severityRules, signs }: Size): string {
  return `${products} products, ${plans} plans, ${engineers} engineers, ${severityRules} severity rules, ${signs} signs`;
}

function historyLine({ id, version, origin, author, note, appliedAt }: PolicyVersion): string {
  const when = appliedAt.toString({ smallestUnit: 'second' });
  return `${String(id).padStart(4)}  ${version}  ${when}  ${origin.padEnd(8)}  ${author}${note === '' ? '' : `  ${note}`}`;
}

/** Lines with `-`, `+` or a space before them, those far from any difference left out. */
function changedLines(from: string, to: string, what: string): string[] {
  if (from === to) return [];
  const all = diff(from.split('\n'), to.split('\n')).map(([kind, line]) => ({
    changed: kind !== 0,
    text: `${kind === 0 ? ' ' : kind === 1 ? '-' : '+'} ${line}`,
  }));
  const near = all.map((_, index) =>
    all.slice(Math.max(0, index - contextLines), index + contextLines + 1).some(({ changed }) => changed),
  );
  return [`@ ${what}`, ...all.flatMap(({ text }, index) => (near[index] ? [text] : near[index - 1] ? ['…'] : []))];
}

function coloured(line: string): string {
  const colour = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'reset';
  return styleText(colour, line, { stream: process.stdout });
}
