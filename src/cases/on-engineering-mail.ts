// Engineering answers the notice of a case that was passed to it. Its words are for the case's owner, who stays the customer's one point of contact
// (SUPPORT-DESK 7): they are a line of history that the customer does not see, and never a letter to the customer.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import type { MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { caseOf, holdOnCase, tellOfMail } from './joining.ts';
import { mailEntry, oversized } from './mail-entry.ts';
import { writtenAbove } from './notification-text.ts';
import type { Place } from './thread.ts';

/** Decides on a mail from engineering's address that points at a case; one that does not answer our notice is held on it. */
export function onEngineeringMail(
  mail: Mail,
  facts: MailFacts,
  place: Extract<Place, { place: 'engineering' }>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const { because } = place;
  if (!place.allowed) return holdOnCase(mail, facts, { reason: 'sender-not-proven', because }, policy, now);
  const { number } = caseOf(facts).supportCase;
  const text = writtenAbove(mail.reply, number).trim() || mail.reply;
  const hint = 'Engineering answers; the customer has not seen it.';
  return {
    disposition: oversized(facts) ? 'oversize' : 'joined',
    reason: 'engineering-answered',
    because,
    caseNumber: number,
    effects: [
      { effect: 'entry', caseNumber: number, entry: { ...mailEntry(mail, 'internal'), text, fullText: mail.text } },
      ...tellOfMail({ ...mail, reply: text }, facts, hint, policy, now, { fromEngineering: true }),
    ],
  };
}
