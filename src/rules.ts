// The rules that are in force: the newest policy of the database. A policy file named in casepost.yaml is a way of applying:
// its text becomes a version when it has changed since it was last taken. What is broken never comes into force.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Instant } from './clock.ts';
import type { Config } from './config.ts';
import { brokenGolden, breakText, type Break } from './golden.ts';
import type { Texts } from './letters/texts.ts';
import { loadPolicy, shippedText } from './policy/load.ts';
import { problemText, readPolicy, type Policy, type PolicyFile } from './policy/policy.ts';
import { clearAlarm, raiseAlarm } from './store/alarms.ts';
import { goldenMails, pinGolden } from './store/golden.ts';
import type { Db, Transaction } from './store/db.ts';
import {
  insertPolicy,
  lastFileText,
  lockPolicies,
  rulingPolicy,
  rulingPolicyId,
  type PolicyOrigin,
  type PolicyTexts,
} from './store/policies.ts';
import { loadLetters } from './templates.ts';

/** A policy that can rule, with the name that decisions record. */
export interface RulingPolicy {
  policy: Policy;
  policyVersion: string;
}

/** Policy file and texts of a configuration without its database, or every problem of both. */
export async function loadRules(config: Config): Promise<{ policy: Policy; texts: Texts } | { problems: string[] }> {
  const policy = await loadPolicy(config.policy);
  const letters = await loadLetters(config);
  const problems = [
    ...('problems' in policy ? policy.problems.map(problemText) : []),
    ...('problems' in letters ? letters.problems : []),
  ];
  if ('problems' in policy || 'problems' in letters) return { problems };
  return { policy: policy.policy, texts: letters.texts };
}

/** Names a policy by its two texts. */
export function versionOf({ shipped, own }: PolicyTexts): string {
  return createHash('sha256').update(`${shipped}\n${own}`).digest('hex').slice(0, 12);
}

/** Reads a version's texts; `name` is what its problems are told under. */
export function readVersion(texts: PolicyTexts, name: string): RulingPolicy | { problems: string[] } {
  const own = texts.own === '' ? null : { name, text: texts.own };
  const read = readPolicy({ name: shippedText().name, text: texts.shipped }, own);
  if ('problems' in read) return { problems: read.problems.map(problemText) };
  return { policy: read.policy, policyVersion: versionOf(texts) };
}

/** The alarm of a policy that is not taken because pinned mails would come out otherwise. */
const goldenAlarm = 'policy:golden';

/**
 * The policy that rules, after the file of casepost.yaml and a newer shipped text have been applied where they changed. One that breaks pinned
 * mails is not taken: the one in force stays, and an alarm says why. Throws with every problem when what should rule can not be read; nothing is written then.
 */
export async function openPolicy(config: Config, db: Db, now: Instant): Promise<RulingPolicy> {
  const shipped = shippedText().text;
  const fileText = config.policy === null ? null : await textOf(config.policy);
  return db.transaction(async (trx) => {
    await lockPolicies(trx);
    const ruling = await rulingPolicy(trx);
    const fresh = fileText !== null && fileText !== (await lastFileText(trx));
    const texts = { shipped, own: fresh ? fileText : (ruling?.own ?? '') };
    const name = `policy ${ruling?.version ?? 'shipped'}`;
    const read = readVersion(texts, fresh ? (config.policy as string) : name);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    if (!fresh && ruling?.shipped === shipped) return read;
    const breaks = await brokenGolden(trx, config, read.policy);
    const kept = ruling && breaks.length > 0 ? readVersion(ruling, name) : null;
    if (kept && 'policy' in kept) {
      const what = fresh ? `${config.policy} is not taken` : 'the newly shipped rules are not taken';
      const text = `${what}, and policy ${kept.policyVersion} stays in force: ${breaks.map(breakText).join('; ')}. Change it, or apply it with --accept-golden`;
      await raiseAlarm(trx, { key: goldenAlarm, text }, now);
      return kept;
    }
    const origin: PolicyOrigin = fresh ? 'file' : ruling === null ? 'shipped' : 'upgrade';
    const author = fresh ? 'casepost.yaml' : 'casepost';
    await insertPolicy(trx, { ...texts, version: read.policyVersion, origin, author, note: '' }, now);
    await clearAlarm(trx, goldenAlarm, now);
    return read;
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${path}: can not be read (${code}); the gateway does not start without it`, { cause: error });
  }
}

/**
 * The version that rules now, when it is another than `knownId`; null when it is the same. A broken one is given as its problems. What is `inForce`
 * already is not read anew.
 */
export async function newerPolicy(
  db: Db,
  knownId: number | null,
  inForce: RulingPolicy | null = null,
): Promise<({ id: number } & (RulingPolicy | { problems: string[] })) | null> {
  if ((await rulingPolicyId(db)) === knownId) return null;
  const ruling = await rulingPolicy(db);
  if (!ruling) return null;
  const { id, version } = ruling;
  if (inForce?.policyVersion !== version) return { id, ...readVersion(ruling, `policy ${version}`) };
  return { id, policy: inForce.policy, policyVersion: version };
}

/** What comes of applying. */
export type Applied =
  | { version: string; unchanged: boolean; repinned: string[] }
  | { problems: string[] }
  | { breaks: Break[] }
  | { otherRules: string };

/**
 * Applies `own` as the installation's policy. Gives its version (`unchanged` when it rules already), or why not: every problem of it, the pinned
 * mails it breaks (with `acceptGolden` these are pinned anew), or that another version than `base` rules meanwhile.
 */
export async function applyPolicy(
  trx: Transaction,
  config: Config,
  own: PolicyFile,
  by: { origin: PolicyOrigin; author: string; note: string; base?: string; acceptGolden?: boolean },
  now: Instant,
): Promise<Applied> {
  await lockPolicies(trx);
  const { base, acceptGolden, ...told } = by;
  const texts = { shipped: shippedText().text, own: own.text };
  const read = readVersion(texts, own.name);
  if ('problems' in read) return read;
  const version = read.policyVersion;
  const ruling = await rulingPolicy(trx);
  if (base !== undefined && !ruling?.version.startsWith(base)) return { otherRules: ruling?.version ?? 'none' };
  const breaks = await brokenGolden(trx, config, read.policy);
  if (breaks.length > 0 && !acceptGolden) return { breaks };
  const repinned = await pinAnew(trx, breaks, told.author, now);
  if (ruling?.version === version) return { version, unchanged: true, repinned };
  const anew = repinned.length === 0 ? [] : [`pinned anew: ${repinned.join(', ')}`];
  const note = [told.note, ...anew].filter((part) => part !== '').join('; ');
  await insertPolicy(trx, { ...texts, version, ...told, note }, now);
  await clearAlarm(trx, goldenAlarm, now);
  return { version, unchanged: false, repinned };
}

/** Pins the mails of `breaks` to what was found; gives their names. */
async function pinAnew(trx: Transaction, breaks: Break[], author: string, now: Instant): Promise<string[]> {
  const names = [...new Set(breaks.map(({ name }) => name))];
  for (const golden of await goldenMails(trx)) {
    const changed = breaks.filter(({ name }) => name === golden.name).map(({ what, found }) => [what, found]);
    if (changed.length === 0) continue;
    const expected = { ...golden.expected, ...Object.fromEntries(changed) };
    await pinGolden(trx, { ...golden, expected, author, pinnedAt: now });
  }
  return names;
}
