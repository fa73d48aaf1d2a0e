// Which Message-IDs a header names (RFC 5322 section 3.6.4). Written by every program on earth, so read by shape: something with an @ between
// angle brackets; old programs put phrases, commas and line breaks around them (TRUST B14, B16, B17).

/** Longest id that is used as a key: RFC 5322 section 2.1.1 allows a line of 998 characters, with its brackets. */
const idCharsMax = 996;
/** Most of a header that is looked at: 100,000 ids are not a conversation. The last ones are what counts, so the end is read. */
const valueCharsMax = 64 * 1024;

const usable = /^[!-;=?-~]+$/;

/**
 * The ids in `value` without brackets, in their order and each once; those that can not serve as a key (white space, quotes around white
 * space, non-ASCII, control characters, over 996 characters) are left out. Bare ids are taken when the value holds no brackets at all.
 */
export function messageIds(value: string): string[] {
  const text = value.slice(-valueCharsMax);
  const bracketed = [...text.matchAll(/<([^<>]*)>/g)].map((found) => (found[1] ?? '').trim());
  const candidates = text.includes('<') ? bracketed : text.split(/[\s,;]+/).filter((piece) => piece.includes('@'));
  return [...new Set(candidates.filter((id) => id.length > 0 && id.length <= idCharsMax && usable.test(id)))];
}

/** Whether a mail's own id may be used as its key; otherwise its content is (TRUST B14). Returns the id or null. */
export function ownMessageId(value: string): string | null {
  const ids = messageIds(value);
  const id = ids.length === 1 ? ids[0] : undefined;
  // An id without a right side is common with old programs, and as unique as they made it; quotes and spaces are not.
  return id !== undefined && !id.includes('"') ? id : null;
}
