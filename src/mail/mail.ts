// What a mail is once it has been read: plain data (it crosses a thread), the same whichever door it came through.
// Everything here is untrusted text, already decoded, freed of control characters, and cut to a named limit.
import type { Automatic } from './automatic.ts';
import type { DeliveryReport } from './delivery-report.ts';

/** Limits on what is taken from one mail; what is over them is left in the raw bytes, never lost (TRUST B16, B36, B45). */
export const limits = {
  /** Most of a mail that is read at all; larger ones are stored raw and disposed of as `oversize`. */
  mailBytesMax: 25 * 1024 * 1024,
  /** Header block handed to the library; above it the fallback reader takes the first lines only. */
  headerBytesMax: 1024 * 1024,
  textCharsMax: 256 * 1024,
  htmlCharsMax: 512 * 1024,
  subjectCharsMax: 255,
  referencesMax: 50,
  addressesMax: 50,
  headersMax: 500,
  attachmentsMax: 500,
  parseSeconds: 10,
} as const;

/** An RFC 5322 mailbox. `addrSpec` is lower case with the domain as A-labels; `displayName` is for showing only. */
export interface Address {
  displayName: string;
  addrSpec: string;
}

/** A header field as it came: `name` lower case, `value` unfolded but not decoded. Order is the mail's own, topmost first. */
export interface Header {
  name: string;
  value: string;
}

/** An attachment's description. Its bytes stay in the raw mail; `index` finds them again. */
export interface Attachment {
  index: number;
  name: string;
  type: string;
  size: number;
  contentId: string | null;
  inline: boolean;
}

/** Something about the mail that is not as the RFCs have it, and what we did about it. */
export interface Defect {
  code:
    | 'no-from'
    | 'two-froms'
    | 'several-senders'
    | 'invalid-from'
    | 'sender-disagreement'
    | 'two-subjects'
    | 'two-message-ids'
    | 'two-dates'
    | 'no-message-id'
    | 'bad-message-id'
    | 'bad-date'
    | 'many-references'
    | 'many-addresses'
    | 'many-headers'
    | 'many-received'
    | 'control-characters'
    | 'text-cut'
    | 'library-refused'
    | 'timeout'
    | 'charset'
    | 'empty';
  detail: string;
}

export interface Mail {
  /** Without brackets; null when missing or unusable (content is the key then, TRUST B14). */
  messageId: string | null;
  /** Without brackets. */
  inReplyTo: string[];
  /** Without brackets, oldest first, at most the last `referencesMax`. */
  references: string[];
  /** The one strictly parsed author, or null (then `defects` says why, and the mail is held: TRUST B2–B5). */
  from: Address | null;
  /** The From header as it stood, decoded for showing; '' when there was none. */
  fromText: string;
  replyTo: Address[];
  to: Address[];
  cc: Address[];
  subject: string;
  /** The Date header as an ISO instant, for showing only; receipt time rules. */
  date: string | null;
  /** The whole text, derived from html when there is no text part. */
  text: string;
  html: string | null;
  /** The newly written text: without quotation, signature and disclaimer. The rest is folded, never deleted: `text` has it. */
  reply: string;
  /** How `reply` was found in the text, one sentence. */
  replyBecause: string;
  attachments: Attachment[];
  /** Set when no person wrote this mail (RFC 3834; TRUST 4.3), with the sign that told. */
  automatic: Automatic | null;
  /** One per failed or delayed recipient when the mail is a delivery report; empty otherwise. */
  deliveryReports: DeliveryReport[];
  /** Message-IDs (no brackets) and addresses found in a message that a report returned: they find the letter it is about. */
  returned: { messageIds: string[]; recipients: string[] };
  /** At most `headersMax`, topmost first. */
  headers: Header[];
  defects: Defect[];
}

/** A mail of which nothing has been read: what a reader that could not go on fills in. */
export const emptyMail: Readonly<Mail> = {
  messageId: null,
  inReplyTo: [],
  references: [],
  from: null,
  fromText: '',
  replyTo: [],
  to: [],
  cc: [],
  subject: '',
  date: null,
  text: '',
  html: null,
  reply: '',
  replyBecause: 'no text was read',
  attachments: [],
  automatic: null,
  deliveryReports: [],
  returned: { messageIds: [], recipients: [] },
  headers: [],
  defects: [],
};

/** The first value of a header, or null. */
export function header(mail: Pick<Mail, 'headers'>, name: string): string | null {
  return mail.headers.find((entry) => entry.name === name)?.value ?? null;
}

const senderDefects = new Set<Defect['code']>([
  'no-from',
  'two-froms',
  'several-senders',
  'invalid-from',
  'sender-disagreement',
]);

/** Why the mail has no author we can believe; null when it has one. */
export function whyNobody(mail: Pick<Mail, 'from' | 'defects'>): string | null {
  if (mail.from) return null;
  return mail.defects.find(({ code }) => senderDefects.has(code))?.detail ?? 'it has no usable author';
}
