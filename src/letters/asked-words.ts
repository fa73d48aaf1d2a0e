// The one word a customer answers with, as our letters ask for it in each language. What an answer may say is policy and far more
// (mail/keyword-words.ts); these are of it, in capital letters.

export interface AskedWords {
  resolved: string;
  moreTime: string;
  /** How the prepared answer begins that says it is not solved. */
  notSolved: string;
  /** What stands for a subject that is empty. */
  noSubject: string;
}

const english: AskedWords = {
  resolved: 'RESOLVED',
  moreTime: 'MORE TIME',
  notSolved: 'It does not work yet:',
  noSubject: '(no subject)',
};

const words: Record<string, AskedWords> = {
  en: english,
  de: {
    resolved: 'GELÖST',
    moreTime: 'MEHR ZEIT',
    notSolved: 'Es funktioniert noch nicht:',
    noSubject: '(kein Betreff)',
  },
  fr: {
    resolved: 'RÉSOLU',
    moreTime: 'PLUS DE TEMPS',
    notSolved: 'Cela ne fonctionne pas encore :',
    noSubject: '(sans objet)',
  },
  es: { resolved: 'RESUELTO', moreTime: 'MÁS TIEMPO', notSolved: 'Todavía no funciona:', noSubject: '(sin asunto)' },
};

/** The words of a language, else the English ones. */
export function askedWords(language: string): AskedWords {
  return words[language] ?? words[language.split('-')[0] ?? ''] ?? english;
}

/** Whether a text asks for the word, in any language, for each is understood; it may be broken over two lines. */
export function asksFor(text: string, word: 'resolved' | 'moreTime'): boolean {
  const flat = text.replaceAll(/\s+/g, ' ');
  return Object.values(words).some((one) => flat.includes(one[word]));
}
