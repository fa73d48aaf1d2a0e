// Whether the receiving mail server vouches for the author's domain: the DMARC result in Authentication-Results (RFC 8601), and only as far as
// our own server wrote it. Anybody can write that header; ours stands on top, and names what it checked (TRUST T6, T7, B31, B32).
import { canonicalDomain } from './address.ts';
import { valuesOf } from './header-block.ts';
import type { Header } from './mail.ts';

/** `none`: nothing trustworthy was said. Policy decides what that means. */
export interface Authentication {
  verdict: 'pass' | 'fail' | 'none';
  because: string;
}

/** One `method=result` with its properties (RFC 8601 section 2.2), all lower case. */
interface Result {
  method: string;
  result: string;
  properties: Map<string, string>;
}

const fieldCharsMax = 16 * 1024;

/**
 * Reads the verdict about `fromDomain` (the A-label domain of the From address) from the topmost Authentication-Results of `trustedAuthservId`,
 * the configured name of our own receiving server; null means none is configured, and nothing is believed.
 */
export function authentication(
  headers: readonly Header[],
  fromDomain: string,
  trustedAuthservId: string | null,
): Authentication {
  if (trustedAuthservId === null || trustedAuthservId.trim() === '') {
    return { verdict: 'none', because: 'no authserv-id is configured, so no Authentication-Results is believed' };
  }
  const results = trustedBlock(headers, trustedAuthservId.trim().toLowerCase()).flatMap(readResults);
  const dmarc = results.filter(({ method }) => method === 'dmarc');
  if (results.length === 0)
    return { verdict: 'none', because: `there is no Authentication-Results of ${trustedAuthservId} on top` };
  if (dmarc.length === 0) return { verdict: 'none', because: `${trustedAuthservId} says nothing about DMARC` };
  const failed = dmarc.find(({ result }) => result === 'fail');
  if (failed) return { verdict: 'fail', because: `${trustedAuthservId} says dmarc=fail` };
  const passed = dmarc.every(({ result }) => result === 'pass') ? dmarc[0] : undefined;
  if (!passed)
    return {
      verdict: 'none',
      because: `${trustedAuthservId} says dmarc=${dmarc.map(({ result }) => result).join(', ')}`,
    };
  const checked = passed.properties.get('header.from');
  if (checked === undefined)
    return {
      verdict: 'none',
      because: `${trustedAuthservId} says dmarc=pass without header.from, so for whom is open`,
    };
  if (domainOf(checked) !== canonicalDomain(fromDomain)) {
    return {
      verdict: 'fail',
      because: `${trustedAuthservId} checked ${checked}, but we read the author's domain as ${fromDomain}`,
    };
  }
  if (restsOnPartOfTheBody(headers, results)) {
    return {
      verdict: 'none',
      because: 'DMARC passed only by a DKIM signature with l=, under which text can be appended (RFC 6376 section 8.2)',
    };
  }
  return { verdict: 'pass', because: `${trustedAuthservId} says dmarc=pass for ${checked}` };
}

/**
 * The fields of our server's topmost block: from the first with its id down to the next Received. One further below came in with the mail, and our
 * server should have taken it out (RFC 8601 section 5).
 */
function trustedBlock(headers: readonly Header[], id: string): string[] {
  const first = headers.findIndex((entry) => entry.name === 'authentication-results' && authservId(entry.value) === id);
  if (first < 0) return [];
  const rest = headers.slice(first);
  const received = rest.findIndex((entry) => entry.name === 'received');
  return valuesOf(received < 0 ? rest : rest.slice(0, received), 'authentication-results').filter(
    (value) => authservId(value) === id,
  );
}

function authservId(value: string): string {
  const [head = ''] = pieces(value);
  return (head.trim().split(/\s+/)[0] ?? '').replace(/^"|"$/g, '').toLowerCase();
}

function readResults(value: string): Result[] {
  return pieces(value)
    .slice(1)
    .flatMap((piece) => {
      const [first, ...others] = piece.match(/[^\s=]+\s*=\s*(?:"[^"]*"|[^\s"]+)/g) ?? [];
      const head = first === undefined ? null : keyAndValue(first);
      if (!head) return [];
      return [{ method: head[0].split('/')[0] ?? '', result: head[1], properties: new Map(others.map(keyAndValue)) }];
    });
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  return [
    text.slice(0, at).trim().toLowerCase(),
    text
      .slice(at + 1)
      .trim()
      .replace(/^"|"$/g, '')
      .toLowerCase(),
  ];
}

/** Splits at semicolons outside quotes; comments (nested, RFC 5322 section 3.2.2) are left out. */
function pieces(value: string): string[] {
  const found = [''];
  let depth = 0;
  let inQuotes = false;
  const text = value.slice(0, fieldCharsMax);
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\' && (inQuotes || depth > 0)) at += 1;
    else if (char === '"' && depth === 0) inQuotes = !inQuotes;
    else if (char === '(' && !inQuotes) depth += 1;
    else if (char === ')' && !inQuotes && depth > 0) depth -= 1;
    if (depth > 0 || char === ')') continue;
    if (char === ';' && !inQuotes) found.push('');
    else found[found.length - 1] += char;
  }
  return found;
}

function domainOf(text: string): string | null {
  return canonicalDomain(text.slice(text.lastIndexOf('@') + 1));
}

function restsOnPartOfTheBody(headers: readonly Header[], results: Result[]): boolean {
  const partial = valuesOf(headers, 'dkim-signature').flatMap((value) => {
    const tags = new Map(value.split(';').map((tag) => keyAndValue(tag.includes('=') ? tag : `${tag}=`)));
    return tags.has('l') ? [tags.get('d') ?? ''] : [];
  });
  if (partial.length === 0) return false;
  const otherProof = results.some(
    ({ method, result, properties }) =>
      result === 'pass' &&
      (method === 'spf' ||
        (method === 'dkim' &&
          !partial.includes(properties.get('header.d') ?? domainOf(properties.get('header.i') ?? '') ?? ''))),
  );
  return !otherProof;
}
