// Gathers what the desk must know before it decides on a mail. Reads in the order in which one answer leads to the next, and asks at once what does
// not wait for another answer: the statements then leave together, in the order they stand here, which is also the order of their locks in every
// gateway. The cases the mail points at are locked from here to the commit.
import { sharedCaps } from '../cases/budget.ts';
import { engineeringAddress } from '../cases/correspondence.ts';
import type { MailFacts } from '../cases/facts.ts';
import { mayOpenCase } from '../cases/on-mail.ts';
import { thread, tokensOf } from '../cases/thread.ts';
import type { Instant } from '../clock.ts';
import { mailboxFacts, ownAddresses, signingKey, type Desk } from '../desk.ts';
import { readVerp } from '../letters/return-address.ts';
import { attachmentBytes } from '../mail/attachment.ts';
import { authentication } from '../mail/authentication.ts';
import { header, type Mail } from '../mail/mail.ts';
import { caseNumbers } from '../mail/subject.ts';
import { lockCase, nextCaseNumber, numberUnlessCopy, readCaseFacts } from '../store/cases.ts';
import { asksPriorCases } from '../policy/rules.ts';
import { priorCasesMax } from '../policy/rules-schema.ts';
import type { Transaction } from '../store/db.ts';
import { readAwayAddresses } from '../store/engineers.ts';
import { findCopies, findReported, findThread, priorCases, readLoad, readPerson } from '../store/evidence.ts';
import type { InboundFacts, InboundMail } from '../store/inbound.ts';
import { readNotices, reopensThisHour } from '../store/lately.ts';
import { rememberedOf } from './remembered.ts';
import { readStorms } from './storm-facts.ts';

/** Everything about one mail: the facts for the decision, and what is remembered of it in its row. */
export async function readMailFacts(
  trx: Transaction,
  desk: Desk,
  mail: Mail,
  inbound: InboundMail,
  now: Instant,
): Promise<{ facts: MailFacts; remembered: InboundFacts }> {
  const { policy } = desk;
  const from = mail.from?.addrSpec ?? null;
  const verdict = verdictOf(mail, inbound, from?.split('@').at(-1) ?? '', desk.config.trustedAuthserv);
  const remembered = rememberedOf(mail, inbound.raw, verdict.verdict === 'fail' ? 'failed' : 'believed');
  const tokens = tokensOf(mail, inbound.envelopeTo);
  // A signature covers the lowest of two subjects, a reader sees the topmost: neither is believed to name a case (TRUST T7).
  const numbers = mail.defects.some(({ code }) => code === 'two-subjects') ? [] : caseNumbers(mail.subject);
  // Our instance header stands on every automatic letter: one that came back under a new Message-ID is ours all the same (TRUST 4.3.3).
  const ours = header(mail, 'x-casepost-instance')?.trim() === desk.instance;
  const readCopies = async () => {
    const copies = await findCopies(trx, remembered);
    if (ours) copies.ownLetter ??= 0;
    return copies;
  };
  // What points nowhere opens a case unless it is a copy: it is taken for none, and everything is asked for at once.
  const pointed = pointsNowhere(mail, tokens, numbers)
    ? null
    : await Promise.all([readCopies(), findThread(trx, mail, tokens, numbers)]);
  const found = pointed?.[1] ?? { letters: [], references: [], candidates: [] };
  const place = mail.from
    ? thread(
        mail.from,
        {
          ...found,
          mailbox: inbound.mailbox,
          tokens,
          numbers,
          keys: desk.keys,
          ...engineersOf(desk),
          authentication: verdict,
        },
        policy,
        inbound.receivedAt,
      )
    : null;
  const named = place && 'caseNumber' in place ? place.caseNumber : null;
  const candidate = found.candidates.find((one) => one.supportCase.number === named);
  const reported = mail.deliveryReports.length > 0 ? await readReported(trx, desk, mail, inbound) : null;
  const placed = reported
    ? await lockCase(trx, reported.caseNumber, now)
    : candidate
      ? await readCaseFacts(trx, candidate.supportCase, candidate.participants, now)
      : null;
  const mailbox = mailboxFacts(desk, inbound.mailbox);
  const opensWith = (copies: Copies) => mayOpenCase(mail, { ...copies, place, placed, mailbox, reported }, policy);
  const opens = opensWith(pointed?.[0] ?? { copyOf: null, ownLetter: ours ? 0 : null });
  const asksPrior = opens && asksPriorCases(policy);
  const [copies, person, storms, number, load, noticesThisHour, away, prior, reopens] = await Promise.all([
    pointed?.[0] ?? readCopies(),
    from === null ? null : readPerson(trx, from, sharedCaps(policy.loops), now),
    opens ? readStorms(trx, desk, { ...remembered, mailbox: inbound.mailbox, mail }, now) : [],
    opens ? (pointed ? nextCaseNumber(trx) : numberUnlessCopy(trx, remembered)) : null,
    opens ? readLoad(trx) : {},
    readNotices(trx, now),
    readAwayAddresses(trx, now),
    asksPrior ? priorCases(trx, mail.from, { before: null, max: priorCasesMax }) : [],
    named === null ? 0 : reopensThisHour(trx, named, now),
  ]);
  const opening = opensWith(copies)
    ? { load, freshNumber: number ?? (await nextCaseNumber(trx)), priorCases: prior, storms }
    : opensNothing;
  const facts: MailFacts = {
    ...arrivalFacts(desk, inbound),
    ...copies,
    ...opening,
    noticesThisHour,
    away,
    place,
    placed,
    person,
    reopensThisHour: reopens,
    authentication: verdict,
    reported,
    ownLetterAttached: place?.place === 'engineer' && place.allowed ? attachedLetter(mail, inbound.raw) : null,
  };
  return { facts, remembered };
}

type Copies = Pick<MailFacts, 'copyOf' | 'ownLetter'>;

/** What is known for a mail that opens no case. */
const opensNothing = { load: {}, freshNumber: null, priorCases: [], storms: [] };

/** Whether nothing in the mail names a case or a letter of ours. */
function pointsNowhere(
  mail: Pick<Mail, 'inReplyTo' | 'references' | 'deliveryReports'>,
  tokens: unknown[],
  numbers: number[],
): boolean {
  return [mail.inReplyTo, mail.references, mail.deliveryReports, tokens, numbers].every((names) => names.length === 0);
}

/** Facts for a mail that our own code can not read: only what the door knew of it. */
export async function readParkFacts(
  trx: Transaction,
  desk: Desk,
  inbound: InboundMail,
  now: Instant,
): Promise<MailFacts> {
  return {
    ...arrivalFacts(desk, inbound),
    load: await readLoad(trx),
    noticesThisHour: await readNotices(trx, now),
    away: await readAwayAddresses(trx, now),
    copyOf: null,
    ownLetter: null,
    idSeenBefore: false,
    wordsSeenBefore: false,
    ownLetterAttached: null,
    place: null,
    placed: null,
    freshNumber: await nextCaseNumber(trx),
    person: null,
    priorCases: [],
    storms: [],
    reopensThisHour: 0,
    authentication: { verdict: 'none', because: 'the mail was not read' },
    reported: null,
  };
}

/** The name of an attached file that holds the header of our letters, whatever kind of mail file it is. */
function attachedLetter(mail: Mail, raw: Buffer): string | null {
  const found = mail.attachments.find(({ index }) => {
    // Outlook's own files have two bytes for each character.
    const text = Buffer.from(attachmentBytes(raw, index) ?? [])
      .toString('latin1')
      .replaceAll('\0', '');
    return /^x-casepost-instance:/im.test(text);
  });
  return found ? found.name || found.type : null;
}

function arrivalFacts(desk: Desk, inbound: InboundMail) {
  return {
    key: signingKey(desk),
    inboundId: inbound.id,
    bytes: inbound.raw.length,
    receivedAt: inbound.receivedAt,
    recovered: inbound.recovered,
    envelopeFrom: inbound.envelopeFrom,
    mailbox: mailboxFacts(desk, inbound.mailbox),
    ownAddresses: ownAddresses(desk),
  };
}

/** Who answers notices: the engineers and whom cases without one are told to, for the customer; engineering, for the case's owner. */
function engineersOf({ policy }: Desk): { engineers: string[]; engineering: string | null } {
  const lead = policy.escalation === null ? [] : [policy.escalation.address.toLowerCase()];
  const engineering = engineeringAddress(policy);
  const queue = engineering === null ? [] : [engineering];
  return { engineers: [...policy.engineers.map(({ address }) => address), ...lead, ...queue], engineering };
}

/** What our receiving servers say of the sender: the first of them that says anything. */
export function verdictOf(
  mail: Mail,
  { verdict: ours }: Pick<InboundMail, 'verdict'>,
  fromDomain: string,
  trusted: readonly string[],
): MailFacts['authentication'] {
  // What we verified ourselves goes before what a header says; it holds for the domain it was asked for and no other (TRUST T6).
  if (ours?.domain === fromDomain) return ours;
  if (ours && ours.domain !== '')
    return { verdict: 'none', because: `we verified ${ours.domain}, and the author is of ${fromDomain}` };
  const verdicts = trusted.map((server) => authentication(mail.headers, fromDomain, server));
  return (
    verdicts.find(({ verdict }) => verdict !== 'none') ?? verdicts[0] ?? authentication(mail.headers, fromDomain, null)
  );
}

async function readReported(
  trx: Transaction,
  desk: Desk,
  mail: Mail,
  inbound: InboundMail,
): Promise<MailFacts['reported']> {
  const messageIdStart = verpOf(desk, mail, inbound);
  const letter = await findReported(trx, mail.returned.messageIds, messageIdStart);
  // Where no signed reverse path is configured, our Message-ID with its token is all that a report can show.
  const signed = messageIdStart !== null || desk.config.smtp?.reversePath !== 'verp';
  return letter && { ...letter, signed };
}

/** Headers in which a mail server names the recipient of a mail that came without its envelope. */
const deliveryHeaders = new Set(['delivered-to', 'x-original-to', 'envelope-to', 'to']);

/** How the Message-ID of the letter begins to whose signed reverse path this mail came. */
function verpOf(desk: Desk, mail: Mail, inbound: InboundMail): string | null {
  const named = mail.headers.filter(({ name }) => deliveryHeaders.has(name)).map(({ value }) => value);
  for (const recipient of [...inbound.envelopeTo, ...named]) {
    const letter = readVerp(recipient, inbound.mailbox, desk.keys);
    if (letter) return letter.messageIdStart;
  }
  return null;
}
