// The versions of the policy as they were applied: the newest one rules, and none is ever changed or taken away, so that every decision can
// be read together with the rules that made it.
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** Where a version came from: the shipped rules alone, the file of casepost.yaml, `policy apply`, `policy rollback`, or a newer program. */
export type PolicyOrigin = 'shipped' | 'file' | 'command' | 'rollback' | 'upgrade';

/** A version's two texts: what the program shipped then, and what the installation lays over it ('' for nothing). */
export interface PolicyTexts {
  shipped: string;
  own: string;
}

/** A version without its texts; `id` counts up with each applying, `version` is the hash that decisions record. */
export interface PolicyVersion {
  id: number;
  version: string;
  origin: PolicyOrigin;
  author: string;
  note: string;
  appliedAt: Instant;
}

/** Any number, the same in every gateway: who holds it applies a policy. */
const applyLock = 5_117_341;

const selection = `id, version, origin, author, note, applied_at as "appliedAt"`;

/** Waits until nobody else applies a policy, and keeps others waiting until the transaction ends. */
export async function lockPolicies(trx: Transaction): Promise<void> {
  await rows(trx, 'select pg_advisory_xact_lock(:applyLock)', { applyLock });
}

/** Adds a version, which rules from the commit on; gives its id. */
export async function insertPolicy(
  trx: Transaction,
  policy: PolicyTexts & Omit<PolicyVersion, 'id' | 'appliedAt'>,
  now: Instant,
): Promise<number> {
  const [added] = await rows<{ id: number }>(
    trx,
    `insert into policy_versions (version, shipped, own, origin, author, note, applied_at)
     values (:version, :shipped, :own, :origin, :author, :note, :now) returning id`,
    { ...policy, now },
  );
  if (!added) throw new Error(`policy ${policy.version}: it was not written`);
  return added.id;
}

/** The id of the version that rules; null when none was ever applied. */
export async function rulingPolicyId(db: Db): Promise<number | null> {
  const [found] = await rows<{ id: number | null }>(db, 'select max(id) as id from policy_versions');
  return found?.id ?? null;
}

/** The version that rules, with its texts. */
export async function rulingPolicy(db: Db): Promise<(PolicyVersion & PolicyTexts) | null> {
  const [found] = await rows<PolicyVersion & PolicyTexts>(
    db,
    `select ${selection}, shipped, own from policy_versions order by id desc limit 1`,
  );
  return found ?? null;
}

/** What the file of casepost.yaml said when it was last applied; null when it never was. */
export async function lastFileText(db: Db): Promise<string | null> {
  const [found] = await rows<{ own: string }>(
    db,
    `select own from policy_versions where origin = 'file' order by id desc limit 1`,
  );
  return found?.own ?? null;
}

/** The newest applying of a version, by its hash (or the beginning of it) or by its id; null when there is none or the beginning fits several. */
export async function findPolicy(db: Db, name: string): Promise<(PolicyVersion & PolicyTexts) | null> {
  const found = await rows<PolicyVersion & PolicyTexts>(
    db,
    `select distinct on (version) ${selection}, shipped, own from policy_versions
     where id::text = :name or starts_with(version, :name) order by version, id desc`,
    { name },
  );
  const exact = found.filter(({ id, version }) => String(id) === name || version === name);
  const [one, another] = exact.length > 0 ? exact : found;
  return another === undefined ? (one ?? null) : null;
}

/** Every applying, newest first, with how many mails each version decided. */
export async function policyHistory(db: Db, limit: number): Promise<PolicyVersion[]> {
  return rows(db, `select ${selection} from policy_versions order by id desc limit :limit`, { limit });
}
