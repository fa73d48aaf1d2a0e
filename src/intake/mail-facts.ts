// Gathers what the desk must know before it decides on a mail. Reads in the order in which one answer leads to the next; the cases the mail
// points at are locked from here to the commit.
import { createHash } from 'node:crypto';
import type { MailFacts } from '../cases/facts.ts';
import { mayOpenCase } from '../cases/on-mail.ts';
import { thread, tokensOf } from '../cases/thread.ts';
import type { Instant } from '../clock.ts';
import { mailboxFacts, ownAddresses, signingKey, type Desk } from '../desk.ts';
import { readVerp } from '../letters/return-address.ts';
import { authentication } from '../mail/authentication.ts';
import type { Mail } from '../mail/mail.ts';
import { bareSubject, caseNumbers } from '../mail/subject.ts';
import { lockCase, nextCaseNumber, readCaseFacts } from '../store/cases.ts';
import type { Transaction } from '../store/db.ts';
import {
  findCopies,
  findReported,
  findStorm,
  findThread,
  readLoad,
  readPerson,
  reopensThisHour,
} from '../store/evidence.ts';
import type { InboundFacts, InboundMail } from '../store/inbound.ts';

/** Everything about one mail: the facts for the decision, and what is remembered of it in its row. */
export async function readMailFacts(
  trx: Transaction,
  desk: Desk,
  mail: Mail,
  inbound: InboundMail,
  now: Instant,
): Promise<{ facts: MailFacts; remembered: InboundFacts }> {
  const { policy } = desk;
  const remembered = rememberedOf(mail, inbound.raw);
  const copies = await findCopies(trx, remembered);
  const from = mail.from?.addrSpec ?? null;
  const verdict = authentication(mail.headers, from?.split('@').at(-1) ?? '', desk.config.trustedAuthserv[0] ?? null);
  const tokens = tokensOf(mail, inbound.envelopeTo);
  const numbers = caseNumbers(mail.subject);
  const found = await findThread(trx, mail, tokens, numbers);
  const place = mail.from
    ? thread(
        mail.from,
        {
          ...found,
          mailbox: inbound.mailbox,
          tokens,
          numbers,
          keys: desk.keys,
          engineers: policy.engineers.map(({ address }) => address),
          authentication: verdict,
        },
        policy,
        now,
      )
    : null;
  const named = place && 'caseNumber' in place ? place.caseNumber : null;
  const candidate = found.candidates.find((one) => one.supportCase.number === named);
  const reported =
    mail.deliveryReports.length > 0 ? await findReported(trx, mail.returned.messageIds, verpOf(desk, inbound)) : null;
  const placed = reported
    ? await lockCase(trx, reported.caseNumber)
    : candidate
      ? await readCaseFacts(trx, candidate.supportCase, candidate.participants)
      : null;
  const storm =
    from === null
      ? { caseNumber: null, count: 0 }
      : await findStorm(trx, { from, subjectKey: remembered.subjectKey, bodyKey: remembered.bodyKey }, now);
  const mailbox = mailboxFacts(desk, inbound.mailbox);
  const opens = mayOpenCase(mail, { ...copies, place, placed, mailbox, reported }, policy);
  const facts: MailFacts = {
    ...arrivalFacts(desk, inbound),
    ...copies,
    load: await readLoad(trx),
    place,
    placed,
    freshNumber: opens ? await nextCaseNumber(trx) : null,
    person: from === null ? null : await readPerson(trx, from, policy.loops.breakerLettersAnHour, now),
    storm,
    reopensThisHour: named === null ? 0 : await reopensThisHour(trx, named, now),
    authentication: verdict,
    reported,
  };
  return { facts, remembered };
}

/** Facts for a mail that our own code can not read: only what the door knew of it. */
export async function readParkFacts(trx: Transaction, desk: Desk, inbound: InboundMail): Promise<MailFacts> {
  return {
    ...arrivalFacts(desk, inbound),
    load: await readLoad(trx),
    copyOf: null,
    ownLetter: null,
    idSeenBefore: false,
    place: null,
    placed: null,
    freshNumber: await nextCaseNumber(trx),
    person: null,
    storm: { caseNumber: null, count: 0 },
    reopensThisHour: 0,
    authentication: { verdict: 'none', because: 'the mail was not read' },
    reported: null,
  };
}

function arrivalFacts(desk: Desk, inbound: InboundMail) {
  return {
    key: signingKey(desk),
    inboundId: inbound.id,
    receivedAt: inbound.receivedAt,
    envelopeFrom: inbound.envelopeFrom,
    mailbox: mailboxFacts(desk, inbound.mailbox),
    ownAddresses: ownAddresses(desk),
  };
}

/** The letter whose signed reverse path this mail came to. */
function verpOf(desk: Desk, inbound: InboundMail): string | null {
  for (const recipient of inbound.envelopeTo) {
    const letter = readVerp(recipient, inbound.mailbox, desk.keys);
    if (letter) return letter.messageIdStart;
  }
  return null;
}

/** Headers that say who wrote what; those a mail gains on its way (Received, Delivered-To …) are no content. */
const contentHeaders = new Set([
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'content-type',
]);

function rememberedOf(mail: Mail, raw: Buffer): InboundFacts {
  const head = mail.headers.filter(({ name }) => contentHeaders.has(name)).map(({ name, value }) => `${name}:${value}`);
  const body = bodyOf(raw);
  const identified = mail.messageId !== null || mail.date !== null;
  const contentKey = createHash('sha256');
  // A mail without id and date has nothing that tells a second sending from a second copy but all of its bytes.
  if (identified) contentKey.update(head.join('\n')).update('\n\n').update(body);
  else contentKey.update(raw);
  return {
    messageId: mail.messageId,
    from: mail.from?.addrSpec ?? null,
    subject: mail.subject,
    contentKey: contentKey.digest(),
    subjectKey: bareSubject(mail.subject).toLowerCase(),
    bodyKey: createHash('sha256').update(mail.reply.replaceAll(/\s+/g, ' ').trim()).digest(),
    defects: mail.defects,
  };
}

/** What stands after the first empty line, with line ends made one. */
function bodyOf(raw: Buffer): string {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const start = text.indexOf('\n\n');
  return start < 0 ? '' : text.slice(start + 2).trimEnd();
}
