// A case as it begins: severity, plan, target and owner as the rules find them, or carried over from the closed case it goes on from; who takes
// part in it; its first lines of history.
import type { Instant } from '../clock.ts';
import { header, type Mail } from '../mail/mail.ts';
import { assign } from '../policy/assignment.ts';
import { chooseEntitlement, validPlans, type Entitlement } from '../policy/entitlement.ts';
import { languageOf } from '../policy/language-words.ts';
import { judge, type JudgeFacts, type Judgement } from '../policy/rules.ts';
import type { Policy } from '../policy/policy.ts';
import { wordsOf } from '../policy/words.ts';
import { isOurs } from './budget.ts';
import type { Effect } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { changeEntry, mailEntry, oversized, sizeText } from './mail-entry.ts';
import { warnings } from './on-warning.ts';
import { targetFor } from './promise.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';

/** Why a new case is opened although the mail pointed at another: row 5 (agents see the link) or a closed case (the customer sees it). */
export type Beside =
  | { beside: number; because: string }
  | { continues: SupportCase; why: 'never-reopens' | 'closed-too-long-ago'; because: string };

/** What opening a case found out. */
export interface Opening {
  supportCase: SupportCase;
  judgment: Judgement;
  entitlement: Entitlement;
}

/** Finds everything a new case begins with. */
export function openingOf(mail: Mail, facts: MailFacts, beside: Beside | null, policy: Policy, now: Instant): Opening {
  if (facts.freshNumber === null) throw new Error('a case is to be opened and no number was read for it');
  const continued = beside && 'continues' in beside ? beside.continues : null;
  const from = mail.from;
  const judged = judge(judgeFacts(mail, facts, policy, now), policy);
  const severity = continued?.severity ?? judged.severity;
  const line = continued?.line ?? judged.line;
  const product = continued?.product ?? judged.product;
  const account = continued?.account ?? facts.person?.contact.account ?? null;
  const language = facts.person?.contact.language ?? continued?.language ?? writtenLanguage(mail) ?? policy.language;
  const entitlement = chooseEntitlement(
    {
      requester: from?.addrSpec ?? 'unknown',
      account,
      records: facts.person?.entitlements ?? [],
      serials: facts.person?.serials ?? [],
      severity,
      administrative: judged.administrative,
      outOfScope: judged.outOfScope,
      line,
      product,
      version: judged.version,
      build: judged.build,
    },
    policy,
    now,
  );
  const planId = continued?.plan ?? entitlement.plan;
  const target = targetFor({ plan: planId, severity, submittedAt: facts.receivedAt }, policy);
  const owner = assign({ line, product, language, load: facts.load, away: facts.away ?? [] }, policy, now);
  const carried = continued ? `carried over from case ${caseNumberText(continued.number)}` : null;
  const supportCase: SupportCase = {
    number: facts.freshNumber,
    mailbox: facts.mailbox.id,
    line,
    subject: mail.subject,
    status: 'new',
    statusNote: '',
    closeReason: null,
    severity,
    severityBy: continued?.severityBy ?? 'rule',
    severityBecause: carried ?? judged.severityBecause,
    plan: planId,
    planBecause: carried ?? entitlement.because,
    product,
    version: continued?.version ?? judged.version,
    build: continued?.build ?? judged.build,
    account,
    requester: from?.addrSpec ?? '',
    requesterName: from?.displayName ?? mail.fromText.slice(0, fromTextCharsMax),
    owner: continued?.owner ?? owner.owner?.address ?? null,
    ownerBecause: continued?.owner ? (carried ?? '') : owner.because,
    language,
    zone: facts.person?.contact.zone ?? continued?.zone ?? writtenZone(mail),
    solution: '',
    linkedFrom: continued?.number ?? (beside && 'beside' in beside ? beside.beside : null),
    targetAt: target?.at ?? null,
    targetBecause: target?.because ?? `plan ${planId} is no longer in the policy`,
    firstResponseAt: null,
    submittedAt: facts.receivedAt,
    updatedAt: now,
    closedAt: null,
  };
  return { supportCase, judgment: judged, entitlement };
}

/** What of a mail the rules look at. */
export function judgeFacts(mail: Mail, facts: MailFacts, policy: Policy, now: Instant): JudgeFacts {
  const account = facts.person?.contact.account ?? null;
  return {
    subject: mail.subject,
    text: mail.reply,
    line: facts.mailbox.line,
    mailbox: facts.mailbox.id,
    senderDomain: mail.from?.addrSpec.split('@').at(-1) ?? '',
    account,
    plans: validPlans(facts.person?.entitlements ?? [], account, policy, now),
    attachments: mail.attachments,
    receivedAt: facts.receivedAt,
    priorCases: facts.priorCases,
  };
}

const fromTextCharsMax = 200;

/** The language the mail is written in; null when it is too short or too mixed to tell. */
function writtenLanguage(mail: Mail): string | null {
  return languageOf(wordsOf(mail.subject, mail.reply.slice(0, languageCharsMax)));
}

/** As much of a mail as tells its language. */
const languageCharsMax = 5000;

/** The offset that the mail's Date header tells (RFC 5322 3.3); null for none, and for +0000, which many programs write whatever their clock shows. */
function writtenZone(mail: Mail): string | null {
  const [, sign, hours = '', minutes = ''] =
    /([+-])(\d{2})(\d{2})(?:\s*\(.*)?\s*$/.exec(header(mail, 'date') ?? '') ?? [];
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (!sign || (hour === 0 && minute === 0) || hour > offsetHoursMax || minute > 59) return null;
  return `${sign}${hours}:${minutes}`;
}

/** The furthest any clock on Earth is from UTC. */
const offsetHoursMax = 14;

/** The rows of a new case. `quiet`: nobody is written to but engineers, so nobody is proposed and no incident is used up; `held`: nor has the sender rights. */
export function openingEffects(
  mail: Mail,
  facts: MailFacts,
  { supportCase, entitlement }: Opening,
  beside: Beside | null,
  sender: 'believed' | 'quiet' | 'held',
  policy: Policy,
): Effect[] {
  const { number } = supportCase;
  const effects: Effect[] = [{ effect: 'open', supportCase }];
  if (mail.from) {
    const confirmed = sender !== 'held';
    effects.push({ effect: 'participant', caseNumber: number, address: mail.from, role: 'requester', confirmed });
  }
  if (sender === 'believed' && facts.authentication.verdict !== 'fail') {
    effects.push(...proposals(mail, number, [supportCase.requester], facts.ownAddresses));
  }
  effects.push({ effect: 'entry', caseNumber: number, entry: mailEntry(mail, sender === 'held' ? 'held' : 'public') });
  if (oversized(facts)) effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(sizeText(facts)) });
  if (beside && 'beside' in beside) {
    const text = `The mail names case ${caseNumberText(beside.beside)}, but its sender takes no part in it. The customer does not see this link.`;
    effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(text) });
  }
  if (beside && 'continues' in beside) {
    const text = `Continued as case ${caseNumberText(number)}: a reply came after closing.`;
    effects.push({ effect: 'entry', caseNumber: beside.continues.number, entry: changeEntry(text) });
  }
  // A machine, or somebody whose sender is in doubt, was promised nothing.
  if (sender === 'believed') effects.push(...warnings(supportCase, policy));
  const carriesOn = beside !== null && 'continues' in beside;
  if (entitlement.spendIncident !== null && sender === 'believed' && !carriesOn) {
    effects.push({ effect: 'spend-incident', caseNumber: number, entitlement: entitlement.spendIncident });
  }
  return effects;
}

/** New addresses of a mail, for an engineer's yes; `known` take part or were proposed before (TRUST 4.2 row 7). */
export function proposals(
  mail: Pick<Mail, 'to' | 'cc'>,
  caseNumber: number,
  known: string[],
  ownAddresses: string[],
): Effect[] {
  return [...mail.to, ...mail.cc]
    .filter(({ addrSpec }) => !known.includes(addrSpec) && !isOurs(addrSpec, ownAddresses))
    .map((address) => ({ effect: 'participant', caseNumber, address, role: 'cc', confirmed: false }));
}
