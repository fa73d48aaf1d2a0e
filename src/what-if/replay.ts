// Decides once more on a mail that began a case, with the facts of then and whichever policy: the same pure functions as at the time, so that
// what differs comes from the policy. What can not be known any more is the same for every policy: who was how busy, and storms.
import type { CaseFacts, MailFacts } from '../cases/facts.ts';
import { decideOnMail } from '../cases/on-mail.ts';
import type { MailDecision } from '../cases/decision.ts';
import type { Place } from '../cases/thread.ts';
import { mailboxFacts, ownAddresses, signingKey, type Desk } from '../desk.ts';
import { verdictOf } from '../intake/mail-facts.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { asksPriorCases } from '../policy/rules.ts';
import { priorCasesMax } from '../policy/rules-schema.ts';
import { readCase, readCaseFacts, readParticipants } from '../store/cases.ts';
import type { Db } from '../store/db.ts';
import { priorCases } from '../store/evidence.ts';
import { awayAt, type Away } from '../store/engineers.ts';
import type { BegunCase } from '../store/replay.ts';

/** A mail with everything that is needed to decide on it again. */
export interface Replayed {
  begun: BegunCase;
  mail: Mail;
  facts: MailFacts;
}

/** What is the same for every mail: open cases of the engineers as they are now, who has said when that they are away, the policies compared. */
export interface Compared {
  load: Record<string, number>;
  away: readonly Away[];
  policies: readonly Policy[];
}

/** Gathers the facts of then. */
export async function factsOfThen(
  db: Db,
  desk: Desk,
  begun: BegunCase,
  mail: Mail,
  { load, away, policies }: Compared,
): Promise<Replayed> {
  const domain = mail.from?.addrSpec.split('@').at(-1) ?? '';
  const placed = begun.reason === 'closed-case-linked' ? await closedCase(db, begun) : null;
  const { contact, budget, entitlements, serials } = begun;
  const facts: MailFacts = {
    key: signingKey(desk),
    inboundId: begun.id,
    bytes: begun.raw.length,
    receivedAt: begun.receivedAt,
    recovered: begun.recovered,
    envelopeFrom: begun.envelopeFrom,
    mailbox: mailboxFacts(desk, begun.mailbox),
    ownAddresses: ownAddresses(desk),
    load,
    away: away.filter((one) => awayAt(one, begun.decidedAt)).map(({ address }) => address),
    noticesThisHour: {},
    copyOf: null,
    ownLetter: null,
    idSeenBefore: false,
    wordsSeenBefore: false,
    ownLetterAttached: null,
    place: mail.from && placeOfThen(begun, placed),
    placed,
    freshNumber: begun.caseNumber,
    person: mail.from && { contact, budget, entitlements, serials },
    priorCases: policies.some(asksPriorCases)
      ? await priorCases(db, mail.from, { before: begun.caseNumber, max: priorCasesMax })
      : [],
    storms: [],
    reopensThisHour: 0,
    authentication: verdictOf(mail, begun, domain, desk.config.trustedAuthserv),
    reported: null,
  };
  return { begun, mail, facts };
}

/** What a policy decides on the mail, at the moment it was decided on. */
export function decideAgain({ begun, mail, facts }: Replayed, policy: Policy): MailDecision {
  return decideOnMail(mail, facts, policy, begun.decidedAt);
}

function placeOfThen(begun: BegunCase, placed: CaseFacts | null): Place {
  const because = 'it was placed so when it came';
  if (placed)
    return { place: 'participant', caseNumber: placed.supportCase.number, proven: begun.contact.proven, because };
  if (begun.reason === 'not-a-participant' && begun.linkedFrom !== null)
    return { place: 'beside', caseNumber: begun.linkedFrom, because };
  return { place: 'new', because };
}

/** The closed case that a linked one goes on from; null when it has been opened again since, and nobody can tell how it stood. */
async function closedCase(db: Db, begun: BegunCase): Promise<CaseFacts | null> {
  const supportCase = begun.linkedFrom === null ? null : await readCase(db, begun.linkedFrom);
  if (supportCase?.status !== 'closed') return null;
  return readCaseFacts(db, supportCase, await readParticipants(db, [supportCase.number]), begun.decidedAt);
}
