// What an engineer does to a case from a shell or a page: answer, note, set a value, close. The same effects as by mail.
import type { Instant } from '../clock.ts';
import { deliverable } from '../mail/address.ts';
import type { Address } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { answerEffects } from './answer.ts';
import { audience, customerLetter, engineerLetter, threadOf } from './correspondence.ts';
import type { Decision, Effect, NewEntry } from './decision.ts';
import type { CaseFacts, DeskFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { warnings } from './on-warning.ts';
import { newTarget } from './promise.ts';
import { mayMove, moves, type CloseReason, type SupportCase } from './support-case.ts';
import { reopenUntil } from './timeline.ts';

/** An engineer's command. `by` is the engineer's address, `key` makes it happen once. */
export type Request =
  /** `asks`: what the customer is asked for, names of the policy's `acknowledgment.asks`. */
  | { request: 'reply'; by: string; text: string; key: string; asks?: string[] }
  | { request: 'note'; by: string; text: string }
  | { request: 'set'; by: string; changes: Settable; key: string }
  /** `add` also confirms who was proposed; whoever is added gets later letters, never history (TRUST 4.2 row 7). */
  | { request: 'participant'; by: string; act: 'add' | 'remove'; address: Address };

/** What may be set by hand. */
export type Settable = Partial<
  Pick<
    SupportCase,
    'status' | 'statusNote' | 'closeReason' | 'severity' | 'owner' | 'solution' | 'product' | 'version' | 'build'
  >
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
      const { asks = [] } = request;
      const known = [...policy.acknowledgment.asks.keys()];
      const strange = asks.find((name) => !known.includes(name));
      if (strange !== undefined)
        return {
          refused: `"${strange}" is nothing the policy asks for; it knows ${known.join(', ')}; nothing was sent`,
        };
      if (request.text.trim() === '' && asks.length === 0) return { refused: 'the answer is empty; nothing was sent' };
      if (audience(placed).length === 0) {
        return { refused: `nobody takes part in case ${number} yet, so nothing was sent; confirm a participant first` };
      }
      const because = `${request.by} answered from the desk`;
      const answer = {
        engineer: request.by,
        text: request.text.trim(),
        fullText: null,
        key: request.key,
        because,
        attachments: [],
        inboundId: null,
        asks,
      };
      return {
        reason: 'engineer-answered',
        because,
        caseNumber: number,
        effects: answerEffects(placed, answer, facts, policy, now),
      };
    }
    case 'note': {
      if (request.text.trim() === '') return { refused: 'the note is empty; nothing was written' };
      const text = request.text.trim();
      const entry: NewEntry = { ...changeEntry(text, request.by), kind: 'note' };
      const effects: Effect[] = [
        { effect: 'entry', caseNumber: number, entry },
        { effect: 'change', caseNumber: number, changes: {} },
      ];
      return { reason: 'engineer-noted', because: `${request.by} wrote a note`, caseNumber: number, effects };
    }
    case 'set':
      return set(request, placed, facts, policy, now);
    case 'participant':
      return changeParticipant(request, placed, policy);
    default:
      throw new Error(`request ${(request satisfies never as { request: string }).request}: nobody decides on it`);
  }
}

function set(
  request: Extract<Request, { request: 'set' }>,
  placed: CaseFacts,
  facts: DeskFacts,
  policy: Policy,
  now: Instant,
): RequestDecision {
  const { supportCase } = placed;
  const { number } = supportCase;
  const changes: Partial<SupportCase> = { ...request.changes };
  for (const name of ['owner', 'product', 'version', 'build'] as const) if (changes[name] === '') changes[name] = null;
  if (changes.owner) {
    changes.owner = changes.owner.toLowerCase();
    const known = policy.engineers.map(({ address }) => address);
    if (!known.includes(changes.owner)) {
      return {
        refused: `"${changes.owner}" is no engineer of the policy, so case ${number} was not changed; known: ${known.join(', ') || 'none'}`,
      };
    }
  }
  const status = changes.status ?? supportCase.status;
  if (!mayMove(supportCase.status, status)) {
    return {
      refused: `case ${number} is "${supportCase.status}" and can not become "${status}"; allowed: ${moves[supportCase.status].join(', ')}`,
    };
  }
  const reopening = supportCase.status === 'closed' && status !== 'closed';
  if (reopening && policy.lines[supportCase.line].reopen === 'never') {
    return {
      refused: `case ${number} is closed, and ${supportCase.line} cases can not be reopened; a reply of the customer opens a linked one`,
    };
  }
  if (changes.owner !== undefined) changes.ownerBecause = `${request.by} set it`;
  const because = `${request.by} set ${Object.entries(request.changes)
    .map(([name, value]) => `${name} to "${value}"`)
    .join(', ')}`;
  if (changes.severity !== undefined) {
    Object.assign(
      changes,
      { severityBy: 'engineer', severityBecause: `${request.by} chose it` },
      newTarget(supportCase, changes.severity, policy),
    );
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
  if (changes.targetAt)
    effects.push(
      { effect: 'cancel-warnings', caseNumber: number },
      ...warnings({ ...supportCase, ...changes }, policy),
    );
  if (status !== supportCase.status) {
    effects.push({ effect: 'cancel-schedule', caseNumber: number, because: `the status became "${status}"` });
  }
  if (closing && givesBack(changes.closeReason ?? null))
    effects.push({ effect: 'return-incident', caseNumber: number });
  if (changes.owner && changes.owner !== supportCase.owner && changes.owner !== request.by) {
    const told = {
      key: `owner:${request.key}`,
      text: '',
      attachments: [],
      hint: null,
      notice: `${request.by} has given you this case.`,
      because,
    };
    const letter = engineerLetter('engineer-notice', { ...supportCase, ...changes }, told, { facts, policy }, now);
    if (letter) effects.push({ effect: 'letter', letter });
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
          thread: threadOf(placed, to.addrSpec),
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

/** A duplicate or spam has used up nothing. */
function givesBack(reason: CloseReason | null): boolean {
  return reason === 'duplicate' || reason === 'spam';
}

function changeParticipant(
  request: Extract<Request, { request: 'participant' }>,
  placed: CaseFacts,
  policy: Policy,
): RequestDecision {
  const { number, requester } = placed.supportCase;
  const { by, act, address } = request;
  const { addrSpec } = address;
  const present = placed.participants.find((one) => one.address === addrSpec);
  if (act === 'remove') {
    if (!present) return { refused: `${addrSpec} takes no part in case ${number}; nothing was changed` };
    if (addrSpec === requester)
      return { refused: `${addrSpec} is the requester of case ${number} and can not be taken out of it` };
    const because = `${by} took ${addrSpec} out of the case`;
    const effects: Effect[] = [
      { effect: 'remove-participant', caseNumber: number, address: addrSpec },
      { effect: 'change', caseNumber: number, changes: {} },
      { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, by) },
    ];
    return { reason: 'engineer-set', because, caseNumber: number, effects };
  }
  if (present?.confirmed) return { refused: `${addrSpec} takes part in case ${number} already; nothing was changed` };
  if (!deliverable(addrSpec))
    return { refused: `"${addrSpec}" is not an address like ada@example.com; nothing was changed` };
  if (policy.engineers.some((one) => one.address === addrSpec)) {
    return { refused: `${addrSpec} is an engineer, whose mails answer the customer; nothing was changed` };
  }
  const because = `${by} ${present ? 'confirmed' : 'added'} ${addrSpec}, who gets what is written from now on`;
  const effects: Effect[] = [
    { effect: 'participant', caseNumber: number, address, role: present?.role ?? 'cc', confirmed: true },
    { effect: 'change', caseNumber: number, changes: {} },
    { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, by) },
  ];
  return { reason: 'engineer-set', because, caseNumber: number, effects };
}

function tellsCustomer(reason: CloseReason | null): boolean {
  return reason === 'resolved by support' || reason === 'resolved by customer' || reason === 'no response';
}
