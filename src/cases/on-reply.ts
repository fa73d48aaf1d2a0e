// A mail of somebody who takes part in a case: a word that closes it or asks for time, or a reply that puts it back on support's table.
import type { Instant } from '../clock.ts';
import { keyword, type Keyword } from '../mail/keyword.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { confirmation } from './confirmation.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { caseOf, joinEffects, tellOfMail, type Joined } from './joining.ts';
import { oversized } from './mail-entry.ts';
import { onClosed } from './on-closed.ts';
import { openCase } from './on-new-request.ts';
import { reopenUntil, scheduleNext, timeline } from './timeline.ts';

/** Decides on a mail that joins a case. */
export function onReply(mail: Mail, facts: MailFacts, place: Joined, policy: Policy, now: Instant): MailDecision {
  const decision = decide(mail, facts, place, policy, now);
  const large = decision.disposition === 'joined' && oversized(facts);
  return large ? { ...decision, disposition: 'oversize', reason: 'too-large' } : decision;
}

function decide(mail: Mail, facts: MailFacts, place: Joined, policy: Policy, now: Instant): MailDecision {
  const { supportCase } = caseOf(facts);
  const { number } = supportCase;
  const word = keyword(mail.reply, policy.keywords, mail.from?.displayName);
  if (supportCase.mailbox !== facts.mailbox.id) {
    const because = `${place.because}, which lives in another mailbox`;
    return openCase(mail, facts, { continues: supportCase, why: 'never-reopens', because }, policy, now);
  }
  if (supportCase.status === 'closed') return onClosed(mail, facts, { place, word }, policy, now);
  if (word?.word === 'resolved') return resolve(mail, facts, { place, word }, policy, now);
  if (word?.word === 'more-time') return moreTime(mail, facts, { place, word }, policy, now);

  const unclear = word?.word === 'unclear' ? word : null;
  const answered = supportCase.status === 'waiting on customer';
  const effects: Effect[] = [
    ...joinEffects(mail, facts, place),
    { effect: 'cancel-schedule', caseNumber: number, because: 'the customer has answered' },
    { effect: 'change', caseNumber: number, changes: answered ? { status: 'waiting on support' } : {} },
    ...tellOfMail(mail, facts, unclear ? hintOf(unclear) : null, policy, now),
  ];
  return {
    disposition: 'joined',
    reason: unclear ? 'customer-unclear' : 'customer-replied',
    because: unclear ? `${place.because}; ${unclear.because}, so the case stays open` : place.because,
    caseNumber: number,
    effects,
  };
}

function resolve(
  mail: Mail,
  facts: MailFacts,
  reply: { place: Joined; word: Keyword },
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase } = caseOf(facts);
  const { number } = supportCase;
  const because = `${reply.place.because} and says "${reply.word.matched}" (${reply.word.because})`;
  const until = reopenUntil(supportCase.line, policy, now);
  const variables = {
    canReopen: until !== null,
    reopenUntil: until?.toString() ?? null,
    solution: supportCase.solution,
  };
  const effects: Effect[] = [
    ...joinEffects(mail, facts, reply.place),
    { effect: 'cancel-schedule', caseNumber: number, because: 'the customer says it is resolved' },
    {
      effect: 'change',
      caseNumber: number,
      changes: { status: 'closed', closeReason: 'resolved by customer', closedAt: now },
    },
    confirmation('closed-by-customer', mail, facts, { place: reply.place, variables, because }, policy),
    ...tellOfMail(mail, facts, 'The customer says it is resolved: the case is closed.', policy, now),
  ];
  return { disposition: 'joined', reason: 'customer-resolved', because, caseNumber: number, effects };
}

function moreTime(
  mail: Mail,
  facts: MailFacts,
  reply: { place: Joined; word: Keyword },
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase } = caseOf(facts);
  const { number, line } = supportCase;
  const because = `${reply.place.because} and says "${reply.word.matched}": the clock starts again`;
  const waiting = supportCase.status === 'waiting on customer';
  const next = waiting
    ? scheduleNext(supportCase, { done: 0, anchor: `more-time:${facts.inboundId}` }, policy, now)
    : null;
  // While we owe the answer, no clock runs and none is told of.
  const variables = { timeline: waiting ? timeline(line, 0, policy, now) : [] };
  const effects: Effect[] = [
    ...joinEffects(mail, facts, reply.place),
    { effect: 'change', caseNumber: number, changes: {} },
    { effect: 'cancel-schedule', caseNumber: number, because: 'the customer asks for more time' },
    ...(next ? [next] : []),
    confirmation('more-time', mail, facts, { place: reply.place, variables, because }, policy),
  ];
  return { disposition: 'joined', reason: 'customer-needs-time', because, caseNumber: number, effects };
}

function hintOf(word: Keyword): string {
  return `The reply has "${word.matched}" in it but does not clearly say that it is resolved (${word.because}). The case stays open.`;
}
