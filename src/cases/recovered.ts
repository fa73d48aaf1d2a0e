// A mail that is read a second time because its row was lost (a failover, a restored backup): it gets its row and its case again, but nobody is
// answered a second time (TRUST P16). Engineers are told again; they have lost the same rows.
import type { Instant } from '../clock.ts';
import type { LetterKind, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';

/** A younger mail is acknowledged again: its writer holds the number of a case that is gone, and needs the new one. */
export const acknowledgedHours = 24;

/** Why a recovered mail is not acknowledged; null when it is, like any other. */
export function answeredBefore(facts: Pick<MailFacts, 'recovered' | 'receivedAt'>, now: Instant): string | null {
  const oldest = now.subtract({ hours: acknowledgedHours });
  if (!facts.recovered || Temporal.Instant.compare(facts.receivedAt, oldest) >= 0) return null;
  return `it came more than ${acknowledgedHours} hours ago and was decided before by a row that is lost, so it was acknowledged then`;
}

/** The decision with its letters to customers held back that may have left before: what a person wrote always, the rest when the mail is old. */
export function heldBack(decision: MailDecision, facts: MailFacts, now: Instant): MailDecision {
  if (!facts.recovered) return decision;
  const old = answeredBefore(facts, now) !== null;
  const because = `the mail was decided before by a row that is lost, so this letter may have left then; held until an admin lets it go (casepost send --release)`;
  const effects = decision.effects.map((effect) =>
    effect.effect === 'letter' && effect.letter.heldBecause === null && mayHaveLeft(effect.letter.kind, old)
      ? { ...effect, letter: { ...effect.letter, heldBecause: because } }
      : effect,
  );
  return { ...decision, effects };
}

function mayHaveLeft(kind: LetterKind, old: boolean): boolean {
  return kind === 'answer' || kind === 'more-information' || (old && !kind.startsWith('engineer-'));
}
