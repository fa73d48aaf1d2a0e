// Who wrote a mail: our own strict reading of RFC 5322 addresses. Lenient readings differ from each other, and whoever finds a
// difference is somebody else to us (TRUST 0.1, T6): what is not clearly one address is no address. Only the author decides identity.
import { domainToASCII } from 'node:url';
import { cleanText, cut, decodeWords, displayText } from './encoded-word.ts';
import { limits, type Address } from './mail.ts';

/** Longest addr-spec: RFC 5321 section 4.5.3.1.3 (a path of 256 with its brackets); longest local part: section 4.5.3.1.1. */
const addrSpecCharsMax = 254;
const localPartCharsMax = 64;
/** Longest address header that is read at all; 5000 recipients are not a conversation (TRUST B36). */
const valueCharsMax = 32 * 1024;

const atextRun = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+/uy;
/** RFC 5321 section 4.1.3. */
const literalPattern = /^(?:\d{1,3}(?:\.\d{1,3}){3}|ipv6:[0-9a-f:.]{2,45})$/i;
const domainLabel = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

type Token = { kind: 'atom' | 'quoted' | 'literal' | 'mark'; text: string; spaceBefore: boolean };

interface Entry {
  address: Address | null;
  /** The RFC 5322 group it stands in, or null. */
  group: string | null;
}

/** The addresses of a To, Cc or Reply-To (RFC 5322 section 3.4), groups opened; what is not an address is left out. At most `addressesMax`. */
export function parseAddressList(value: string): Address[] {
  return readList(value)
    .flatMap((entry) => (entry.address ? [entry.address] : []))
    .slice(0, limits.addressesMax);
}

/** The one author of a From value, or null and why not: nobody, several, a group, or not an address (TRUST B2–B5). */
export function parseAuthor(value: string): { address: Address | null; why: string } {
  if (value.trim() === '') return { address: null, why: 'the From header is empty' };
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) return { address: null, why: 'the From header holds control characters' };
  if (value.length > valueCharsMax)
    return { address: null, why: `the From header has ${value.length} characters; ${valueCharsMax} are read` };
  const entries = readList(value);
  if (entries.length === 0) return { address: null, why: 'the From header names nobody' };
  if (entries.some((entry) => entry.group !== null)) return { address: null, why: 'the From header is a group' };
  if (entries.length > 1) return { address: null, why: `the From header names ${entries.length} authors` };
  const address = entries[0]?.address ?? null;
  if (!address) return { address: null, why: `"${cut(displayText(value), 100)}" is not one address with a domain` };
  return { address, why: '' };
}

/**
 * Whether an automatic mail may go to this addr-spec: a plain dot-atom without `%`, `!` or a quoted part, at a host name with a top-level
 * domain that is not a number (TRUST B6).
 */
export function deliverable(addrSpec: string): boolean {
  if (addrSpec.length > addrSpecCharsMax) return false;
  const at = addrSpec.lastIndexOf('@');
  const localPart = addrSpec.slice(0, at);
  const labels = addrSpec.slice(at + 1).split('.');
  if (at < 1 || localPart.length > localPartCharsMax || labels.length < 2) return false;
  if (
    !/^[A-Za-z0-9#$&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+(?:\.[A-Za-z0-9#$&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+)*$/u.test(
      localPart,
    )
  )
    return false;
  return (
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/** A domain in lower-case A-labels, or null when it is no host name. Look-alike letters stay what they are: they become `xn--` (TRUST B10). */
export function canonicalDomain(domain: string): string | null {
  const ascii = /^[\0-\x7f]*$/.test(domain) ? domain.toLowerCase() : domainToASCII(domain);
  const labels = ascii.split('.');
  return ascii.length <= 253 && labels.length > 0 && labels.every((label) => domainLabel.test(label)) ? ascii : null;
}

/** Header text for an address as we write it: `"Name" <addr>` with quotes where RFC 5322 wants them. For tests and showing; letters use objects. */
export function addressText({ displayName, addrSpec }: Address): string {
  if (displayName === '') return `<${addrSpec}>`;
  return `"${displayName.replace(/["\\]/g, '\\$&')}" <${addrSpec}>`;
}

function readList(value: string): Entry[] {
  const tokens = tokenise(value.slice(0, valueCharsMax));
  const entries: Entry[] = [];
  let current: Token[] = [];
  let group: string | null = null;
  let inAngle = false;
  const finish = (): void => {
    if (current.length > 0) entries.push({ address: readMailbox(current), group });
    current = [];
  };
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === '<') inAngle = true;
    if (token.kind === 'mark' && token.text === '>') inAngle = false;
    if (token.kind === 'mark' && !inAngle && token.text === ',') finish();
    else if (token.kind === 'mark' && !inAngle && token.text === ';') {
      finish();
      group = null;
    } else if (token.kind === 'mark' && !inAngle && token.text === ':' && group === null) {
      group = phrase(current);
      current = [];
      entries.push({ address: null, group });
    } else current.push(token);
  }
  finish();
  return entries;
}

/** Words and marks of RFC 5322 section 3.2; comments (nested) vanish, white space is remembered because none may stand inside an addr-spec. */
function tokenise(value: string): Token[] {
  const tokens: Token[] = [];
  let spaceBefore = false;
  let at = 0;
  while (at < value.length) {
    const char = value[at] ?? '';
    if (/\s/.test(char)) {
      spaceBefore = true;
      at += 1;
      continue;
    }
    if (char === '(') {
      at = afterComment(value, at);
      spaceBefore = true;
      if (at > value.length) tokens.push(unclosed);
      continue;
    }
    const closing = char === '"' ? '"' : char === '[' ? ']' : null;
    if (closing) {
      const { text, next } = quoted(value, at + 1, closing);
      if (next > value.length) tokens.push(unclosed);
      tokens.push({ kind: closing === '"' ? 'quoted' : 'literal', text, spaceBefore });
      at = next;
    } else {
      atextRun.lastIndex = at;
      const text = atextRun.exec(value)?.[0] ?? char;
      tokens.push({
        kind: text === char && !/[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]/.test(char) ? 'mark' : 'atom',
        text,
        spaceBefore,
      });
      at += text.length;
    }
    spaceBefore = false;
  }
  return tokens;
}

/** Stands for a quotation, comment or literal that never ends: no address may hold it, since readings of it differ. */
const unclosed: Token = { kind: 'mark', text: '\0', spaceBefore: false };

/** Where the comment at `from` ends; beyond the value's length when it does not. */
function afterComment(value: string, from: number): number {
  let depth = 0;
  for (let at = from; at < value.length; at += 1) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === '(') depth += 1;
    else if (value[at] === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return value.length + 1;
}

function quoted(value: string, from: number, closing: string): { text: string; next: number } {
  let text = '';
  for (let at = from; at < value.length; at += 1) {
    const char = value[at] ?? '';
    if (char === closing) return { text, next: at + 1 };
    if (char === '\\') at += 1;
    text += value[at] ?? '';
  }
  return { text, next: value.length + 1 };
}

function readMailbox(tokens: Token[]): Address | null {
  const open = tokens.findIndex((token) => token.kind === 'mark' && token.text === '<');
  if (open < 0) return addressOf(tokens, '');
  const close = tokens.findIndex((token, index) => index > open && token.kind === 'mark' && token.text === '>');
  // Anything after `>` is where readings differ; a route (`<@a,@b:c@d>`) too.
  if (close < 0 || close !== tokens.length - 1) return null;
  return addressOf(tokens.slice(open + 1, close), phrase(tokens.slice(0, open)));
}

function phrase(tokens: Token[]): string {
  return displayText(tokens.map((token) => (token.spaceBefore ? ` ${token.text}` : token.text)).join(''));
}

function addressOf(tokens: Token[], displayName: string): Address | null {
  const at = tokens.findLastIndex((token) => token.kind === 'mark' && token.text === '@');
  if (at < 1 || tokens.some((token, index) => index > 0 && token.spaceBefore)) return null;
  const local = tokens.slice(0, at);
  const domain = tokens.slice(at + 1);
  const localPart = readLocalPart(local);
  const domainText = domain.map((token) => token.text).join('');
  const literal = domain.length === 1 && domain[0]?.kind === 'literal' && literalPattern.test(domainText);
  const named = domain.every((token) => token.kind === 'atom' || token.text === '.');
  if (localPart === null || !(literal || named)) return null;
  const host = literal ? `[${domainText.toLowerCase()}]` : canonicalDomain(domainText);
  // An encoded word may not stand in an addr-spec (RFC 2047 section 5).
  if (host === null || decodeWords(localPart) !== localPart || cleanText(localPart) !== localPart) return null;
  const addrSpec = `${localPart.toLowerCase()}@${host}`;
  return addrSpec.length <= addrSpecCharsMax ? { displayName, addrSpec } : null;
}

function readLocalPart(tokens: Token[]): string | null {
  const only = tokens[0];
  if (tokens.length === 1 && only?.kind === 'quoted') {
    return /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]+$/.test(only.text) && !/^\.|\.\.|\.$/.test(only.text)
      ? only.text
      : `"${only.text.replace(/["\\]/g, '\\$&')}"`;
  }
  const plain = tokens.every((token) => token.kind === 'atom' || (token.kind === 'mark' && token.text === '.'));
  return plain && tokens.length > 0 ? tokens.map((token) => token.text).join('') : null;
}
