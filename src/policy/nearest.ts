// Which of the allowed words somebody probably meant: the nearest by edits, if it is near enough to be a slip and not a guess.

/** Words longer than this are not compared. */
export const wordCharsMax = 64;

const editsPerWord = 3;

/** The allowed word nearest to `word`, or null when none is within a third of its letters (at least one edit). Case does not count. */
export function nearest(word: string, allowed: readonly string[]): string | null {
  // One letter is as near to any other; that would be a guess.
  if (word.length > wordCharsMax || word.length < 2) return null;
  const found = word.toLowerCase();
  let best: { word: string; edits: number } | null = null;
  for (const candidate of allowed) {
    if (candidate.length > wordCharsMax) continue;
    const edits = editsBetween(found, candidate.toLowerCase());
    if (best === null || edits < best.edits) best = { word: candidate, edits };
  }
  if (best === null) return null;
  return best.edits <= Math.max(1, Math.floor(word.length / editsPerWord)) ? best.word : null;
}

/** ` (did you mean "…"?)`, or nothing: for the end of an error text. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const meant = nearest(word, allowed);
  return meant === null ? '' : ` (did you mean "${meant}"?)`;
}

/** Levenshtein distance with a swap of two neighbours counted as one edit. */
export function editsBetween(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(edits);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
