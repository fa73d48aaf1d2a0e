// Bytes to text. The platform's decoders (WHATWG) know every charset that mail really uses but UTF-7; what is declared is believed
// unless the bytes contradict it, and nothing ever throws (TRUST B23). The library decodes some of these wrongly: see parse.ts.

import { guessCharset } from './charset-guess.ts';

/** Decoded text; `wrong` says why the declared charset was not used, or null when it was (or none was declared). */
export interface DecodedText {
  text: string;
  wrong: string | null;
}

/** Names that the platform lacks or reads otherwise than mail programs mean them. Keys are lower case without punctuation. */
const aliases: Record<string, string> = {
  cp932: 'shift_jis',
  windows932: 'shift_jis',
  mskanji: 'shift_jis',
  xsjis: 'shift_jis',
  shiftjis: 'shift_jis',
  iso2022jp: 'iso-2022-jp',
  iso2022jp1: 'iso-2022-jp',
  iso2022jp2: 'iso-2022-jp',
  iso2022jp3: 'iso-2022-jp',
  iso2022jpms: 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  cp51932: 'euc-jp',
  eucjpms: 'euc-jp',
  eucjp: 'euc-jp',
  cp936: 'gb18030',
  windows936: 'gb18030',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  xgbk: 'gb18030',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  ksc5601: 'euc-kr',
  ksc56011987: 'euc-kr',
  cp950: 'big5',
  big5hkscs: 'big5',
  utf8mb4: 'utf-8',
  iso10646utf8: 'utf-8',
  ansi: 'windows-1252',
  isolatin1: 'windows-1252',
  isolatin9: 'iso-8859-15',
};

/** Declarations that say nothing: the bytes are looked at instead. */
const meaningless =
  /^(?:usascii|ascii|ansix34.*|unknown.*|xunknown.*|8bit|7bit|binary|default.*|none|null|undefined|charset|)$/;
const singleByte = /^(?:windows-125[0248]|iso-8859-(?:1|15))$/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes `bytes` by the `declared` charset (RFC 2046 section 4.1.2), or by what the bytes look like when it is missing, unknown or plainly
 * wrong: a byte order mark, valid UTF-8, ISO-2022-JP escapes, then `hint`, then what its characters speak for, then windows-1252.
 */
export function decodeText(bytes: Uint8Array, how: { declared: string | null; hint?: string | null }): DecodedText {
  const declared = (how.declared ?? '')
    .replace(/[^ -~]/g, '')
    .trim()
    .replace(/^["']|["']$/g, '');
  const key = declared.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (/^(?:x?unicode(?:11|20)?)?utf7$/.test(key) || key === 'csunicode11utf7')
    return { text: decodeUtf7(bytes), wrong: null };
  if (meaningless.test(key)) return { text: guess(bytes, how.hint ?? null), wrong: null };
  const decoder = decoderOf(key, declared);
  if (!decoder)
    return { text: guess(bytes, how.hint ?? null), wrong: `charset "${declared}" is not known; guessed by the bytes` };
  if (decoder.encoding === 'utf-8') return decodeDeclaredUtf8(bytes, declared);
  if (singleByte.test(decoder.encoding)) {
    const utf8 = validUtf8(bytes);
    if (utf8 !== null && /[^\0-\x7f]/.test(utf8)) {
      return { text: utf8, wrong: `declared ${declared}, but the bytes are UTF-8; read as UTF-8` };
    }
    if (utf8 !== null && hasJapaneseEscapes(bytes)) {
      return {
        text: new TextDecoder('iso-2022-jp').decode(bytes),
        wrong: `declared ${declared}, but the bytes are ISO-2022-JP`,
      };
    }
  }
  const text = decoder.decode(bytes);
  if (text.includes('\ufffd')) {
    const utf8 = validUtf8(bytes);
    if (utf8 !== null) return { text: utf8, wrong: `declared ${declared}, but the bytes are UTF-8; read as UTF-8` };
  }
  return { text, wrong: null };
}

/** Whether the library is known to decode this charset wrongly or not at all (parse.ts takes our own reading then). */
export function libraryMisreads(declared: string): boolean {
  const key = declared.toLowerCase().replace(/[^a-z0-9]/g, '');
  return (
    /utf7|^iso2022|^cp5022|932$|^jis|^ms|^x?sjis/.test(key) ||
    (!meaningless.test(key) && decoderOf(key, declared) === null)
  );
}

function decodeDeclaredUtf8(bytes: Uint8Array, declared: string): DecodedText {
  const strict = validUtf8(bytes);
  if (strict !== null) {
    if (hasJapaneseEscapes(bytes)) {
      return {
        text: new TextDecoder('iso-2022-jp').decode(bytes),
        wrong: `declared ${declared}, but the bytes are ISO-2022-JP`,
      };
    }
    return { text: strict, wrong: null };
  }
  const lossy = new TextDecoder('utf-8').decode(bytes);
  const broken = count(lossy, /\ufffd/g);
  const good = count(lossy, /[^\0-\x7f\ufffd]/g);
  if (good >= broken)
    return { text: lossy, wrong: `declared ${declared}, but ${broken} sequences are not; shown as U+FFFD` };
  return {
    text: new TextDecoder('windows-1252').decode(bytes),
    wrong: `declared ${declared}, but the bytes are not; read as windows-1252`,
  };
}

function guess(bytes: Uint8Array, hint: string | null): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (hasJapaneseEscapes(bytes)) return new TextDecoder('iso-2022-jp').decode(bytes);
  const utf8 = validUtf8(bytes);
  if (utf8 !== null) return utf8;
  const decoder = hint === null ? null : decoderOf(hint.toLowerCase().replace(/[^a-z0-9]/g, ''), hint);
  if (decoder && decoder.encoding !== 'utf-8') return decoder.decode(bytes);
  return new TextDecoder(guessCharset(bytes) ?? 'windows-1252').decode(bytes);
}

function decoderOf(key: string, declared: string): TextDecoder | null {
  const numbered =
    /^(?:cp|win|windows|xcp)(125\d|874|866)$/.exec(key) ?? /^(?:iso|x?iso)?8859(\d{1,2})[ei]?$/.exec(key);
  const latin = /^latin(\d)$/.exec(key);
  const name =
    aliases[key] ??
    (numbered?.[1]
      ? numbered[1].length > 2
        ? numbered[1] === '866'
          ? 'ibm866'
          : `windows-${numbered[1]}`
        : `iso-8859-${numbered[1]}`
      : latin
        ? `latin${latin[1]}`
        : /^utf(8|16|16le|16be)$/.test(key)
          ? `utf-${key.slice(3)}`
          : declared);
  try {
    return new TextDecoder(name);
  } catch {
    return null;
  }
}

function validUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

function hasJapaneseEscapes(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.includes('\x1b$B') || view.includes('\x1b$@') || view.includes('\x1b(J');
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** RFC 2152. Safe here although browsers dropped it: we decode before anything is checked, and only ever show the result escaped. */
function decodeUtf7(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_whole, coded: string) => {
    if (coded === '') return '+';
    const units = Buffer.from(coded, 'base64');
    return new TextDecoder('utf-16be').decode(units.subarray(0, units.length & ~1));
  });
}
