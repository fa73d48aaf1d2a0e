// Makes other people's text safe to put on a line and on a screen, and breaks our own prose at a width that text-only clients show
// whole. Nothing that comes out of here can start a header, turn the direction of reading or carry half a character.
import { letterLimits } from './letter.ts';

/** Columns of our own prose in the text part (RFC 3676 4.2 advises 66 to 78). */
export const textWidth = 72;

/** Opens a line that is somebody's own words: `wrap` leaves it as it is. It can not occur in a cleaned value. */
const verbatimMark = '\u0001';

/** C0, DEL and C1 but not tab and line feed. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Marks that turn the direction of reading, and characters that show as nothing. */
const invisible = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** One line, at most `codePointsMax`: every break and run of blanks is one space; controls and direction marks are gone. */
export function singleLine(text: string, codePointsMax: number): string {
  const line = text
    .toWellFormed()
    .replace(invisible, '')
    .replace(/[\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g, ' ')
    .trim();
  return cutCodePoints(line, codePointsMax);
}

/**
 * One line for a header. `=?` gets a space within: what still looks like an encoded word (RFC 2047) was encoded twice or is broken, and the reader of
 * our letter would decode it once more, line breaks and all (TRUST 0.4, B8).
 */
export function headerText(text: string, codePointsMax: number): string {
  return cutCodePoints(singleLine(text, codePointsMax).replaceAll('=?', '= ?'), codePointsMax);
}

/** Several lines: line feeds and tabs stay, other controls and direction marks go; cut to `letterLimits.bodyCharsMax`. */
export function manyLines(text: string): string {
  const lines = text
    .slice(0, letterLimits.bodyCharsMax)
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(controls, '')
    .replace(invisible, '');
  return text.length > letterLimits.bodyCharsMax ? `${lines}\n[…]` : lines;
}

/** At most `max` code points, the last of them `…` when something was cut off. */
export function cutCodePoints(text: string, max: number): string {
  // A string never has more code points than UTF-16 units: the common short case needs no array.
  if (text.length <= max) return text;
  const points = Array.from(text);
  return points.length <= max
    ? text
    : `${points
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** The same text with each line marked as somebody's own words. */
export function verbatim(text: string): string {
  return text.replaceAll(/^/gm, verbatimMark);
}

/**
 * Breaks prose at `textWidth`. A continued list item (`- …`) hangs under its text, an indent is kept, a word or link longer than
 * the line stays whole, verbatim lines are untouched. Blank lines are never doubled outside them.
 */
export function wrap(text: string): string {
  const wrapped: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith(verbatimMark)) wrapped.push(line);
    else if (line.trim() !== '') wrapped.push(...wrapLine(line.trimEnd()));
    else if (wrapped.length > 0 && wrapped.at(-1) !== '') wrapped.push('');
  }
  return `${wrapped.join('\n').replaceAll(verbatimMark, '').trim()}\n`;
}

function wrapLine(line: string): string[] {
  const [lead = ''] = /^ *(?:[-*] )?/.exec(line) ?? [];
  const hang = ' '.repeat(lead.length);
  const lines: string[] = [];
  let current = lead;
  for (const word of line.slice(lead.length).split(/ +/)) {
    const bare = current === lead || current === hang;
    if (!bare && current.length + 1 + word.length > textWidth) {
      lines.push(current);
      current = hang + word;
    } else current += bare ? word : ` ${word}`;
  }
  lines.push(current);
  return lines;
}
