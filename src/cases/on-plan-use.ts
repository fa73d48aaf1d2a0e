// A plan is unlimited "within reasonable limits" (Table A, note **): whoever opens more cases than its number is served as before, and the
// escalation contact is told, who can speak with the customer.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import type { Decision } from './decision.ts';
import type { CaseFacts, TellingFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { tellEngineer } from './telling.ts';

/** What was counted: `cases` opened by `holder` under the plan within `days`, more than `limit`. */
export interface PlanUsed {
  holder: string;
  plan: string;
  cases: number;
  limit: number;
  days: number;
}

/** Decides on a plan that is used beyond its number; `placed` is the newest case under it. Its entry keeps it from being told again. */
export function decideOnPlanUse(
  use: PlanUsed,
  { supportCase, notices }: CaseFacts,
  facts: TellingFacts,
  policy: Policy,
  now: Instant,
): Decision {
  const { number } = supportCase;
  const title = policy.plans.get(use.plan)?.title ?? use.plan;
  const because = `${use.holder} has opened ${use.cases} cases under ${title} in ${use.days} days, and ${use.limit} are within reasonable limits`;
  const contact = policy.escalation?.address.toLowerCase();
  const letter = {
    key: `plan-use:${number}`,
    text: '',
    attachments: [],
    hint: null,
    notice: `${because}. They are served as before; this is said once in ${use.days} days.`,
    because: 'a plan that is used beyond reasonable limits is told',
  };
  const told =
    contact === undefined
      ? []
      : tellEngineer(
          'engineer-notice',
          supportCase,
          { ...letter, to: { displayName: '', addrSpec: contact } },
          { facts, policy, notices },
          now,
        );
  return {
    reason: 'plan-overused',
    because,
    caseNumber: number,
    effects: [{ effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`) }, ...told],
  };
}
