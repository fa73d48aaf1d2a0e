// What differs between two texts of a letter, line by line and within changed lines word by word, for people to read. Long stretches that are the same
// are folded.
import { diffLines, diffWordsWithSpace } from 'diff';

/** How much is compared and shown: a text too different to be compared in time is shown as all taken out and all put in. */
export const diffLimits = { milliseconds: 200, contextLines: 3 } as const;

/** A line of the comparison; in `parts` what is `marked` is what changed within the line. A fold says how many lines it stands for. */
export type DiffLine =
  | { kind: 'same' | 'out' | 'in'; parts: { text: string; marked: boolean }[] }
  | { kind: 'fold'; lines: number };

/** Compares `before` with `after`; empty when they are the same. */
export function diffOf(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  const changes = diffLines(before, after, { timeout: diffLimits.milliseconds }) ?? [
    { value: before, removed: true, added: false },
    { value: after, removed: false, added: true },
  ];
  const lines: DiffLine[] = [];
  changes.forEach((change, index) => {
    const next = changes[index + 1];
    const previous = changes[index - 1];
    if (change.removed && next?.added) lines.push(...replaced(change.value, next.value));
    else if (change.removed) lines.push(...whole('out', change.value));
    else if (change.added && previous?.removed) return;
    else if (change.added) lines.push(...whole('in', change.value));
    else lines.push(...folded(linesOf(change.value), { first: index === 0, last: next === undefined }));
  });
  return lines;
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function whole(kind: 'out' | 'in', text: string): DiffLine[] {
  return linesOf(text).map((line) => ({ kind, parts: [{ text: line, marked: false }] }));
}

/** Lines that took the place of others: each pair word by word when there are as many of both. */
function replaced(before: string, after: string): DiffLine[] {
  const [out, into] = [linesOf(before), linesOf(after)];
  if (out.length !== into.length) return [...whole('out', before), ...whole('in', after)];
  const timeout = diffLimits.milliseconds / out.length;
  const pairs = out.map((line, index) => diffWordsWithSpace(line, into[index] ?? '', { timeout }));
  if (!pairs.every((words) => words !== undefined)) return [...whole('out', before), ...whole('in', after)];
  const side = (kind: 'out' | 'in'): DiffLine[] =>
    pairs.map((words) => ({
      kind,
      parts: words
        .filter((word) => (kind === 'out' ? !word.added : !word.removed))
        .map((word) => ({ text: word.value, marked: word.added || word.removed })),
    }));
  return [...side('out'), ...side('in')];
}

function folded(lines: string[], place: { first: boolean; last: boolean }): DiffLine[] {
  const context = diffLimits.contextLines;
  const head = place.first ? 0 : context;
  const tail = place.last ? 0 : context;
  const same = (some: string[]): DiffLine[] => some.map((text) => ({ kind: 'same', parts: [{ text, marked: false }] }));
  const hidden = lines.length - head - tail;
  // A fold of one line would take as much room as the line.
  if (hidden < 2) return same(lines);
  return [...same(lines.slice(0, head)), { kind: 'fold', lines: hidden }, ...same(lines.slice(lines.length - tail))];
}
