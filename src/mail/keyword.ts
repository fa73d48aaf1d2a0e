// Decides whether the customer's new text is one of the short answers we ask for: RESOLVED, MORE TIME, thanks, none of these helped.
// Closing a case wrongly is worse than asking once more, so the reading is closed: a text is a clear statement only when every
// word of it is in a list of the policy. A negation, a question, a condition, a form line or one unknown word
// makes it 'unclear', which is an ordinary reply with a hint for the owner (SUPPORT-DESK 6).
import { hiddenInside, pieces, vocabulary } from './keyword-scan.ts';
import type { Piece, Vocabulary } from './keyword-scan.ts';
import { defaultKeywordWords } from './keyword-words.ts';
import type { KeywordWords } from './keyword-words.ts';
import { content } from './keyword-content.ts';

export { defaultKeywordWords };
export type { KeywordWords };

/** What was read: `matched` is the word or phrase as compared, `because` one sentence for a person. */
export interface Keyword {
  word: 'resolved' | 'more-time' | 'thanks' | 'none-of-these-helped' | 'unclear';
  matched: string;
  because: string;
}

/** Longer replies are never a short answer; a keyword in their beginning is still worth a hint. */
export const keywordLimits = { replyCharsMax: 20_000 } as const;

const wrappedCharsMin = 40;

type Answer = 'resolved' | 'moreTime' | 'noneHelped';
const answers: Record<Answer, Exclude<Keyword['word'], 'thanks' | 'unclear'>> = {
  resolved: 'resolved',
  moreTime: 'more-time',
  noneHelped: 'none-of-these-helped',
};

/** Marks that turn a word into something else than a statement: questions, boxes, strike-through, programmers' negation, displeasure. */
const turning: { mark: RegExp; says: string }[] = [
  { mark: /[?？¿؟‽⸮]/u, says: 'a question mark' },
  { mark: /\[[ xX✓✔*_-]?\]|[☐☑☒□■❏❑]/u, says: 'a form box' },
  { mark: /~~|≠|¬|!\s?=|(?:^|[\s(])!\p{L}/u, says: 'a mark that negates or strikes out' },
  { mark: /👎|❌|✗|✘|🚫|☹|🙁|😞|😠|😡|😢|😭|🤬|💩|🙄|:-?\(|:-?\/(?!\/)/u, says: 'a sign of displeasure' },
];

/**
 * The keyword in a reply (the newly written text, without quotation), or null when nothing of the kind occurs.
 * `authorName` is the sender's display name (and local part), so that a bare name below the word is known to be one. Never throws.
 */
export function keyword(reply: string, words: KeywordWords, authorName = ''): Keyword | null {
  const known = vocabulary(words);
  const whole = reply.length <= keywordLimits.replyCharsMax;
  const read = content(reply.slice(0, keywordLimits.replyCharsMax), known, authorName);
  if (read === null) return null;
  const clauses = unwrapped(read.lines)
    .flatMap((line) => clausesOf(line))
    .map((clause) => pieces(clause, known));
  const all = clauses.flat();
  const said = all.find((piece) => answerOf(piece) !== null);
  if (said === undefined) return thanksOnly(all, read.raw, whole, known);
  const doubt = whole ? doubtOf(read, clauses, all, known) : 'the reply is long';
  if (doubt !== null) {
    return {
      word: 'unclear',
      matched: said.text,
      because: `"${said.text}" occurs, but ${doubt}: not taken as a clear statement.`,
    };
  }
  const word = answers[answerOf(said) ?? 'resolved'];
  return { word, matched: said.text, because: `"${said.text}" stands alone, and nothing around it says otherwise.` };
}

function answerOf(piece: Piece): Answer | null {
  if (piece.lists.has('resolved') || piece.lists.has('resolvedAlone')) return 'resolved';
  if (piece.lists.has('moreTime')) return 'moreTime';
  return piece.lists.has('noneHelped') ? 'noneHelped' : null;
}

function doubtOf(
  read: { lines: string[]; raw: string },
  clauses: Piece[][],
  all: Piece[],
  known: Vocabulary,
): string | null {
  for (const { mark, says } of turning) if (mark.test(read.raw)) return `the reply has ${says}`;
  const kinds = new Set(all.map((piece) => answerOf(piece)).filter((kind) => kind !== null));
  if (kinds.size > 1) return 'more than one of our answers occurs';
  const [kind] = kinds;
  for (const line of read.lines) if (/[:=]/.test(line)) return `"${shown(line)}" reads like a line of a form`;
  const capitals = new Set([...read.raw.matchAll(/\p{Lu}[\p{L}\p{M}’-]*/gu)].map((match) => match[0].toLowerCase()));
  for (const [index, clause] of clauses.entries()) {
    if (addresses(clauses, index, capitals)) continue;
    for (const piece of clause) {
      if (piece.lists.has('resolvedAlone') && clause.length > 1) return `"${piece.text}" stands among other words`;
      const doubt = answerOf(piece) === null ? doubtOfPiece(piece, kind === 'resolved', known) : null;
      if (doubt !== null) return doubt;
    }
  }
  if (kind === 'resolved' && clauses.some((clause) => asks(clause))) return 'a clause is built like a question';
  return null;
}

function doubtOfPiece(piece: Piece, resolved: boolean, known: Vocabulary): string | null {
  if (piece.lists.has('negations')) return `"${piece.text}" stands beside it`;
  const fits = (['fillers', 'thanks', 'greetings'] as const).some((list) => piece.lists.has(list));
  if (fits || (!resolved && piece.lists.has('wants'))) return null;
  const hidden = hiddenInside(piece, known);
  return hidden === null ? `"${shown(piece.text)}" says something more` : `"${shown(piece.text)}" is another word`;
}

// "Thanks John", "Regards" and, last of all, "Regards, John": names with a capital, where people put them on one line.
function addresses(clauses: Piece[][], index: number, capitals: Set<string>): boolean {
  const clause = clauses[index] ?? [];
  const names = clause.filter((piece) => piece.lists.size === 0 && capitals.has(piece.text));
  const [first] = clause;
  const rest = clause.length - names.length;
  const parting = (piece: Piece | undefined) => piece?.lists.has('closings') ?? false;
  if (rest === 1 && names.length <= 2 && (first?.lists.has('thanks') || (parting(first) && index > 0))) return true;
  const before = clauses[index - 1];
  return rest === 0 && names.length <= 3 && index === clauses.length - 1 && before?.length === 1 && parting(before[0]);
}

// "is this resolved", "so has it been fixed": the verb stands first, whether or not a question mark was typed; "resolved, is it".
function asks(clause: Piece[]): boolean {
  const first = clause.findIndex((piece) => !piece.lists.has('leadIns') && !piece.lists.has('thanks'));
  const answer = clause.findIndex((piece) => answerOf(piece) !== null);
  return clause.some(
    (piece, index) =>
      piece.lists.has('questions') && answerOf(piece) === null && (index === first || (answer >= 0 && index > answer)),
  );
}

function thanksOnly(all: Piece[], raw: string, whole: boolean, known: Vocabulary): Keyword | null {
  const hidden = all.map((piece) => ({ piece, word: hiddenInside(piece, known) })).find(({ word }) => word !== null);
  if (hidden) {
    const because = `"${hidden.piece.text}" is near "${hidden.word ?? ''}", but another word: not taken as a clear statement.`;
    return { word: 'unclear', matched: hidden.piece.text, because };
  }
  const thanked = all.find((piece) => piece.lists.has('thanks'));
  if (thanked === undefined || !whole || turning.some(({ mark }) => mark.test(raw))) return null;
  const only = all.every(
    (piece) =>
      !piece.lists.has('negations') &&
      (['thanks', 'fillers', 'greetings'] as const).some((list) => piece.lists.has(list)),
  );
  return only
    ? { word: 'thanks', matched: thanked.text, because: `"${thanked.text}" and nothing else was written.` }
    : null;
}

// A long line without an end mark goes on in the next: its clause does too.
function unwrapped(lines: string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open) joined.push(`${joined.pop() ?? ''} ${line}`);
    else joined.push(line);
    open = line.length >= wrappedCharsMin && /[\p{L}\p{N}]$/u.test(line);
  }
  return joined;
}

function clausesOf(line: string): string[] {
  return line.split(/[.!,…。！、，()]+|\s[-–—]+\s/u).filter((clause) => clause.trim() !== '');
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
