// A step of a case's calendar is due: ask the silent customer once more, tell the owner after the last asking, or close.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { mayWrite } from './budget.ts';
import { continuing, customerLetter } from './correspondence.ts';
import type { Decision, DueRule, Effect } from './decision.ts';
import type { CaseFacts, Person, TellingFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { tellEngineer } from './telling.ts';
import { reopenUntil, scheduleNext, timeline } from './timeline.ts';

/** The due row at hand. */
export interface Step {
  id: string;
  /** When the step was planned: the answer, the follow-up before it or the customer's MORE TIME. */
  createdAt: Instant;
  rule: DueRule;
  step: number;
  anchor: string;
}

/** Facts for a due step. */
export interface StepFacts extends TellingFacts {
  placed: CaseFacts;
  requester: Person;
  /** Whether a postbox is at work beside this tick; without one (a walk with `--now`) only a letter that was tried and stayed holds a step up. */
  sends: boolean;
}

/** A decision, or that the step has to wait: our own letters have not left yet. */
export type StepDecision = { later: Instant; because: string } | (Decision & { later?: never });

const waitMinutes = 60;
/** A letter that left so soon after it was written moves nothing. */
const promptMinutes = 15;

/** Decides on a due step. */
export function decideOnStep(step: Step, facts: StepFacts, policy: Policy, now: Instant): StepDecision {
  const { supportCase, stuck, waiting } = facts.placed;
  const unsent = facts.sends ? waiting : stuck;
  if (supportCase.status !== 'waiting on customer') {
    return nothing(supportCase.number, `the case is ${supportCase.status}, so nothing is asked`);
  }
  if (unsent > 0) {
    return {
      later: now.add({ minutes: waitMinutes }),
      because: `our last letter has not left yet (${unsent} waiting), so the customer can not have answered`,
    };
  }
  const counted = fromLeaving(step, facts, policy);
  if (counted && Temporal.Instant.compare(counted, now) > 0) {
    return {
      later: counted,
      because: 'the letter before it left later than planned, and the customer has the whole pause to answer',
    };
  }
  return step.rule === 'close' ? close(step, facts, policy, now) : followUp(step, facts, policy, now);
}

/** When the step is due counted from when the letter before it really left; null when the policy has no such step any more. */
function fromLeaving(step: Step, { placed }: StepFacts, policy: Policy): Instant | null {
  const { supportCase, leftAt } = placed;
  const prompt = step.createdAt.add({ minutes: promptMinutes });
  const from = leftAt && Temporal.Instant.compare(leftAt, prompt) > 0 ? leftAt : step.createdAt;
  const done = step.rule === 'close' ? step.step : step.step - 1;
  const due = scheduleNext(supportCase, { done, anchor: step.anchor }, policy, from);
  return due && due.rule === step.rule ? due.at : null;
}

function followUp(step: Step, facts: StepFacts, policy: Policy, now: Instant): StepDecision {
  const { supportCase, chain, answeredAt } = facts.placed;
  const { number, line } = supportCase;
  const { followUp: cadence } = policy.lines[line];
  if (step.step > policy.loops.followUpsPerCase) {
    return nothing(
      number,
      `the policy allows ${policy.loops.followUpsPerCase} follow-ups (loops.followUpsPerCase), and this would be ${step.step}`,
    );
  }
  const permission = mayWrite(supportCase.requester, facts.requester.budget, true, policy.loops);
  if (permission.why !== null && permission.passing) {
    return { later: now.add({ minutes: waitMinutes }), because: `follow-up ${step.step} waits: ${permission.why}` };
  }
  if (permission.why !== null) {
    const effects: Effect[] = [
      { effect: 'entry', caseNumber: number, entry: changeEntry(`No follow-up was sent: ${permission.why}.`) },
      ...tellOwner(
        step,
        `No follow-up can be sent: ${permission.why}. The case stays open and waits for you.`,
        facts,
        policy,
        now,
      ),
    ];
    return {
      reason: 'follow-up-due',
      because: `follow-up ${step.step} was not sent: ${permission.why}`,
      caseNumber: number,
      effects,
    };
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
  else effects.push(...tellOwner(step, silentText(step), facts, policy, now));
  return { reason: 'follow-up-due', because, caseNumber: number, effects };
}

function silentText(step: Step): string {
  return `The customer is silent: the last of ${step.step} follow-ups has gone out now. The case stays open; no further letter is sent by itself.`;
}

/** Where nothing more happens by itself the owner decides how it goes on. */
function tellOwner(step: Step, notice: string, facts: StepFacts, policy: Policy, now: Instant): Effect[] {
  const { supportCase, notices } = facts.placed;
  const because = 'the owner is told when no further letter goes out by itself';
  return tellEngineer(
    'engineer-notice',
    supportCase,
    { key: `silent:${step.id}`, text: '', attachments: [], hint: null, notice, because },
    { facts, policy, notices },
    now,
  );
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
        variables: {
          canReopen: until !== null,
          reopenUntil: until?.toString() ?? null,
          solution: supportCase.solution,
        },
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
