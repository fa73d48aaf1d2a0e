// The letter that confirms to a customer what their own mail has done to their case: closed it, put it off, opened it again.
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { mayWrite } from './budget.ts';
import { answering, customerLetter } from './correspondence.ts';
import type { Effect, LetterKind } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { caseOf, type Joined } from './joining.ts';
import { changeEntry } from './mail-entry.ts';

/** The letter that confirms what a customer's mail did, or a line on the case why there is none. */
export function confirmation(
  kind: LetterKind,
  mail: Mail,
  facts: MailFacts,
  letter: { place: Joined; variables: Record<string, unknown>; because: string },
  policy: Policy,
): Effect {
  const { supportCase, chain } = caseOf(facts);
  if (!mail.from || !facts.person) throw new Error('a mail without a sender was taken for a reply');
  const proven = letter.place.proven || facts.person.contact.proven;
  const permission = mayWrite(mail.from.addrSpec, facts.person.budget, proven, policy.loops);
  if (permission.why !== null) {
    const text = `No confirmation was sent: ${permission.why}.`;
    return { effect: 'entry', caseNumber: supportCase.number, entry: changeEntry(text) };
  }
  const request = customerLetter(
    kind,
    supportCase,
    {
      to: mail.from,
      key: `${kind}:${facts.inboundId}`,
      // The chain carries the requester's tokens: nobody else is given them.
      thread: answering(mail, mail.from.addrSpec === supportCase.requester ? chain : []),
      automatic: 'auto-replied',
      proven,
      heldBecause: permission.hold,
      because: letter.because,
      variables: letter.variables,
    },
    policy,
  );
  return { effect: 'letter', letter: request };
}
