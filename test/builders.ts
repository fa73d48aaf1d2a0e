// Builders for tests of decisions: a mail, a case, the facts around them, each whole and ordinary until a test says what is different.
import type { CaseFacts, MailFacts, Person, TellingFacts } from '../src/cases/facts.ts';
import type { Decision, Effect, LetterRequest } from '../src/cases/decision.ts';
import type { SupportCase } from '../src/cases/support-case.ts';
import type { Candidate, Evidence, Participant } from '../src/cases/thread.ts';
import type { Address, Mail } from '../src/mail/mail.ts';
import { makeToken, readToken } from '../src/mail/reply-token.ts';
import type { ReadToken } from '../src/mail/reply-token.ts';
import { shippedText } from '../src/policy/load.ts';
import { problemText, readPolicy } from '../src/policy/policy.ts';
import type { Policy } from '../src/policy/policy.ts';

/** An instant: `2026-03-02T09:00Z`, or a time on the wall: `2026-03-29T02:30[Europe/Berlin]`. */
export function at(text: string): Temporal.Instant {
  return text.includes('[') ? Temporal.ZonedDateTime.from(text).toInstant() : Temporal.Instant.from(text);
}

export const monday = at('2026-03-02T09:00Z');
export const key = { id: 'a', secret: 'a secret of the tests, long enough' };

/** The day number a token made at `instant` carries. */
export function dayOf(instant: Temporal.Instant): number {
  return Math.floor(instant.epochMilliseconds / 86_400_000);
}

const desk = `
engineers:
  - { name: Grace, address: grace@help.example, lines: [corporate, mobility] }
escalation: { address: lead@help.example }
`;

/** The shipped policy with one engineer and an escalation contact, and `text` (YAML) laid over both. */
export function aPolicy(text = ''): Policy {
  const first = readPolicy(shippedText(), { name: 'desk.yaml', text: desk });
  const read = text === '' ? first : readPolicy(shippedText(), { name: 'test.yaml', text: `${desk}${text}` });
  if ('problems' in read) throw new Error(read.problems.map(problemText).join('\n'));
  return read.policy;
}

export function anAddress(addrSpec: string, displayName = ''): Address {
  return { addrSpec, displayName };
}

/** A person's mail; `text` is also what counts as newly written unless `reply` says otherwise. */
export function aMail(changes: Partial<Mail> = {}): Mail {
  const text = changes.text ?? changes.reply ?? 'The nightly backup of our file server fails.';
  return {
    messageId: 'request-1@customer.example',
    inReplyTo: [],
    references: [],
    from: anAddress('ann@customer.example', 'Ann Example'),
    fromText: 'Ann Example <ann@customer.example>',
    replyTo: [],
    to: [anAddress('support@help.example')],
    cc: [],
    subject: 'Backup fails',
    date: '2026-03-02T08:59:00Z',
    text,
    html: null,
    reply: text,
    replyBecause: 'nothing is quoted',
    attachments: [],
    automatic: null,
    deliveryReports: [],
    returned: { messageIds: [], recipients: [] },
    headers: [],
    defects: [],
    ...changes,
  };
}

export function aCase(changes: Partial<SupportCase> = {}): SupportCase {
  const closed = changes.status === 'closed';
  return {
    number: 7,
    mailbox: 'support',
    line: 'corporate',
    subject: 'Backup fails',
    status: 'waiting on customer',
    statusNote: '',
    closeReason: closed ? 'resolved by customer' : null,
    severity: 'B',
    severityBy: 'rule',
    severityBecause: 'rule "some backups are affected": "fails" with "backup" in the text',
    plan: 'customer-service',
    planBecause: 'Customer Service: no other plan of this account is valid now',
    product: null,
    version: null,
    build: null,
    account: null,
    requester: 'ann@customer.example',
    requesterName: 'Ann Example',
    owner: 'grace@help.example',
    ownerBecause: 'Grace, of 1 who could take it: serves corporate, is at work now',
    language: 'en',
    zone: null,
    solution: '',
    linkedFrom: null,
    targetAt: at('2026-03-03T09:00Z'),
    targetBecause: 'Customer Service answers severity B within 1 business day, Mon becomes Tue',
    firstResponseAt: null,
    submittedAt: monday,
    updatedAt: monday,
    closedAt: closed ? monday : null,
    ...changes,
  };
}

export function aParticipant(address: string, changes: Partial<Participant> = {}): Participant {
  return { address, name: '', role: 'cc', confirmed: true, ...changes };
}

/** A case as the store reads it, its requester taking part. */
export function placedCase(changes: Partial<SupportCase> = {}, more: Partial<CaseFacts> = {}): CaseFacts {
  const supportCase = aCase(changes);
  return {
    supportCase,
    participants: [aParticipant(supportCase.requester, { role: 'requester', name: supportCase.requesterName })],
    answeredAt: monday,
    chain: ['request-1@customer.example'],
    stuck: 0,
    waiting: 0,
    leftAt: null,
    notices: { thisHour: 0, untold: 0 },
    ...more,
  };
}

export function aPerson(
  address = 'ann@customer.example',
  changes: {
    proven?: boolean;
    budget?: Partial<Person['budget']>;
    entitlements?: Person['entitlements'];
    serials?: Person['serials'];
    account?: string;
  } = {},
): Person {
  return {
    contact: {
      address,
      name: '',
      account: changes.account ?? null,
      language: null,
      zone: null,
      proven: changes.proven ?? false,
    },
    entitlements: changes.entitlements ?? [],
    serials: changes.serials ?? [],
    budget: {
      tenMinutes: 0,
      threeHours: 0,
      day: 0,
      domainHour: 0,
      unprovenHour: 0,
      unprovenWeek: 0,
      suppressed: null,
      ...changes.budget,
    },
  };
}

export const telling: TellingFacts = { key, noticesThisHour: {} };

/** Facts of a first mail from a stranger; a test that places it on a case gives `place` and `placed`. */
export function mailFacts(changes: Partial<MailFacts> = {}): MailFacts {
  return {
    ...telling,
    load: {},
    inboundId: '11',
    bytes: 2000,
    receivedAt: monday,
    recovered: false,
    envelopeFrom: null,
    mailbox: { id: 'support', address: 'support@help.example', line: 'corporate' },
    ownAddresses: ['support@help.example', 'mobility@help.example'],
    copyOf: null,
    ownLetter: null,
    idSeenBefore: false,
    wordsSeenBefore: false,
    ownLetterAttached: null,
    place: { place: 'new', because: 'it names no case' },
    placed: null,
    freshNumber: 8,
    person: aPerson(),
    priorCases: [],
    storms: [],
    reopensThisHour: 0,
    authentication: { verdict: 'none', because: 'nothing was said' },
    reported: null,
    ...changes,
  };
}

/** Facts of a mail that a participant's place has put on `placed`. */
export function joining(placed: CaseFacts, changes: Partial<MailFacts> = {}): MailFacts {
  const { number } = placed.supportCase;
  const place = { place: 'participant', caseNumber: number, proven: true, because: 'it answers our letter' } as const;
  return mailFacts({ place, placed, ...changes });
}

export function aToken(caseNumber: number, recipient: string, mailbox = 'support', made = monday): ReadToken {
  const token = readToken(makeToken({ mailbox, caseNumber, recipient }, key, dayOf(made)));
  if (!token) throw new Error('a token that was made can not be read');
  return token;
}

export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    mailbox: 'support',
    tokens: [],
    letters: [],
    references: [],
    numbers: [],
    candidates: [],
    keys: [key],
    engineers: ['grace@help.example'],
    engineering: null,
    authentication: { verdict: 'none', because: 'nothing was said' },
    ...changes,
  };
}

export function candidate(changes: Partial<SupportCase> = {}, others: Participant[] = []): Candidate {
  const { supportCase, participants } = placedCase(changes);
  return { supportCase, participants: [...participants, ...others] };
}

/** The letters a decision asks for, as `kind to address`. */
export function lettersOf({ effects }: Pick<Decision, 'effects'>): string[] {
  return requestsOf({ effects }).map(({ kind, to }) => `${kind} to ${to.addrSpec}`);
}

export function requestsOf({ effects }: Pick<Decision, 'effects'>): LetterRequest[] {
  return effects.flatMap((effect) => (effect.effect === 'letter' ? [effect.letter] : []));
}

/** The effects of one kind. */
export function effectsOf<Kind extends Effect['effect']>(
  { effects }: Pick<Decision, 'effects'>,
  kind: Kind,
): Extract<Effect, { effect: Kind }>[] {
  return effects.filter((one): one is Extract<Effect, { effect: Kind }> => one.effect === kind);
}

/** The fields of cases that a decision changes, those of all its changes together. */
export function changesOf(decision: Pick<Decision, 'effects'>): Partial<SupportCase> {
  return Object.assign({}, ...effectsOf(decision, 'change').map(({ changes }) => changes)) as Partial<SupportCase>;
}
