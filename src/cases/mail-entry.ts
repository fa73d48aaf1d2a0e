// A mail as a line of a case's history: what its writer newly wrote is shown, the whole text is kept beside it.
import type { Mail } from '../mail/mail.ts';
import type { NewEntry, Visibility } from './decision.ts';

/** The entry of a mail. `note` is put before the text for engineers (never for what a customer may see). */
export function mailEntry(mail: Mail, visibility: Visibility, kind: NewEntry['kind'] = 'mail'): NewEntry {
  const folded = mail.reply.trim() !== '' && mail.reply.trim() !== mail.text.trim();
  return {
    kind,
    visibility,
    author: mail.from?.addrSpec ?? mail.fromText.slice(0, 200),
    text: folded ? mail.reply : mail.text,
    fullText: folded ? mail.text : null,
    attachments: mail.attachments,
  };
}

/** A change of the case, told in one sentence, for engineers. */
export function changeEntry(text: string, author = 'casepost'): NewEntry {
  return { kind: 'change', visibility: 'internal', author, text, fullText: null, attachments: [] };
}
