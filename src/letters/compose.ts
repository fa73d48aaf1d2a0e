// Composes a complete letter from what the desk decided: words, headers, identity, envelope. Pure and repeatable: the same request, sender
// and instant give the same bytes, so that the outbox can be written with the decision and a retry sends the same mail.
import type { LetterRequest } from '../cases/decision.ts';
import { caseTag } from '../cases/support-case.ts';
import type { Instant } from '../clock.ts';
import { contextOf, ownWordsOnly } from './context.ts';
import { letterLimits } from './letter.ts';
import type { CaseLetter, Letter, LetterAttachment, Sender } from './letter.ts';
import { mimeBytes } from './mime.ts';
import { headerText, singleLine } from './plain-text.ts';
import { render, servedLanguage } from './render.ts';
import type { Rendered, Templates } from './render.ts';
import { messageIdOf, replyAddress, reversePathOf } from './return-address.ts';

/**
 * The letter, ready for the outbox. Throws a TypeError when the request lacks a variable of its kind or its recipient is not one
 * address: both are bugs of the caller, for a desk asks only for letters to addresses that were parsed strictly.
 */
export async function compose(
  request: LetterRequest,
  sender: Sender,
  templates: Templates,
  now: Instant,
  attachments: LetterAttachment[] = [],
): Promise<CaseLetter> {
  const recipient = oneRecipient(request);
  const identity = { caseNumber: request.caseNumber, recipient, key: request.key };
  const messageId = messageIdOf(identity, sender, now);
  const tokenAddress = replyAddress(identity, sender, now);
  const language = servedLanguage(templates, request.kind, request.language);
  const reply = { address: tokenAddress ?? sender.mailbox.address, messageId };
  const context = contextOf({ ...request, language }, sender, reply);
  const { text, html, ...rendered } = await render(templates, request, context);
  const subject = taggedSubject(rendered.subject, request.caseNumber);
  const automatic = request.automatic !== null;
  const name = headerText(sender.mailbox.name, letterLimits.nameCodePointsMax);
  const raw = mimeBytes(
    {
      from: { name, address: sender.mailbox.address },
      to: { name: displayName(request), address: recipient },
      replyTo: tokenAddress === null ? null : { name, address: tokenAddress },
      subject,
      messageId,
      inReplyTo: usableId(request.inReplyTo) ? request.inReplyTo : null,
      references: referenceChain(request),
      headers: automaticHeaders(request, sender),
      text,
      html,
      attachments,
    },
    now,
  );
  const reversePath = reversePathOf(identity, sender, automatic);
  const { kind, caseNumber, key } = request;
  const envelope = { kind, caseNumber, key, messageId, recipient, reversePath, automatic };
  return { ...envelope, subject, text, html, raw, ...madeWith(rendered) };
}

/** With which texts a letter was made, as it remembers them. */
export function madeWith({
  language,
  versions,
  broken,
}: Pick<Rendered, 'language' | 'versions' | 'broken'>): Pick<Letter, 'language' | 'templates' | 'broken'> {
  return { language, templates: versions, broken };
}

/**
 * RFC 5322 3.6.4: the chain before, then what this answers. At most 20: the first, which names the conversation, and the last 19,
 * which its readers' programs still have. Ids that could break a header are left out.
 */
export function referenceChain(request: Pick<LetterRequest, 'inReplyTo' | 'references'>): string[] {
  const ids = [...request.references, request.inReplyTo].filter(usableId);
  // The last mention of an id is the one that stands nearest to this letter, save for the first of all.
  const chain = ids.filter((id, index) => index === 0 || (id !== ids[0] && ids.lastIndexOf(id) === index));
  if (chain.length <= letterLimits.referencesMax) return chain;
  return [...chain.slice(0, 1), ...chain.slice(-(letterLimits.referencesMax - 1))];
}

/**
 * What tells other programs that nobody wrote this (RFC 3834 5, TRUST 4.3.5). `Precedence: auto_reply` is for responders older than
 * RFC 3834, which leaves the field to us; `bulk`, the other customary value, would put an answer among the advertising, and on what
 * is no reply the word would not be true. A person's answer has none of these: it is to be answered like any other mail.
 */
export function automaticHeaders(
  request: Pick<LetterRequest, 'automatic'>,
  sender: Pick<Sender, 'instance'>,
): Record<string, string> {
  if (request.automatic === null) return {};
  return {
    'Auto-Submitted': request.automatic,
    'X-Auto-Response-Suppress': 'All',
    ...(request.automatic === 'auto-replied' ? { Precedence: 'auto_reply' } : {}),
    'X-Casepost-Instance': singleLine(sender.instance, letterLimits.nameCodePointsMax).replaceAll(/[^!-~]/g, ''),
  };
}

function taggedSubject(written: string, caseNumber: number): string {
  // The tag is how the customer's answer finds its case; a template that forgot it is put right rather than sent without.
  const tag = caseNumber === 0 ? '' : caseTag(caseNumber);
  return headerText(written.includes(tag) ? written : `${tag} ${written}`, letterLimits.subjectCodePointsMax);
}

function displayName(request: LetterRequest): string {
  // The name of an address not proven yet is whatever its writer chose: it is not repeated (TRUST T9).
  if (ownWordsOnly.includes(request.kind)) return '';
  return headerText(request.to.displayName, letterLimits.nameCodePointsMax);
}

/** The one address of a request; throws when it is none or several. */
export function oneRecipient(request: { kind: string; to: LetterRequest['to']; caseNumber: number | null }): string {
  const address = request.to.addrSpec;
  const dotAtom = /^[^\s"(),:;<>@[\\\]\p{Cc}]+@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u;
  const quoted = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u;
  if (dotAtom.test(address) || quoted.test(address)) return address;
  const what = `the ${request.kind} of case ${request.caseNumber ?? 'none'} is for ${JSON.stringify(address)}`;
  throw new TypeError(`letters: ${what}, which is not one addr-spec (RFC 5322 3.4.1); no letter was made`);
}

function usableId(id: string | null): id is string {
  return id !== null && id.length <= letterLimits.messageIdCharsMax && /^[!-;=?-~]+$/.test(id);
}
