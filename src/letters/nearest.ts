// Guesses what a person meant when a name does not exist: the known name that is fewest keystrokes away.

/** `; did you mean "subject"?` for the nearest known name, or what is allowed when none is near. */
export function nearest(name: string, known: readonly string[]): string {
  let best = '';
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  if (best !== '') return `; did you mean "${best}"?`;
  return known.length > 0 ? `; there are ${known.toSorted().join(', ')}` : '';
}

/** Levenshtein's distance: inserted, deleted and replaced characters. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
