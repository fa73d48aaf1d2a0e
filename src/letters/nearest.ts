// Guesses what a person meant when a name does not exist: the known name that is fewest keystrokes away.

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
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best === '' ? null : best;
}

/** Characters inserted, deleted, replaced, or swapped with their neighbour (optimal string alignment). */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      let steps = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (swapped) steps = Math.min(steps, (before[j - 2] ?? 0) + 1);
      next.push(steps);
    }
    [before, row] = [row, next];
  }
  return row[right.length] ?? 0;
}
