// What the desk can decide, as data: a disposition, a reason from a closed list, one sentence for a person, and effects from a closed list.
// Effects are applied in store/commit.ts and nowhere else.
import type { Instant } from '../clock.ts';
import type { Address, Attachment } from '../mail/mail.ts';
import type { CloseReason, SupportCase } from './support-case.ts';

/** What became of a mail: every mail a source ever showed us ends in exactly one of these. */
export type Disposition =
  | 'opened'
  | 'joined'
  | 'linked'
  | 'held'
  | 'report'
  | 'automatic'
  | 'own-loop'
  | 'duplicate'
  | 'unparsed'
  | 'oversize'
  | 'blocked';

export type Reason =
  | 'new-request'
  | 'unanswered-new-request'
  | 'customer-replied'
  | 'customer-resolved'
  | 'customer-needs-time'
  | 'customer-unclear'
  | 'customer-thanks'
  | 'closed-case-reopened'
  | 'closed-case-linked'
  | 'not-a-participant'
  | 'forwarded-token'
  | 'sender-not-proven'
  | 'sender-ambiguous'
  | 'engineer-answered'
  | 'engineer-answer-refused'
  | 'engineering-answered'
  | 'engineer-noted'
  | 'engineer-set'
  | 'automatic-mail'
  | 'delivery-report'
  | 'letter-failed'
  | 'letter-late'
  | 'own-letter-returned'
  | 'same-mail-again'
  | 'storm'
  | 'too-many-hops'
  | 'too-large'
  | 'unreadable'
  | 'customer-silent'
  | 'follow-up-due'
  | 'closing-due'
  | 'target-near'
  | 'target-missed'
  | 'owner-found'
  | 'plan-overused'
  | 'engineer-away'
  | 'engineer-back'
  | 'escalated'
  | 'escalation-ended'
  | 'bug-linked'
  | 'bug-unlinked'
  | 'fix-released'
  | 'nothing-to-do';

export type Visibility = 'public' | 'internal' | 'held';
export type EntryKind = 'mail' | 'answer' | 'note' | 'change' | 'letter' | 'report';

/** A line of a case's history. `text` is what is shown; `fullText` is kept beside it when something was folded away. */
export interface NewEntry {
  kind: EntryKind;
  visibility: Visibility;
  author: string;
  text: string;
  fullText: string | null;
  attachments: Attachment[];
}

export type LetterKind =
  | 'acknowledgment'
  | 'feedback-thanks'
  | 'linked-case'
  | 'answer'
  | 'more-information'
  | 'follow-up'
  | 'more-time'
  | 'reopened'
  | 'closed-by-customer'
  | 'closed-by-support'
  | 'closed-no-response'
  | 'release-notice'
  | 'engineer-new-case'
  | 'engineer-reply'
  | 'engineer-held'
  | 'engineer-warning'
  | 'engineer-notice'
  | 'engineer-away'
  | 'sign-in';

/** A letter to be composed before the commit. One recipient each, so that no address learns of another (TRUST P9). */
export interface LetterRequest {
  kind: LetterKind;
  /** 0: it is about no case. */
  caseNumber: number;
  to: Address;
  language: string;
  /** RFC 3834 value of Auto-Submitted; null for what a person wrote. */
  automatic: 'auto-replied' | 'auto-generated' | null;
  /** The Message-ID (no brackets) this answers, and the chain before it, oldest first. */
  inReplyTo: string | null;
  references: string[];
  /** Attachments of a stored mail that go along. */
  attachmentsOf?: { inboundId: string; files: Attachment[] };
  /** Whether the address is known to read its mail: decides which caps count it (TRUST 4.3.4). */
  proven: boolean;
  /** Set when the letter is made but kept back, with the reason (the breaker of TRUST 4.3.4). */
  heldBecause: string | null;
  because: string;
  /** Plain JSON for the template, see letters/variables.ts for each letter's list. */
  variables: Record<string, unknown>;
  /** Makes the letter happen once: unique in the outbox, and the source of its Message-ID. */
  key: string;
}

export type DueRule = 'follow-up' | 'close';

export type Effect =
  | { effect: 'open'; supportCase: SupportCase }
  | { effect: 'change'; caseNumber: number; changes: Partial<SupportCase> }
  | { effect: 'entry'; caseNumber: number; entry: NewEntry }
  | { effect: 'participant'; caseNumber: number; address: Address; role: 'requester' | 'cc'; confirmed: boolean }
  | { effect: 'remove-participant'; caseNumber: number; address: string }
  | { effect: 'letter'; letter: LetterRequest }
  /** `anchor` names what started the clock; (case, rule, step, anchor) is unique. */
  | { effect: 'schedule'; caseNumber: number; rule: DueRule; step: number; anchor: string; at: Instant }
  | { effect: 'cancel-schedule'; caseNumber: number; because: string }
  /** Warns the owner when so many percent of the time to the target are over; the same warning twice is one. */
  | { effect: 'warn'; caseNumber: number; percent: number; targetAt: Instant; at: Instant }
  /** Warnings that were not given yet are not needed: somebody has answered, or there is another target. */
  | { effect: 'cancel-warnings'; caseNumber: number }
  /** Puts the case on a bug of engineering, or takes it off; `bug` in capital letters. */
  | { effect: 'link-bug'; caseNumber: number; bug: string; by: string }
  | { effect: 'unlink-bug'; caseNumber: number; bug: string }
  /** This address has been told of the release that mends the bug: once, whoever else tells at the same time. */
  | { effect: 'release-told'; caseNumber: number; bug: string; release: string; address: string }
  /** The engineer gets no new cases until then (null: until they say that they are back), or gets them again. */
  | { effect: 'engineer-away'; address: string; until: Instant | null }
  | { effect: 'engineer-back'; address: string }
  | { effect: 'suppress'; address: string; because: string; until: Instant }
  /** This address has shown that it reads what is sent to it. */
  | { effect: 'proven'; address: Address }
  | { effect: 'spend-incident'; caseNumber: number; entitlement: string }
  /** Gives back the incident that the case has used up, if it has. */
  | { effect: 'return-incident'; caseNumber: number };

/** A decision about one mail, one due row, one answer or one change: stored as the why-trace. */
export interface Decision {
  reason: Reason;
  /** One sentence for a person, with what matched (rule, key, plan, hours). */
  because: string;
  caseNumber: number | null;
  effects: Effect[];
}

/** A decision about a mail also says what became of it. */
export interface MailDecision extends Decision {
  disposition: Disposition;
}

export type { CloseReason };
