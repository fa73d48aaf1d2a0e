// What becomes of a mail. One question after the other, from "is it a mail for us at all" to "which case does it belong to"; the first that
// answers decides, and ignoring is an answer with a row too.
import type { Instant } from '../clock.ts';
import type { Automatic } from '../mail/automatic.ts';
import { whyNobody, type Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { awayMail, onAwayMail } from './away.ts';
import type { MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { onAutomaticMail, onDeliveryReport } from './on-automatic.ts';
import { onEngineerMail } from './on-engineer-mail.ts';
import { onEngineeringMail } from './on-engineering-mail.ts';
import { openCase, openUnanswered } from './on-new-request.ts';
import { holdOnCase } from './joining.ts';
import { onReply } from './on-reply.ts';
import { heldBack } from './recovered.ts';

/** Decides on one mail. Pure: the same mail, facts, policy and `now` give the same decision. */
export function decideOnMail(mail: Mail, facts: MailFacts, policy: Policy, now: Instant): MailDecision {
  return heldBack(decided(mail, facts, policy, now), facts);
}

function decided(mail: Mail, facts: MailFacts, policy: Policy, now: Instant): MailDecision {
  const refused = refusal(mail);
  // Asked first, of our own letters too: one content has one entry (a unique index says so), however often it comes.
  if (facts.copyOf) {
    const because = `the same content came before (mail ${facts.copyOf.id}); this copy changes nothing`;
    return ended('duplicate', 'same-mail-again', because, facts.copyOf.caseNumber);
  }
  if (facts.ownLetter !== null) {
    return ended('own-loop', 'own-letter-returned', 'a letter of ours came back to us', facts.ownLetter);
  }
  if (refused) {
    const because = `the mail can not be read as one (${refused.detail}); its raw bytes are kept for a person`;
    return openUnanswered(mail, facts, { disposition: 'unparsed', reason: 'unreadable', because }, policy, now);
  }
  if (mail.deliveryReports.length > 0) return onDeliveryReport(mail, facts, policy, now);
  const hops = hopsOf(mail);
  if (hops > policy.loops.receivedHeadersMax) {
    const because = `it has passed ${hops} servers, more than ${policy.loops.receivedHeadersMax}: a loop is likely`;
    return openUnanswered(mail, facts, { disposition: 'held', reason: 'too-many-hops', because }, policy, now);
  }
  const machine = mail.automatic ?? (facts.envelopeFrom === '' ? nullPath : null);
  if (machine) return onAutomaticMail(mail, machine, facts, policy, now);
  if (!mail.from || !facts.place || !facts.person) {
    const why = whyNobody(mail);
    const because = `nobody can be taken for its sender (${why}), so it joins no case and gets no answer`;
    return openUnanswered(mail, facts, { disposition: 'held', reason: 'sender-ambiguous', because }, policy, now);
  }
  return placed(mail, facts, policy, now);
}

/** Whether this mail may open a case, so that a number has to be read for it. What joins an open case needs none. */
export function mayOpenCase(
  mail: Mail,
  facts: Pick<MailFacts, 'copyOf' | 'ownLetter' | 'place' | 'placed' | 'mailbox' | 'reported'>,
  policy: Policy,
): boolean {
  if (facts.copyOf || facts.ownLetter !== null) return false;
  if (refusal(mail)) return true;
  if (mail.deliveryReports.length > 0) return false;
  if (hopsOf(mail) > policy.loops.receivedHeadersMax || !facts.placed || facts.place?.place === 'beside') return true;
  const { supportCase } = facts.placed;
  return (
    facts.place?.place === 'participant' &&
    (supportCase.status === 'closed' || supportCase.mailbox !== facts.mailbox.id)
  );
}

function refusal(mail: Mail): Mail['defects'][number] | undefined {
  return mail.defects.find(({ code }) => code === 'library-refused' || code === 'timeout');
}

/** A mail server that hands mail over names the reverse path in its envelope, not yet in a header. */
const nullPath: Automatic = {
  kind: 'auto-generated',
  because: 'it came with the null reverse path (RFC 3834 section 2, RFC 5321 section 4.5.5)',
};

function hopsOf(mail: Mail): number {
  return mail.headers.filter(({ name }) => name === 'received').length;
}

function placed(mail: Mail, facts: MailFacts, policy: Policy, now: Instant): MailDecision {
  const away = awayMail(mail, policy);
  if (away) return onAwayMail(away, facts, policy, now);
  const place = facts.place;
  // A signature of the author's server covers neither new headers nor a second delivery (TRUST T7): what was said once moves a case once.
  const moves = place?.place === 'participant' || (place && 'allowed' in place && place.allowed);
  if (facts.wordsSeenBefore && place && moves) {
    const because = `${place.because}, but the same words came before under the same Message-ID and other headers`;
    return holdOnCase(mail, facts, { reason: 'same-mail-again', because }, policy, now);
  }
  if (!place) throw new Error('a mail with a sender has a place');
  switch (place.place) {
    case 'new':
      return openCase(mail, facts, null, policy, now);
    case 'beside':
      return openCase(mail, facts, { beside: place.caseNumber, because: place.because }, policy, now);
    case 'participant':
      return onReply(mail, facts, place, policy, now);
    case 'unproven':
      return holdOnCase(mail, facts, { reason: 'sender-not-proven', because: place.because }, policy, now);
    case 'stranger':
      return holdOnCase(mail, facts, { reason: 'forwarded-token', because: place.because }, policy, now);
    case 'engineer':
      return onEngineerMail(mail, facts, place, policy, now);
    case 'engineering':
      return onEngineeringMail(mail, facts, place, policy, now);
    default:
      throw new Error(`place ${(place satisfies never as { place: string }).place}: nobody decides on it`);
  }
}

function ended(
  disposition: MailDecision['disposition'],
  reason: MailDecision['reason'],
  because: string,
  caseNumber: number | null,
): MailDecision {
  return { disposition, reason, because, caseNumber: caseNumber === 0 ? null : caseNumber, effects: [] };
}
