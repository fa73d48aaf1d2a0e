// The rules that are in force: the newest policy of the database, and the templates. A policy file named in casepost.yaml is a way of applying:
// its text becomes a version when it has changed since it was last taken. What is broken never comes into force.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Instant } from './clock.ts';
import type { Config } from './config.ts';
import { checkTemplates, problemText as templateProblemText } from './letters/lint.ts';
import { loadTemplates } from './letters/load.ts';
import type { Templates } from './letters/render.ts';
import { loadPolicy, shippedText } from './policy/load.ts';
import { problemText, readPolicy, type Policy, type PolicyFile } from './policy/policy.ts';
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

const shippedTemplates = fileURLToPath(new URL('../templates/mail', import.meta.url));

/** A policy that can rule, with the name that decisions record. */
export interface RulingPolicy {
  policy: Policy;
  policyVersion: string;
}

/** Policy file and templates of a configuration without its database, or every problem of both. */
export async function loadRules(
  config: Config,
): Promise<{ policy: Policy; templates: Templates } | { problems: string[] }> {
  const policy = await loadPolicy(config.policy);
  const templates = await loadLetters(config);
  const problems = [
    ...('problems' in policy ? policy.problems.map(problemText) : []),
    ...('problems' in templates ? templates.problems : []),
  ];
  if ('problems' in policy || 'problems' in templates) return { problems };
  return { policy: policy.policy, templates: templates.templates };
}

/** The templates of a configuration, or every problem of theirs. */
export async function loadLetters(config: Config): Promise<{ templates: Templates } | { problems: string[] }> {
  const loaded = await loadTemplates(config.templates ?? shippedTemplates);
  const found = 'problems' in loaded ? loaded.problems : checkTemplates(loaded.templates);
  if ('problems' in loaded || found.length > 0) return { problems: found.map(templateProblemText) };
  return { templates: loaded.templates };
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

/**
 * The policy that rules, after the file of casepost.yaml and a newer shipped text have been applied where they changed.
 * Throws with every problem when what should rule is broken; nothing is written then.
 */
export async function openPolicy(config: Config, db: Db, now: Instant): Promise<RulingPolicy> {
  const shipped = shippedText().text;
  const fileText = config.policy === null ? null : await textOf(config.policy);
  return db.transaction(async (trx) => {
    await lockPolicies(trx);
    const ruling = await rulingPolicy(trx);
    const fresh = fileText !== null && fileText !== (await lastFileText(trx));
    const texts = { shipped, own: fresh ? fileText : (ruling?.own ?? '') };
    const read = readVersion(texts, fresh ? (config.policy as string) : `policy ${ruling?.version ?? 'shipped'}`);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    if (fresh || ruling === null || ruling.shipped !== shipped) {
      const origin: PolicyOrigin = fresh ? 'file' : ruling === null ? 'shipped' : 'upgrade';
      const author = fresh ? 'casepost.yaml' : 'casepost';
      await insertPolicy(trx, { ...texts, version: read.policyVersion, origin, author, note: '' }, now);
    }
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

/** The version that rules now, when it is another than `knownId`; null when it is the same. A broken one is given as its problems. */
export async function newerPolicy(
  db: Db,
  knownId: number | null,
): Promise<({ id: number } & (RulingPolicy | { problems: string[] })) | null> {
  if ((await rulingPolicyId(db)) === knownId) return null;
  const ruling = await rulingPolicy(db);
  return ruling && { id: ruling.id, ...readVersion(ruling, `policy ${ruling.version}`) };
}

/** Applies `own` as the installation's policy. Gives its version, or every problem; `unchanged` when it rules already. */
export async function applyPolicy(
  trx: Transaction,
  own: PolicyFile,
  by: { origin: PolicyOrigin; author: string; note: string },
  now: Instant,
): Promise<{ version: string; unchanged: boolean } | { problems: string[] }> {
  await lockPolicies(trx);
  const texts = { shipped: shippedText().text, own: own.text };
  const read = readVersion(texts, own.name);
  if ('problems' in read) return read;
  const version = read.policyVersion;
  if ((await rulingPolicy(trx))?.version === version) return { version, unchanged: true };
  await insertPolicy(trx, { ...texts, version, ...by }, now);
  return { version, unchanged: false };
}
