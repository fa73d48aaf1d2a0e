// What of an engineer's mail is the engineer's: the lines above our marker. And whether words that only our notification has are left in it, because
// a mail program quoted them in a way we do not know: such a mail must not go to the customer.
import { readToken } from '../mail/reply-token.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';

/** How the marker line begins; the engineer's token follows in brackets (correspondence.ts). */
export const markerWords = 'Your answer goes above this line';
/** Lines over which a mail program may have broken the marker. */
const markerLinesMax = 3;
/** A reason shorter than this may stand in an engineer's own sentence by chance. */
const tellingCharsMin = 24;
const shownChars = 60;

/**
 * The lines above our marker: known by the case's token in it, however the mail program quoted or broke the line, so that words like the
 * marker's in somebody's text cut nothing.
 */
export function writtenAbove(text: string, caseNumber: number): string {
  const lines = text.split('\n');
  const signed = lines.findIndex((line) => readToken(line)?.caseNumber === caseNumber);
  if (signed < 0) return text;
  const from = Math.max(0, signed - markerLinesMax + 1);
  for (let first = from; first < signed; first += 1) {
    if (flat(lines.slice(first, signed + 1).join('\n')).startsWith(`--- ${markerWords}`)) {
      return lines.slice(0, first).join('\n');
    }
  }
  return lines.slice(0, signed).join('\n');
}

/** The first words of our notification about this case that the text holds, at most `shownChars` of them; null when it holds none. */
export function ourWordsIn(
  text: string,
  supportCase: Pick<SupportCase, 'number' | 'severityBecause' | 'planBecause' | 'targetBecause' | 'ownerBecause'>,
): string | null {
  const written = flat(text);
  const { number, severityBecause, planBecause, targetBecause, ownerBecause } = supportCase;
  const reasons = [severityBecause, planBecause, targetBecause, ownerBecause]
    .map(flat)
    .filter((reason) => reason.length >= tellingCharsMin);
  const shown = caseNumberText(number);
  const ours = [markerWords, `casepost case show ${number}`, ...sentences(shown), ...reasons];
  const found = ours.find((words) => written.includes(words));
  if (found !== undefined) return found.slice(0, shownChars);
  const token = text.split('\n').find((line) => readToken(line) !== null);
  return token === undefined ? null : token.trim().slice(0, shownChars);
}

/** Sentences that only our notifications have, as they are shipped in each language. */
function sentences(shown: string): string[] {
  return [
    'is new and yours',
    `The customer has written in case ${shown}`,
    '--- The customer wrote ---',
    'what you write above the first line is sent to them in your name',
    `Fall ${shown} ist neu und für Sie`,
    `Der Kunde hat in Fall ${shown} geschrieben`,
    '--- Der Kunde schrieb ---',
    'Was Sie über die erste Zeile schreiben, geht in Ihrem Namen an ihn',
    `Le dossier ${shown} est nouveau et pour vous`,
    `Le client a écrit dans le dossier ${shown}`,
    '--- Le client a écrit ---',
    'ce que vous écrivez au-dessus de la première ligne lui est envoyé en votre nom',
    `El caso ${shown} es nuevo y para usted`,
    `El cliente ha escrito en el caso ${shown}`,
    '--- El cliente escribió ---',
    'lo que escriba encima de la primera línea se le envía en su nombre',
  ];
}

/** One line without quotation marks, so that a quoted and re-broken sentence is found. */
function flat(text: string): string {
  return text
    .replace(/^[ \t]*(?:[>|][ \t>|]*)/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
