// What each letter may say: the variables a desk fills for it, as plain JSON. Instants travel as ISO 8601 UTC strings and are put
// into words by the template's language, so the desk stays free of language. Every name is always present; what is unknown is null
// or ''. A name that is not listed for a letter is dropped before rendering: so an acknowledgment can not echo a stranger's words.
import type { LetterKind } from '../cases/decision.ts';
import type { Severity } from '../cases/support-case.ts';

/** Filled by the desk for every letter: the IANA zone in which this reader's dates are shown, e.g. `Europe/Berlin`. */
export interface Common {
  zone: string;
}

/** Filled by `compose` for every letter from the sender and the request; whatever the desk put there is replaced. */
export interface AddedByCompose {
  /** The language the letter is written in: `de`. */
  language: string;
  /** `00000001`; '' in a letter that is about no case. */
  caseNumber: string;
  /** `[Case 00000001]`; '' in a letter that is about no case. */
  caseTag: string;
  company: string;
  mailboxAddress: string;
  publicUrl: string | null;
  /** The case's own page, or null when there is no public address. */
  caseUrl: string | null;
  /** The words an answer is read by, in the letter's language: RESOLVED, MORE TIME. */
  resolvedWord: string;
  moreTimeWord: string;
  /** `mailto:` links of one tap: a reply that says the one word or the other. */
  resolvedUrl: string;
  moreTimeUrl: string;
  /** The same for an answer that begins by saying that it does not work yet. */
  notSolvedUrl: string;
}

/** The customer's own words: only in letters to someone who has proven to be a participant (TRUST T9). */
export interface Personal extends Common {
  recipientName: string;
  subject: string;
}

/** When a person answers: the instant, and the hours it was counted in ('Monday to Friday, 09:00–18:00'; null means day and night). */
export interface Target {
  at: string;
  hours: string | null;
}

/** What will happen while the customer is silent, soonest first. `leave-open` ends it: we stop asking and the case stays open. */
export interface TimelineStep {
  at: string;
  what: 'follow-up' | 'close' | 'leave-open';
}

export interface AcknowledgmentVariables extends Common {
  severity: Severity;
  /** The severity in words, lower case: 'serious'. */
  severityLabel: string;
  planTitle: string;
  target: Target | null;
  /** What the mail did not say yet, each a noun phrase without a full stop: 'the exact error message'. */
  asks: string[];
  /** At most three are shown. */
  suggestions: { title: string; url: string }[];
  flags: { outOfScope: boolean; unregistered: boolean; noPlan: boolean; oldVersion: boolean; oldBuild: boolean };
  /** How to register, renew or buy, one sentence; null when nothing is missing. */
  registerHint: string | null;
  /** The newest build of the product, for `flags.oldBuild`; null when unknown. */
  latestBuild: string | null;
}

export interface LinkedCaseVariables extends AcknowledgmentVariables {
  /** `00000001`: the closed case the customer answered to. */
  previousNumber: string;
  /** Why it did not simply reopen: this line's cases never do, or it was closed too long ago. */
  reason: 'never-reopens' | 'closed-too-long-ago';
}

export interface AnswerVariables extends Personal {
  engineerName: string;
  /** The engineer's words as written; never wrapped or changed. */
  bodyText: string;
  /** Empty when nothing is asked of the customer: then the letter does not ask for RESOLVED either. */
  timeline: TimelineStep[];
  mayAskMoreTime: boolean;
}

export interface MoreInformationVariables extends AnswerVariables {
  /** What is asked for, each a whole question. */
  asks: string[];
}

export interface FollowUpVariables extends Personal {
  /** Which follow-up this is, from 1, and of how many. */
  step: number;
  steps: number;
  /** When our last answer left. */
  answeredOn: string;
  /** What comes after this letter. */
  timeline: TimelineStep[];
  mayAskMoreTime: boolean;
  /** Whether a case of this line can be reopened once closed. */
  canReopen: boolean;
}

export interface MoreTimeVariables extends Personal {
  timeline: TimelineStep[];
}

export interface ClosedVariables extends Personal {
  canReopen: boolean;
  /** Until when a reply reopens; null when it never does or always does: `canReopen` tells which. */
  reopenUntil: string | null;
  /** What solved it, for the customer; '' when nothing was written down. */
  solution: string;
}

export interface ReleaseVariables extends Personal {
  /** What to install, as the engineer named it. */
  release: string;
  /** The engineer's words about it. */
  bodyText: string;
  /** Empty when nothing is asked of the customer. */
  timeline: TimelineStep[];
  mayAskMoreTime: boolean;
}

export interface EngineerVariables extends Personal {
  requester: string;
  requesterName: string;
  /** The customer's new text, text only (TRUST T13). */
  text: string;
  severity: Severity;
  severityBecause: string;
  planTitle: string;
  planBecause: string;
  target: Target | null;
  targetBecause: string;
  ownerBecause: string;
  attachments: { name: string; type: string; size: number }[];
  /** One sentence the engineer should know first ('says RESOLVED but asks a question'); null when there is none. */
  hint: string | null;
  /** Whether engineering, and not the customer, wrote `text`. */
  fromEngineering: boolean;
  /** Whether engineering reads it: what it answers is for the engineer of the case. */
  toEngineering: boolean;
  /** A shell command that shows the case: 'casepost case show 1'. */
  caseCommand: string;
  /** The line above which an answer is written; the reader of engineer mails cuts there. */
  replyMarker: string;
}

export interface EngineerNoticeVariables extends EngineerVariables {
  /** What happened, one sentence: 'The customer has not answered three reminders.' */
  notice: string;
}

export interface EngineerAwayVariables extends Personal {
  /** What was done, or why nothing was. */
  notice: string;
}

export interface EngineerWarningVariables extends EngineerVariables {
  /** How much of the time to `target` is over. */
  percent: number;
  /** Whether the target has passed. */
  breached: boolean;
}

export interface SignInVariables extends Common {
  recipientName: string;
  /** Leads to the page where the sign-in is confirmed; works in the browser that asked for it. */
  link: string;
  /** Typed by hand in the browser that asked, when the mail is read elsewhere. */
  code: string;
  /** How long link and code work. */
  minutes: number;
  /** The browser that asked, in a few words; '' when unknown. */
  browser: string;
}

/** The variables of every letter by its kind. */
export interface LetterVariables {
  acknowledgment: AcknowledgmentVariables;
  'feedback-thanks': Common;
  'linked-case': LinkedCaseVariables;
  answer: AnswerVariables;
  'more-information': MoreInformationVariables;
  'follow-up': FollowUpVariables;
  'more-time': MoreTimeVariables;
  reopened: Personal;
  'closed-by-customer': ClosedVariables;
  'closed-by-support': ClosedVariables;
  'closed-no-response': ClosedVariables;
  'release-notice': ReleaseVariables;
  'engineer-new-case': EngineerVariables;
  'engineer-reply': EngineerVariables;
  'engineer-held': EngineerNoticeVariables;
  'engineer-warning': EngineerWarningVariables;
  'engineer-notice': EngineerNoticeVariables;
  'engineer-away': EngineerAwayVariables;
  'sign-in': SignInVariables;
}

/** Every letter there is, in the order people meet them. */
export const letterKinds = [
  'acknowledgment',
  'feedback-thanks',
  'linked-case',
  'answer',
  'more-information',
  'follow-up',
  'more-time',
  'reopened',
  'closed-by-customer',
  'closed-by-support',
  'closed-no-response',
  'release-notice',
  'engineer-new-case',
  'engineer-reply',
  'engineer-held',
  'engineer-warning',
  'engineer-notice',
  'engineer-away',
  'sign-in',
] as const satisfies readonly LetterKind[];
