// What the desk is told before it decides: read by the store beforehand, so that deciding never waits, asks or rolls dice.
import type { Instant } from '../clock.ts';
import type { TokenKey } from '../mail/reply-token.ts';
import type { EntitlementRecord } from '../policy/entitlement.ts';
import type { SerialRecord } from '../policy/registration.ts';
import type { SupportCase } from './support-case.ts';
import type { Participant, Place } from './thread.ts';

/** What one address has had from us lately, for the caps of TRUST 4.3.4: automatic letters, counted in the deciding transaction. */
export interface Budget {
  tenMinutes: number;
  threeHours: number;
  day: number;
  /** To unproven addresses: of this domain in the last hour, of the whole desk in the last hour and week. */
  domainHour: number;
  unprovenHour: number;
  unprovenWeek: number;
  /** Why nothing may be sent to the address at all (a permanent failure), or null. */
  suppressed: string | null;
}

/** Who an address is to us. */
export interface Contact {
  address: string;
  name: string;
  account: string | null;
  language: string | null;
  /** IANA zone, of the contact or the account. */
  zone: string | null;
  /** It has shown that it reads our mail, or an engineer has answered it. */
  proven: boolean;
}

/** Everything about the person behind an address. */
export interface Person {
  contact: Contact;
  entitlements: EntitlementRecord[];
  /** Serial numbers of the account: one for each product and version. */
  serials: SerialRecord[];
  budget: Budget;
}

/** The mailbox a mail came to, or a case lives in. */
export interface MailboxFacts {
  id: string;
  address: string;
  line: SupportCase['line'];
}

/** A case as it stands, with who belongs to it and the letters its requester has had. */
export interface CaseFacts {
  supportCase: SupportCase;
  participants: Participant[];
  /** When our newest answer left (or was written, while it waits); null before the first. */
  answeredAt: Instant | null;
  /** Message-IDs of our letters to the requester, oldest first: the chain the next one answers. */
  chain: string[];
  /** Letters to the requester that the postbox has tried and could not send yet. */
  stuck: number;
  /** Letters to the requester that wait, tried or not: with a mail server configured, these too have not left. */
  waiting: number;
  /** When the newest answer or follow-up to the requester left; null while none has. */
  leftAt: Instant | null;
  notices: CaseNotices;
}

/** What engineers were told of a case: letters to them in the last hour, and mails filed since the last of these letters. */
export interface CaseNotices {
  thisHour: number;
  untold: number;
}

/** Facts every decision has. */
export interface DeskFacts {
  /** The key new tokens are signed with. */
  key: TokenKey;
}

/** Facts for decisions that write to engineers by themselves. */
export interface TellingFacts extends DeskFacts {
  /** Letters that each engineer has had in the last hour, by address. */
  noticesThisHour: Record<string, number>;
  /** Addresses of engineers who said that they are away; nobody when left out. */
  away?: string[];
}

/** Like mails of late that each began a case or were folded: `count` of them, the first one's case. */
export interface Storm {
  /**
   * Within an hour `sender`: one sender with one subject or text; `body`: one text from whichever senders; `whole-sender`: one sender, whatever
   * they say; `domain`: one text, its numbers aside, from one domain. Within a day `body-all-day`: one text from whichever senders, for slow loops;
   * `numbered`: as `domain`, when the mail names a case number, as our own letters do that a forwarder sends back under another name each time.
   */
  by: 'sender' | 'body' | 'whole-sender' | 'body-all-day' | 'domain' | 'numbered';
  count: number;
  placed: CaseFacts;
}

/** Everything known about one mail besides itself. */
export interface MailFacts extends TellingFacts {
  /** Open cases by owner; read only when the mail may open a case, for which an owner is chosen. */
  load: Record<string, number>;
  inboundId: string;
  /** Size of the raw mail. */
  bytes: number;
  receivedAt: Instant;
  /** It was decided before, by a row that is lost: what was written then has left. */
  recovered: boolean;
  envelopeFrom: string | null;
  mailbox: MailboxFacts;
  /** Every address of ours: mailboxes, aliases. */
  ownAddresses: string[];
  /** An earlier mail of the same content. */
  copyOf: { id: string; caseNumber: number | null } | null;
  /** The mail is a letter of ours, by its Message-ID or our instance header: the case it was about (0 for none or unknown). */
  ownLetter: number | null;
  /** A mail with this Message-ID but other content was seen before (TRUST F26). */
  idSeenBefore: boolean;
  /** A mail with this Message-ID, this author and these words was taken before, under other headers: it may be replayed (TRUST T7). */
  wordsSeenBefore: boolean;
  /** The name of an attachment that is a letter of ours; read only of an engineer's answer. */
  ownLetterAttached: string | null;
  /** null when the mail has no one author we can believe. */
  place: Place | null;
  /** The case that `place` names. */
  placed: CaseFacts | null;
  /** Read only when the mail may open a case. */
  freshNumber: number | null;
  person: Person | null;
  /** When earlier cases of the sender were submitted, newest first; read only when the mail may open a case and a rule asks. */
  priorCases: Instant[];
  /** Read only from the policy's cap on: what is fewer is no storm. */
  storms: Storm[];
  reopensThisHour: number;
  authentication: { verdict: 'pass' | 'fail' | 'none'; because: string };
  /** The letter that a delivery report is about. `signed`: the report came by the signed way back that only such a report takes. */
  reported: { caseNumber: number; recipient: string; kind: string; signed: boolean } | null;
}
