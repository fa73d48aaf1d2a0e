// The one word a customer answers with, as our letters ask for it in each language. What an answer may say is policy and far more
// (mail/keyword-words.ts); these are of it, in capital letters.

export interface AskedWords {
  resolved: string;
  moreTime: string;
  /** How the prepared answer begins that says it is not solved. */
  notSolved: string;
}

const english: AskedWords = { resolved: 'RESOLVED', moreTime: 'MORE TIME', notSolved: 'It does not work yet:' };

const words: Record<string, AskedWords> = {
  en: english,
  de: { resolved: 'GELÖST', moreTime: 'MEHR ZEIT', notSolved: 'Es funktioniert noch nicht:' },
  fr: { resolved: 'RÉSOLU', moreTime: 'PLUS DE TEMPS', notSolved: 'Cela ne fonctionne pas encore :' },
  es: { resolved: 'RESUELTO', moreTime: 'MÁS TIEMPO', notSolved: 'Todavía no funciona:' },
};

/** The words of a language, else the English ones. */
export function askedWords(language: string): AskedWords {
  return words[language] ?? words[language.split('-')[0] ?? ''] ?? english;
}

/** Whether a text asks for the word, in any language: each is understood. */
export function asksFor(text: string, word: 'resolved' | 'moreTime'): boolean {
  return Object.values(words).some((one) => text.includes(one[word]));
}
