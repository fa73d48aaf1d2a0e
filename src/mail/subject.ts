// Decides which case numbers a subject names, and what is left of it without its prefixes and tags.
// One grammar for every form a mail program or a hand produces (TRUST B44). A number alone proves nothing: the desk weighs it
// together with who wrote (TRUST 4.2).
//
//   form      = "[" *any inner "]" / inner
//   inner     = ["support"] "case" [number-word] ["#" / ":"] digits
//   digits    = 1 to `caseDigitsMax` digits, ASCII or full-width, no sign, no decimal, no letter behind
//
// "case" with `#` or a number word may name any number; `Case 12` and `case: 12` need eight digits or square brackets
// ("in case 12 users log on" and "edge case: 3 disks" are prose). `#` alone needs the same: "error #5" and "issue #12" name no case.

/** Limits of this file. More digits than `caseDigitsMax` are an overflow, hence no case number. */
export const subjectLimits = {
  subjectCharsMax: 2000,
  caseDigitsMax: 15,
  caseDigitsShown: 8,
  tagCharsMax: 60,
  prefixesMax: 600,
} as const;

const gap = '[\\s\\u00a0]{0,8}';
const digits = `([0-9]{1,${subjectLimits.caseDigitsMax}})(?![\\p{L}\\p{N}_]|[.,/-][0-9])`;
const numberWord = '(?:number|numbers|num|no|nr|id|№)\\.?';
const caseForm = new RegExp(
  `(\\[${gap})?(?<![\\p{L}\\p{N}_-])(?:(?:support${gap})?(case)(?:${gap}(${numberWord}))?${gap}([#:]${gap}[#:]?)?${gap}|(#)${gap})${digits}(?:${gap}(\\]))?`,
  'giu',
);

/**
 * The case numbers a subject names, in the order they stand and without repeats; empty when there is none.
 * The subject is decoded and unfolded; its first `subjectCharsMax` characters count.
 */
export function caseNumbers(subject: string): number[] {
  const found: number[] = [];
  for (const match of plain(subject).matchAll(caseForm)) {
    const [, bracket, word, numbered, sign, , text = '', bracketEnd] = match;
    const tagged = bracket !== undefined && bracketEnd !== undefined;
    const spelled = word !== undefined && (numbered !== undefined || (sign ?? '').includes('#'));
    const number = Number(text);
    if (!spelled && !tagged && text.length < subjectLimits.caseDigitsShown) continue;
    if (number > 0 && !found.includes(number)) found.push(number);
  }
  return found;
}

/** What mail programs put before the subject of an answer or a forwarded mail, by language. */
const prefixes: Record<string, string> = {
  en: 're|fw|fwd|forward|reply',
  de: 'aw|antwort|antw|wg|wtr|weitergeleitet',
  fr: 'ré|rép|réf|ref|tr|rép',
  es: 'res|resp|rv|reenv|rsp',
  it: 'rif|r|i|inoltro|ris',
  pt: 'res|enc|encam',
  nl: 'antw|betr|doorst|dfs',
  pl: 'odp|pd|przek',
  sv: 'sv|vb|vs',
  da: 'sv|vs|videresendt',
  fi: 'vs|vl',
  cs: 'odp|fwd|přep|předáno|preposlané',
  tr: 'ynt|yan|ilt|İLT|İlt',
  ru: 'отв|ответ|пересл|на|ha',
  uk: 'відп|пер',
  hu: 'vá|továbbítás|tov',
  ro: 'răsp|redirecționat',
  el: 'απ|σχετ|πρθ',
  he: 'השב|תשובה|הועבר|העברה',
  ar: 'رد|إعادة توجيه|تحويل',
  vi: 'trả lời|chuyển tiếp',
  id: 'bls|balas|trs|terusan',
  cy: 'atb|ym',
  zh: '回复|答复|回覆|答覆|回應|转发|轉寄|轉發|转寄',
  ja: '返信|転送',
  ko: '회신|답장|전달',
  th: 'ตอบ|ตอบกลับ|ส่งต่อ',
};
const prefix = new RegExp(
  `(?:${Object.values(prefixes).join('|')})(?:\\[[0-9]{1,4}\\]|\\([0-9]{1,4}\\)|\\^?[0-9]{1,4})?[ \\t]{0,5}:`,
  'iuy',
);
const leadingTag = new RegExp(`\\[[^\\[\\]]{1,${subjectLimits.tagCharsMax}}\\]|\\((?:fwd?|was[^()]{0,60})\\)`, 'iuy');

/** The subject without reply and forward prefixes, case tags and list tags, spaces folded: for comparing two subjects. */
export function bareSubject(subject: string): string {
  const text = plain(subject)
    .replace(caseForm, (form, bracket, word, numbered, sign, hash, text: string, end) =>
      (bracket && end) || numbered || (sign ?? '').includes('#') || text.length >= subjectLimits.caseDigitsShown
        ? ' '
        : form,
    )
    .replace(/\s+/g, ' ');
  let at = 0;
  for (let count = 0; count < subjectLimits.prefixesMax; count++) {
    while (text[at] === ' ') at++;
    const end = matchEnd(prefix, text, at) ?? matchEnd(leadingTag, text, at);
    if (end === null) break;
    at = end;
  }
  return text
    .slice(at)
    .replace(/\((?:fwd?)\) ?$/i, '')
    .replace(/^[\s,;:–-]{1,20}/, '')
    .trim();
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

// Full-width forms to ASCII and invisible characters away; no wider normalising, which would make digits of ornaments.
function plain(subject: string): string {
  return subject
    .slice(0, subjectLimits.subjectCharsMax)
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g, '')
    .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ');
}
