// What a decision about a mail comes to, as far as a person would notice: the few values in which two policies can be compared.
import type { MailDecision } from './decision.ts';
import type { SupportCase } from './support-case.ts';

/** The compared values, each as a person reads it; null where there is none. */
export interface Outcome {
  disposition: string;
  line: string | null;
  product: string | null;
  severity: string | null;
  plan: string | null;
  /** The instant by which a person answers. */
  target: string | null;
  owner: string | null;
  /** Kinds of the letters, in their order; what the breaker holds says so. */
  letters: string;
}

/** Names of the compared values, in the order they are shown. */
export const compared = ['disposition', 'line', 'product', 'severity', 'plan', 'target', 'owner', 'letters'] as const;

/** One value that is not the same; `because` is the reason the second policy gives. */
export interface Difference {
  what: (typeof compared)[number];
  before: string | null;
  after: string | null;
  because: string;
}

/** The outcome of a decision about a mail. */
export function outcomeOf(decision: MailDecision): Outcome {
  const opened = openedBy(decision);
  const letters = decision.effects.flatMap((effect) =>
    effect.effect === 'letter' ? [`${effect.letter.kind}${effect.letter.heldBecause === null ? '' : ' (held)'}`] : [],
  );
  return {
    disposition: decision.disposition,
    line: opened?.line ?? null,
    product: opened?.product ?? null,
    severity: opened?.severity ?? null,
    plan: opened?.plan ?? null,
    target: opened?.targetAt?.toString({ smallestUnit: 'minute' }) ?? null,
    owner: opened?.owner ?? null,
    letters: letters.join(', '),
  };
}

/** The case that a decision opens, or null. */
export function openedBy(decision: MailDecision): SupportCase | null {
  const effect = decision.effects.find((one) => one.effect === 'open');
  return effect?.supportCase ?? null;
}

/** What differs between two decisions about one mail, with the second one's reasons. */
export function differences(before: MailDecision, after: MailDecision): Difference[] {
  const [old, fresh] = [outcomeOf(before), outcomeOf(after)];
  return compared
    .filter((what) => old[what] !== fresh[what])
    .map((what) => ({ what, before: old[what], after: fresh[what], because: reasonOf(what, after) }));
}

function reasonOf(what: Difference['what'], decision: MailDecision): string {
  const opened = openedBy(decision);
  switch (what) {
    case 'severity':
      return opened?.severityBecause ?? decision.because;
    case 'plan':
      return opened?.planBecause ?? decision.because;
    case 'target':
      return opened?.targetBecause ?? decision.because;
    case 'owner':
      return opened?.ownerBecause ?? decision.because;
    case 'letters':
      return unsentReason(decision) ?? decision.because;
    default:
      return decision.because;
  }
}

/** Why no acknowledgment goes out, as the case itself says. */
function unsentReason(decision: MailDecision): string | null {
  const entry = decision.effects.find(
    (effect) => effect.effect === 'entry' && effect.entry.text.startsWith('No acknowledgment: '),
  );
  return entry?.effect === 'entry' ? entry.entry.text : null;
}
