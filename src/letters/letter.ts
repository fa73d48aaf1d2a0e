// What a letter is once it has been composed: the complete bytes and the envelope, decided before the commit, so that a retry sends the
// same mail again (invariant 5). And what its composer must know of the mailbox it leaves from.
import type { LetterKind } from '../cases/decision.ts';
import type { TokenKey } from '../mail/reply-token.ts';
import type { TemplateName } from './texts.ts';

/** The sender of letters: one mailbox of ours and the house's own facts. */
export interface Sender {
  /** `addressExtension` is '+' (or what the mail server splits at), '' when the server knows no address extensions. */
  mailbox: { id: string; address: string; name: string; addressExtension: string };
  company: string;
  /** Base of the pages, e.g. `https://support.example.com`; null when there are none. */
  publicUrl: string | null;
  /**
   * Whom bounces go to: `verp` a signed address of each letter's own; an address; null nobody for what no person wrote (RFC 3834 3.3), and the
   * mailbox for what one did.
   */
  reversePath: string | null;
  /** The key new tokens are signed with. */
  key: TokenKey;
  /** Names this installation in `X-Casepost-Instance`, so that it knows its own letters when they come back (TRUST 4.3.3). */
  instance: string;
}

/** A letter, ready to be stored and sent as it stands. */
export interface Letter {
  kind: LetterKind;
  /** null in a letter about no case: a sign-in, a test. */
  caseNumber: number | null;
  /** The request's key: unique in the outbox. */
  key: string;
  /** Without brackets. */
  messageId: string;
  /** RFC 5321 forward-path, exactly one. */
  recipient: string;
  /** RFC 5321 reverse-path; '' is the null path. */
  reversePath: string;
  automatic: boolean;
  subject: string;
  text: string;
  html: string;
  /** The whole mail, CRLF, at most `letterLimits.rawBytesMax`. */
  raw: Buffer;
  /** Whose templates it was made with: `de`. */
  language: string;
  /** Versions of texts changed here (store/templates.ts) that have a part in it. */
  templates: number[];
  /** The changed text that could not be used, and why, so that an older one stands in; null when all is well. */
  broken: BrokenText | null;
}

/** A changed text that could not be used, and what is wrong with it, for a person. */
export interface BrokenText {
  name: TemplateName;
  problem: string;
}

/** A letter about a case. */
export type CaseLetter = Letter & { caseNumber: number };

/** A file that goes along with an engineer's answer, as bytes. */
export interface LetterAttachment {
  name: string;
  /** Media type; anything that is not one is sent as `application/octet-stream`. */
  type: string;
  content: Uint8Array;
}

/** Limits of what goes into one letter. */
export const letterLimits = {
  subjectCodePointsMax: 255,
  nameCodePointsMax: 128,
  /** Of a person's words in one letter; the rest is on the case. */
  bodyCharsMax: 200_000,
  referencesMax: 20,
  messageIdCharsMax: 500,
  /** RFC 5321 4.5.3.1.1. */
  localPartOctetsMax: 64,
  /** Decoded bytes of all files of one letter: in base64 it stays under the 25 MiB that most mail servers take. */
  attachmentBytesMax: 18 * 1024 * 1024,
  rawBytesMax: 26 * 1024 * 1024,
  suggestionsMax: 3,
} as const;
