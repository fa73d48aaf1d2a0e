// Which charset undeclared 8-bit text is in, when it is not UTF-8: told by what the text would say in each. Only texts that are foreign
// throughout are guessed at; a Western text with a few accents never comes this far up.

/** A charset that is written without a declaration: `typical` are the characters that its texts are mostly made of. */
interface Candidate {
  charset: string;
  typical: RegExp;
  /** Share of the non-ASCII characters that must be typical. */
  shareMin: number;
}

const kana = /[\u3041-\u3096\u30a1-\u30fc\u3001\u3002]/g;
/** In the order of how sure the sign is: kana and hangul come out of no other text by chance. */
const candidates: readonly Candidate[] = [
  { charset: 'shift_jis', typical: kana, shareMin: 0.25 },
  { charset: 'euc-jp', typical: kana, shareMin: 0.25 },
  { charset: 'euc-kr', typical: /[\uac00-\ud7a3]/g, shareMin: 0.9 },
  {
    charset: 'gb18030',
    typical:
      /[的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里，。]/g,
    shareMin: 0.15,
  },
  {
    charset: 'big5',
    typical:
      /[的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡，。]/g,
    shareMin: 0.15,
  },
  { charset: 'koi8-r', typical: /[а-яё]/g, shareMin: 0.75 },
  { charset: 'windows-1251', typical: /[а-яё]/g, shareMin: 0.75 },
];

/** Fewest non-ASCII bytes, and their smallest share of a text, that make it foreign throughout. */
const bytesMin = 8;
const foreignShareMin = 0.25;
/** Most of a text that is looked at. */
const bytesLooked = 16 * 1024;

/** The likeliest charset of `bytes`, a WHATWG name, or null when nothing speaks for any. */
export function guessCharset(bytes: Uint8Array): string | null {
  const beginning = bytes.subarray(0, bytesLooked);
  const foreign = beginning.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  if (foreign < bytesMin || foreign < beginning.length * foreignShareMin) return null;
  const found = candidates.find(({ charset, typical, shareMin }) => {
    const text = new TextDecoder(charset).decode(beginning);
    const outside = text.match(/[^\0-\x7f]/g)?.length ?? 0;
    // One broken character may be the cut; more are another charset.
    const broken = text.match(/\ufffd/g)?.length ?? 0;
    return broken <= 1 && (text.match(typical)?.length ?? 0) >= outside * shareMin;
  });
  return found?.charset ?? null;
}
