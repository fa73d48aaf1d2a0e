// The strong key of a conversation (TRUST 4.2, signal T): an HMAC-SHA-256 over mailbox, case, recipient and day of making, cut to 80 bits.
// It travels in our Message-ID and, where the mail server knows address extensions, in the reply address. It proves only that
// the writer has seen a letter of ours to that recipient; it never opens anything for reading.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A signing key: `id` is one lower-case letter or digit and names it inside the token, so that keys can be changed. */
export interface TokenKey {
  id: string;
  secret: string;
}

/** What a token binds: the mailbox it came from, the case, the letter's recipient (addr-spec), the day it was made. */
export interface TokenSubject {
  mailbox: string;
  caseNumber: number;
  recipient: string;
}

/** A token as read from a mail, not yet believed. `day` counts days since 1970-01-01 UTC. */
export interface ReadToken {
  caseNumber: number;
  keyId: string;
  day: number;
  mac: string;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const macChars = 16;
const tokenPattern = /c([0-9]{1,15})\.([a-z0-9])([0-9a-z]{1,5})\.([a-z2-7]{16})/;

/** `c<case>.<key id><day>.<mac>`: 40 characters at most, safe in any local part and any letter case. */
export function makeToken(subject: TokenSubject, key: TokenKey, day: number): string {
  const when = day.toString(36);
  return `c${subject.caseNumber}.${key.id}${when}.${macOf(subject, key, when)}`;
}

/** The first token found in an address or a Message-ID, or null. */
export function readToken(text: string): ReadToken | null {
  const found = tokenPattern.exec(text.toLowerCase());
  if (!found) return null;
  const [, digits = '', keyId = '', when = '', mac = ''] = found;
  const caseNumber = Number(digits);
  return Number.isSafeInteger(caseNumber) ? { caseNumber, keyId, day: Number.parseInt(when, 36), mac } : null;
}

/** Whether the token was made by one of `keys` for this mailbox and recipient. Constant-time in the MAC. */
export function tokenFits(token: ReadToken, bound: { mailbox: string; recipient: string }, keys: TokenKey[]): boolean {
  const key = keys.find((candidate) => candidate.id === token.keyId);
  if (!key) return false;
  const expected = macOf({ ...bound, caseNumber: token.caseNumber }, key, token.day.toString(36));
  return timingSafeEqual(Buffer.from(expected), Buffer.from(token.mac));
}

/** Sixteen base32 characters (80 bits) of HMAC-SHA-256 over `text`: also the source of our Message-IDs' unique part. */
export function shortMac(secret: string, text: string): string {
  const digest = createHmac('sha256', secret).update(text).digest();
  let mac = '';
  for (let [byte, bits, left] = [0, 0, 0]; mac.length < macChars; left -= 5) {
    if (left < 5) {
      bits = ((bits & 31) << 8) | (digest[byte] ?? 0);
      byte += 1;
      left += 8;
    }
    mac += alphabet[(bits >> (left - 5)) & 31];
  }
  return mac;
}

function macOf(subject: TokenSubject, key: TokenKey, when: string): string {
  return shortMac(
    key.secret,
    JSON.stringify(['reply', subject.mailbox, subject.caseNumber, subject.recipient.toLowerCase(), when]),
  );
}
