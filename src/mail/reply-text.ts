// Decides which part of a mail was newly written: without quotation, signature and disclaimer. The rest is folded, never deleted:
// the mail's text keeps it. A mail whose every word looks like quotation keeps every word, since a wrong fold hides what
// a customer said and a missing fold only shows too much.
// Nothing here is a "reply above this line" mark: anybody can write one, so none is honoured (TRUST B41).
import { fold } from './reply-text-fold.ts';
import type { Folded } from './reply-text-fold.ts';
import { lettersOf, readHtml } from './reply-text-html.ts';
import type { ReadHtml } from './reply-text-html.ts';
import { hasWords, replyLimits, textLines } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';

/** "FYI" above a forwarded message is not what the mail is about: the message is. */
const forwarderWordsMin = 4;
const comparedLetters = 40;

/**
 * The newly written text of a mail and one sentence that says what was folded away. `text` is the text part, or what
 * `visibleText` made of the html where there is none; either may be empty. Never throws; linear in the body's size.
 */
export function replyText(body: { text: string; html: string | null }): { reply: string; because: string } {
  const text = body.text.slice(0, replyLimits.textCharsMax);
  if (body.html === null) return told(fold(textLines(text)), text);
  const html = readHtml(body.html);
  if (text.trim() === '') return told(fold(html.lines), joined(html.lines));
  if (derived(text, html)) return told(fold(html.lines), joined(html.lines));
  const plain = fold(textLines(text));
  if (plain.found !== null || !html.lines.some((line) => line.quoted)) return told(plain, text);
  const marked = fold(html.lines);
  return tellsTheSame(marked, text, html) ? told(marked, text) : told(plain, text);
}

// Whether the text is only the html read out: then the html knows more about itself, and what it hides is no text.
function derived(text: string, html: ReadHtml): boolean {
  // Without digits, since a library numbers the points of a list.
  const letters = withoutDigits(text);
  const all = withoutDigits(html.letters);
  if (letters === all || letters === withoutDigits(joined(html.lines))) return true;
  return text.length >= replyLimits.textCharsMax && all.startsWith(letters);
}

// Two parts of a mail need not be two forms of one text: the html is believed only where the text tells the same.
function tellsTheSame(marked: Folded, text: string, html: ReadHtml): boolean {
  const letters = lettersOf(text);
  const beginning = lettersOf(marked.kept.join('').slice(0, 10 * comparedLetters)).slice(0, comparedLetters);
  return beginning !== '' && letters.includes(beginning) && letters.length <= 1.5 * html.letters.length;
}

function withoutDigits(text: string): string {
  return lettersOf(text).replace(/\p{N}+/gu, '');
}

function joined(lines: Line[]): string {
  return lines.map((line) => line.text).join('\n');
}

function told(folded: Folded, whole: string): { reply: string; because: string } {
  const reply = folded.kept.join('\n');
  if (folded.forwarded && countedWords(reply) < forwarderWordsMin) {
    return { reply: whole.trim(), because: 'A forwarded message with hardly a word added: all of it is kept.' };
  }
  if (!hasWords(reply)) {
    return { reply: whole.trim(), because: 'Nothing was left beside quotation and signature: all of it is kept.' };
  }
  if (folded.found === null) return { reply, because: 'No quotation was found.' };
  return { reply, because: `Quotation was told by ${folded.found}, and is folded.` };
}

function countedWords(text: string): number {
  return text.split(/\s+/).filter((word) => hasWords(word)).length;
}

export { visibleText } from './reply-text-html.ts';
