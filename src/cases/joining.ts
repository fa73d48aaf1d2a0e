// What every mail does that is filed on a case that exists: a line of its history, new addresses proposed, its engineer told.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { CaseFacts, MailFacts } from './facts.ts';
import { changeEntry, mailEntry, oversized, sizeText } from './mail-entry.ts';
import { proposals } from './opening.ts';
import { tellEngineer } from './telling.ts';
import type { Place } from './thread.ts';

/** A mail of somebody who takes part in the case it joins. */
export type Joined = Extract<Place, { place: 'participant' }>;

/** The case a mail was placed on: the store has read it whenever a place names one. */
export function caseOf(facts: MailFacts): CaseFacts {
  if (!facts.placed) throw new Error('a mail was placed on a case that was not read');
  return facts.placed;
}

/** What every joining mail does: it is filed, new addresses are proposed, and a token proves that its writer reads our mail. */
export function joinEffects(mail: Mail, facts: MailFacts, place: Joined): Effect[] {
  const { supportCase, participants } = caseOf(facts);
  const { number } = supportCase;
  const effects: Effect[] = [{ effect: 'entry', caseNumber: number, entry: mailEntry(mail, 'public') }];
  if (oversized(facts)) effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(sizeText(facts)) });
  if (mail.from && place.proven && !facts.person?.contact.proven) {
    effects.push({ effect: 'proven', address: mail.from });
  }
  const known = participants.map((one) => one.address);
  return [...effects, ...proposals(mail, number, known, facts.ownAddresses)];
}

/** Files a mail on the case it points at without any other effect: engineers see it and are told, the customer and the schedule do not. */
export function holdOnCase(
  mail: Mail,
  facts: MailFacts,
  decision: Pick<MailDecision, 'reason' | 'because'>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const { number } = caseOf(facts).supportCase;
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: number, entry: mailEntry(mail, 'held') },
    ...tellOfMail(mail, facts, null, policy, now, { held: decision.because }),
  ];
  return { ...decision, disposition: 'held', caseNumber: number, effects };
}

/** Tells the engineer of a case what was written; `held`: why it is kept out of the conversation; `fromEngineering`: who wrote it is engineering. */
export function tellOfMail(
  mail: Mail,
  facts: MailFacts,
  hint: string | null,
  policy: Policy,
  now: Instant,
  how: { held?: string; fromEngineering?: boolean } = {},
): Effect[] {
  const { supportCase, notices } = caseOf(facts);
  const hints = [
    hint,
    facts.idSeenBefore ? 'Another mail with the same Message-ID came before.' : null,
    oversized(facts) ? sizeText(facts) : null,
  ];
  return tellEngineer(
    how.held === undefined ? 'engineer-reply' : 'engineer-held',
    supportCase,
    {
      fromEngineering: how.fromEngineering ?? false,
      key: `engineer-reply:${facts.inboundId}`,
      ...(how.held === undefined ? {} : { notice: how.held }),
      text: mail.reply.trim() === '' ? mail.text : mail.reply,
      attachments: mail.attachments,
      hint: hints.filter((one) => one !== null).join(' ') || null,
      because: 'the owner is told of every mail of the customer',
    },
    { facts, policy, notices },
    now,
  );
}
