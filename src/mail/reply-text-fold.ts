// Decides which lines of a body are the writer's own: folds quotations, signatures and footers, keeps inline answers with what
// they answer. It never loses words: where nothing is left, the caller keeps the whole.
import { attributionEndingAt, attributionTriesMax } from './reply-text-attribution.ts';
import { dividerKind, headerBlockAt, ruleLine } from './reply-text-headings.ts';
import { blank, hasWords, plainHeading } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';
import { keepInlineQuotes } from './reply-text-inline.ts';
import type { Part } from './reply-text-inline.ts';
import { deviceLine, footerAt, signatureDelimiter } from './reply-text-signature.ts';

/** A folded body. `found` names the first sign of quotation, or null; `forwarded` says that a forwarded message follows. */
export interface Folded {
  kept: string[];
  found: string | null;
  forwarded: boolean;
}

/** Folds a body, in one pass down and one up. */
export function fold(lines: Line[]): Folded {
  const { parts, prefixes, found, forwarded } = partsOf(lines);
  keepInlineQuotes(lines, parts);
  const kept: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (prefixes.has(index)) kept.push(prefixes.get(index) ?? '');
    else if (parts[index] === 'own')
      kept.push(
        line.quoted && !blank(line) && !/^\s*[>|＞》]/.test(line.text) ? `> ${line.text}` : line.text.trimEnd(),
      );
  }
  return { kept: trimmed(kept), found, forwarded };
}

function partsOf(lines: Line[]): {
  parts: Part[];
  prefixes: Map<number, string>;
  found: string | null;
  forwarded: boolean;
} {
  const parts: Part[] = lines.map(() => 'own');
  const prefixes = new Map<number, string>();
  const quotedNext = quoteFollows(lines);
  let found: string | null = null;
  let wordsAbove = false;
  let inSignature = false;
  let forwarded = false;
  let tries = 0;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) break;
    if (line.quoted) {
      parts[index] = 'quote';
      found ??= 'quoted lines';
      if (!forwarded && !wordsAbove && dividerKind(line.heading) === 'forwarded') forwarded = true;
      // A signature above a quotation ends with it: what stands below the quotation may be the reply.
      inSignature = false;
      continue;
    }
    if (line.signature) {
      parts[index] = 'signature';
      continue;
    }
    if (blank(line)) {
      parts[index] = inSignature ? 'signature' : 'own';
      continue;
    }
    const divider = dividerKind(line.heading);
    const headers = divider === null && headerBlockAt(lines, index);
    if (divider !== null || headers) {
      const sign =
        divider === null
          ? 'a copied header block'
          : `a divider of ${divider === 'forwarded' ? 'a forwarded' : 'an answered'} message`;
      if (divider === 'forwarded') forwarded = true;
      if (!wordsAbove) return { parts: lines.map(() => 'own'), prefixes, found: sign, forwarded: true };
      cutFrom(parts, afterRules(lines, index));
      return { parts, prefixes, found: found ?? sign, forwarded };
    }
    const before = quotedNext[index] ?? false;
    const attribution = tries < attributionTriesMax ? attributionEndingAt(lines, index, before) : null;
    if (/[:：]$/.test(line.text.trimEnd())) tries++;
    if (attribution !== null) {
      found ??= 'an attribution line';
      const first = attribution.first;
      for (let row = first; row <= index; row++) parts[row] = 'attribution';
      if (attribution.before !== '') prefixes.set(first, attribution.before);
      wordsAbove = prefixes.size > 0 || ownWords(lines, parts, first);
      inSignature = false;
      if (before) markIndented(lines, parts, index + 1);
      else if (wordsAbove) {
        cutFrom(parts, afterRules(lines, index + 1));
        return { parts, prefixes, found, forwarded };
      }
      continue;
    }
    if (inSignature) {
      parts[index] = 'signature';
      continue;
    }
    if (signatureDelimiter(lines, index) || deviceLine(lines, index) || (wordsAbove && footerAt(lines, index))) {
      parts[index] = 'signature';
      // Above any text it is one line of decoration, below it everything to the next quotation goes with it.
      inSignature = wordsAbove;
      continue;
    }
    wordsAbove ||= hasWords(line.text);
  }
  return { parts, prefixes, found, forwarded };
}

// For each line: whether the next line that shows anything is quoted (or indented under an attribution).
function quoteFollows(lines: Line[]): boolean[] {
  const follows: boolean[] = Array.from({ length: lines.length }, () => false);
  let next = false;
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index];
    if (!line) continue;
    follows[index] = next;
    if (line.quoted || !blank(line)) next = line.quoted || line.indented;
  }
  return follows;
}

function markIndented(lines: Line[], parts: Part[], start: number): void {
  for (let index = start; index < lines.length; index++) {
    const line = lines[index];
    if (!line || (!line.indented && !line.quoted && !blank(line))) return;
    if (line.indented && !line.quoted) line.quoted = true;
    if (line.quoted) parts[index] = 'quote';
  }
}

function cutFrom(parts: Part[], start: number): void {
  for (let index = start; index < parts.length; index++) if (parts[index] !== 'attribution') parts[index] = 'cut';
}

// The rule that some programs draw above a header block belongs to it.
function afterRules(lines: Line[], index: number): number {
  let start = index;
  while (start > 0) {
    const above = lines[start - 1];
    if (!above || !(blank(above) || ruleLine(above.heading, 3))) break;
    start--;
  }
  return start;
}

function ownWords(lines: Line[], parts: Part[], end: number): boolean {
  for (let index = end - 1; index >= 0; index--) {
    if (parts[index] === 'own' && hasWords(lines[index]?.text ?? '')) return true;
  }
  return false;
}

function trimmed(kept: string[]): string[] {
  let start = 0;
  let end = kept.length;
  while (start < end && (kept[start] ?? '').trim() === '') start++;
  while (end > start && ((kept[end - 1] ?? '').trim() === '' || ruleLine(plainHeading(kept[end - 1] ?? ''), 3))) end--;
  return kept.slice(start, end);
}
