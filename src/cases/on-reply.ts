// A mail of somebody who belongs to a case: a word that closes it or asks for time, a reply that puts it back on support's table, or, when the
// case is closed, a reopening or a new linked case.
import type { Instant } from '../clock.ts';
import { keyword, type Keyword } from '../mail/keyword.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { mayWrite } from './budget.ts';
import { answering, customerLetter, engineerLetter } from './correspondence.ts';
import type { Effect, LetterKind, MailDecision, Visibility } from './decision.ts';
import type { CaseFacts, MailFacts } from './facts.ts';
import { changeEntry, mailEntry } from './mail-entry.ts';
import { isOurs, openCase } from './on-new-request.ts';
import type { Place } from './thread.ts';
import { reopenUntil, scheduleNext, timeline } from './timeline.ts';

type Joined = Extract<Place, { place: 'participant' }>;

/** Decides on a mail that joins a case. */
export function onReply(mail: Mail, facts: MailFacts, place: Joined, policy: Policy, now: Instant): MailDecision {
  const placed = caseOf(facts);
  const { supportCase } = placed;
  const word = keyword(mail.reply, policy.keywords, mail.from?.displayName);
  if (supportCase.mailbox !== facts.mailbox.id) {
    const because = `${place.because}, which lives in another mailbox`;
    return openCase(mail, facts, { continues: supportCase, why: 'never-reopens', because }, policy, now);
  }
  if (supportCase.status === 'closed') return onClosed(mail, facts, { place, word }, policy, now);
  if (word?.word === 'resolved') return resolve(mail, facts, { place, word }, policy, now);
  if (word?.word === 'more-time') return moreTime(mail, facts, { place, word }, policy, now);

  const unclear = word?.word === 'unclear' ? word : null;
  const effects = joinEffects(mail, facts, place, 'public');
  effects.push({ effect: 'cancel-schedule', caseNumber: supportCase.number, because: 'the customer has answered' });
  if (supportCase.status === 'waiting on customer') {
    effects.push({ effect: 'change', caseNumber: supportCase.number, changes: { status: 'waiting on support' } });
  } else {
    effects.push({ effect: 'change', caseNumber: supportCase.number, changes: {} });
  }
  tell(effects, mail, facts, unclear ? hintOf(unclear) : null, policy, now);
  return {
    disposition: 'joined',
    reason: unclear ? 'customer-unclear' : 'customer-replied',
    because: unclear ? `${place.because}; ${unclear.because}, so the case stays open` : place.because,
    caseNumber: supportCase.number,
    effects,
  };
}

/** Files a mail on the case it points at without any other effect: engineers see it, the customer and the schedule do not. */
export function fileOnCase(
  mail: Mail,
  facts: MailFacts,
  visibility: Visibility,
  decision: Pick<MailDecision, 'disposition' | 'reason' | 'because'>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase } = caseOf(facts);
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, visibility) },
  ];
  const held = visibility === 'held';
  if (held) tell(effects, mail, facts, `Held, not part of the conversation: ${decision.because}.`, policy, now);
  return { ...decision, caseNumber: supportCase.number, effects };
}

function onClosed(
  mail: Mail,
  facts: MailFacts,
  reply: { place: Joined; word: Keyword | null },
  policy: Policy,
  now: Instant,
): MailDecision {
  const { supportCase } = caseOf(facts);
  const { place, word } = reply;
  if (word?.word === 'thanks' || word?.word === 'resolved') {
    const effects = joinEffects(mail, facts, place, 'public');
    const because = `${place.because}; it only says "${word.matched}", so the closed case stays closed`;
    return { disposition: 'joined', reason: 'customer-thanks', because, caseNumber: supportCase.number, effects };
  }
  const until = supportCase.closedAt ? reopenUntil(supportCase.line, policy, supportCase.closedAt) : null;
  if (until === null) {
    const because = `${place.because}; a closed ${supportCase.line} case can not be reopened`;
    return openCase(mail, facts, { continues: supportCase, why: 'never-reopens', because }, policy, now);
  }
  if (Temporal.Instant.compare(now, until) > 0) {
    const because = `${place.because}; it could be reopened until ${until.toString()}`;
    return openCase(mail, facts, { continues: supportCase, why: 'closed-too-long-ago', because }, policy, now);
  }
  if (facts.reopensThisHour >= policy.loops.reopensPerCaseAnHour) {
    const because = `${place.because}; mail has reopened the case ${facts.reopensThisHour} times in an hour`;
    return fileOnCase(mail, facts, 'held', { disposition: 'held', reason: 'storm', because }, policy, now);
  }
  const effects = joinEffects(mail, facts, place, 'public');
  effects.push({
    effect: 'change',
    caseNumber: supportCase.number,
    changes: { status: 'waiting on support', closeReason: null, closedAt: null },
  });
  tell(effects, mail, facts, 'The case was closed; this reply has reopened it.', policy, now);
  const because = `${place.because}; the case was closed and may be reopened until ${until.toString()}`;
  return { disposition: 'joined', reason: 'closed-case-reopened', because, caseNumber: supportCase.number, effects };
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
  const effects = joinEffects(mail, facts, reply.place, 'public');
  effects.push({ effect: 'cancel-schedule', caseNumber: number, because: 'the customer says it is resolved' });
  effects.push({
    effect: 'change',
    caseNumber: number,
    changes: { status: 'closed', closeReason: 'resolved by customer', closedAt: now },
  });
  const until = reopenUntil(supportCase.line, policy, now);
  const variables = { canReopen: until !== null, reopenUntil: until?.toString() ?? null, solution: supportCase.solution };
  confirm(effects, 'closed-by-customer', mail, facts, { reply, variables, because }, policy);
  tell(effects, mail, facts, 'The customer says it is resolved: the case is closed.', policy, now);
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
  const { number } = supportCase;
  const because = `${reply.place.because} and says "${reply.word.matched}": the clock starts again`;
  const effects = joinEffects(mail, facts, reply.place, 'public');
  effects.push({ effect: 'change', caseNumber: number, changes: {} });
  effects.push({ effect: 'cancel-schedule', caseNumber: number, because: 'the customer asks for more time' });
  if (supportCase.status === 'waiting on customer') {
    const next = scheduleNext(supportCase, { done: 0, anchor: `more-time:${facts.inboundId}` }, policy, now);
    if (next) effects.push(next);
  }
  const variables = { timeline: timeline(supportCase.line, 0, policy, now) };
  confirm(effects, 'more-time', mail, facts, { reply, variables, because }, policy);
  return { disposition: 'joined', reason: 'customer-needs-time', because, caseNumber: number, effects };
}

/** What every joining mail does: it is filed, new addresses are proposed, and a token proves that its writer reads our mail. */
function joinEffects(mail: Mail, facts: MailFacts, place: Joined, visibility: Visibility): Effect[] {
  const { supportCase, participants } = caseOf(facts);
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, visibility) },
  ];
  if (mail.from && place.proven && !facts.person?.contact.proven) effects.push({ effect: 'proven', address: mail.from });
  const known = new Set(participants.map((one) => one.address));
  const unknown = [...mail.to, ...mail.cc].filter(
    ({ addrSpec }) => !known.has(addrSpec) && !isOurs(addrSpec, facts.ownAddresses),
  );
  for (const address of unknown) {
    effects.push({ effect: 'participant', caseNumber: supportCase.number, address, role: 'cc', confirmed: false });
  }
  return effects;
}

function confirm(
  effects: Effect[],
  kind: LetterKind,
  mail: Mail,
  facts: MailFacts,
  letter: { reply: { place: Joined }; variables: Record<string, unknown>; because: string },
  policy: Policy,
): void {
  const { supportCase, chain } = caseOf(facts);
  if (!mail.from || !facts.person) return;
  const proven = letter.reply.place.proven || facts.person.contact.proven;
  const permission = mayWrite(mail.from.addrSpec, facts.person.budget, proven, policy.loops);
  if (permission.why !== null) {
    const text = `No confirmation was sent: ${permission.why}.`;
    effects.push({ effect: 'entry', caseNumber: supportCase.number, entry: changeEntry(text) });
    return;
  }
  const request = customerLetter(
    kind,
    supportCase,
    {
      to: mail.from,
      key: `${kind}:${facts.inboundId}`,
      thread: answering(mail, chain),
      automatic: 'auto-replied',
      proven,
      heldBecause: permission.hold,
      because: letter.because,
      variables: letter.variables,
    },
    policy,
  );
  effects.push({ effect: 'letter', letter: request });
}

function tell(
  effects: Effect[],
  mail: Mail,
  facts: MailFacts,
  hint: string | null,
  policy: Policy,
  now: Instant,
): void {
  const letter = engineerLetter(
    'engineer-reply',
    caseOf(facts).supportCase,
    {
      key: `engineer-reply:${facts.inboundId}`,
      text: mail.reply.trim() === '' ? mail.text : mail.reply,
      attachments: mail.attachments,
      hint,
      because: 'the owner is told of every mail of the customer',
    },
    { facts, policy },
    now,
  );
  if (letter) effects.push({ effect: 'letter', letter });
}

function hintOf(word: Keyword): string {
  return `The reply has "${word.matched}" in it but does not clearly say that it is resolved (${word.because}). The case stays open.`;
}

/** The case a mail was placed on: the store has read it whenever a place names one. */
export function caseOf(facts: MailFacts): CaseFacts {
  if (!facts.placed) throw new Error('a mail was placed on a case that was not read');
  return facts.placed;
}
