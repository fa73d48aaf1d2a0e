// May a mail join a case, and which? The join rule (TRUST 4.2): a signed token for the very writer is the strong key, a case number or a
// known Message-ID from a participant the visible one. A number alone from somebody else opens a case of its own and reveals nothing.
import type { Instant } from '../clock.ts';
import type { Address, Mail } from '../mail/mail.ts';
import { readToken, tokenFits, type ReadToken, type TokenKey } from '../mail/reply-token.ts';
import type { SupportCase } from './support-case.ts';

export interface Participant {
  address: string;
  name: string;
  role: 'requester' | 'cc';
  /** A proposed participant (false) is seen by engineers only and has no rights. */
  confirmed: boolean;
}

/** A case the mail points at in any way, with who belongs to it. */
export interface Candidate {
  supportCase: SupportCase;
  participants: Participant[];
}

/** Everything the mail shows of where it might belong, already read from the store. */
export interface Evidence {
  /** The mailbox the mail came to. */
  mailbox: string;
  /** Tokens found in recipient addresses and in the Message-IDs it answers, unverified. */
  tokens: ReadToken[];
  /** Letters of ours it answers by their exact Message-ID, newest first; `leftAt`: when it left, or was written while it waits. */
  letters: { caseNumber: number; recipient: string; createdAt: Instant; leftAt: Instant }[];
  /** Cases that hold another mail whose Message-ID this one answers. */
  references: number[];
  /** Case numbers in the subject. */
  numbers: number[];
  candidates: Candidate[];
  keys: TokenKey[];
  engineers: string[];
  /** Engineering's address, one of `engineers`, when it is no engineer's besides; null: none. What it writes is for the owner of the case alone. */
  engineering: string | null;
  authentication: { verdict: 'pass' | 'fail' | 'none'; because: string };
}

/** What policy says of senders that can not be authenticated. */
export type AuthenticationMode = 'required' | 'when-present' | 'off';

export type Place =
  | { place: 'new'; because: string }
  /** Row 5: a case of its own; only engineers see that it named `caseNumber`. */
  | { place: 'beside'; caseNumber: number; because: string }
  /** Rows 1 and 4. `proven`: the writer showed a token, so this address reads what we send to it. */
  | { place: 'participant'; caseNumber: number; proven: boolean; because: string }
  /** Rows 2 and 6. */
  | { place: 'unproven'; caseNumber: number; because: string }
  /** Row 3: somebody was handed a participant's letter. */
  | { place: 'stranger'; caseNumber: number; because: string }
  /** Row 10. */
  | { place: 'engineer'; caseNumber: number; allowed: boolean; because: string }
  /** The same, of engineering. */
  | { place: 'engineering'; caseNumber: number; allowed: boolean; because: string };

/** Tokens in what a mail is addressed to and what it answers, newest first, at most `tokensMax`. */
export function tokensOf(
  mail: Pick<Mail, 'to' | 'cc' | 'inReplyTo' | 'references'>,
  envelopeTo: string[],
): ReadToken[] {
  const places = [
    ...envelopeTo,
    ...mail.to.map((address) => address.addrSpec),
    ...mail.cc.map((address) => address.addrSpec),
    ...mail.inReplyTo,
    ...mail.references.toReversed(),
  ];
  const tokens = new Map<string, ReadToken>();
  for (const text of places) {
    const token = readToken(text);
    if (token) tokens.set(`${token.caseNumber}.${token.mac}`, token);
  }
  return [...tokens.values()].sort((one, other) => other.day - one.day).slice(0, tokensMax);
}

/** Most tokens of one mail that are looked at; nobody answers more letters at once. */
const tokensMax = 20;

/**
 * Places a mail. `engineerTokenDays`: how long an engineer's token gives the right to answer (row 10). `now` is when the mail came: one that waited
 * here, for a server that was away, is judged by then.
 */
export function thread(
  from: Address,
  evidence: Evidence,
  policy: { authentication: AuthenticationMode; engineerTokenDays: number },
  now: Instant,
): Place {
  const writer = from.addrSpec;
  const standing = standingOf(evidence.authentication.verdict, policy.authentication);
  const proof = tokenCases(writer, evidence);
  const named = visibleCases(evidence);

  if (evidence.engineers.includes(writer)) {
    const place = placeEngineer(writer, evidence, { standing, proof, named }, policy.engineerTokenDays, now);
    if (place?.place === 'engineer' && writer === evidence.engineering) return { ...place, place: 'engineering' };
    if (place) return place;
  }
  for (const own of proof.filter((entry) => entry.holder === 'writer')) {
    if (!participates(own.candidate, writer)) continue;
    const key = `${from.addrSpec} answers our letter (${own.how})`;
    if (standing === 'failed') return unproven(own.candidate, `${key}, but ${evidence.authentication.because}`);
    return { place: 'participant', caseNumber: own.candidate.supportCase.number, proven: true, because: key };
  }
  for (const { candidate, how } of named) {
    if (!participates(candidate, writer)) continue;
    const key = `${how} and ${writer} takes part in the case`;
    if (standing === 'failed') return unproven(candidate, `${key}, but ${evidence.authentication.because}`);
    return {
      place: 'participant',
      caseNumber: candidate.supportCase.number,
      proven: standing === 'proven',
      because: key,
    };
  }
  const handed = proof.find((entry) => entry.holder === 'another');
  if (handed) {
    return {
      place: 'stranger',
      caseNumber: handed.candidate.supportCase.number,
      because: `it answers a letter of ours to somebody else, and ${writer} takes no part in the case`,
    };
  }
  const other = named[0];
  if (other) {
    return {
      place: 'beside',
      caseNumber: other.candidate.supportCase.number,
      because: `${other.how}, but ${writer} takes no part in that case`,
    };
  }
  return { place: 'new', because: 'it names no case and answers no letter of ours' };
}

type Standing = 'proven' | 'unknown' | 'failed';

function standingOf(verdict: 'pass' | 'fail' | 'none', mode: AuthenticationMode): Standing {
  if (mode === 'off') return 'unknown';
  if (verdict === 'pass') return 'proven';
  return verdict === 'fail' || mode === 'required' ? 'failed' : 'unknown';
}

interface Proof {
  candidate: Candidate;
  holder: 'writer' | 'another';
  how: string;
  /** When it was made: of several the newest is meant. */
  day: number;
  /** From when its reader could answer it. */
  leftDay: number;
}

/** The cases for which the mail carries a token that really is ours, newest first; case and token must be of this mailbox. */
function tokenCases(writer: string, evidence: Evidence): Proof[] {
  const proofs: Proof[] = [];
  const candidateOf = (caseNumber: number) =>
    evidence.candidates.find(
      (one) => one.supportCase.number === caseNumber && one.supportCase.mailbox === evidence.mailbox,
    );
  for (const letter of evidence.letters) {
    const candidate = candidateOf(letter.caseNumber);
    if (!candidate) continue;
    const holder = letter.recipient === writer ? 'writer' : 'another';
    const day = dayOf(letter.createdAt);
    proofs.push({ candidate, holder, how: 'by its Message-ID', day, leftDay: dayOf(letter.leftAt) });
  }
  for (const token of evidence.tokens) {
    const candidate = candidateOf(token.caseNumber);
    if (!candidate) continue;
    const fits = (recipient: string) => tokenFits(token, { mailbox: evidence.mailbox, recipient }, evidence.keys);
    const others = [...candidate.participants.map((one) => one.address), ...evidence.engineers];
    const holder = fits(writer) ? 'writer' : others.some(fits) ? 'another' : null;
    const { day } = token;
    if (holder) proofs.push({ candidate, holder, how: 'by its signed token', day, leftDay: day });
  }
  return proofs.sort((one, other) => other.day - one.day);
}

/** The cases that anybody could have named: subject numbers first, then known Message-IDs. */
function visibleCases(evidence: Evidence): { candidate: Candidate; how: string }[] {
  const find = (caseNumber: number, how: string) => {
    const candidate = evidence.candidates.find((one) => one.supportCase.number === caseNumber);
    return candidate ? [{ candidate, how }] : [];
  };
  return [
    ...evidence.numbers.flatMap((number) => find(number, `the subject names case ${number}`)),
    ...evidence.references.flatMap((number) => find(number, `it answers a mail of case ${number}`)),
  ];
}

function placeEngineer(
  writer: string,
  evidence: Evidence,
  read: { standing: Standing; proof: Proof[]; named: { candidate: Candidate; how: string }[] },
  tokenDays: number,
  now: Instant,
): Place | null {
  const own = read.proof.find((entry) => entry.holder === 'writer');
  const candidate = own?.candidate ?? read.proof[0]?.candidate ?? read.named[0]?.candidate;
  // An engineer who is a customer of this very case writes as the customer.
  if (!candidate || participates(candidate, writer)) return null;
  const refuse = (why: string): Place => ({
    place: 'engineer',
    caseNumber: candidate.supportCase.number,
    allowed: false,
    because: `engineer ${writer}: ${why}`,
  });
  if (!own) return refuse('the mail does not answer a notification of ours to this address');
  if (dayOf(now) - own.leftDay > tokenDays)
    return refuse(`the notification it answers is older than ${tokenDays} days`);
  if (read.standing === 'failed') return refuse(evidence.authentication.because);
  return {
    place: 'engineer',
    caseNumber: candidate.supportCase.number,
    allowed: true,
    because: `engineer ${writer} answers our notification (${own.how})`,
  };
}

function participates(candidate: Candidate, address: string): boolean {
  return candidate.participants.some((one) => one.address === address && one.confirmed);
}

function unproven(candidate: Candidate, because: string): Place {
  return { place: 'unproven', caseNumber: candidate.supportCase.number, because };
}

/** Days since 1970-01-01 UTC, as tokens count them. */
export function dayOf(instant: Instant): number {
  return Math.floor(instant.epochMilliseconds / 86_400_000);
}
