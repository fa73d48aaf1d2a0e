// A step of a case's calendar is due: ask the silent customer once more, tell the owner after the last asking, or close.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { mayWrite } from './budget.ts';
import { continuing, customerLetter, engineerLetter } from './correspondence.ts';
import type { Decision, DueRule, Effect } from './decision.ts';
import type { CaseFacts, DeskFacts, Person } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { reopenUntil, scheduleNext, timeline } from './timeline.ts';

/** The due row at hand. */
export interface Step {
  id: string;
  rule: DueRule;
  step: number;
  anchor: string;
}

/** Facts for a due step. */
export interface StepFacts extends DeskFacts {
  placed: CaseFacts;
  requester: Person;
}

/** A decision, or that the step has to wait: our own letters have not left yet. */
export type StepDecision = { later: Instant; because: string } | (Decision & { later?: never });

const waitMinutes = 60;

/** Decides on a due step. */
export function decideOnStep(step: Step, facts: StepFacts, policy: Policy, now: Instant): StepDecision {
  const { supportCase, stuck } = facts.placed;
  if (supportCase.status !== 'waiting on customer') {
    return nothing(supportCase.number, `the case is ${supportCase.status}, so nothing is asked`);
  }
  if (stuck > 0) {
    return {
      later: now.add({ minutes: waitMinutes }),
      because: `our last letter has not left yet (${stuck} waiting), so the customer can not have answered`,
    };
  }
  return step.rule === 'close' ? close(step, facts, policy, now) : followUp(step, facts, policy, now);
}

function followUp(step: Step, facts: StepFacts, policy: Policy, now: Instant): StepDecision {
  const { supportCase, chain, answeredAt } = facts.placed;
  const { number, line } = supportCase;
  const { followUp: cadence } = policy.lines[line];
  const permission = mayWrite(supportCase.requester, facts.requester.budget, true, policy.loops);
  if (permission.why !== null) {
    const effects: Effect[] = [
      { effect: 'entry', caseNumber: number, entry: changeEntry(`No follow-up was sent: ${permission.why}.`) },
    ];
    return { reason: 'follow-up-due', because: `follow-up ${step.step} was not sent: ${permission.why}`, caseNumber: number, effects };
  }
  const because = `follow-up ${step.step} of ${cadence.steps.length}: the customer has been silent since our answer of ${answeredAt?.toString({ smallestUnit: 'minute' }) ?? 'an unknown day'}`;
  const next = scheduleNext(supportCase, { done: step.step, anchor: step.anchor }, policy, now);
  const effects: Effect[] = [
    {
      effect: 'letter',
      letter: customerLetter(
        'follow-up',
        supportCase,
        {
          to: { addrSpec: supportCase.requester, displayName: supportCase.requesterName },
          key: `follow-up:${step.id}`,
          thread: continuing(chain),
          automatic: 'auto-generated',
          proven: facts.requester.contact.proven,
          because,
          variables: {
            step: step.step,
            steps: cadence.steps.length,
            answeredOn: (answeredAt ?? now).toString(),
            timeline: timeline(line, step.step, policy, now),
            mayAskMoreTime: cadence.mayAskMoreTime,
            canReopen: reopenUntil(line, policy, now) !== null,
          },
        },
        policy,
      ),
    },
    { effect: 'change', caseNumber: number, changes: {} },
  ];
  if (next) effects.push(next);
  else tellOwner(effects, step, facts, policy, now);
  return { reason: 'follow-up-due', because, caseNumber: number, effects };
}

/** After the last follow-up of a line whose cases stay open: the owner decides how it goes on. */
function tellOwner(effects: Effect[], step: Step, facts: StepFacts, policy: Policy, now: Instant): void {
  const { supportCase } = facts.placed;
  const letter = engineerLetter(
    'engineer-notice',
    supportCase,
    {
      key: `silent:${step.id}`,
      text: '',
      attachments: [],
      hint: null,
      notice: `The customer is silent: the last of ${step.step} follow-ups has gone out now. The case stays open; no further letter is sent by itself.`,
      because: 'the owner is told when the last follow-up goes out',
    },
    { facts, policy },
    now,
  );
  if (letter) effects.push({ effect: 'letter', letter });
}

function close(step: Step, facts: StepFacts, policy: Policy, now: Instant): Decision {
  const { supportCase, chain } = facts.placed;
  const { number, line } = supportCase;
  const because = `no answer to ${step.step} follow-ups, the last pause is over: ${line} cases close then`;
  const effects: Effect[] = [
    {
      effect: 'change',
      caseNumber: number,
      changes: { status: 'closed', closeReason: 'no response', closedAt: now },
    },
    { effect: 'entry', caseNumber: number, entry: changeEntry('Closed: no response.') },
  ];
  const permission = mayWrite(supportCase.requester, facts.requester.budget, true, policy.loops);
  if (permission.why === null) {
    const until = reopenUntil(line, policy, now);
    const letter = customerLetter(
      'closed-no-response',
      supportCase,
      {
        to: { addrSpec: supportCase.requester, displayName: supportCase.requesterName },
        key: `closed:${step.id}`,
        thread: continuing(chain),
        automatic: 'auto-generated',
        proven: facts.requester.contact.proven,
        because,
        variables: { canReopen: until !== null, reopenUntil: until?.toString() ?? null, solution: supportCase.solution },
      },
      policy,
    );
    effects.push({ effect: 'letter', letter });
  } else {
    effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(`No letter about it: ${permission.why}.`) });
  }
  return { reason: 'closing-due', because, caseNumber: number, effects };
}

function nothing(caseNumber: number, because: string): Decision {
  return { reason: 'nothing-to-do', because, caseNumber, effects: [] };
}
