// A release mends a bug: every customer with a case on it is told, those on maintenance or a chosen few first, each once (SUPPORT-DESK 7).
// A case that engineering had then waits on the customer, who is asked whether it is resolved, so its clock starts as after an answer.
import type { Instant } from '../clock.ts';
import { validPlans } from '../policy/entitlement.ts';
import type { Policy } from '../policy/policy.ts';
import { mayWrite } from './budget.ts';
import { customerLetter, threadOf } from './correspondence.ts';
import type { Decision, Effect, LetterRequest, NewEntry } from './decision.ts';
import type { CaseFacts, Person } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';
import { scheduleNext, timeline } from './timeline.ts';

/** A release as an engineer tells of it. */
export interface Release {
  bug: string;
  /** What the customer installs, like `Backup 15 build 40902`; each is told once of each. */
  release: string;
  /** The engineer's words. */
  text: string;
  by: string;
  /** Also customers who are not on maintenance. */
  everybody: boolean;
  /** Only customers with one of these cases; null: all. */
  only: number[] | null;
}

/** One customer with cases on the bug. */
export interface ReleaseFacts {
  /** The case the letter is about: the newest open one, else the newest. */
  placed: CaseFacts;
  /** The customer's other cases on the bug. */
  others: SupportCase[];
  person: Person;
  toldAt: Instant | null;
}

/** What a release means for one customer: a letter and why, or why there is none; `later`: a cap is full now, and time alone empties it. */
export type ReleaseDecision = (Decision & { letter: LetterRequest }) | { untold: string; later: boolean };

const tooMany = 'far more automatic letters than usual have gone to unproven addresses in this hour';

/** The case of several that a customer is told on. */
export function tellingCase(cases: SupportCase[]): SupportCase | null {
  const open = cases.filter(({ status }) => status !== 'closed');
  return (open.length > 0 ? open : cases).toSorted((a, b) => b.number - a.number)[0] ?? null;
}

/** Decides on telling one customer. */
export function decideOnRelease(release: Release, facts: ReleaseFacts, policy: Policy, now: Instant): ReleaseDecision {
  const { placed, others, person, toldAt } = facts;
  const { supportCase } = placed;
  const { number, requester } = supportCase;
  const { bug, by } = release;
  if (toldAt !== null) return untold(`was told of it on ${toldAt.toString({ smallestUnit: 'minute' })}`);
  const numbers = [number, ...others.map((one) => one.number)];
  if (release.only !== null && !release.only.some((one) => numbers.includes(one)))
    return untold('none of their cases is among the chosen ones');
  if (supportCase.closeReason === 'spam') return untold('their case is spam');
  if (!placed.participants.some(({ address, confirmed }) => address === requester && confirmed))
    return untold('is not confirmed as the one who wrote; confirm the participant first');
  const maintained = maintenanceOf(facts, policy, now);
  if (maintained === null && !release.everybody) return untold('is not on maintenance');
  const permission = mayWrite(requester, person.budget, person.contact.proven, policy.loops);
  if (permission.why !== null) return { untold: permission.why, later: permission.passing };
  // A letter held back would start a clock that the customer has not heard of: it is made when there is room for it.
  if (permission.hold !== null) return { untold: tooMany, later: true };

  const because = `${by} told of ${release.release}, which mends ${bug}: ${requester} has ${numbersText(numbers)} on it and ${maintained ?? 'is told although not on maintenance'}`;
  const asks = supportCase.status === 'waiting on engineering';
  const key = `release:${bug}:${release.release.toLowerCase()}:${requester}`;
  const letter = customerLetter(
    'release-notice',
    supportCase,
    {
      to: { addrSpec: requester, displayName: supportCase.requesterName },
      key,
      thread: threadOf(placed, requester),
      automatic: 'auto-generated',
      proven: person.contact.proven,
      because,
      variables: {
        release: release.release,
        bodyText: release.text,
        timeline: asks ? timeline(supportCase.line, 0, policy, now) : [],
        mayAskMoreTime: asks && policy.lines[supportCase.line].followUp.mayAskMoreTime,
      },
    },
    policy,
  );
  const next = asks ? scheduleNext(supportCase, { done: 0, anchor: key }, policy, now) : null;
  const effects: Effect[] = [
    { effect: 'release-told', caseNumber: number, bug, release: release.release, address: requester },
    { effect: 'change', caseNumber: number, changes: asks ? { status: 'waiting on customer', statusNote: '' } : {} },
    { effect: 'entry', caseNumber: number, entry: toldEntry(release) },
    { effect: 'letter', letter },
    ...(asks
      ? [{ effect: 'cancel-schedule', caseNumber: number, because: 'the release starts the clock anew' } as const]
      : []),
    ...(next ? [next] : []),
    ...others.flatMap((one) => besides(one, number, release)),
  ];
  return { reason: 'fix-released', because, caseNumber: number, effects, letter };
}

/** The engineer's words in the customer's own history; engineering's bug is not named there. */
function toldEntry({ release, text, by }: Release): NewEntry {
  return { ...changeEntry(`Solved in ${release}.\n\n${text}`, by), visibility: 'public' };
}

/** The customer's other cases: said there too, and what engineering had is the owner's again, for nobody is asked twice. */
function besides({ number, status }: SupportCase, told: number, { bug, release, by }: Release): Effect[] {
  const back = status === 'waiting on engineering';
  const text = `${release} mends bug ${bug}: the customer was told in case ${caseNumberText(told)}.`;
  return [
    { effect: 'change', caseNumber: number, changes: back ? { status: 'waiting on support', statusNote: '' } : {} },
    { effect: 'entry', caseNumber: number, entry: changeEntry(text, by) },
  ];
}

/** Why the customer is on maintenance; null when they are not. */
function maintenanceOf({ placed, person }: ReleaseFacts, policy: Policy, now: Instant): string | null {
  const { maintenance } = policy.bugs;
  if (maintenance.length === 0) return 'everybody is on maintenance (bugs.maintenance is empty)';
  const account = person.contact.account ?? placed.supportCase.account;
  const held = validPlans(person.entitlements, account, policy, now).find((plan) => maintenance.includes(plan));
  return held === undefined ? null : `account ${account} is on maintenance by ${policy.plans.get(held)?.title ?? held}`;
}

function numbersText(numbers: number[]): string {
  return `${numbers.length === 1 ? 'case' : 'cases'} ${numbers.map(caseNumberText).join(', ')}`;
}

function untold(why: string): ReleaseDecision {
  return { untold: why, later: false };
}
