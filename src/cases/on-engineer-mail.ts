// An engineer answers a notification: what stands above the marker goes to the customer from the support address, and the follow-up clock
// starts. A mail that only looks like an engineer's is kept and shown, and never leaves the house.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import { readToken } from '../mail/reply-token.ts';
import type { Policy } from '../policy/policy.ts';
import { answerEffects } from './answer.ts';
import { engineerLetter } from './correspondence.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { mailEntry } from './mail-entry.ts';
import { caseOf } from './on-reply.ts';
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
  if (!place.allowed) return refuse(mail, facts, place.because, policy, now);
  const text = writtenAbove(mail.reply, supportCase.number).trim();
  if (text === '') {
    return refuse(mail, facts, `${place.because}, but nothing stands above the marker line`, policy, now);
  }
  const bytes = mail.attachments.reduce((sum, { size }) => sum + size, 0);
  if (bytes > attachmentBytesMax) {
    const why = `${place.because}, but its attachments are ${bytes} bytes and ${attachmentBytesMax} can be sent in one letter`;
    return refuse(mail, facts, why, policy, now);
  }
  const effects: Effect[] = answerEffects(
    placed,
    {
      engineer: engineer.addrSpec,
      text,
      fullText: mail.text,
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

/** The lines above our marker (known by the case's token in it, however the mail program quoted it). */
export function writtenAbove(text: string, caseNumber: number): string {
  const lines = text.split('\n');
  const marker = lines.findIndex((line) => readToken(line)?.caseNumber === caseNumber);
  return marker < 0 ? text : lines.slice(0, marker).join('\n');
}

function refuse(mail: Mail, facts: MailFacts, because: string, policy: Policy, now: Instant): MailDecision {
  const { supportCase } = caseOf(facts);
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, 'held') },
  ];
  // Told to the registered address, whoever wrote: an engineer learns that nothing went out, a forger learns nothing.
  const letter = engineerLetter(
    'engineer-notice',
    supportCase,
    {
      ...(mail.from ? { to: mail.from } : {}),
      key: `engineer-notice:${facts.inboundId}`,
      text: '',
      attachments: [],
      hint: null,
      notice: `Your mail "${mail.subject}" was not sent to the customer: ${because}. It is kept on the case. Answer this notification to reach the customer.`,
      because,
    },
    { facts, policy },
    now,
  );
  const budget = facts.person?.budget;
  if (letter && budget && budget.tenMinutes < policy.loops.lettersPerAddressIn10Minutes) {
    effects.push({ effect: 'letter', letter });
  }
  return {
    disposition: 'held',
    reason: 'engineer-answer-refused',
    because,
    caseNumber: supportCase.number,
    effects,
  };
}

