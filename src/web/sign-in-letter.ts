// The letter with the link and the code of a sign-in. What the outbox shows of it has neither, and once it has left its bytes are gone
// (store/outbox.ts): whoever reads letters at this desk must not sign in with them.
import { senderOf, type Desk } from '../desk.ts';
import type { Instant } from '../clock.ts';
import { composeSignIn } from '../letters/loose.ts';
import type { Db } from '../store/db.ts';
import { insertLoose } from '../store/outbox.ts';

/** What stands where link and code were. */
const hidden = '(hidden)';

/** A sign-in that was asked for, with what only its letter may say. */
export interface SignInWords {
  /** The row of sign_ins; names the letter. */
  id: string;
  address: string;
  link: string;
  code: string;
  minutes: number;
  /** '' when unknown. */
  browser: string;
  /** Primary tag of the language the browser asks for first. */
  language: string;
}

/** Puts the letter into the outbox, from the first mailbox. */
export async function writeSignInLetter(db: Db, desk: Desk, words: SignInWords, now: Instant): Promise<void> {
  const { id, address, language, link, code, minutes, browser } = words;
  const [mailbox] = desk.config.mailboxes;
  if (!mailbox) throw new Error('the configuration has no mailbox');
  const variables = { zone: 'UTC', recipientName: '', link, code, minutes, browser };
  const to = { displayName: '', addrSpec: address };
  const request = { to, language, variables, key: `sign-in:${id}` };
  const letter = await composeSignIn(request, senderOf(desk, mailbox.id), desk.templates, now);
  const shown = (text: string) => text.replaceAll(link, hidden).replaceAll(code, hidden);
  const because = 'somebody asked to sign in with this address';
  await insertLoose(db, { ...letter, text: shown(letter.text), html: shown(letter.html) }, because, now);
}
