// A mail that is read a second time because its row was lost (a failover, a restored backup): it gets its row and its case again, but nobody is
// answered a second time (TRUST F6, P16). What may have left before is held until an admin lets it go; the customer's answers find the new case
// by the Message-ID of their own first mail. Engineers are told again; they have lost the same rows.
import type { LetterKind, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';

const because =
  'the mail was decided before by a row that is lost, so this letter may have left then; held until an admin lets it go (casepost send --release)';

/** The decision with its letters to customers held back: each of them may have left before. */
export function heldBack(decision: MailDecision, { recovered }: Pick<MailFacts, 'recovered'>): MailDecision {
  if (!recovered) return decision;
  const effects = decision.effects.map((effect) =>
    effect.effect === 'letter' && effect.letter.heldBecause === null && toCustomer(effect.letter.kind)
      ? { ...effect, letter: { ...effect.letter, heldBecause: because } }
      : effect,
  );
  return { ...decision, effects };
}

function toCustomer(kind: LetterKind): boolean {
  return !kind.startsWith('engineer-');
}
