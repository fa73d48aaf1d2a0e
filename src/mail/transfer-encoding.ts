// Takes off the Content-Transfer-Encoding (RFC 2045 section 6) as well as it can be taken off: broken encodings give what can be had, never an error
// (TRUST B24). Also finds uuencoded files that old programs put in the text.

/** The bytes of a body under `encoding`; an encoding nobody knows is left as it is. */
export function decodeBody(bytes: Uint8Array, encoding: string): Uint8Array {
  switch (nameOf(encoding)) {
    case 'base64':
      return decodeBase64(bytes);
    case 'quoted-printable':
    case 'quotedprintable':
      return decodeQuotedPrintable(bytes);
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
    case 'uue':
      return decodeUuencoded(bytes);
    default:
      return bytes;
  }
}

/** How many bytes `decodeBody` gives. Those of base64 are counted and not made: a file may be of any size. */
export function decodedLength(bytes: Uint8Array, encoding: string): number {
  if (nameOf(encoding) !== 'base64') return decodeBody(bytes, encoding).length;
  let length = 0;
  let signs = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (base64Signs[byte] === 1) signs += 1;
    else if (byte === 61) {
      length += Math.floor((signs * 3) / 4);
      signs = 0;
    }
  }
  return length + Math.floor((signs * 3) / 4);
}

/** 1 for each byte that stands for six bits, in either alphabet of RFC 4648. */
const base64Signs = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

function nameOf(encoding: string): string {
  return encoding.toLowerCase().replace(/[^a-z0-9-]/g, '');
}

/** RFC 2045 section 6.7, with the deviations that occur: soft breaks with trailing space, lower-case hex, lone `=` kept as it is. */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== 61) {
      out[length++] = byte;
      continue;
    }
    const high = hexOf(bytes[at + 1]);
    const low = hexOf(bytes[at + 2]);
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      at += 2;
      continue;
    }
    const next = afterSoftBreak(bytes, at + 1);
    if (next > 0) at = next - 1;
    else out[length++] = byte;
  }
  return out.subarray(0, length);
}

function afterSoftBreak(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] === 32 || bytes[at] === 9) && at - from < 80) at += 1;
  if (bytes[at] === 13 && bytes[at + 1] === 10) return at + 2;
  if (bytes[at] === 10 || bytes[at] === 13) return at + 1;
  return at >= bytes.length ? at : -1;
}

function hexOf(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const padding = text.indexOf('=');
  if (padding < 0 || !/[A-Za-z0-9+/_-]/.test(text.slice(padding))) return Buffer.from(text, 'base64');
  // Padding in the middle: several base64 texts were put one after the other; the platform would stop at the first.
  const pieces = text.replace(/[^A-Za-z0-9+/=_-]/g, '').split(/=+/);
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
}

/** The content between `begin` and `end`; without a `begin` line the bytes as they are. */
export function decodeUuencoded(bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split(/\r?\n/);
  const begin = lines.findIndex((line) => /^begin [0-7]{3,4} /.test(line));
  if (begin < 0) return bytes;
  const out: number[] = [];
  for (const line of lines.slice(begin + 1)) {
    if (line === 'end') break;
    const wanted = (line.charCodeAt(0) - 32) & 63;
    if (line === '' || wanted === 0) continue;
    const stop = out.length + wanted;
    for (let at = 1; at < line.length && out.length < stop; at += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map(
        (offset) => ((line.charCodeAt(at + offset) || 32) - 32) & 63,
      );
      for (const byte of [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d]) {
        if (out.length < stop) out.push(byte);
      }
    }
  }
  return Uint8Array.from(out);
}
