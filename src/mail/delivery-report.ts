// Whether a mail is a delivery report, and what it says of which recipient: RFC 3464 reports, and the plain-text forms of the mail systems that
// never learnt it. A report comes from a machine: a person who forwards or quotes one is a person (TRUST B20, B46–B48).
import { reportFormats, type ReportFormat } from './delivery-report-formats.ts';
import { answersALetter, fromMachine, reportSubject } from './delivery-report-sender.ts';
import { statusOf } from './delivery-report-words.ts';
import { deliveryStatuses, type RecipientStatus } from './delivery-status.ts';
import { cut, displayText } from './encoded-word.ts';
import { firstValue, valuesOf } from './header-block.ts';
import { contentOf, leaves, type Part } from './mime-part.ts';
import { addressesIn, noticeOf, returnedOf, type Returned } from './returned-message.ts';

/** What a report says of one recipient. `recipient` is an addr-spec in lower case, '' when the report names none. */
export interface DeliveryReport {
  recipient: string;
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** RFC 3463, always three numbers; `5.0.0`, `4.0.0` when the report is not more exact. */
  status: string;
  /** Whether sending again is pointless (class 5); class 4 may pass. */
  permanent: boolean;
  /** What the other side said, in one line of at most `diagnosticCharsMax`. */
  diagnostic: string;
}

/** A report read: its recipients, and what finds the letter it is about. */
export interface ReadReport {
  reports: DeliveryReport[];
  returned: Returned;
}

const diagnosticCharsMax = 500;
/** Most recipients of one report that are told apart. */
const recipientsMax = 100;

/** Reads a delivery report, or null when the mail is none. `text` is the mail's text. Never throws. */
export function readDeliveryReport(message: Part, text: string): ReadReport | null {
  const declared = message.type === 'multipart/report';
  if (declared && /feedback|disposition/i.test(message.parameters['report-type'] ?? '')) return null;
  const parts = [...leaves(message)];
  if (parts.some((part) => /disposition-notification|feedback-report/.test(part.type))) return null;
  const machine = fromMachine(message);
  if (!declared && machine === 'no') return null;
  const returned = returnedOf(message, text);
  const notice = noticeOf(text);
  const statusParts = parts.filter((part) => /^message\/(?:global-)?delivery-status$/.test(part.type));
  const structured = statusParts.flatMap((part) => deliveryStatuses(Buffer.from(contentOf(part)).toString('utf8')));
  const statuses = structured.some(said) ? structured : deliveryStatuses(notice).filter(said);
  if (statuses.some(said)) {
    const reports = statuses.filter(said).map((status) => fromStatus(status, notice, returned));
    return { reports: distinct(reports), returned };
  }
  const subject = displayText(firstValue(message.headers, 'subject'));
  const format = reportFormats.find((candidate) => candidate.sign.test(candidate.in === 'subject' ? subject : notice));
  const named = (declared || machine === 'surely') && reportSubject.test(subject);
  const answers = machine !== 'surely' && !declared && answersALetter(subject);
  if (statusParts.length === 0 && (answers || (!format && !named))) return null;
  return { reports: distinct(fromNotice({ message, subject, notice, format: format ?? null, returned })), returned };
}

function said(status: RecipientStatus): boolean {
  return status.action !== null || status.status !== null || status.diagnostic !== '';
}

function fromStatus(status: RecipientStatus, notice: string, returned: Returned): DeliveryReport {
  const recipient = status.recipient || returned.recipients[0] || '';
  const delayed = status.action === 'delayed';
  const found = statusOf({
    diagnostic: status.diagnostic,
    declared: status.status,
    around: aroundRecipient(notice, recipient),
    delayed,
  });
  const action =
    status.action ?? (found.status.startsWith('4') ? 'delayed' : found.status.startsWith('2') ? 'delivered' : 'failed');
  return { recipient, action, ...found, diagnostic: oneLine(status.diagnostic || aroundRecipient(notice, recipient)) };
}

interface NoticeFacts {
  message: Part;
  subject: string;
  notice: string;
  format: ReportFormat | null;
  returned: Returned;
}

/** A report in prose: each recipient the format's pattern finds owns the text up to the next one. */
function fromNotice({ message, subject, notice, format, returned }: NoticeFacts): DeliveryReport[] {
  const own = ['to', 'delivered-to', 'x-original-to', 'envelope-to']
    .flatMap((name) => valuesOf(message.headers, name))
    .flatMap(addressesIn);
  const found = format?.recipient === 'returned' ? [] : recipientsIn(notice, format?.recipient ?? null, new Set(own));
  const failed = valuesOf(message.headers, 'x-failed-recipients').flatMap(addressesIn);
  const fallback = [...failed, ...addressesIn(subject), ...returned.recipients].slice(
    0,
    failed.length > 0 ? recipientsMax : 1,
  );
  const places =
    found.length > 0
      ? found
      : (fallback.length > 0 ? fallback : ['']).map((recipient) => ({ recipient, from: 0, to: notice.length }));
  const delayed =
    (format?.delayed ?? /$^/).test(notice) ||
    /\bdelay(?:ed)?\b|warning message only|not yet been delivered|delivery delayed/i.test(
      `${subject}\n${notice.slice(0, 1500)}`,
    );
  return places.slice(0, recipientsMax).map(({ recipient, from, to }) => {
    const part = notice.slice(from, to);
    const around = places.length === 1 ? notice : notice.slice(0, 200);
    const status = statusOf({ diagnostic: part, declared: null, around, delayed });
    return { recipient, action: delayed ? 'delayed' : 'failed', ...status, diagnostic: oneLine(part) };
  });
}

/** The first pattern that finds an address wins. Who gets the report (`own`) is the sender of our letter, not its recipient. */
function recipientsIn(
  notice: string,
  first: RegExp | null,
  own: ReadonlySet<string>,
): { recipient: string; from: number; to: number }[] {
  for (const pattern of [...(first ? [first] : []), ...commonRecipients]) {
    const matches = [...notice.matchAll(pattern)].flatMap((match) => {
      const recipient = match.slice(1).flatMap((group) => addressesIn(group ?? ''))[0];
      return recipient === undefined || (pattern !== first && own.has(recipient))
        ? []
        : [{ recipient, from: match.index }];
    });
    if (matches.length > 0)
      return matches.map((match, index) => ({ ...match, to: matches[index + 1]?.from ?? notice.length }));
  }
  return [];
}

/** How recipients stand in reports of any system, the surest first: alone in a line, before a colon, after words that introduce them. */
const commonRecipients: readonly RegExp[] = [
  /^[ \t*>]{0,12}["<]?([^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{3,255})[">]?:?[ \t]*(?:<[^<>\s]{1,300}>)?[ \t]*$/gm,
  /^[ \t]{0,12}["<]?([^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{3,255})[">]?[ \t]*(?::|\.{3}|\(|\[|,? error|on \w{3},)/gim,
  /(?<!mail )\b(?:recipient|address|deliver(?:ed|y)?|mail(?:ed|box)?|message|account|user|userid|rcpt to|to)\b[^\n@]{0,60}?[\s:<"(]["<(]{0,2}([^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{3,255})/gi,
  /(?<!from:? ?<?|[^\s<>"(),;:])([^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{3,255})/gi,
];

function aroundRecipient(notice: string, recipient: string): string {
  const at = recipient === '' ? -1 : notice.toLowerCase().indexOf(recipient);
  return at < 0 ? notice.slice(0, 3000) : notice.slice(at, at + 1500);
}

/** One entry a recipient: the first that says something exact, since systems repeat themselves in another language. */
function distinct(reports: DeliveryReport[]): DeliveryReport[] {
  const byRecipient = new Map<string, DeliveryReport>();
  for (const report of reports) {
    const before = byRecipient.get(report.recipient);
    if (!before || (before.status.endsWith('.0.0') && !report.status.endsWith('.0.0')))
      byRecipient.set(report.recipient, report);
  }
  return [...byRecipient.values()].slice(0, recipientsMax);
}

function oneLine(text: string): string {
  return cut(displayText(text), diagnosticCharsMax);
}
