// What a line of a mail's body is to the reading of replies, whichever of the two bodies it came from.
// Both bodies are brought into one shape, so that the rules of quotation stand once.

/** Limits on reading a reply: all of it is linear, and these keep the constant small (TRUST B38). */
export const replyLimits = {
  textCharsMax: 256 * 1024,
  htmlCharsMax: 512 * 1024,
  /** A longer line is never a heading of any kind; only its beginning is looked at. */
  headingCharsMax: 400,
} as const;

/** One line of a body. `text` is as it stood, without its line end. */
export interface Line {
  text: string;
  /** Its beginning for comparing, see `plainHeading`; made once, since every rule asks for it. */
  heading: string;
  /** Marked as quotation: by `>` in text, by a known element in html. */
  quoted: boolean;
  /** Html only: inside an element that mail programs set round a signature. */
  signature: boolean;
  /** Html only: inside a plain blockquote, which quotes only when an attribution stands before it. */
  indented: boolean;
}

const quoteMark = /^[ \t\u00a0]{0,3}(?:>|＞|》|\|(?:[ \t>|]|$))/;
const invisible = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;

/** The lines of a text body. A line of `>` or `|` is quoted, except that one `|` line alone is a table or a shell pipe. */
export function textLines(text: string): Line[] {
  const rows = text.slice(0, replyLimits.textCharsMax).split(/\r\n|\r|\n|\u2028|\u2029/);
  const marked = rows.map((row, index) => quoteMark.test(row) && !showsArrows(row) && !closesAddress(rows, index));
  return rows.map((row, index) => ({
    text: row,
    heading: plainHeading(row),
    quoted: (marked[index] ?? false) && (!row.trimStart().startsWith('|') || barred(rows, index)),
    signature: false,
    indented: false,
  }));
}

// `>>> click here <<<` is decoration of a newsletter, not a quotation.
function showsArrows(row: string): boolean {
  return row.startsWith('>>') && row.slice(0, replyLimits.headingCharsMax).trimEnd().endsWith('<<');
}

// An address wrapped inside its brackets leaves "> wrote:" on a line of its own.
function closesAddress(rows: string[], index: number): boolean {
  const above = rows[index - 1] ?? '';
  return (
    above.length < replyLimits.headingCharsMax &&
    above.includes('@') &&
    /^> ?\p{L}[\p{L} ]{1,24}:$/u.test((rows[index] ?? '').slice(0, 40).trim())
  );
}

// Some programs quote with bars. A table drawn by hand has a bar at its right side too.
function barred(rows: string[], index: number): boolean {
  const beside = [rows[index - 1], rows[index + 1]].some((row) => row !== undefined && row.trimStart().startsWith('|'));
  const row = (rows[index] ?? '').slice(0, replyLimits.headingCharsMax).trim();
  return beside && (row === '|' || !row.endsWith('|'));
}

/** A line's beginning for comparing: odd spaces plain, invisible characters and emphasis marks at the ends gone. */
export function plainHeading(text: string): string {
  return text
    .slice(0, replyLimits.headingCharsMax)
    .replace(invisible, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000\t]/g, ' ')
    .trim();
}

/** Whether a line shows nothing. */
export function blank(line: Line): boolean {
  return line.heading === '';
}

/** Whether a text has something a person may have meant: a letter, digit or picture, a smiley, a lone question or exclamation mark. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}?!？！]|[:;=]-?[()DPp/|]/u.test(text);
}
