// The desk on the model database: the same steps as intake/{receive,mail-facts}.ts, with the real pure code for everything that is
// decided, read or written, and the model for everything that is stored.
import { sharedCaps } from '../../src/cases/budget.ts';
import type { Decision, MailDecision } from '../../src/cases/decision.ts';
import type { MailFacts, Storm } from '../../src/cases/facts.ts';
import { decideOnMail, mayOpenCase } from '../../src/cases/on-mail.ts';
import { decideOnRequest, type Request } from '../../src/cases/on-request.ts';
import { stormCap } from '../../src/cases/storm.ts';
import { thread, tokensOf } from '../../src/cases/thread.ts';
import type { Instant } from '../../src/clock.ts';
import { mailboxFacts, mailboxOf, ownAddresses, signingKey, type Desk } from '../../src/desk.ts';
import { follows } from '../../src/intake/conversation.ts';
import { rememberedOf } from '../../src/intake/remembered.ts';
import { compose } from '../../src/letters/compose.ts';
import type { Sender } from '../../src/letters/letter.ts';
import { readVerp } from '../../src/letters/return-address.ts';
import { authentication } from '../../src/mail/authentication.ts';
import { header, type Mail } from '../../src/mail/mail.ts';
import { caseNumbers } from '../../src/mail/subject.ts';
import type { OutgoingLetter } from '../../src/store/commit.ts';
import type { InboundFacts } from '../../src/store/inbound.ts';
import { caseFacts, findCopies, findStorms, findThread, load, person, reopens, telling } from './facts.ts';
import { commit } from './commit.ts';
import { fileOf, type Ledger } from './ledger.ts';
import { mayGoOn, type InboundRow } from './rows.ts';

/** A decision as it is about to be committed, for whoever watches. */
export interface Committing {
  decision: Decision;
  mail: InboundRow | null;
  letters: OutgoingLetter[];
  now: Instant;
}

/** What a model gateway decides with. `watch` sees every decision before it is committed and gives what sees it afterwards. */
export interface Room {
  desk: Desk;
  ledger: Ledger;
  watch(committing: Committing): () => void;
}

/** Longer than a mail ever waits for another try (store/inbound.ts). */
const putOffMax = 3_600_000;

/** Decides on the oldest waiting mail; null when none waits or it has to wait for an earlier one of its conversation. */
export async function receiveNext(room: Room, now: Instant): Promise<InboundRow | null> {
  const { ledger, desk } = room;
  const waiting = [...ledger.undecided].filter(
    ({ nextAt, storedAt }) => nextAt.equals(storedAt) || mayGoOn(nextAt, now, putOffMax),
  );
  for (const row of waiting) {
    const older = [...ledger.undecided].filter((one) => Number(one.id) < Number(row.id) && follows(row.mail, one.mail));
    if (older.length > 0) {
      row.nextAt = now.add({ seconds: 1 });
      continue;
    }
    const { facts, remembered } = mailFacts(room, row, now);
    const decision = decideOnMail(row.mail, facts, desk.policy, now);
    const about = facts.placed?.supportCase;
    const mailbox = about && about.number === decision.caseNumber ? about.mailbox : row.mailbox;
    await carryOut(room, decision, mailbox, { row, decision, facts: remembered }, now);
    return row;
  }
  return null;
}

/** Composes a decision's letters and commits everything. */
export async function carryOut(
  { desk, ledger, watch }: Room,
  decision: Decision,
  mailbox: string,
  mail: { row: InboundRow; decision: MailDecision; facts: InboundFacts } | null,
  now: Instant,
): Promise<void> {
  const letters: OutgoingLetter[] = [];
  for (const effect of decision.effects) {
    if (effect.effect !== 'letter') continue;
    const { proven, heldBecause, because } = effect.letter;
    const letter = await compose(effect.letter, senderOf(desk, mailbox), desk.templates, now, []);
    letters.push({ letter, proven, heldBecause, because });
  }
  const committed = watch({ decision, mail: mail?.row ?? null, letters, now });
  commit(ledger, decision, letters, mail, now);
  committed();
}

function senderOf(desk: Desk, id: string): Sender {
  const { address, name, addressExtension } = mailboxOf(desk, id);
  const mailbox = { id, address, name: name ?? desk.company, addressExtension: addressExtension ?? '' };
  const { company, instance } = desk;
  return { mailbox, company, publicUrl: null, reversePath: 'verp', key: signingKey(desk), instance };
}

function mailFacts(
  { desk, ledger }: Room,
  row: InboundRow,
  now: Instant,
): { facts: MailFacts; remembered: InboundFacts } {
  const { policy } = desk;
  const { mail, raw } = row;
  const from = mail.from?.addrSpec ?? null;
  const verdict = verdictOf(mail, desk);
  const remembered = rememberedOf(mail, raw, verdict.verdict === 'fail' ? 'failed' : 'believed');
  const copies = findCopies(ledger, remembered);
  if (header(mail, 'x-casepost-instance')?.trim() === desk.instance) copies.ownLetter ??= 0;
  const tokens = tokensOf(mail, []);
  const numbers = mail.defects.some(({ code }) => code === 'two-subjects') ? [] : caseNumbers(mail.subject);
  const found = findThread(ledger, mail, tokens, numbers);
  const engineers = [
    ...policy.engineers.map(({ address }) => address),
    ...(policy.escalation ? [policy.escalation.address.toLowerCase()] : []),
  ];
  const evidence = {
    ...found,
    mailbox: row.mailbox,
    tokens,
    numbers,
    keys: desk.keys,
    engineers,
    engineering: null,
    authentication: verdict,
  };
  const place = mail.from ? thread(mail.from, evidence, policy, row.receivedAt) : null;
  const named = place && 'caseNumber' in place ? ledger.cases.get(place.caseNumber) : undefined;
  const reported = mail.deliveryReports.length > 0 ? reportedLetter(desk, ledger, row) : null;
  const about = reported ? fileOf(ledger, reported.caseNumber) : named;
  const placed = about ? caseFacts(about, now) : null;
  const mailbox = mailboxFacts(desk, row.mailbox);
  const opens = mayOpenCase(mail, { ...copies, place, placed, mailbox, reported }, policy);
  if (opens) ledger.numbers += 1;
  const facts: MailFacts = {
    ...telling(ledger, signingKey(desk), now),
    ...copies,
    inboundId: row.id,
    bytes: raw.length,
    receivedAt: row.receivedAt,
    recovered: false,
    envelopeFrom: row.envelopeFrom,
    mailbox,
    ownAddresses: ownAddresses(desk),
    load: opens ? load(ledger) : {},
    place,
    placed,
    freshNumber: opens ? ledger.numbers : null,
    person: from === null ? null : person(ledger, from, sharedCaps(policy.loops).breakerFloor, now),
    // The shipped rules do not ask how often somebody wrote before.
    priorCases: [],
    storms: opens ? stormsOf(ledger, desk, row, remembered, now) : [],
    reopensThisHour: named ? reopens(named, now) : 0,
    authentication: verdict,
    reported,
    ownLetterAttached: null,
  };
  return { facts, remembered };
}

function verdictOf(mail: Mail, desk: Desk): MailFacts['authentication'] {
  const domain = mail.from?.addrSpec.split('@').at(-1) ?? '';
  const [server = null] = desk.config.trustedAuthserv;
  return authentication(mail.headers, domain, server);
}

function stormsOf(ledger: Ledger, { policy }: Desk, row: InboundRow, remembered: InboundFacts, now: Instant): Storm[] {
  const short = row.mail.reply.length < 40 ? { bodyKey: null, textKey: null } : {};
  const numbered = caseNumbers(row.mail.subject).length > 0;
  return findStorms(ledger, { ...remembered, ...short, mailbox: row.mailbox, numbered }, now)
    .filter(({ by, count }) => count >= stormCap(by, policy))
    .map(({ by, count, caseNumber }) => ({ by, count, placed: caseFacts(fileOf(ledger, caseNumber), now) }));
}

function reportedLetter(desk: Desk, ledger: Ledger, { mail, mailbox }: InboundRow): MailFacts['reported'] {
  const named = mail.headers.filter(({ name }) =>
    ['delivered-to', 'x-original-to', 'envelope-to', 'to'].includes(name),
  );
  const start = named.flatMap(({ value }) => readVerp(value, mailbox, desk.keys) ?? [])[0]?.messageIdStart ?? null;
  const letter =
    start === null
      ? mail.returned.messageIds
          .flatMap((id) => ledger.outboxByMessageId.get(id) ?? [])
          .sort((one, other) => other.id - one.id)[0]
      : ledger.outboxByStart.get(start.slice(0, -1));
  if (!letter) return null;
  const { caseNumber, recipient, kind } = letter;
  return { caseNumber, recipient, kind, signed: start !== null || desk.config.smtp?.reversePath !== 'verp' };
}

/** An engineer's command from a shell or a page; gives why it was refused, or null. */
export async function command(room: Room, caseNumber: number, request: Request, now: Instant): Promise<string | null> {
  const placed = caseFacts(fileOf(room.ledger, caseNumber), now);
  const decision = decideOnRequest(request, placed, { key: signingKey(room.desk) }, room.desk.policy, now);
  if ('refused' in decision) return decision.refused;
  await carryOut(room, decision, placed.supportCase.mailbox, null, now);
  return null;
}
