// In which language a mail is written, told by the little words that every sentence has. Enough for a rule that asks for a language; a mail too
// short or too mixed has none.
import type { Words } from './words.ts';

const littleWords = {
  en: 'the and is are was we our you your of to this that it not with have has from please can when since but my for on after all any does do an no there be will which what where how many than there does i me',
  de: 'der die das und ist sind nicht wir unser unsere sie ihr ein eine einen seit mit auf von im dem den zu bitte kann wie auch noch aber nach bei für es sich man wenn einige können keine alle wird mehr nur aus',
  fr: 'le les des et est sont ne pas nous notre vous votre un une du depuis avec sur dans pour je il plus mais merci qui que ce bonjour la nos au de en j ai d l n c a pouvez deux toujours chaque',
  es: 'el los las y es son nuestro nuestra usted su un una del desde con en para por que se al pero cuando gracias como muy lo hay la mi ya de dos cada cuántos cuántas qué puedo todo bien está nos voy misma después',
  it: 'il gli e sono non nostro nostra un una del dal con per che si ma quando grazie come di anche questo della nel abbiamo dopo',
  pt: 'os as e são não nosso nossa um uma do da desde com em para por que se mas quando obrigado como muito ao temos depois você de dos',
  nl: 'de het en is zijn niet wij onze u uw een sinds met op van naar voor maar wanneer graag hoe ook kan dit dat bij na wordt',
} as const;

/** A language that mails can be told to be in, by its code. */
export type MailLanguage = keyof typeof littleWords;

/** The languages that can be told. */
export const mailLanguages = Object.keys(littleWords) as MailLanguage[];

/** Little words that must be found at least, so that a single foreign word decides nothing. */
const hitsMin = 2;

const languagesOf = new Map<string, MailLanguage[]>();
for (const language of mailLanguages) {
  for (const word of littleWords[language]
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .split(' '))
    languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);
}

/** The language most of the mail's little words are of, or null when two have as many or there are too few. One walk over the words. */
export function languageOf({ words }: Words): MailLanguage | null {
  const hits = new Map<MailLanguage, number>();
  for (const { word } of words) {
    for (const language of languagesOf.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  }
  const [first, second] = [...hits].toSorted(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < hitsMin || first[1] === second?.[1]) return null;
  return first[0];
}
