// What the desk is told before it decides, read from the model database as store/{evidence,lately,cases}.ts read it from the real one. That both say
// the same is shown by same-as-the-store.test.ts.
import type { CaseFacts, MailFacts, Person, Storm, TellingFacts } from '../../src/cases/facts.ts';
import type { Evidence } from '../../src/cases/thread.ts';
import type { Instant } from '../../src/clock.ts';
import type { Mail } from '../../src/mail/mail.ts';
import type { ReadToken, TokenKey } from '../../src/mail/reply-token.ts';
import type { InboundFacts } from '../../src/store/inbound.ts';
import { type Ledger } from './ledger.ts';
import type { CaseFile, InboundRow, OutboxRow } from './rows.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** What two gateways' clocks may differ by (store/lately.ts). */
const clocksDiffer = 5 * 60_000;
const candidatesMax = 10;
const chainMax = 40;

/** Rows of the last `span` milliseconds and the few minutes after. */
function lately<Row>(rows: { between(from: number, to: number): Row[] }, span: number, now: Instant): Row[] {
  return rows.between(now.epochMilliseconds - span, now.epochMilliseconds + clocksDiffer);
}

const storms = new Set(
  'new-request unanswered-new-request not-a-participant closed-case-linked sender-ambiguous too-many-hops too-large unreadable storm'.split(
    ' ',
  ),
);

/** A case with its facts. */
export function caseFacts(file: CaseFile, now: Instant): CaseFacts {
  const { supportCase, letters, entries } = file;
  const nowMs = now.epochMilliseconds;
  const toRequester = letters.filter(({ recipient }) => recipient === supportCase.requester);
  const waiting = toRequester.filter(({ state }) => state === 'waiting');
  const left = toRequester
    .filter(({ kind }) => kind === 'answer' || kind === 'follow-up')
    .map(({ sentAt }) => sentAt)
    .filter((sentAt) => sentAt !== null && sentAt.epochMilliseconds <= nowMs + clocksDiffer);
  const answered = letters
    .filter(({ kind, state }) => kind === 'answer' && state !== 'failed')
    .map(({ sentAt, createdAt }) => sentAt ?? createdAt);
  const told = entries.findLast(({ letterKind }) => letterKind?.startsWith('engineer-'))?.id ?? 0;
  const noticed = letters.filter(
    ({ kind, createdAt: { epochMilliseconds: at } }) =>
      kind.startsWith('engineer-') && at >= nowMs - hour && at <= nowMs + clocksDiffer,
  );
  return {
    supportCase,
    participants: file.participants
      .toSorted(
        (one, other) => Temporal.Instant.compare(one.addedAt, other.addedAt) || compareText(one.address, other.address),
      )
      .map(({ address, name, role, confirmed }) => ({ address, name, role, confirmed })),
    answeredAt: newest(answered),
    chain: chainOf(file, toRequester),
    stuck: waiting.filter(({ claim }) => claim !== null).length,
    waiting: waiting.length,
    leftAt: newest(left),
    notices: {
      thisHour: noticed.length,
      untold: entries.filter(({ kind, id }) => kind === 'mail' && id > told).length,
    },
  };
}

function chainOf({ supportCase, mails }: CaseFile, toRequester: OutboxRow[]): string[] {
  const links = [
    ...toRequester.map(({ messageId, createdAt }) => ({ id: messageId, at: createdAt })),
    ...mails.flatMap(({ facts, receivedAt }) =>
      facts?.messageId && facts.from === supportCase.requester ? [{ id: facts.messageId, at: receivedAt }] : [],
    ),
  ];
  return links
    .sort((one, other) => Temporal.Instant.compare(one.at, other.at) || compareText(one.id, other.id))
    .slice(-chainMax)
    .map(({ id }) => id);
}

function newest(instants: (Instant | null)[]): Instant | null {
  return instants.reduce(
    (best, one) => (one !== null && (best === null || Temporal.Instant.compare(one, best) > 0) ? one : best),
    null,
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Letters that each engineer has had in the last hour. */
export function telling(ledger: Ledger, key: TokenKey, now: Instant): TellingFacts {
  const noticesThisHour: Record<string, number> = {};
  for (const { recipient } of lately(ledger.notices, hour, now))
    noticesThisHour[recipient] = (noticesThisHour[recipient] ?? 0) + 1;
  return { key, noticesThisHour };
}

/** Everything about the person behind an address. */
export function person(ledger: Ledger, address: string, breakerFloor: number, now: Instant): Person {
  const domain = domainOf(address);
  const contact = ledger.contacts.get(address);
  const account = contact?.account ?? ledger.accountDomains.get(domain) ?? null;
  const within = (span: number) => lately(ledger.automatic, span, now);
  const own = within(day).filter(({ recipient, kind }) => recipient === address && !kind.startsWith('engineer-'));
  const since = (span: number) =>
    own.filter(({ createdAt }) => createdAt.epochMilliseconds >= now.epochMilliseconds - span).length;
  const unproven = within(hour).filter(({ proven }) => !proven);
  const suppressed = ledger.suppressed.get(address);
  const answered = ledger.casesOf.get(address)?.some(({ supportCase }) => supportCase.firstResponseAt !== null);
  return {
    contact: {
      address,
      name: contact?.name ?? '',
      account,
      language: contact?.language ?? null,
      zone: null,
      proven: (contact?.provenAt ?? null) !== null || (answered ?? false),
    },
    entitlements: ledger.entitlements
      .filter((record) => account !== null && record.account === account)
      .map((record) => ({ ...record })),
    serials: [],
    budget: {
      suppressed: suppressed && Temporal.Instant.compare(suppressed.until, now) > 0 ? suppressed.because : null,
      tenMinutes: since(10 * 60_000),
      threeHours: since(3 * hour),
      day: own.length,
      domainHour: unproven.filter(({ recipient }) => domainOf(recipient) === domain).length,
      unprovenHour: unproven.length,
      unprovenWeek: unproven.length > breakerFloor ? within(7 * day).filter(({ proven }) => !proven).length : 0,
    },
  };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Open cases of each owner. */
export function load(ledger: Ledger): Record<string, number> {
  const open: Record<string, number> = {};
  for (const { supportCase } of ledger.cases.values()) {
    const { owner, status } = supportCase;
    if (owner !== null && status !== 'closed') open[owner] = (open[owner] ?? 0) + 1;
  }
  return open;
}

/** What in the ledger the mail points at. */
export function findThread(
  ledger: Ledger,
  mail: Mail,
  tokens: ReadToken[],
  numbers: number[],
): Pick<Evidence, 'letters' | 'references' | 'candidates'> {
  const ids = [...new Set([...mail.inReplyTo, ...mail.references])];
  const outgoing = ids.flatMap((id) => ledger.outboxByMessageId.get(id) ?? []);
  const incoming = ids
    .flatMap((id) => ledger.inboundByMessageId.get(id) ?? [])
    .filter(({ disposition }) => disposition === 'opened' || disposition === 'linked' || disposition === 'joined');
  const letters = outgoing
    .map(({ caseNumber, recipient, createdAt, sentAt }) => ({
      caseNumber,
      recipient,
      createdAt,
      leftAt: sentAt ?? createdAt,
    }))
    .sort((one, other) => Temporal.Instant.compare(other.createdAt, one.createdAt));
  const decidedFirst = (one: InboundRow, other: InboundRow) =>
    one.decidedAt && other.decidedAt ? Temporal.Instant.compare(other.decidedAt, one.decidedAt) : 0;
  const references = incoming.sort(decidedFirst).flatMap(({ caseNumber }) => caseNumber ?? []);
  const pointed = [...letters.map((letter) => letter.caseNumber), ...tokens.map((token) => token.caseNumber)];
  const candidates = [...new Set([...pointed, ...numbers, ...references])]
    .slice(0, candidatesMax)
    .sort((one, other) => one - other)
    .flatMap((number) => ledger.cases.get(number) ?? []);
  return {
    letters,
    references: [...new Set(references)],
    candidates: candidates.map(({ supportCase, participants }) => ({ supportCase, participants })),
  };
}

/** Earlier mails of the same content, id or words, and whether the mail is a letter of ours. */
export function findCopies(
  ledger: Ledger,
  { messageId, from, contentKey, believedKey, bodyKey }: InboundFacts,
): Pick<MailFacts, 'copyOf' | 'ownLetter' | 'idSeenBefore' | 'wordsSeenBefore'> {
  const copies = [contentKey, believedKey].flatMap((content) => ledger.byContent.get(content.toString('hex')) ?? []);
  const [copy] = copies.sort((one, other) => Number(one.id) - Number(other.id));
  const same = messageId === null ? [] : (ledger.inboundByMessageId.get(messageId) ?? []);
  return {
    copyOf: copy ? { id: copy.id, caseNumber: copy.caseNumber } : null,
    ownLetter: messageId === null ? null : (ledger.outboxByMessageId.get(messageId)?.caseNumber ?? null),
    idSeenBefore: same.length > 0,
    wordsSeenBefore: same.some(
      (row) =>
        ['opened', 'linked', 'joined'].includes(row.disposition ?? '') &&
        row.facts?.from === from &&
        bodyKey !== null &&
        row.facts?.bodyKey?.equals(bodyKey),
    ),
  };
}

/** How many like mails came to the mailbox lately, and the first one's case, for each kind of storm. */
export function findStorms(
  ledger: Ledger,
  mail: InboundFacts & { mailbox: string; numbered: boolean },
  now: Instant,
): { by: Storm['by']; caseNumber: number; count: number }[] {
  const ofDay = lately(ledger.decided, day, now).filter(
    (row) => row.mailbox === mail.mailbox && storms.has(row.reason ?? '') && row.facts !== null,
  );
  const ofHour = ofDay.filter((row) => Number(row.decidedAt?.epochMilliseconds) >= now.epochMilliseconds - hour);
  const same = (one: Buffer | null | undefined, other: Buffer | null) =>
    one !== null && one !== undefined && other !== null && one.equals(other);
  const sender = (row: InboundRow) => mail.from !== null && row.facts?.from === mail.from;
  const domain = (row: InboundRow) =>
    mail.from !== null && row.facts?.from && domainOf(row.facts.from) === domainOf(mail.from);
  const body = (row: InboundRow) => same(row.facts?.bodyKey, mail.bodyKey);
  const text = (row: InboundRow) => same(row.facts?.textKey, mail.textKey);
  const subject = (row: InboundRow) => mail.subjectKey !== '' && row.facts?.subjectKey === mail.subjectKey;
  const found: [Storm['by'], InboundRow[]][] = [
    ['sender', ofHour.filter((row) => sender(row) && (body(row) || subject(row)))],
    ['body', ofHour.filter(text)],
    ['body-all-day', ofDay.filter(text)],
    ['domain', ofHour.filter((row) => body(row) && domain(row))],
    ['numbered', mail.numbered ? ofDay.filter((row) => body(row) && domain(row)) : []],
    ['whole-sender', ofHour.filter(sender)],
  ];
  return found.flatMap(([by, like]) => {
    const numbers = like.flatMap(({ caseNumber }) => caseNumber ?? []);
    return numbers.length === 0 ? [] : [{ by, caseNumber: Math.min(...numbers), count: like.length }];
  });
}

/** How often mail has reopened this case in the last hour. */
export function reopens({ entries }: CaseFile, now: Instant): number {
  const [from, to] = [now.epochMilliseconds - hour, now.epochMilliseconds + clocksDiffer];
  return entries.filter(
    ({ kind, reason, at: { epochMilliseconds: at } }) =>
      kind === 'mail' && reason === 'closed-case-reopened' && at >= from && at <= to,
  ).length;
}
