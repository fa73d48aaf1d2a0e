// A case is passed to engineering and comes back, and it is tied to the bugs that engineering knows (SUPPORT-DESK 7). Its owner stays its owner,
// and while engineering has it the customer is asked nothing.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { engineeringAddress, engineerLetter, toldEngineer } from './correspondence.ts';
import type { Decision, Effect, NewEntry } from './decision.ts';
import type { CaseFacts, DeskFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { mayMove, type SupportCase } from './support-case.ts';

/** An engineer's command about engineering. `by` is the engineer's address, `key` makes it happen once. */
export type EscalationRequest =
  /** `note` is for engineering, `statusNote` the line that the customer sees beside the status; '' for none. */
  | { request: 'escalate'; by: string; note: string; statusNote: string; key: string }
  | { request: 'deescalate'; by: string; note: string; key: string }
  | { request: 'link-bug' | 'unlink-bug'; by: string; bug: string };

/** Facts for these commands. */
export interface EscalationFacts extends DeskFacts {
  /** What the customer first wrote. */
  description: string;
  /** Bugs the case is on. */
  bugs: string[];
}

/** A bug as written by a person -> the one way we write it; null when it is no id. */
export function bugId(written: string): string | null {
  const bug = written.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9._#/-]{0,59}$/.test(bug) ? bug : null;
}

/** Where a bug is read; null when the policy has no url for bugs. */
export function bugUrl(bug: string, policy: Policy): string | null {
  return policy.bugs.url?.replaceAll('{id}', encodeURIComponent(bug)) ?? null;
}

/** Decides on a command about engineering; or says why it can not be done. */
export function decideOnEscalation(
  request: EscalationRequest,
  placed: CaseFacts,
  facts: EscalationFacts,
  policy: Policy,
  now: Instant,
): Decision | { refused: string } {
  switch (request.request) {
    case 'escalate':
      return escalate(request, placed, facts, policy, now);
    case 'deescalate':
      return deescalate(request, placed, facts, policy, now);
    case 'link-bug':
    case 'unlink-bug':
      return changeBug(request, placed, facts);
    default:
      throw new Error(`request ${(request satisfies never as { request: string }).request}: nobody decides on it`);
  }
}

function escalate(
  request: Extract<EscalationRequest, { request: 'escalate' }>,
  { supportCase }: CaseFacts,
  facts: EscalationFacts,
  policy: Policy,
  now: Instant,
): Decision | { refused: string } {
  const { number, status } = supportCase;
  const { by, note } = request;
  if (status === 'waiting on engineering')
    return { refused: `case ${number} is with engineering already; write to them with "case note", or link a bug` };
  if (!mayMove(status, 'waiting on engineering'))
    return { refused: `case ${number} is "${status}" and can not be passed to engineering; reopen it first` };
  const engineering = policy.escalation?.engineering?.toLowerCase() ?? null;
  const because = `${by} passed the case to engineering${engineering === null ? ' (the policy names no address of theirs, so nobody was written to)' : ''}`;
  const changes: Partial<SupportCase> = { status: 'waiting on engineering', statusNote: request.statusNote };
  if (supportCase.owner === null && policy.engineers.some(({ address }) => address === by))
    Object.assign(changes, {
      owner: by,
      ownerBecause: `${by} passed the unowned case to engineering and stays with it`,
    });
  const effects: Effect[] = [
    { effect: 'change', caseNumber: number, changes },
    { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, by) },
    ...noted(number, by, note),
    { effect: 'cancel-schedule', caseNumber: number, because: 'engineering has the case' },
  ];
  if (engineering !== null) {
    const told = {
      to: { addrSpec: engineering, displayName: '' },
      key: `escalated:${request.key}`,
      toEngineering: engineering === engineeringAddress(policy),
      text: facts.description,
      attachments: [],
      hint: null,
      notice: `${by} passes this case to engineering. ${factsText(supportCase, facts.bugs, policy)}${note === '' ? '' : ` Note: ${note}`}`,
      because,
    };
    const letter = engineerLetter('engineer-notice', { ...supportCase, ...changes }, told, { facts, policy }, now);
    if (letter) effects.push({ effect: 'letter', letter });
  }
  return { reason: 'escalated', because, caseNumber: number, effects };
}

function deescalate(
  request: Extract<EscalationRequest, { request: 'deescalate' }>,
  { supportCase }: CaseFacts,
  facts: EscalationFacts,
  policy: Policy,
  now: Instant,
): Decision | { refused: string } {
  const { number, status } = supportCase;
  const { by, note } = request;
  if (status !== 'waiting on engineering')
    return { refused: `case ${number} is "${status}": engineering does not have it; nothing was changed` };
  const because = `${by} took the case back from engineering`;
  const changes: Partial<SupportCase> = { status: 'waiting on support', statusNote: '' };
  const effects: Effect[] = [
    { effect: 'change', caseNumber: number, changes },
    { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, by) },
    ...noted(number, by, note),
  ];
  const owner = toldEngineer(supportCase, policy);
  if (owner !== null && owner.addrSpec !== by) {
    const told = {
      to: owner,
      key: `deescalated:${request.key}`,
      text: '',
      attachments: [],
      hint: null,
      notice: `${by} has taken this case back from engineering: it waits for you.${note === '' ? '' : ` Note: ${note}`}`,
      because,
    };
    const letter = engineerLetter('engineer-notice', { ...supportCase, ...changes }, told, { facts, policy }, now);
    if (letter) effects.push({ effect: 'letter', letter });
  }
  return { reason: 'escalation-ended', because, caseNumber: number, effects };
}

function changeBug(
  { request, by, bug }: Extract<EscalationRequest, { bug: string }>,
  { supportCase }: CaseFacts,
  facts: EscalationFacts,
): Decision | { refused: string } {
  const { number } = supportCase;
  const linked = facts.bugs.includes(bug);
  const links = request === 'link-bug';
  if (linked === links) {
    const on = facts.bugs.length === 0 ? 'it is on no bug' : `it is on ${facts.bugs.join(', ')}`;
    return {
      refused: `case ${number} is ${links ? 'on' : 'not on'} ${bug}${links ? ' already' : `; ${on}`}; nothing was changed`,
    };
  }
  const because = links ? `${by} put the case on bug ${bug}` : `${by} took the case off bug ${bug}`;
  const effects: Effect[] = [
    links ? { effect: 'link-bug', caseNumber: number, bug, by } : { effect: 'unlink-bug', caseNumber: number, bug },
    { effect: 'change', caseNumber: number, changes: {} },
    { effect: 'entry', caseNumber: number, entry: changeEntry(`${because}.`, by) },
  ];
  return { reason: links ? 'bug-linked' : 'bug-unlinked', because, caseNumber: number, effects };
}

function noted(caseNumber: number, by: string, note: string): Effect[] {
  if (note === '') return [];
  const entry: NewEntry = {
    kind: 'note',
    visibility: 'internal',
    author: by,
    text: note,
    fullText: null,
    attachments: [],
  };
  return [{ effect: 'entry', caseNumber, entry }];
}

/** What engineering needs before anything else. */
function factsText({ line, product, version, build }: SupportCase, bugs: string[], policy: Policy): string {
  const what = [product, version, build].filter((one) => one !== null).join(' ') || 'not known';
  const known = bugs.map((bug) => bugUrl(bug, policy) ?? bug).join(', ');
  return `Product: ${what} (${line}).${known === '' ? '' : ` Bugs: ${known}.`}`;
}
