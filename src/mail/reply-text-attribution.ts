// Decides whether up to a few short lines are an attribution ("On 3 May 2024, A. Author <a@example.com> wrote:").
// Dates are read by shape and not by language; the verbs are a table, and a new language is one row and one fixture.
import { replyLimits } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';

/** How each language says that somebody wrote; whole words, at the end of the attribution or before the author's name. */
const verbs: Record<string, string[]> = {
  en: ['wrote', 'writes', 'sent', 'has written'],
  de: ['schrieb', 'schreibt', 'geschrieben', 'schrieb folgendes', 'schrieben'],
  fr: ['a écrit', 'écrit', 'écrivait', 'a ecrit', 'a écrit ce qui suit'],
  es: ['escribió', 'escribio', 'escribe', 'ha escrito'],
  it: ['ha scritto', 'scrisse', 'scrive', 'ha inviato'],
  pt: ['escreveu', 'escreve'],
  nl: ['schreef', 'geschreven', 'schrijft', 'het volgende geschreven'],
  pl: ['napisał', 'napisała', 'napisał\\(a\\)', 'pisze', 'napisał/a', 'napisali'],
  sv: ['skrev', 'skrev följande', 'skriver', 'har skrivit'],
  fi: ['kirjoitti', 'kirjoittaa'],
  cs: ['napsal', 'napsala', 'napsal\\(a\\)', 'napsal/a', 'píše', 'napísal', 'napísala', 'napísal\\(a\\)'],
  tr: ['yazdı', 'şunu yazdı', 'şunları yazdı'],
  ru: ['написал', 'написала', 'написал\\(а\\)', 'пишет', 'писал', 'писала', 'написав', 'написал/а'],
  uk: ['пише', 'написала', 'писав', 'написав\\(ла\\)'],
  hu: ['írta', 'ezt írta', 'a következőt írta'],
  ro: ['a scris', 'scria'],
  hr: ['napisao je', 'je napisao', 'je napisala', 'napisao', 'je napisao/la', 'је написао'],
  el: ['έγραψε'],
  bg: ['написа'],
  he: ['כתב', 'כתבה', 'כתב/ה'],
  ar: ['كتب', 'كتبت'],
  vi: ['đã viết', 'viết'],
  id: ['menulis', 'rašė', 'rakstīja', 'kirjutas', 'va escriure', 'ha escrit', 'เขียนว่า', 'je napisal'],
  zh: ['写道', '寫道', '写到', '撰写', '来信'],
  ja: ['書きました', 'のメール', 'のメッセージ', 'が書いた', 'さんは書きました'],
  ko: ['작성', '님이 작성', '썼습니다', '님이 씀', '쓴 글'],
};
/** The words an attribution opens with, where it opens neither with a date nor with a name. */
const openings =
  'on|am|le|el|il|em|no dia|op|den|på|på|w dniu|dnia|dne|ke|ma|ti|pe|to|la|el día|în|la data|в|vào|pada|in data|在|於|于|quoting|zitat von|citando|citando a|quoting from|στις|ב|בתאריך|في|u|dana|tarihinde|a';

const verb = Object.values(verbs)
  .flat()
  .sort((a, b) => b.length - a.length)
  .join('|');
const verbAtEnd = new RegExp(`(?:^|[^\\p{L}])(?:${verb})$`, 'iu');
const cjkVerbAtEnd = /(?:写道|寫道|写到|撰写|書きました|のメール|のメッセージ|が書いた|작성|썼습니다)$/u;
const verbInside = new RegExp(`[\\d>)\\]"'”,年月日] ?(?:heeft )?(?:${verb})\\s\\S`, 'iu');
const opening = new RegExp(
  `^(?:[-*_"<\\[( ]{0,12})(?:(?:${openings})(?=[\\s,\\d])|\\p{Script=Han}?\\s?\\d|\\p{L}{2,12}[.,]{0,2} ?\\d|\\p{L}{2,12}[.,]{1,2} )`,
  'iu',
);
/** Openings that are never the middle of an attribution: the search for its first line ends there. */
const certainOpening = new RegExp(
  `^[-_*"<\\[( ]{0,12}(?:(?:${openings}) (?=\\p{L}{0,10}[.,]{0,2} ?\\d|\\p{L}{2,12}[.,]{1,2} |\\d)|[在於于] ?\\d|\\d{1,4}[-/. ]|\\d{1,2}:\\d|\\p{L}{2,10}[.,]{1,2} ?\\d)`,
  'iu',
);
const calendar =
  /(?:^|[^\d])(?:19|20)\d\d(?:[^\d]|$)|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2}[- ]\p{L}{3,9}[- ,.]|\p{L}{3,9}\.? \d{1,2}(?:[, ]|$)|\d{1,2}월|\d{1,2}月/u;
const clockTime = /(?:^|[^\d])\d{1,2}\s?[:.h]\s?\d\d(?:[^\d]|$)|\d{1,2}\s?[ap]\.?m\.?(?:[^\p{L}]|$)/iu;
const address = /[^\s<>@]@[^\s<>@]/;
const closing = /[:：]$/;

const windowLinesMax = 6;
const shortLineCharsMax = 200;
/** Lines that end like an attribution and are none: past this many, no more are looked for. */
export const attributionTriesMax = 1000;

/** Whether `text` (lines joined by a space) is an attribution; `beforeQuote` says that a quotation follows, which asks for less. */
export function attribution(text: string, beforeQuote: boolean): boolean {
  if (text.length > replyLimits.headingCharsMax) return false;
  const dashed = /^[-_=*]{2,}.*[-_=*]{2,}$/.test(text);
  const bare = text.replace(/^[-_=*~" ]{1,40}/, '').replace(/[-_=*~ ]{1,40}$/, '');
  const colon = closing.test(bare);
  const words = bare.replace(/[:：,.*_\s]{1,20}$/, '');
  const wrote = verbAtEnd.test(words) || cjkVerbAtEnd.test(words);
  const dated = calendar.test(bare);
  const timed = clockTime.test(bare);
  const addressed = address.test(bare) || /\bmailto:/i.test(bare);
  const opened = opening.test(bare);
  if (wrote && dashed) return true;
  if (wrote && colon && ((dated && opened) || (dated && timed) || (addressed && (dated || timed)))) return true;
  if (wrote && (dated || timed) && (addressed || (timed && opened && dated))) return true;
  if (colon && (opened || addressed) && dated && (timed || opened) && verbInside.test(bare)) return true;
  if (colon && opened && addressed && dated && timed && /[>)\]"][:：]$/.test(bare)) return true;
  if (colon && opened && addressed && (dated || timed) && />[:：]$/.test(bare)) return true;
  if (!beforeQuote) return false;
  if (colon && (wrote || (addressed && (dated || timed || />[:：]$/.test(bare))))) return true;
  if (colon && opened && dated && timed) return true;
  return wrote && (addressed || dated) ? true : addressed && dated && opened;
}

/** Whether a line's end allows that an attribution ends there: cheap, so that the search below stays linear. */
function mayEnd(heading: string, beforeQuote: boolean): boolean {
  if (heading.length > replyLimits.headingCharsMax - 1) return false;
  const end = heading.replace(/[-_=*~ .]{1,40}$/, '');
  return (
    closing.test(end) ||
    (beforeQuote && (end.endsWith('>') || address.test(end))) ||
    verbAtEnd.test(end.slice(-40)) ||
    cjkVerbAtEnd.test(end)
  );
}

/** An attribution found: the first and last line it takes, and how much of the first line stands before it. */
export interface FoundAttribution {
  first: number;
  last: number;
  before: string;
}

/** The attribution that ends at line `last`, or null; `beforeQuote` as above. Looks back over a few short lines at most. */
export function attributionEndingAt(lines: Line[], last: number, beforeQuote: boolean): FoundAttribution | null {
  const end = lines[last]?.heading ?? '';
  if (!mayEnd(end, beforeQuote)) return null;
  const alone = attribution(end, beforeQuote);
  if (alone && certainOpening.test(end)) return { first: last, last, before: sharedLine(end, beforeQuote) };
  let text = end;
  for (let first = last - 1; first >= Math.max(0, last - windowLinesMax); first--) {
    const line = lines[first];
    if (!line || line.quoted) break;
    const heading = line.heading;
    text = heading === '' ? text : `${heading} ${text}`;
    if (heading.length > shortLineCharsMax || text.length > replyLimits.headingCharsMax) break;
    if (certainOpening.test(heading) && attribution(text, beforeQuote)) return { first, last, before: '' };
  }
  const before = sharedLine(end, beforeQuote);
  return alone || before !== '' ? { first: last, last, before } : null;
}

// "thank you On Wed, 4 Apr 2012 at 3:59 PM, bob@example.com wrote:": some programs put the attribution behind the reply.
function sharedLine(line: string, beforeQuote: boolean): string {
  const inside =
    /(?:[-]{2,} ?|[^\p{L}\p{N}]|^)(?:On|Am|Le|El|Il|Em|Op|Den|W dniu) (?=\p{L}{0,10}[.,]{0,2} ?\d|\p{L}{2,10}[.,]{1,2} )/gu;
  for (const match of line.matchAll(inside)) {
    if (match.index === 0) return '';
    if (attribution(line.slice(match.index).replace(/^[^\p{L}]+/u, ''), beforeQuote)) {
      return line.slice(0, match.index).replace(/[-\s]{1,200}$/, '');
    }
  }
  return '';
}
