// The facts of a real case as a letter would tell them, to look at a text with. Only what a case says; what it does not (a code, a release) is left to
// the invented example.
import type { Instant } from '../clock.ts';
import { calendarNamed, type Policy } from '../policy/policy.ts';
import { severityLabel } from './acknowledgment.ts';
import { targetOf } from './correspondence.ts';
import type { LetterKind, NewEntry } from './decision.ts';
import { reopenUntil, timeline } from './timeline.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';

/** Variables by name (letters/variables.ts) of any letter about this case; `entries` is its history, oldest first. */
export function exampleOf(
  kind: LetterKind,
  supportCase: SupportCase,
  entries: (NewEntry & { at: Instant })[],
  policy: Policy,
  now: Instant,
): Record<string, unknown> {
  const { line, severity, plan, language } = supportCase;
  const { followUp, calendar } = policy.lines[line];
  const owner = policy.engineers.find(({ address }) => address === supportCase.owner);
  const firstMail = entries.find((entry) => entry.kind === 'mail' && entry.visibility === 'public');
  const lastMail = entries.findLast((entry) => entry.kind === 'mail' && entry.visibility === 'public');
  const answer = entries.findLast((entry) => entry.kind === 'answer');
  const until = reopenUntil(line, policy, now);
  const toEngineer = kind.startsWith('engineer-');
  return {
    zone: toEngineer
      ? calendarNamed(policy, calendar).zone
      : (supportCase.zone ?? calendarNamed(policy, calendar).zone),
    recipientName: toEngineer ? (owner?.name ?? '') : supportCase.requesterName,
    subject: supportCase.subject,
    requester: supportCase.requester,
    requesterName: supportCase.requesterName,
    severity,
    severityLabel: severityLabel(supportCase, policy),
    severityBecause: supportCase.severityBecause,
    planTitle: policy.plans.get(plan)?.title ?? plan,
    planBecause: supportCase.planBecause,
    target: targetOf(supportCase, policy, language),
    targetBecause: supportCase.targetBecause,
    ownerBecause: supportCase.ownerBecause,
    solution: supportCase.solution,
    text: (lastMail ?? firstMail)?.text ?? '',
    attachments: (lastMail ?? firstMail)?.attachments.map(({ name, type, size }) => ({ name, type, size })) ?? [],
    caseCommand: `casepost case show ${supportCase.number}`,
    ...(answer ? { bodyText: answer.text, answeredOn: answer.at.toString() } : {}),
    ...(owner ? { engineerName: owner.name } : {}),
    ...(supportCase.linkedFrom === null ? {} : { previousNumber: caseNumberText(supportCase.linkedFrom) }),
    steps: followUp.steps.length,
    timeline: timeline(line, kind === 'follow-up' ? 1 : 0, policy, now),
    mayAskMoreTime: followUp.mayAskMoreTime,
    canReopen: until !== null,
    reopenUntil: until?.toString() ?? null,
  };
}
