// The addresses a letter can come back to: the reply address with its token, the signed reverse-path a bounce is sent to, and the
// Message-ID. Each is made from the letter's own facts alone, so composing twice gives the same bytes.
import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '../clock.ts';
import { makeToken, shortMac } from '../mail/reply-token.ts';
import type { TokenKey } from '../mail/reply-token.ts';
import { letterLimits } from './letter.ts';
import type { Sender } from './letter.ts';

/** What makes a letter this letter: its case, its one recipient, and the outbox key that lets it happen once. */
export interface LetterIdentity {
  caseNumber: number;
  recipient: string;
  key: string;
}

const verpPattern = /\bb([0-9]{1,15})\.([a-z2-7]{16})\.([a-z0-9])([a-z2-7]{16})@/;

/** Message-ID without brackets: `case-<n>.<unique>.<token>@<domain of the mailbox>` (RFC 5322 3.6.4). */
export function messageIdOf(letter: LetterIdentity, sender: Sender, now: Instant): string {
  const { domain } = splitAddress(sender.mailbox.address);
  return `case-${letter.caseNumber}.${uniqueOf(letter, sender.key)}.${tokenOf(letter, sender, now)}@${domain}`;
}

/** The mailbox's address with the letter's token as its extension; null when the server knows no extensions or it gets too long. */
export function replyAddress(letter: LetterIdentity, sender: Sender, now: Instant): string | null {
  return extended(sender, tokenOf(letter, sender, now));
}

/**
 * RFC 5321 reverse-path: '' is the null path. A signed address that would be too long for a local part gives way to what stands where none is
 * configured: the null path, or the mailbox when a person wrote, who wants to know of a failure.
 */
export function reversePathOf(letter: LetterIdentity, sender: Sender, automatic: boolean): string {
  const plain = automatic ? '' : sender.mailbox.address;
  if (sender.reversePath !== 'verp') return sender.reversePath ?? plain;
  const unique = uniqueOf(letter, sender.key);
  const mac = verpMac(sender.key, { mailbox: sender.mailbox.id, caseNumber: letter.caseNumber, unique });
  return extended(sender, `b${letter.caseNumber}.${unique}.${sender.key.id}${mac}`) ?? plain;
}

/**
 * The letter a bounce came back to, when `address` is a reverse-path we signed for this mailbox, else null. `messageIdStart` is how
 * the letter's Message-ID begins, up to its token: it finds the outbox row.
 */
export function readVerp(
  address: string,
  mailbox: string,
  keys: TokenKey[],
): { caseNumber: number; messageIdStart: string } | null {
  const [, digits = '', unique = '', keyId = '', mac = ''] = verpPattern.exec(address.toLowerCase()) ?? [];
  const key = keys.find((candidate) => candidate.id === keyId);
  if (!key) return null;
  const caseNumber = Number(digits);
  const expected = verpMac(key, { mailbox, caseNumber, unique });
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(mac))) return null;
  return { caseNumber, messageIdStart: `case-${caseNumber}.${unique}.` };
}

/** An addr-spec at its last `@`. */
export function splitAddress(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}

function tokenOf(letter: LetterIdentity, sender: Sender, now: Instant): string {
  const day = Math.floor(now.epochMilliseconds / 86_400_000);
  const { caseNumber, recipient } = letter;
  return makeToken({ mailbox: sender.mailbox.id, caseNumber, recipient }, sender.key, day);
}

function uniqueOf(letter: LetterIdentity, key: TokenKey): string {
  return shortMac(key.secret, JSON.stringify(['letter', letter.key, letter.recipient]));
}

function verpMac(key: TokenKey, bound: { mailbox: string; caseNumber: number; unique: string }): string {
  return shortMac(key.secret, JSON.stringify(['bounce', bound.mailbox, bound.caseNumber, bound.unique]));
}

function extended(sender: Sender, extension: string): string | null {
  const { address, addressExtension } = sender.mailbox;
  const { local, domain } = splitAddress(address);
  const tagged = `${local}${addressExtension}${extension}`;
  if (addressExtension === '' || Buffer.byteLength(tagged) > letterLimits.localPartOctetsMax) return null;
  return `${tagged}@${domain}`;
}
