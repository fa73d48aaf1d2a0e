// Decides which quotations stay because answers stand between them: an inline answer without its question says nothing.
import { blank, hasWords } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';

/** What became of a line: the writer's own, quotation, an attribution above one, signature or footer, or below a cut. */
export type Part = 'own' | 'quote' | 'attribution' | 'signature' | 'cut';

/** Answers below this many own lines after a quotation are a bottom-posted reply; more of them are inline answers. */
const inlineLinesMin = 7;
/** "Hi Anna," above a quotation is no text that the quotation interrupts. */
const greetingWordsMax = 3;

// A quotation stays when it is answered inline: it is one of several with an answer, or text stands above it and either no
// attribution introduced it or a lot follows. One quotation above the whole answer is only a habit, and goes.
/** Turns the quotations that are answered inline into the writer's own, in `parts`. */
export function keepInlineQuotes(lines: Line[], parts: Part[]): void {
  const below = linesBelow(lines, parts);
  const several = answeredRuns(lines, parts) >= 2;
  let words = 0;
  let index = 0;
  while (index < lines.length) {
    const part = parts[index];
    if (part === 'own')
      words = Math.min(words + countWords(lines[index]?.text ?? '', greetingWordsMax + 1), greetingWordsMax + 1);
    if (part !== 'quote') {
      index++;
      continue;
    }
    const start = index;
    let end = index;
    while (end < lines.length && (parts[end] === 'quote' || wrappedLink(lines, parts, end))) end++;
    index = end;
    for (let row = start; row < end; row++) parts[row] = 'quote';
    const introduced = introducedAt(lines, parts, start);
    const answered = (below[end] ?? 0) > 0 && hasWordsIn(lines, start, end);
    const interrupts = words > greetingWordsMax;
    const many = (below[end] ?? 0) >= inlineLinesMin;
    if (shownByWriter(lines, parts, start) || (answered && (several || (interrupts && (many || !introduced))))) {
      for (let row = start; row < end; row++) parts[row] = 'own';
    }
  }
}

// Quotations that own text follows, parted from quotation by a blank line: a wrapped quoted line is no answer.
function answeredRuns(lines: Line[], parts: Part[]): number {
  let runs = 0;
  let quote = false;
  let parted = false;
  let own = false;
  for (let index = 0; index <= lines.length; index++) {
    const line = lines[index];
    const last = line === undefined || parts[index] === 'quote';
    if (last) {
      if (quote && own && parted) runs++;
      quote ||= line !== undefined;
      own = false;
      parted = false;
    } else if (blank(line)) parted = true;
    else if (parts[index] === 'own' && hasWords(line.text)) own = true;
  }
  return runs;
}

// A link too long for its quoted line is carried on without a mark.
function wrappedLink(lines: Line[], parts: Part[], index: number): boolean {
  if (parts[index] !== 'own' || parts[index + 1] !== 'quote') return false;
  const text = lines[index]?.text.slice(0, 400).trim() ?? '';
  return /^[(<[]?(?:https?:|mailto:)/i.test(text);
}

// "Here is the output:" above `>` lines announces the writer's own lines; an attribution would have been known by its date or address.
function shownByWriter(lines: Line[], parts: Part[], start: number): boolean {
  if (!/^\s*[>＞》]/.test(lines[start]?.text ?? '')) return false;
  for (let index = start - 1; index >= 0; index--) {
    const line = lines[index];
    if (!line || blank(line)) continue;
    return parts[index] === 'own' && /\S\s+\S.*[:：]$/u.test(line.heading);
  }
  return false;
}

function introducedAt(lines: Line[], parts: Part[], start: number): boolean {
  for (let index = start - 1; index >= 0; index--) {
    if (parts[index] === 'attribution') return true;
    const line = lines[index];
    if (line && !blank(line)) return false;
  }
  return false;
}

function hasWordsIn(lines: Line[], start: number, end: number): boolean {
  for (let row = start; row < end; row++) if (hasWords(lines[row]?.text ?? '')) return true;
  return false;
}

function linesBelow(lines: Line[], parts: Part[]): number[] {
  const below: number[] = Array.from({ length: lines.length + 1 }, () => 0);
  for (let index = lines.length - 1; index >= 0; index--) {
    const own = parts[index] === 'own' && hasWords(lines[index]?.text ?? '');
    below[index] = (below[index + 1] ?? 0) + (own ? 1 : 0);
  }
  return below;
}

function countWords(text: string, most: number): number {
  let count = 0;
  for (const word of text.slice(0, 200).split(/\s+/)) if (hasWords(word) && ++count >= most) break;
  return count;
}
