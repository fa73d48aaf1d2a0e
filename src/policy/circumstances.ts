// Whether a mail came in the circumstances that a rule asks for: who wrote it and what they hold, in which language, with what attached, when,
// and how often they wrote before. What its words say is reading.ts's.
import type { Instant } from '../clock.ts';
import type { ProductLine } from '../cases/support-case.ts';
import { openAt } from '../schedule/calendar.ts';
import type { MailLanguage } from './language-words.ts';
import { calendarNamed } from './policy.ts';
import type { Policy } from './policy.ts';
import { compareVersions, oldVersion } from './products.ts';
import { weekdays, type Condition } from './rules-schema.ts';

/** What is known of a mail beside its words. */
export interface Circumstances {
  /** The line of the mailbox or form it came through. */
  readonly line: ProductLine;
  /** The id of that mailbox. */
  readonly mailbox: string;
  /** Domain of the sender's address, lower case; '' when there is none. */
  readonly senderDomain: string;
  /** The sender's account; null when it is unknown. */
  readonly account: string | null;
  /** Names of the plans that are valid for the account now. */
  readonly plans: readonly string[];
  readonly attachments: readonly { readonly name: string; readonly type: string }[];
  readonly receivedAt: Instant;
  /** When earlier cases of the sender were submitted, newest first; at most `priorCasesMax`. */
  readonly priorCases: readonly Instant[];
}

/** What the words of the mail have told: its line and product, and its language when a rule asks. */
export interface Told {
  readonly line: ProductLine;
  readonly product: string | null;
  readonly version: string | null;
  language(): MailLanguage | null;
}

const shownNameCharsMax = 80;

/** Why the circumstances are what the rule asks for, a reason for each thing it asks; null when one is not so. */
export function circumstances(rule: Condition, facts: Circumstances, told: Told, policy: Policy): string[] | null {
  if (rule.lines.length > 0 && !rule.lines.includes(told.line)) return null;
  const reasons: string[] = [];
  for (const ask of asks) {
    const reason = ask(rule, facts, told, policy);
    if (reason === null) return null;
    if (reason !== '') reasons.push(reason);
  }
  return reasons;
}

/** Each: a reason, '' when the rule does not ask, null when it is not so. */
type Ask = (rule: Condition, facts: Circumstances, told: Told, policy: Policy) => string | null;

const asks: readonly Ask[] = [
  ({ products }, _, { product }) => oneOf(products, product, (found) => `product ${found}`),
  ({ versions }, _, told, policy) => versionAsked(versions, told, policy),
  ({ senderDomains }, facts) => {
    const of = (one: string) => facts.senderDomain === one || facts.senderDomain.endsWith(`.${one}`);
    return oneOf(senderDomains, senderDomains.find(of) ?? null, (found) => `sender of ${found}`);
  },
  ({ accounts }, { account }) => oneOf(accounts, account, (found) => `account ${found}`),
  ({ plans }, facts) =>
    oneOf(plans, plans.find((one) => facts.plans.includes(one)) ?? null, (found) => `holds plan ${found}`),
  ({ mailboxes }, { mailbox }) => oneOf(mailboxes, mailbox, (found) => `came to mailbox ${found}`),
  ({ languages }, _, told) =>
    languages.length === 0 ? '' : oneOf(languages, told.language(), (found) => `written in ${found}`),
  ({ attachments }, facts) => attachmentAsked(attachments, facts.attachments),
  (rule, facts, told, policy) => timeAsked(rule, facts, told, policy),
  ({ priorCases }, facts) => priorCasesAsked(priorCases, facts),
];

function oneOf(asked: readonly string[], found: string | null, text: (found: string) => string): string | null {
  if (asked.length === 0) return '';
  return found !== null && asked.includes(found) ? text(found) : null;
}

function versionAsked(asked: readonly string[], { line, product, version }: Told, policy: Policy): string | null {
  if (asked.length === 0) return '';
  if (version === null) return null;
  const known = product === null ? undefined : policy.lines[line].products.get(product);
  const found = asked.find((one) =>
    one === 'old' ? known !== undefined && oldVersion(known, version) : compareVersions(one, version) === 0,
  );
  if (found === undefined) return null;
  return found === 'old' ? `version ${version} is older than the one before the current` : `version ${version}`;
}

function attachmentAsked(asked: readonly string[], attached: Circumstances['attachments']): string | null {
  if (asked.length === 0) return '';
  if (attached.length === 0) return asked.includes('none') ? 'nothing attached' : null;
  const found = attached.find(({ name, type }) => asked.some((one) => isSuch(one, { name, type })));
  return found === undefined ? null : `"${found.name.slice(0, shownNameCharsMax)}" (${found.type}) attached`;
}

function isSuch(asked: string, { name, type }: { name: string; type: string }): boolean {
  if (asked === 'any') return true;
  if (asked.startsWith('.')) return name.toLowerCase().endsWith(asked);
  return asked.endsWith('/*') ? type.startsWith(asked.slice(0, -1)) : type === asked;
}

function timeAsked(rule: Condition, { receivedAt }: Circumstances, { line }: Told, policy: Policy): string | null {
  if (rule.desk === null && rule.weekdays.length === 0) return '';
  const calendar = calendarNamed(policy, policy.lines[line].calendar);
  const reasons: string[] = [];
  if (rule.desk !== null) {
    if ((rule.desk === 'open') !== openAt(receivedAt, calendar)) return null;
    reasons.push(`came while calendar ${calendar.name} is ${rule.desk}`);
  }
  if (rule.weekdays.length > 0) {
    const day = weekdays[receivedAt.toZonedDateTimeISO(calendar.zone).dayOfWeek - 1];
    if (day === undefined || !rule.weekdays.includes(day)) return null;
    reasons.push(`came on ${day} in ${calendar.zone}`);
  }
  return reasons.join(', ');
}

function priorCasesAsked(asked: Condition['priorCases'], { priorCases, receivedAt }: Circumstances): string | null {
  if (asked === null) return '';
  const since = receivedAt.subtract({ hours: asked.days * 24 });
  const count = priorCases.filter((at) => Temporal.Instant.compare(at, since) >= 0).length;
  if (count < asked.atLeast || (asked.atMost !== null && count > asked.atMost)) return null;
  return `${count} earlier cases of the sender in ${asked.days} days`;
}
