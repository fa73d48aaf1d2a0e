// How a case came to be what it is: the mail that began it is decided on once more, under the policy of then and under the one in force, and every
// engineer and every entitlement is asked where it stood.
import { chooseEntitlement, recordStandings, type EntitlementFacts } from '../policy/entitlement.ts';
import type { Registration } from '../policy/registration.ts';
import { judge, type Judgement } from '../policy/rules.ts';
import type { Policy } from '../policy/policy.ts';
import { standings } from '../policy/assignment.ts';
import { differences, openedBy, type Difference } from '../cases/outcome.ts';
import { targetFor } from '../cases/promise.ts';
import { judgeFacts } from '../cases/opening.ts';
import type { SupportCase } from '../cases/support-case.ts';
import { decideAgain, type Replayed } from './replay.ts';

/** The way from the mail to the case under one policy. */
export interface Explanation {
  judgment: Judgement;
  severity: string;
  entitlements: { id: string; plan: string; because: string }[];
  plan: string;
  registration: Registration;
  target: { because: string; steps: readonly string[] } | null;
  engineers: { address: string; name: string; because: string }[];
  owner: string;
  letters: { kind: string; to: string; because: string }[];
  /** What the policy in force would make otherwise of the same mail. */
  today: Difference[];
}

/** Explains the opening of a case under `policy`, the one it was opened under; null when that policy would open none. */
export function explainOpening(replayed: Replayed, policy: Policy, ruling: Policy): Explanation | null {
  const decision = decideAgain(replayed, policy);
  const opened = openedBy(decision);
  if (!opened) return null;
  const { begun, mail, facts } = replayed;
  const judgment = judge(judgeFacts(mail, facts, policy, begun.decidedAt), policy);
  const held = entitlementFacts(opened, judgment, replayed);
  const chosen = chooseEntitlement(held, policy, begun.decidedAt);
  const { product, line, language } = opened;
  return {
    judgment,
    severity: opened.severityBecause,
    entitlements: recordStandings(held, policy, begun.decidedAt),
    plan: opened.planBecause || chosen.because,
    registration: chosen.registration,
    target: targetFor(opened, policy),
    engineers: standings(
      { line, product, language, load: facts.load, away: facts.away ?? [] },
      policy,
      begun.decidedAt,
    ),
    owner: opened.ownerBecause,
    letters: decision.effects.flatMap((effect) =>
      effect.effect === 'letter'
        ? [{ kind: effect.letter.kind, to: effect.letter.to.addrSpec, because: effect.letter.because }]
        : [],
    ),
    today: differences(decision, decideAgain(replayed, ruling)),
  };
}

function entitlementFacts(opened: SupportCase, judgment: Judgement, { facts }: Replayed): EntitlementFacts {
  const { requester, account, severity, line, product, version, build } = opened;
  const { administrative, outOfScope } = judgment;
  const records = facts.person?.entitlements ?? [];
  const serials = facts.person?.serials ?? [];
  return { requester, account, records, serials, severity, administrative, outOfScope, line, product, version, build };
}
