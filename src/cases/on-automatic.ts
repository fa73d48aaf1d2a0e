// Mail that no person wrote: kept, shown to engineers, never answered, never a reason to change a status. A delivery report about a letter of
// ours also stops what could not arrive anyway.
import type { Instant } from '../clock.ts';
import type { Automatic } from '../mail/automatic.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { mailEntry } from './mail-entry.ts';
import { openUnanswered } from './on-new-request.ts';
import { stopsText, tellOfFailure, undeliverable } from './on-failed-letter.ts';

/** A robot's mail: a note on the case it answers; else, when it may be a machine asking for help (an alert, a form), a case without an answer. */
export function onAutomaticMail(
  mail: Mail,
  sign: Automatic,
  facts: MailFacts,
  policy: Policy,
  now: Instant,
): MailDecision {
  const pointed = facts.placed && facts.place?.place !== 'beside' ? facts.placed : null;
  if (pointed) {
    const because = `no person wrote it (${sign.because}); it is filed as a note and changes nothing`;
    const effects: Effect[] = [
      { effect: 'entry', caseNumber: pointed.supportCase.number, entry: mailEntry(mail, 'internal') },
    ];
    return {
      disposition: 'automatic',
      reason: 'automatic-mail',
      because,
      caseNumber: pointed.supportCase.number,
      effects,
    };
  }
  if (answersOnly.has(sign.kind)) {
    const because = `no person wrote it (${sign.because}) and it answers no letter of ours; it is kept and nobody is written to`;
    return { disposition: 'automatic', reason: 'automatic-mail', because, caseNumber: null, effects: [] };
  }
  const because = `no person wrote it (${sign.because}), so it gets no answer; it may still ask for something, so it is a case`;
  return openUnanswered(mail, facts, { disposition: 'opened', reason: 'unanswered-new-request', because }, policy, now);
}

/** Kinds that only ever answer something or report on it: without a case of ours they ask for nothing. */
const answersOnly = new Set<Automatic['kind']>(['auto-replied', 'read-receipt', 'complaint', 'delivery-report']);

/**
 * A delivery report (RFC 3464 and its kin). Only one about a letter that really is ours has an effect: a note, word to the owner, and after a
 * permanent failure the address is suppressed and the follow-ups to it end.
 */
export function onDeliveryReport(mail: Mail, facts: MailFacts, policy: Policy, now: Instant): MailDecision {
  const told = mail.deliveryReports
    .slice(0, reportsTold)
    .map((report) => `${report.recipient} ${report.status} ${report.permanent ? 'permanent' : 'transient'}`)
    .join(', ');
  const { reported, placed } = facts;
  if (!reported || !placed) {
    const because = `a delivery report (${told}) about no letter of ours; it is kept and nobody is written to`;
    return { disposition: 'report', reason: 'delivery-report', because, caseNumber: null, effects: [] };
  }
  const { supportCase } = placed;
  const because = `a delivery report (${told}) about our ${reported.kind} to ${reported.recipient}`;
  const failed = mail.deliveryReports.find((report) => report.permanent && report.recipient === reported.recipient);
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, 'internal', 'report') },
  ];
  // Anybody can write a report about a letter they have seen: only one that came by the signed way back stops anything (TRUST B48).
  const stops = failed !== undefined && reported.signed;
  if (stops) {
    const diagnostic = `${failed.status} ${failed.diagnostic}`.trim().slice(0, diagnosticChars);
    effects.push(...undeliverable(supportCase, reported, diagnostic, policy, now));
  }
  const notice = failed
    ? `Our ${reported.kind} could not be delivered to ${reported.recipient} (${failed.status}).`
    : `The mail server reports on our ${reported.kind} to ${reported.recipient}: ${told}.`;
  const key = `engineer-notice:${facts.inboundId}`;
  effects.push(
    ...tellOfFailure(
      supportCase,
      reported,
      { key, notice: `${notice}${stops ? ` ${stopsText}` : ''}`, because },
      { facts, policy, notices: placed.notices },
      now,
    ),
  );
  return { disposition: 'report', reason: 'delivery-report', because, caseNumber: supportCase.number, effects };
}

const reportsTold = 3;
const diagnosticChars = 300;
