// The time for the first response runs out: its owner is warned before, and at the breach the escalation contact too (SUPPORT-DESK 5). Whether
// anybody has answered meanwhile is asked when a warning is due, so that nothing has to be taken back.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { warningAt } from '../schedule/targets.ts';
import { toldEngineer } from './correspondence.ts';
import type { Decision, Effect } from './decision.ts';
import type { CaseFacts, TellingFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { promiseOf } from './promise.ts';
import type { SupportCase } from './support-case.ts';
import { tellEngineer } from './telling.ts';

/** A warning that is due: so many percent of the time to `targetAt` are over. */
export interface Warning {
  id: string;
  percent: number;
  targetAt: Instant;
}

const whole = 100;

/** The warnings of a case, as effects: one for each percentage of the policy. None for a case that was answered, or has no target. */
export function warnings(supportCase: SupportCase, policy: Policy): Effect[] {
  const { number, submittedAt, targetAt, firstResponseAt } = supportCase;
  const promise = promiseOf(supportCase, policy);
  if (!promise || !targetAt || firstResponseAt) return [];
  const { response, calendar } = promise;
  return policy.warnAtPercent.map((percent) => {
    const at = warningAt(response, calendar, percent, { submittedAt, targetAt });
    return { effect: 'warn', caseNumber: number, percent, targetAt, at };
  });
}

/** Decides on a due warning. */
export function decideOnWarning(
  warning: Warning,
  placed: CaseFacts,
  facts: TellingFacts,
  policy: Policy,
  now: Instant,
): Decision {
  const { supportCase } = placed;
  const { number, firstResponseAt, targetAt, status } = supportCase;
  const moot =
    firstResponseAt !== null
      ? `it was answered on ${minute(firstResponseAt)}`
      : status === 'closed'
        ? 'the case is closed'
        : targetAt === null || !targetAt.equals(warning.targetAt)
          ? 'the case has another target since'
          : null;
  if (moot !== null) return silent(number, `nobody is warned: ${moot}`);
  const breached = Temporal.Instant.compare(now, warning.targetAt) >= 0;
  // After an outage both may be due at once: what is told is how it stands.
  if (breached && warning.percent < whole && policy.warnAtPercent.includes(whole))
    return silent(number, 'the target itself has passed meanwhile, which is told instead');
  const because = breached
    ? `nobody has answered the customer, and the target of ${minute(warning.targetAt)} has passed`
    : `nobody has answered the customer, and ${warning.percent} % of the time to the target of ${minute(warning.targetAt)} are over`;
  const effects: Effect[] = [
    {
      effect: 'entry',
      caseNumber: number,
      entry: changeEntry(`${because.charAt(0).toUpperCase()}${because.slice(1)}.`),
    },
    ...told(warning, placed, breached, { facts, policy }, now),
  ];
  return { reason: breached ? 'target-missed' : 'target-near', because, caseNumber: number, effects };
}

function told(
  warning: Warning,
  { supportCase, notices }: CaseFacts,
  breached: boolean,
  desk: { facts: TellingFacts; policy: Policy },
  now: Instant,
): Effect[] {
  const letter = {
    key: `warning:${warning.id}`,
    text: '',
    attachments: [],
    hint: null,
    warning: { percent: warning.percent, breached },
    because: breached ? 'a missed target is told' : 'a target that comes near is told',
  };
  const owner = toldEngineer(supportCase, desk.policy);
  const contact = breached ? desk.policy.escalation?.address.toLowerCase() : undefined;
  const also = contact === undefined || contact === owner?.addrSpec ? [] : [{ displayName: '', addrSpec: contact }];
  return [...(owner ? [owner] : []), ...also].flatMap((to) =>
    tellEngineer('engineer-warning', supportCase, { ...letter, to }, { ...desk, notices }, now),
  );
}

function silent(caseNumber: number, because: string): Decision {
  return { reason: 'nothing-to-do', because, caseNumber, effects: [] };
}

function minute(at: Instant): string {
  return at.toString({ smallestUnit: 'minute' });
}
