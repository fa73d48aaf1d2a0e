// Which plan serves a case (handbook "Eligibility for Enhanced Support and Maintenance", Table A): the valid plan that answers this severity
// soonest, without spending what need not be spent, and why; when no plan is valid, the fallback and what the customer can do about it.
import type { Instant } from '../clock.ts';
import type { Severity } from '../cases/support-case.ts';
import { firstResponseTarget } from '../schedule/targets.ts';
import { calendarNamed } from './policy.ts';
import type { Plan, Policy } from './policy.ts';
import { oldBuild, oldVersion } from './products.ts';
import { registrationOf, type Registration, type RegistrationFacts } from './registration.ts';

/** The name of a plan in the policy. */
export type PlanId = string;

/** A plan a customer holds. `product` null is for every product; `expiresAt` null never expires; `incidentsLeft` only for bought incidents. */
export interface EntitlementRecord {
  readonly id: string;
  readonly account: string;
  readonly plan: PlanId;
  readonly product: string | null;
  readonly startsAt: Instant;
  readonly expiresAt: Instant | null;
  readonly incidentsLeft: number | null;
}

/** What decides the plan of a case: the requester, what their account holds, and what the request was judged to be. */
export interface EntitlementFacts extends RegistrationFacts {
  readonly records: readonly EntitlementRecord[];
  readonly severity: Severity;
  /** Whether the request is about administration, a licence, the website … only (judge().administrative). */
  readonly administrative: boolean;
  /** Whether the request is only about what no plan includes (judge().outOfScope). */
  readonly outOfScope: boolean;
  readonly build: string | null;
}

/** What the engineer and the acknowledgment are told beside the plan; none of them keeps a case from being logged. */
export type EntitlementFlag = 'out-of-scope' | 'unregistered' | 'no-plan' | 'old-version' | 'old-build';

/** The plan that serves a case, and why. */
export interface Entitlement {
  readonly plan: PlanId;
  readonly title: string;
  readonly because: string;
  /** Whether the product is registered, or the line asks for no registration. */
  readonly registration: Registration;
  readonly flags: readonly EntitlementFlag[];
  /** The record whose incident this case uses up; null when nothing is spent. The ledger spends it once (unique by case). */
  readonly spendIncident: string | null;
}

interface Candidate {
  readonly record: EntitlementRecord;
  readonly plan: Plan;
  /** Epoch milliseconds. */
  readonly answerBy: number;
  readonly spends: boolean;
  /** Whether it would use up an incident on something its buyer would rather keep it for. */
  readonly wasteful: boolean;
  readonly order: number;
}

/**
 * Chooses the plan of a new case. Deterministic: soonest answer for this severity, then enhanced support, then nothing spent, then the
 * order of the plans in the policy, then the longest validity, then the record's id.
 */
export function chooseEntitlement(facts: EntitlementFacts, policy: Policy, now: Instant): Entitlement {
  const own = facts.records.filter(
    (record) => facts.account !== null && record.account === facts.account && forProduct(record, facts.product),
  );
  const candidates = own
    .filter((record) => valid(record, policy, now))
    .map((record) => candidate(record, facts, policy, now));
  // Administrative requests are free for everyone, so no bought incident goes into one.
  const usable = candidates.filter((one) => !(one.spends && facts.administrative)).toSorted(better);
  const registration = registrationOf(facts, own, policy);
  const flags = productFlags(facts, policy);
  const best = usable[0];
  if (best !== undefined) {
    const because = chosenText(best, usable.length, facts);
    const spendIncident = best.spends ? best.record.id : null;
    return { plan: best.record.plan, title: best.plan.title, because, registration, flags, spendIncident };
  }

  const title = policy.plans.get(policy.fallbackPlan)?.title ?? policy.fallbackPlan;
  const fallback = { plan: policy.fallbackPlan, title, registration, spendIncident: null };
  if (facts.administrative) {
    return { ...fallback, flags, because: `${title}: the request is administrative, which needs no plan` };
  }
  if (!policy.lines[facts.line].registrationRequired) {
    return {
      ...fallback,
      flags,
      because: `${title}: ${registration.because}, and no other plan is valid`,
    };
  }
  if (!registration.registered) {
    const because = `${title}: ${productText(facts)} is not registered (${registration.because}); the customer is told how to register`;
    return { ...fallback, flags: ['unregistered', ...flags], because };
  }
  const why = own.length > 0 ? ownText(own, policy, now) : `${registration.because}, but no plan was sold for it`;
  const because = `${title}: ${why}; the customer is told how to renew or buy an incident`;
  return { ...fallback, flags: ['no-plan', ...flags], because };
}

/** Where each record of the requester's account stood for this request: one sentence of why it counted or not. */
export function recordStandings(
  facts: EntitlementFacts,
  policy: Policy,
  now: Instant,
): { readonly id: string; readonly plan: PlanId; readonly because: string }[] {
  return facts.records.map((record) => {
    const { id, plan } = record;
    const other = forProduct(record, facts.product) ? null : `is for ${record.product ?? 'another product'}`;
    const because = other ?? invalidity(record, policy, now) ?? validText(record, facts, policy, now);
    return { id, plan, because };
  });
}

function validText(record: EntitlementRecord, facts: EntitlementFacts, policy: Policy, now: Instant): string {
  const one = candidate(record, facts, policy, now);
  if (one.spends && facts.administrative) return 'is valid, but an administrative request uses up no incident';
  const by = Temporal.Instant.fromEpochMilliseconds(one.answerBy).toString({ smallestUnit: 'minute' });
  return `is valid and answers severity ${facts.severity} by ${by}`;
}

/** The plans of which the account holds a valid record, in the order of the records. */
export function validPlans(
  records: readonly EntitlementRecord[],
  account: string | null,
  policy: Policy,
  now: Instant,
): PlanId[] {
  const held = records.filter((record) => account !== null && record.account === account && valid(record, policy, now));
  return [...new Set(held.map(({ plan }) => plan))];
}

function valid(record: EntitlementRecord, policy: Policy, now: Instant): boolean {
  return policy.plans.has(record.plan) && invalidity(record, policy, now) === null;
}

/** Why a record does not count now, or null when it does. */
function invalidity(record: EntitlementRecord, policy: Policy, now: Instant): string | null {
  const plan = policy.plans.get(record.plan);
  if (plan === undefined) return `"${record.plan}" is no plan of the policy`;
  if (Temporal.Instant.compare(now, record.startsAt) < 0) return `${plan.title} begins on ${dayText(record.startsAt)}`;
  if (record.expiresAt !== null && Temporal.Instant.compare(now, record.expiresAt) >= 0) {
    return `${plan.title} expired on ${dayText(record.expiresAt)}`;
  }
  if (plan.scope === 'incident' && (record.incidentsLeft ?? 0) < 1) return `${plan.title} has no incident left`;
  return null;
}

function candidate(record: EntitlementRecord, facts: EntitlementFacts, policy: Policy, now: Instant): Candidate {
  const plan = policy.plans.get(record.plan) as Plan;
  const promise = {
    planTitle: plan.title,
    severity: facts.severity,
    target: plan.targets[facts.severity],
    availability: plan.availability,
  };
  const { at } = firstResponseTarget(promise, calendarNamed(policy, plan.calendar), now);
  const spends = plan.scope === 'incident';
  const wasteful = spends && !plan.spendFor.includes(facts.severity);
  const order = [...policy.plans.keys()].indexOf(record.plan);
  return { record, plan, answerBy: at.epochMilliseconds, spends, wasteful, order };
}

function better(a: Candidate, b: Candidate): number {
  return (
    Number(a.wasteful) - Number(b.wasteful) ||
    a.answerBy - b.answerBy ||
    Number(b.plan.enhanced) - Number(a.plan.enhanced) ||
    Number(a.spends) - Number(b.spends) ||
    a.order - b.order ||
    expiry(b.record) - expiry(a.record) ||
    (a.record.id < b.record.id ? -1 : 1)
  );
}

function expiry(record: EntitlementRecord): number {
  return record.expiresAt?.epochMilliseconds ?? Number.MAX_SAFE_INTEGER;
}

function chosenText(best: Candidate, usable: number, facts: EntitlementFacts): string {
  const until = best.record.expiresAt === null ? 'with no end' : `until ${dayText(best.record.expiresAt)}`;
  const among =
    usable === 1 ? 'the only valid plan' : `the best of ${usable} valid plans for severity ${facts.severity}`;
  const spent = best.spends ? `; one incident of ${best.record.incidentsLeft ?? 0} is spent` : '';
  return `${best.plan.title} (${best.record.id}, valid ${until}) is ${among} of account ${best.record.account}${spent}`;
}

function ownText(own: readonly EntitlementRecord[], policy: Policy, now: Instant): string {
  const shownMax = 3;
  const reasons = own.map(
    (record) => invalidity(record, policy, now) ?? 'a bought incident is kept for technical requests',
  );
  return [...new Set(reasons)].toSorted().slice(0, shownMax).join(', ');
}

function productFlags(facts: EntitlementFacts, policy: Policy): EntitlementFlag[] {
  const flags: EntitlementFlag[] = [];
  if (facts.outOfScope) flags.push('out-of-scope');
  const product = facts.product === null ? undefined : policy.lines[facts.line].products.get(facts.product);
  if (product === undefined) return flags;
  if (oldVersion(product, facts.version)) flags.push('old-version');
  else if (oldBuild(product, facts.version, facts.build)) flags.push('old-build');
  return flags;
}

function forProduct(record: EntitlementRecord, product: string | null): boolean {
  return record.product === null || product === null || record.product === product;
}

function productText(facts: EntitlementFacts): string {
  return facts.product ?? 'a product';
}

function dayText(instant: Instant): string {
  return instant.toZonedDateTimeISO('UTC').toPlainDate().toString();
}
