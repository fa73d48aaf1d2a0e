// Composes a letter that belongs to no case: a sign-in link, a test of a template. It carries no token of any case, nobody is asked to answer it, and its
// way back is the null path.
import type { LetterKind } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import type { Address } from '../mail/mail.ts';
import { automaticHeaders, madeWith, oneRecipient } from './compose.ts';
import { contextOf } from './context.ts';
import { letterLimits, type Letter, type Sender } from './letter.ts';
import { mimeBytes } from './mime.ts';
import { headerText } from './plain-text.ts';
import { render, servedLanguage, type Templates } from './render.ts';
import { messageIdOf } from './return-address.ts';
import type { SignInVariables } from './variables.ts';

/** A letter to be composed. `caseNumber` is only shown: a test on a case. `prefix` stands before the subject. */
export interface LooseRequest {
  kind: LetterKind;
  to: Address;
  language: string;
  variables: Record<string, unknown>;
  /** Unique in the outbox. */
  key: string;
  caseNumber: number | null;
  prefix: string;
}

/** The letter, ready for the outbox. Throws a TypeError when a variable is missing or the recipient is not one address. */
export async function composeLoose(
  request: LooseRequest,
  sender: Sender,
  templates: Templates,
  now: Instant,
): Promise<Letter> {
  const { kind, key, variables, caseNumber } = request;
  const recipient = oneRecipient(request);
  // Case 0 is none: what is signed for it opens nothing.
  const messageId = messageIdOf({ caseNumber: 0, recipient, key }, sender, now);
  const language = servedLanguage(templates, kind, request.language);
  const reply = { address: sender.mailbox.address, messageId };
  const context = contextOf({ kind, caseNumber, language, variables }, sender, reply);
  const { text, html, ...rendered } = await render(templates, { kind, language }, context);
  const subject = headerText(`${request.prefix}${rendered.subject}`, letterLimits.subjectCodePointsMax);
  const raw = mimeBytes(
    {
      from: { name: headerText(sender.mailbox.name, letterLimits.nameCodePointsMax), address: sender.mailbox.address },
      to: { name: '', address: recipient },
      replyTo: null,
      subject,
      messageId,
      inReplyTo: null,
      references: [],
      headers: automaticHeaders({ automatic: 'auto-generated' }, sender),
      text,
      html,
      attachments: [],
    },
    now,
  );
  const envelope = { kind, caseNumber: null, key, messageId, recipient, reversePath: '', automatic: true };
  return { ...envelope, subject, text, html, raw, ...madeWith(rendered) };
}

/** The letter with which somebody signs in. */
export async function composeSignIn(
  request: { to: Address; language: string; variables: SignInVariables; key: string },
  sender: Sender,
  templates: Templates,
  now: Instant,
): Promise<Letter> {
  const { to, language, variables, key } = request;
  const loose = {
    kind: 'sign-in',
    to,
    language,
    variables: { ...variables },
    key,
    caseNumber: null,
    prefix: '',
  } as const;
  return composeLoose(loose, sender, templates, now);
}
