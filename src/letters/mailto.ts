// One-tap answers: a `mailto:` link (RFC 6068) that opens a reply with the right address, subject and word already in it. It carries
// In-Reply-To where the reader's program honours it, so that the answer finds its case even if the subject is changed.

/** What the prepared answer says: to whom, under which subject, which words, and to which Message-ID (no brackets). */
export interface PreparedReply {
  to: string;
  subject: string;
  body: string;
  inReplyTo: string;
}

/** The link, percent-encoded as RFC 6068 2 asks: a blank is `%20`, never `+`, and a line break in the body is `%0D%0A`. */
export function mailto(reply: PreparedReply): string {
  const at = reply.to.lastIndexOf('@');
  const address = `${encode(reply.to.slice(0, at))}@${encode(reply.to.slice(at + 1))}`;
  const fields = [
    ['subject', reply.subject],
    ['body', reply.body.replaceAll(/\r?\n/g, '\r\n')],
    ['In-Reply-To', `<${reply.inReplyTo}>`],
  ].map(([name = '', value = '']) => `${name}=${encode(value)}`);
  return `mailto:${address}?${fields.join('&')}`;
}

function encode(text: string): string {
  // encodeURIComponent leaves these five, which are reserved or unsafe in an html attribute; a lone surrogate would make it throw.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
