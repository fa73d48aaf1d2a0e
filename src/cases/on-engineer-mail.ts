// An engineer answers a notification: what stands above the marker goes to the customer from the support address, and the follow-up clock
// starts. A mail that only looks like an engineer's, or that would carry our own words to the customer, is kept and shown and stays here.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { answerEffects } from './answer.ts';
import { audience } from './correspondence.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { caseOf } from './joining.ts';
import { mailEntry, oversized, sizeText } from './mail-entry.ts';
import { ourWordsIn, writtenAbove } from './notification-text.ts';
import { tellEngineer } from './telling.ts';
import type { Place } from './thread.ts';

/** The same limit as of one letter (letters/letter.ts): an answer goes out whole or not at all. */
export const attachmentBytesMax = 18 * 1024 * 1024;

/** Decides on a mail from an engineer's address that points at a case. */
export function onEngineerMail(
  mail: Mail,
  facts: MailFacts,
  place: Extract<Place, { place: 'engineer' }>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const placed = caseOf(facts);
  const { supportCase } = placed;
  const engineer = mail.from;
  if (!engineer) throw new Error('an engineer without an address was placed');
  const text = writtenAbove(mail.reply, supportCase.number).trim();
  const why = place.allowed ? refusalOf(mail, facts, text) : '';
  if (why !== null) {
    const because = [place.because, why].filter((part) => part !== '').join(', but ');
    return refuse(mail, facts, because, { mayBeForged: !place.allowed }, policy, now);
  }
  const effects: Effect[] = answerEffects(
    placed,
    {
      engineer: engineer.addrSpec,
      text,
      // The rest of the mail is our own notification; what we write to engineers has no place in a public line of history.
      fullText: null,
      key: `answer:${facts.inboundId}`,
      because: place.because,
      attachments: mail.attachments,
      inboundId: facts.inboundId,
    },
    facts,
    policy,
    now,
  );
  return {
    disposition: 'joined',
    reason: 'engineer-answered',
    because: place.because,
    caseNumber: supportCase.number,
    effects,
  };
}

/** Why an answer can not go out as it is, or null. */
function refusalOf(mail: Mail, facts: MailFacts, text: string): string | null {
  const placed = caseOf(facts);
  if (oversized(facts)) return sizeText(facts);
  if (text === '') return 'nothing stands above the marker line';
  const ours = ourWordsIn(text, placed.supportCase);
  if (ours !== null) {
    return `its text holds words of our notification ("${ours}") that are not for the customer; write above them or take them out`;
  }
  if (audience(placed).length === 0) return 'nobody takes part in the case yet; confirm a participant first';
  if (facts.ownLetterAttached !== null) {
    return `its attachment "${facts.ownLetterAttached}" is a letter of ours, with words that are not for the customer; take it out`;
  }
  const bytes = mail.attachments.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= attachmentBytesMax) return null;
  return `its attachments are ${bytes} bytes and ${attachmentBytesMax} can be sent in one letter`;
}

function refuse(
  mail: Mail,
  facts: MailFacts,
  because: string,
  sender: { mayBeForged: boolean },
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase, notices } = caseOf(facts);
  const { number } = supportCase;
  const told = tellEngineer(
    'engineer-notice',
    supportCase,
    {
      // Told to the registered address, whoever wrote: an engineer learns that nothing went out, a forger learns nothing.
      ...(mail.from ? { to: mail.from } : {}),
      ...(sender.mayBeForged ? { perEngineer: policy.loops.refusalsPerEngineerAnHour } : {}),
      key: `engineer-notice:${facts.inboundId}`,
      text: '',
      attachments: [],
      hint: null,
      notice: `Your mail "${mail.subject}" was not sent to the customer: ${because}. It is kept on the case. Answer this notification to reach the customer.`,
      because,
    },
    { facts, policy, notices },
    now,
  );
  return {
    disposition: oversized(facts) ? 'oversize' : 'held',
    reason: 'engineer-answer-refused',
    because,
    caseNumber: number,
    effects: [{ effect: 'entry', caseNumber: number, entry: mailEntry(mail, 'held') }, ...told],
  };
}
