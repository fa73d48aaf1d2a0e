// What a delivery report gives back of our letter: its Message-ID and its recipients, which find the case it is about. And the border between what
// the mail system says (the notice) and the message it returns, whose words must not be mistaken for a diagnosis.
import { cleanText } from './encoded-word.ts';
import { firstValue, readHeaderBlock, valuesOf } from './header-block.ts';
import type { Header } from './mail.ts';
import { messageIds } from './message-id.ts';
import { contentOf, leaves, type Part } from './mime-part.ts';

/** Message-IDs without brackets, addr-specs in lower case; the returned message's own first. */
export interface Returned {
  messageIds: string[];
  recipients: string[];
}

/** Most of a notice that is read: the reason stands at its beginning. */
const noticeCharsMax = 32 * 1024;
const returnedBytesMax = 64 * 1024;
const kept = 20;

/** Lines after which the returned message stands, as the mail systems write them. A new one is a new row. */
const borders: readonly RegExp[] = [
  /^-+ ?(?:below this line is a copy|enclosed is a copy|original message follows|undelivered message follows)/im,
  /^-+ ?this is a copy of (?:the|your) message/im,
  /^-+ ?the (?:header|body) of the (?:original )?message is following/im,
  /^[ \t]*-{3,} ?(?:original message|message header follows|unsent message follows|unsent message below|returned message|message header|original mail)/im,
  /^[ \t]*-{3,} ?original mail info/im,
  /^message headers? follows?/im,
  /^original (?:message (?:follows|headers)|mail as follows)/im,
  /^[ \t]*below is a copy of the original message/im,
  /^included is a copy of the message header/im,
  /^the first \d+ lines of your original message follow/im,
  /^-{10,}[ \t]*\n+[ \t]*(?:bounced e-?mail|original e-?mail)/im,
  /^[ \t]*(?:the original message|your original message|original message header|returned message|copy of the original message)[^\n]{0,40}:[ \t]*$/im,
  /^received:[ \t]*(?:from|by|\()/im,
  /^return-path:[ \t]*</im,
];

/** What the mail system says: the text before the returned message. */
export function noticeOf(text: string): string {
  const whole = text.slice(0, noticeCharsMax * 2);
  return whole.slice(0, border(whole)).slice(0, noticeCharsMax);
}

/** The addr-specs in a piece of header or prose, lower case, each once, in order. Made for recipients: `rfc822; <a@b>` and `"a@b"` too. */
export function addressesIn(text: string): string[] {
  const found =
    cleanText(text.slice(0, 8000)).match(
      /[^\s<>"'(),;:\\[\]]{1,64}@(?:[A-Za-z0-9_\u0080-\uffff](?:[A-Za-z0-9_\u0080-\uffff-]{0,62})\.?)+/g,
    ) ?? [];
  return [
    ...new Set(
      found.map((address) =>
        address
          .replace(/^[=.{]+|[.]+$/g, '')
          .toLowerCase()
          .toWellFormed(),
      ),
    ),
  ];
}

/** Finds the returned message: a message/rfc822 or text/rfc822-headers part, or the text after the border. */
export function returnedOf(message: Part, text: string): Returned {
  for (const part of leaves(message)) {
    if (!/^message\/(?:global|rfc822|partial)|rfc822-headers|^message\/global-headers/.test(part.type)) continue;
    const { headers } = readHeaderBlock(contentOf({ ...part, body: part.body.subarray(0, returnedBytesMax) }));
    const found = fromHeaders(headers);
    if (found.messageIds.length > 0 || found.recipients.length > 0) return found;
  }
  const at = border(text);
  return at >= text.length ? { messageIds: [], recipients: [] } : fromText(text.slice(at, at + returnedBytesMax));
}

function border(text: string): number {
  const places = borders.map((pattern) => text.search(pattern)).filter((at) => at >= 0);
  return places.length > 0 ? Math.min(...places) : text.length;
}

function fromHeaders(headers: readonly Header[]): Returned {
  const own = messageIds(firstValue(headers, 'message-id'));
  const chain = [...valuesOf(headers, 'in-reply-to'), ...valuesOf(headers, 'references')].flatMap(messageIds);
  const names = ['x-failed-recipients', 'to', 'cc', 'x-original-to', 'delivered-to', 'envelope-to'];
  return {
    messageIds: [...new Set([...own, ...chain])].slice(0, kept),
    recipients: [...new Set(names.flatMap((name) => valuesOf(headers, name)).flatMap(addressesIn))].slice(0, kept),
  };
}

/** Headers pasted into prose: quoted, indented, after blank lines. */
function fromText(text: string): Returned {
  const plain = text.replace(/^[ \t]*> ?/gm, '');
  const value = (name: string): string[] =>
    [
      ...plain.matchAll(new RegExp(`^[ \\t]{0,8}${name}[ \\t]*:[ \\t]*([^\\n]*(?:\\n[ \\t]+[^\\n:]+){0,10})`, 'gim')),
    ].map((found) => found[1] ?? '');
  const headers = ['message-id', 'in-reply-to', 'references', 'to', 'cc'].flatMap((name) =>
    value(name).map((content) => ({ name, value: content })),
  );
  return fromHeaders(headers);
}
