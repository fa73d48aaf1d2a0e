// Weighs the signs of a mail where no rule decides: people say the same thing in too many ways for one rule after the other, but what is broken,
// for whom, and what still works speaks for one severity more than for the others. Every point is in the policy and can be told.
import type { Severity } from '../cases/support-case.ts';
import { severities } from './line-schema.ts';
import type { Policy } from './policy.ts';
import type { SignRule } from './rules-schema.ts';

/** Signs that a reason names; those with fewer points would only make it long. */
const signsToldMax = 4;

/**
 * The severity with the most points, the graver of two with as many, and why: every sum, and the signs that spoke most for it.
 * `shown` are the signs of the mail, each with the words that show it; `first` is where the head start goes.
 */
export function weigh(
  shown: ReadonlyMap<SignRule, string>,
  first: Severity,
  { rules }: Policy,
): { severity: Severity; because: string } {
  const sums = severities.map((severity) => ({
    severity,
    sum: [...shown.keys()].reduce(
      (sum, { weigh: points }) => sum + points[severity],
      severity === first ? rules.headStart : 0,
    ),
  }));
  const ranked = sums.toSorted((a, b) => b.sum - a.sum);
  const severity = ranked[0]?.severity ?? first;
  const spoke = [...shown]
    .filter(([sign]) => sign.weigh[severity] > 0)
    .toSorted(([a], [b]) => b.weigh[severity] - a.weigh[severity])
    .slice(0, signsToldMax)
    .map(([, words]) => words);
  const points = ranked.map((one) => `${one.severity} ${one.sum}`).join(', ');
  return {
    severity,
    because: [`weighing its signs (${points})`, ...(spoke.length > 0 ? [spoke.join(', ')] : [])].join(': '),
  };
}
