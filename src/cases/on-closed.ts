// A mail of somebody who takes part in a closed case: thanks are filed, anything else reopens it while it may be, and begins a linked case
// when it may not (handbook "Reopening"; mobility page: a closed case stays closed).
import type { Instant } from '../clock.ts';
import type { Keyword } from '../mail/keyword.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { confirmation } from './confirmation.ts';
import type { MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { caseOf, holdOnCase, joinEffects, tellOfMail, type Joined } from './joining.ts';
import { openCase } from './on-new-request.ts';
import { reopenUntil } from './timeline.ts';

/** Decides on a mail that joins a closed case. */
export function onClosed(
  mail: Mail,
  facts: MailFacts,
  reply: { place: Joined; word: Keyword | null },
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase } = caseOf(facts);
  const { number, line } = supportCase;
  const { place, word } = reply;
  if (word?.word === 'thanks' || word?.word === 'resolved') {
    const because = `${place.because}; it only says "${word.matched}", so the closed case stays closed`;
    const effects = joinEffects(mail, facts, place);
    return { disposition: 'joined', reason: 'customer-thanks', because, caseNumber: number, effects };
  }
  const until = supportCase.closedAt ? reopenUntil(line, policy, supportCase.closedAt) : null;
  if (until === null) {
    const because = `${place.because}; a closed ${line} case can not be reopened`;
    return openCase(mail, facts, { continues: supportCase, why: 'never-reopens', because }, policy, now);
  }
  if (Temporal.Instant.compare(now, until) > 0) {
    const because = `${place.because}; it could be reopened until ${until.toString()}`;
    return openCase(mail, facts, { continues: supportCase, why: 'closed-too-long-ago', because }, policy, now);
  }
  if (facts.reopensThisHour >= policy.loops.reopensPerCaseAnHour) {
    const because = `${place.because}; mail has reopened the case ${facts.reopensThisHour} times in an hour`;
    return holdOnCase(mail, facts, { reason: 'storm', because }, policy, now);
  }
  const because = `${place.because}; the case was closed and may be reopened until ${until.toString()}`;
  const effects = [
    ...joinEffects(mail, facts, place),
    {
      effect: 'change',
      caseNumber: number,
      changes: { status: 'waiting on support', closeReason: null, closedAt: null },
    } as const,
    confirmation('reopened', mail, facts, { place, variables: {}, because }, policy),
    ...tellOfMail(mail, facts, 'The case was closed; this reply has reopened it.', policy, now),
  ];
  return { disposition: 'joined', reason: 'closed-case-reopened', because, caseNumber: number, effects };
}
