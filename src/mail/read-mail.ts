// A raw mail as plain data, read without the library: the ground that parse.ts corrects the library by, and the fallback when the library refuses, dies
// or is late. Pure and synchronous; it never throws and its work is bounded by the limits in mail.ts.
import { parseAddressList } from './address.ts';
import { readAttachments } from './attachment.ts';
import { automatic } from './automatic.ts';
import { readDeliveryReport } from './delivery-report.ts';
import { cleanText, cut, displayText } from './encoded-word.ts';
import { firstValue, readHeaderBlock, valuesOf } from './header-block.ts';
import { authorOf, headerDefects, isoDate } from './header-defects.ts';
import { emptyMail, limits, type Defect, type Header, type Mail } from './mail.ts';
import { readText, type MailText } from './mail-text.ts';
import { messageIds, ownMessageId } from './message-id.ts';
import { leaves, readMessage, type Part } from './mime-part.ts';
import { replyText } from './reply-text.ts';

/** Most of a header's value that is kept; the rest is in the raw mail. */
const headerCharsMax = 16 * 1024;
/** Most of a From header that is shown. */
const fromCharsMax = 1000;

/** What our own reading yields: the tree, its text, and the header with the defects it has. */
export interface OwnReading {
  message: Part;
  text: MailText;
  defects: Defect[];
}

/** Reads the structure and the text of `raw`; over `mailBytesMax` only the header. */
export function readOwn(raw: Uint8Array): OwnReading {
  const whole = raw.length <= limits.mailBytesMax;
  const message = readMessage(whole ? raw : raw.subarray(0, limits.headerBytesMax));
  const text = whole ? readText(message) : { text: '', html: null, cut: true, unusual: [] };
  return {
    message: whole ? message : { ...message, children: [], body: new Uint8Array() },
    text,
    defects: headerDefects(message.headers),
  };
}

/** Makes the Mail out of a reading; `chosen` is the text that parse.ts settled on, `defects` what it met. Never throws. */
export function composeMail(own: OwnReading, chosen: MailText, defects: Defect[]): Mail {
  const { headers } = own.message;
  const value = (name: string): string => firstValue(headers, name);
  const author = authorOf(headers);
  const subject = cutSubject(displayText(value('subject')));
  const reported = readDeliveryReport(own.message, chosen.text);
  const written = replyText({ text: chosen.text, html: chosen.html });
  const references = messageIds(valuesOf(headers, 'references').join(' '));
  const mail: Mail = {
    messageId: ownMessageId(value('message-id')),
    inReplyTo: messageIds(value('in-reply-to')).slice(0, limits.referencesMax),
    references: references.slice(-limits.referencesMax),
    from: author.address,
    fromText: cut(displayText(value('from')), fromCharsMax),
    replyTo: parseAddressList(value('reply-to')),
    to: parseAddressList(valuesOf(headers, 'to').join(', ')),
    cc: parseAddressList(valuesOf(headers, 'cc').join(', ')),
    subject,
    date: isoDate(value('date')),
    text: chosen.text,
    html: chosen.html,
    // Cleaned again: entities of the HTML may spell what the text may not hold.
    reply: cleanText(written.reply),
    replyBecause: written.because,
    attachments: readAttachments(own.message),
    automatic: null,
    deliveryReports: (reported?.reports ?? []).filter(({ action }) => action === 'failed' || action === 'delayed'),
    returned: reported?.returned ?? { messageIds: [], recipients: [] },
    headers: cleaned(headers),
    defects: [...own.defects, ...author.defects, ...defects],
  };
  if (references.length > limits.referencesMax) {
    mail.defects.push({
      code: 'many-references',
      detail: `${references.length} References; the last ${limits.referencesMax} were taken`,
    });
  }
  if (chosen.cut)
    mail.defects.push({
      code: 'text-cut',
      detail: `the text is longer than ${limits.textCharsMax} characters; the rest is in the raw mail`,
    });
  mail.automatic = automatic({
    headers: mail.headers,
    from: mail.from,
    subject,
    text: mail.text,
    types: typesOf(own.message),
    reported: reported !== null,
  });
  return mail;
}

/** Most of a mail that is read on the caller's own thread, after its parser thread died or was late: a few milliseconds' worth. */
const lastResortBytesMax = 16 * 1024;

/** Our own reading of the beginning of a mail whose parsing died or was late: sender, subject and the first text; the rest is in the raw mail. */
export function readWithoutLibrary(raw: Uint8Array, defect: Defect): Mail {
  try {
    const own = readOwn(raw.subarray(0, lastResortBytesMax));
    return composeMail(own, own.text, [defect]);
  } catch {
    return readHeaderOnly(raw, defect);
  }
}

/** The least that can be read: sender and subject. For the case that our own code fails on a mail; there is nothing in it that could. */
export function readHeaderOnly(raw: Uint8Array, defect: Defect): Mail {
  const { headers } = readHeaderBlock(raw.subarray(0, lastResortBytesMax));
  const author = authorOf(headers);
  return {
    ...emptyMail,
    messageId: ownMessageId(firstValue(headers, 'message-id')),
    from: author.address,
    fromText: cut(displayText(firstValue(headers, 'from')), fromCharsMax),
    subject: cutSubject(displayText(firstValue(headers, 'subject'))),
    headers: cleaned(headers),
    defects: [...author.defects, defect],
  };
}

/** The types in a mail; a report also names which report it is (RFC 6522), as `multipart/report; delivery-status`. */
function typesOf(message: Part): string[] {
  const types = [...leaves(message)].map((part) => part.type);
  const report =
    message.type === 'multipart/report'
      ? [`multipart/report; ${message.parameters['report-type']?.toLowerCase() ?? ''}`]
      : [];
  return [...report, ...types];
}

/** Header values as they are kept: a database refuses NUL, and a page must not be turned around (TRUST B7). */
function cleaned(headers: readonly Header[]): Header[] {
  return headers.map(({ name, value }) => ({
    name,
    value: cut(cleanText(value.slice(0, headerCharsMax)), headerCharsMax),
  }));
}

function cutSubject(subject: string): string {
  return Array.from(subject.slice(0, limits.subjectCharsMax * 2))
    .slice(0, limits.subjectCharsMax)
    .join('');
}
