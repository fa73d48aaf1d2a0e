// Guesses what a person meant when a name does not exist: the known name that is fewest keystrokes away.
import { editsBetween } from '../policy/nearest.ts';

/** `; did you mean "subject"?` for the nearest known name, or what is allowed when none is near. */
export function nearest(name: string, known: readonly string[]): string {
  const best = nearestName(name, known);
  if (best !== null) return `; did you mean "${best}"?`;
  return known.length > 0 ? `; there are ${known.toSorted().join(', ')}` : '';
}

/** The known name that is nearest; null when none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best = '';
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const steps = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best === '' ? null : best;
}
