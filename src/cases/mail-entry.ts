// A mail as a line of a case's history: what its writer newly wrote is shown, the whole text is kept beside it.
import { limits, type Mail } from '../mail/mail.ts';
import type { NewEntry, Visibility } from './decision.ts';

const authorCharsMax = 200;

/** The entry of a mail, with its attachments' descriptions. */
export function mailEntry(mail: Mail, visibility: Visibility, kind: NewEntry['kind'] = 'mail'): NewEntry {
  const folded = mail.reply.trim() !== '' && mail.reply.trim() !== mail.text.trim();
  return {
    kind,
    visibility,
    author: mail.from?.addrSpec ?? mail.fromText.slice(0, authorCharsMax),
    text: folded ? mail.reply : mail.text,
    fullText: folded ? mail.text : null,
    attachments: mail.attachments,
  };
}

/** A change of the case, told in one sentence, for engineers. */
export function changeEntry(text: string, author = 'casepost'): NewEntry {
  return { kind: 'change', visibility: 'internal', author, text, fullText: null, attachments: [] };
}

/** Whether a mail is larger than what is read of one: only its header was (mail.ts, limits). */
export function oversized(facts: { bytes: number }): boolean {
  return facts.bytes > limits.mailBytesMax;
}

/** What engineers are told of an oversize mail. */
export function sizeText(facts: { bytes: number; inboundId: string }): string {
  return `The mail has ${facts.bytes} bytes and at most ${limits.mailBytesMax} are read, so its text and attachments are not shown; it is kept whole as mail ${facts.inboundId}.`;
}
