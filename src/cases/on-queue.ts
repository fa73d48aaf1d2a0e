// A case that nobody could take waits without an owner. As soon as somebody can, because they came back or closed a case, it is theirs.
import type { Instant } from '../clock.ts';
import { assign } from '../policy/assignment.ts';
import type { Policy } from '../policy/policy.ts';
import type { Decision } from './decision.ts';
import type { CaseFacts, TellingFacts } from './facts.ts';
import { changeEntry } from './mail-entry.ts';
import { tellEngineer } from './telling.ts';

/** Facts for finding an owner. */
export interface QueueFacts extends TellingFacts {
  /** Open cases by owner. */
  load: Record<string, number>;
  /** What the customer first wrote. */
  description: string;
}

/** Decides on a case without an owner; null while still nobody can take it, or when it has one meanwhile. */
export function decideOnQueued(
  { supportCase, notices }: CaseFacts,
  facts: QueueFacts,
  policy: Policy,
  now: Instant,
): Decision | null {
  const { number, status, line, product, language } = supportCase;
  if (supportCase.owner !== null || status === 'closed') return null;
  const { owner, because } = assign({ line, product, language, load: facts.load, away: facts.away ?? [] }, policy, now);
  if (owner === null) return null;
  const changes = { owner: owner.address, ownerBecause: `it waited without an owner; ${because}` };
  const letter = {
    key: `queued:${number}:${now.epochMilliseconds}`,
    text: facts.description,
    attachments: [],
    hint: 'It has waited without an owner.',
    because: changes.ownerBecause,
  };
  return {
    reason: 'owner-found',
    because: changes.ownerBecause,
    caseNumber: number,
    effects: [
      { effect: 'change', caseNumber: number, changes },
      { effect: 'entry', caseNumber: number, entry: changeEntry(`${owner.name} has the case: ${because}.`) },
      ...tellEngineer('engineer-new-case', { ...supportCase, ...changes }, letter, { facts, policy, notices }, now),
    ],
  };
}
