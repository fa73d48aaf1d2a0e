// A raw mail as plain data, read without the library: the ground that parse.ts corrects the library by, and the fallback when the library refuses, dies
// or is late. Pure and synchronous; it never throws and its work is bounded by the limits in mail.ts.
import { parseAddressList, parseAuthor } from './address.ts';
import { readAttachments } from './attachment.ts';
import { automatic } from './automatic.ts';
import { readDeliveryReport } from './delivery-report.ts';
import { displayText, hasControls } from './encoded-word.ts';
import { firstValue, valuesOf } from './header-block.ts';
import { limits, type Defect, type Header, type Mail } from './mail.ts';
import { readText, type MailText } from './mail-text.ts';
import { messageIds, ownMessageId } from './message-id.ts';
import { leaves, readMessage, type Part } from './mime-part.ts';
import { replyText } from './reply-text.ts';

/** Most Received fields of a mail that is not going in circles (Postfix stops at 50; TRUST B34). */
const receivedMax = 50;

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
  const fromText = value('from');
  const author = authorOf(headers);
  const subject = cutSubject(displayText(value('subject')));
  const reported = readDeliveryReport(own.message, chosen.text);
  const references = messageIds(valuesOf(headers, 'references').join(' '));
  const mail: Mail = {
    messageId: ownMessageId(value('message-id')),
    inReplyTo: messageIds(value('in-reply-to')).slice(0, limits.referencesMax),
    references: references.slice(-limits.referencesMax),
    from: author.address,
    fromText: displayText(fromText).slice(0, 1000),
    replyTo: parseAddressList(value('reply-to')),
    to: parseAddressList(valuesOf(headers, 'to').join(', ')),
    cc: parseAddressList(valuesOf(headers, 'cc').join(', ')),
    subject,
    date: isoDate(value('date')),
    text: chosen.text,
    html: chosen.html,
    reply: replyText({ text: chosen.text, html: chosen.html }).reply,
    attachments: readAttachments(own.message),
    automatic: null,
    deliveryReports: (reported?.reports ?? []).filter(({ action }) => action === 'failed' || action === 'delayed'),
    returned: reported?.returned ?? { messageIds: [], recipients: [] },
    headers,
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
    headers,
    from: mail.from,
    subject,
    text: mail.text,
    types: typesOf(own.message),
    reported: reported !== null,
  });
  return mail;
}

/** Most of a mail that is read on the caller's own thread, after its parser thread died or was late: a few milliseconds' worth. */
const lastResortBytesMax = 32 * 1024;

/** Our own reading of the beginning of a mail whose parsing died or was late: sender, subject and the first text; the rest is in the raw mail. */
export function readWithoutLibrary(raw: Uint8Array, defect: Defect): Mail {
  const own = readOwn(raw.subarray(0, lastResortBytesMax));
  return composeMail(own, own.text, [defect]);
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

/** A date header as an ISO instant, or null when it is none or absurd (RFC 5322 section 3.3; TRUST B33). */
function isoDate(value: string): string | null {
  const milliseconds = Date.parse(
    value
      .replace(/\([^()]*\)/g, ' ')
      .trim()
      .slice(0, 100),
  );
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) < 253_402_300_800_000
    ? Temporal.Instant.fromEpochMilliseconds(milliseconds).toString()
    : null;
}

function authorOf(headers: Header[]): { address: Mail['from']; defects: Defect[] } {
  const values = valuesOf(headers, 'from');
  if (values.length === 0)
    return { address: null, defects: [{ code: 'no-from', detail: 'there is no From header; the mail has no sender' }] };
  if (values.length > 1) {
    return {
      address: null,
      defects: [{ code: 'two-froms', detail: `${values.length} From headers, one is allowed; no sender was taken` }],
    };
  }
  const { address, why } = parseAuthor(values[0] ?? '');
  if (address) return { address, defects: [] };
  const code = /authors|group/.test(why) ? 'several-senders' : 'invalid-from';
  return { address: null, defects: [{ code, detail: `${why}; no sender was taken` }] };
}

function headerDefects(headers: Header[]): Defect[] {
  const defects: Defect[] = [];
  const twice: [string, Defect['code']][] = [
    ['subject', 'two-subjects'],
    ['message-id', 'two-message-ids'],
    ['date', 'two-dates'],
  ];
  for (const [name, code] of twice) {
    const found = valuesOf(headers, name).length;
    if (found > 1) defects.push({ code, detail: `${found} ${name} headers, one is allowed; the topmost was taken` });
  }
  const id = firstValue(headers, 'message-id');
  if (id === '') defects.push({ code: 'no-message-id', detail: 'there is no Message-ID; the content is the key' });
  else if (ownMessageId(id) === null) {
    defects.push({
      code: 'bad-message-id',
      detail: `"${displayText(id).slice(0, 100)}" is not one usable Message-ID; the content is the key`,
    });
  }
  const date = firstValue(headers, 'date');
  if (date !== '' && isoDate(date) === null) {
    defects.push({
      code: 'bad-date',
      detail: `"${displayText(date).slice(0, 60)}" is not a date; only the time of receipt counts`,
    });
  }
  const received = valuesOf(headers, 'received').length;
  if (received > receivedMax)
    defects.push({ code: 'many-received', detail: `${received} Received headers, ${receivedMax} are allowed` });
  if (headers.length >= limits.headersMax)
    defects.push({ code: 'many-headers', detail: `more than ${limits.headersMax} headers; the rest was left out` });
  const shown = ['from', 'to', 'cc', 'reply-to', 'subject'].filter((name) => hasControls(firstValue(headers, name)));
  if (shown.length > 0)
    defects.push({
      code: 'control-characters',
      detail: `control characters in ${shown.join(', ')}; taken out for showing`,
    });
  const addresses =
    ['to', 'cc']
      .flatMap((name) => valuesOf(headers, name))
      .join(',')
      .split('@').length - 1;
  if (addresses > limits.addressesMax)
    defects.push({
      code: 'many-addresses',
      detail: `about ${addresses} recipients; at most ${limits.addressesMax} were taken`,
    });
  return defects;
}

function cutSubject(subject: string): string {
  return Array.from(subject.slice(0, limits.subjectCharsMax * 2))
    .slice(0, limits.subjectCharsMax)
    .join('');
}
