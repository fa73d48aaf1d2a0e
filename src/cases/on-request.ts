// What an engineer does to a case from a shell or a page: answer, note, set a value, close. The same effects as by mail.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { firstResponseTarget } from '../schedule/targets.ts';
import { calendarNamed } from '../policy/policy.ts';
import { answerEffects } from './answer.ts';
import { continuing, customerLetter, audience } from './correspondence.ts';
import type { Decision, Effect } from './decision.ts';
import type { CaseFacts, DeskFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { mayMove, moves, type CloseReason, type SupportCase } from './support-case.ts';
import { reopenUntil } from './timeline.ts';

/** An engineer's command. `by` is the engineer's address, `key` makes it happen once. */
export type Request =
  | { request: 'reply'; by: string; text: string; key: string }
  | { request: 'note'; by: string; text: string }
  | { request: 'set'; by: string; changes: Settable; key: string };

/** What may be set by hand. */
export type Settable = Partial<
  Pick<SupportCase, 'status' | 'statusNote' | 'closeReason' | 'severity' | 'owner' | 'solution' | 'product' | 'version' | 'build'>
>;

/** A decision, or why the command can not be done. */
export type RequestDecision = Decision | { refused: string };

/** Decides on an engineer's command. */
export function decideOnRequest(
  request: Request,
  placed: CaseFacts,
  facts: DeskFacts,
  policy: Policy,
  now: Instant,
): RequestDecision {
  const { supportCase } = placed;
  const { number } = supportCase;
  switch (request.request) {
    case 'reply': {
      if (request.text.trim() === '') return { refused: 'the answer is empty; nothing was sent' };
      const because = `${request.by} answered from the desk`;
      const answer = { engineer: request.by, text: request.text.trim(), fullText: null, key: request.key, because, attachments: [], inboundId: null };
      return { reason: 'engineer-answered', because, caseNumber: number, effects: answerEffects(placed, answer, facts, policy, now) };
    }
    case 'note': {
      if (request.text.trim() === '') return { refused: 'the note is empty; nothing was written' };
      const entry = { kind: 'note', visibility: 'internal', author: request.by, text: request.text.trim(), fullText: null, attachments: [] } as const;
      const effects: Effect[] = [
        { effect: 'entry', caseNumber: number, entry: { ...entry, attachments: [] } },
        { effect: 'change', caseNumber: number, changes: {} },
      ];
      return { reason: 'engineer-noted', because: `${request.by} wrote a note`, caseNumber: number, effects };
    }
    case 'set':
      return set(request, placed, policy, now);
    default:
      throw new Error(`request ${(request satisfies never as { request: string }).request}: nobody decides on it`);
  }
}

function set(
  request: Extract<Request, { request: 'set' }>,
  placed: CaseFacts,
  policy: Policy,
  now: Instant,
): RequestDecision {
  const { supportCase } = placed;
  const { number } = supportCase;
  const changes: Partial<SupportCase> = { ...request.changes };
  const status = changes.status ?? supportCase.status;
  if (!mayMove(supportCase.status, status)) {
    return { refused: `case ${number} is "${supportCase.status}" and can not become "${status}"; allowed: ${moves[supportCase.status].join(', ')}` };
  }
  const reopening = supportCase.status === 'closed' && status !== 'closed';
  if (reopening && policy.lines[supportCase.line].reopen === 'never') {
    return { refused: `case ${number} is closed, and ${supportCase.line} cases can not be reopened; a reply of the customer opens a linked one` };
  }
  if (changes.owner !== undefined) changes.ownerBecause = `${request.by} set it`;
  const because = `${request.by} set ${Object.entries(request.changes)
    .map(([name, value]) => `${name} to "${value}"`)
    .join(', ')}`;
  if (changes.severity !== undefined) {
    Object.assign(changes, { severityBy: 'engineer', severityBecause: `${request.by} chose it` }, newTarget(supportCase, changes.severity, policy));
  }
  const closing = status === 'closed' && supportCase.status !== 'closed';
  if (closing) {
    changes.closeReason = changes.closeReason ?? 'resolved by support';
    changes.closedAt = now;
  } else if (reopening) {
    changes.closeReason = null;
    changes.closedAt = null;
  } else if (changes.closeReason !== undefined) {
    return { refused: `a close reason was given, but case ${number} does not become closed; add status=closed` };
  }
  const effects: Effect[] = [
    { effect: 'change', caseNumber: number, changes },
    { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, request.by) },
  ];
  if (status !== supportCase.status) {
    effects.push({ effect: 'cancel-schedule', caseNumber: number, because: `the status became "${status}"` });
  }
  if (closing && tellsCustomer(changes.closeReason ?? null)) {
    const until = reopenUntil(supportCase.line, policy, now);
    for (const to of audience(placed)) {
      const letter = customerLetter(
        'closed-by-support',
        supportCase,
        {
          to,
          key: `closed:${request.key}:${to.addrSpec}`,
          thread: continuing(placed.chain),
          automatic: 'auto-generated',
          proven: true,
          because,
          variables: {
            canReopen: until !== null,
            reopenUntil: until?.toString() ?? null,
            solution: changes.solution ?? supportCase.solution,
          },
        },
        policy,
      );
      effects.push({ effect: 'letter', letter });
    }
  }
  return { reason: 'engineer-set', because, caseNumber: number, effects };
}

function tellsCustomer(reason: CloseReason | null): boolean {
  return reason === 'resolved by support' || reason === 'resolved by customer' || reason === 'no response';
}

function newTarget(supportCase: SupportCase, severity: SupportCase['severity'], policy: Policy): Partial<SupportCase> {
  const plan = policy.plans.get(supportCase.plan);
  if (!plan || supportCase.firstResponseAt) return {};
  const target = firstResponseTarget(
    { planTitle: plan.title, severity, target: plan.targets[severity], availability: plan.availability },
    calendarNamed(policy, plan.calendar),
    supportCase.submittedAt,
  );
  return { targetAt: target.at, targetBecause: target.because };
}
