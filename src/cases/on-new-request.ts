// A mail that begins a case: severity, plan, target and owner are found, the case is opened, the customer acknowledged, the engineer told.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import { assign } from '../policy/assignment.ts';
import { chooseEntitlement, type Entitlement } from '../policy/entitlement.ts';
import { judge, type Judgement } from '../policy/rules.ts';
import { calendarNamed, type Policy } from '../policy/policy.ts';
import { firstResponseTarget } from '../schedule/targets.ts';
import { acknowledgmentVariables } from './acknowledgment.ts';
import { mayWrite } from './budget.ts';
import { answering, customerLetter, engineerLetter } from './correspondence.ts';
import type { Effect, LetterRequest, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { changeEntry, mailEntry } from './mail-entry.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';

/** Why a new case is opened although the mail pointed at another: row 5 (agents see the link) or a closed case (the customer sees it). */
export type Beside =
  | { beside: number; because: string }
  | { continues: SupportCase; why: 'never-reopens' | 'closed-too-long-ago'; because: string };

/** What opening a case found out. */
interface Opening {
  supportCase: SupportCase;
  judgment: Judgement;
  entitlement: Entitlement;
}

/** Opens a case for a customer's mail, acknowledges it and tells the engineer. */
export function openCase(
  mail: Mail,
  facts: MailFacts,
  beside: Beside | null,
  policy: Policy,
  now: Instant,
): MailDecision {
  const storm = facts.storm;
  if (storm.caseNumber !== null && storm.count >= policy.loops.sameMailsAnHour && !(beside && 'continues' in beside)) {
    const because = `${storm.count} mails like it came from ${mail.from?.addrSpec ?? 'this sender'} within an hour; it is filed on the first one's case, unanswered`;
    const effects: Effect[] = [{ effect: 'entry', caseNumber: storm.caseNumber, entry: mailEntry(mail, 'internal') }];
    return { disposition: 'joined', reason: 'storm', because, caseNumber: storm.caseNumber, effects };
  }
  const opening = open(mail, facts, beside, policy, now);
  const { supportCase } = opening;
  const linked = beside !== null && 'continues' in beside;
  const effects = openingEffects(mail, facts, opening, beside);
  const acknowledgment = acknowledge(mail, facts, opening, beside, policy, now);
  if (typeof acknowledgment === 'string') {
    effects.push({ effect: 'entry', caseNumber: supportCase.number, entry: changeEntry(`No acknowledgment: ${acknowledgment}.`) });
  } else {
    effects.push({ effect: 'letter', letter: acknowledgment });
  }
  const hint = beside?.because ?? (facts.idSeenBefore ? 'another mail with the same Message-ID came before' : null);
  tellOfCase(effects, mail, facts, supportCase, hint, policy, now);
  const because = [
    beside?.because ?? facts.place?.because ?? 'a new request',
    `severity ${supportCase.severity}: ${supportCase.severityBecause}`,
    `plan: ${supportCase.planBecause}`,
  ].join('; ');
  return {
    disposition: linked ? 'linked' : 'opened',
    reason: linked ? 'closed-case-linked' : beside ? 'not-a-participant' : 'new-request',
    because,
    caseNumber: supportCase.number,
    effects,
  };
}

/** Opens a case that nobody is written to about but the engineer: what could not be read, held mail, a machine's mail. */
export function openUnanswered(
  mail: Mail,
  facts: MailFacts,
  decision: Pick<MailDecision, 'disposition' | 'reason' | 'because'>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const opening = open(mail, facts, null, policy, now);
  const effects = openingEffects(mail, facts, opening, null, decision);
  tellOfCase(effects, mail, facts, opening.supportCase, decision.because, policy, now);
  return { ...decision, caseNumber: opening.supportCase.number, effects };
}

function open(mail: Mail, facts: MailFacts, beside: Beside | null, policy: Policy, now: Instant): Opening {
  if (facts.freshNumber === null) throw new Error('a case is to be opened and no number was read for it');
  const continued = beside && 'continues' in beside ? beside.continues : null;
  const from = mail.from;
  const judged = judge(
    { subject: mail.subject, text: mail.reply, line: facts.mailbox.line, senderDomain: from?.addrSpec.split('@').at(-1) ?? '' },
    policy,
  );
  const severity = continued?.severity ?? judged.severity;
  const line = continued?.line ?? judged.line;
  const product = continued?.product ?? judged.product;
  const account = continued?.account ?? facts.person?.contact.account ?? null;
  const language = facts.person?.contact.language ?? continued?.language ?? 'en';
  const entitlement = chooseEntitlement(
    {
      requester: from?.addrSpec ?? 'unknown',
      account,
      records: facts.person?.entitlements ?? [],
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
  const plan = policy.plans.get(planId);
  const target = plan
    ? firstResponseTarget(
        { planTitle: plan.title, severity, target: plan.targets[severity], availability: plan.availability },
        calendarNamed(policy, plan.calendar),
        facts.receivedAt,
      )
    : null;
  const owner = assign({ line, product, language, load: facts.load }, policy, now);
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
    requesterName: from?.displayName ?? mail.fromText.slice(0, 200),
    owner: continued?.owner ?? owner.owner?.address ?? null,
    ownerBecause: continued?.owner ? (carried ?? '') : owner.because,
    language,
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

function openingEffects(
  mail: Mail,
  facts: MailFacts,
  { supportCase, entitlement }: Opening,
  beside: Beside | null,
  unanswered: Pick<MailDecision, 'disposition'> | null = null,
): Effect[] {
  const { number } = supportCase;
  const effects: Effect[] = [{ effect: 'open', supportCase }];
  if (mail.from) {
    effects.push({ effect: 'participant', caseNumber: number, address: mail.from, role: 'requester', confirmed: unanswered?.disposition !== 'held' });
  }
  const others = [...mail.to, ...mail.cc].filter(
    ({ addrSpec }) => addrSpec !== mail.from?.addrSpec && !isOurs(addrSpec, facts.ownAddresses),
  );
  for (const address of others) effects.push({ effect: 'participant', caseNumber: number, address, role: 'cc', confirmed: false });
  const visibility = unanswered?.disposition === 'held' ? 'held' : 'public';
  effects.push({ effect: 'entry', caseNumber: number, entry: mailEntry(mail, visibility) });
  if (beside && 'beside' in beside) {
    const text = `The mail names case ${caseNumberText(beside.beside)}, but its sender takes no part in it. The customer does not see this link.`;
    effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(text) });
  }
  if (beside && 'continues' in beside) {
    const text = `Continued as case ${caseNumberText(number)}: a reply came after closing.`;
    effects.push({ effect: 'entry', caseNumber: beside.continues.number, entry: changeEntry(text) });
  }
  if (entitlement.spendIncident !== null && !beside) {
    effects.push({ effect: 'spend-incident', entitlement: entitlement.spendIncident });
  }
  return effects;
}

function tellOfCase(
  effects: Effect[],
  mail: Mail,
  facts: MailFacts,
  supportCase: SupportCase,
  hint: string | null,
  policy: Policy,
  now: Instant,
): void {
  const letter = engineerLetter(
    'engineer-new-case',
    supportCase,
    {
      key: `engineer-new-case:${supportCase.number}`,
      text: mail.reply,
      attachments: mail.attachments,
      hint: hint === null ? null : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
      because: supportCase.ownerBecause,
    },
    { facts, policy },
    now,
  );
  if (letter) effects.push({ effect: 'letter', letter });
}

/** The acknowledgment, or why there is none. */
function acknowledge(
  mail: Mail,
  facts: MailFacts,
  opening: Opening,
  beside: Beside | null,
  policy: Policy,
  now: Instant,
): LetterRequest | string {
  const { supportCase } = opening;
  if (!mail.from || !facts.person) return 'the mail has no usable sender';
  if (isOurs(mail.from.addrSpec, facts.ownAddresses)) return 'it came from an address of our own';
  if (mail.replyTo.some(({ addrSpec }) => isOurs(addrSpec, facts.ownAddresses))) return 'its answers would come to us';
  const oldest = now.subtract({ hours: policy.acknowledgeWithinDays * 24 });
  if (Temporal.Instant.compare(facts.receivedAt, oldest) < 0) {
    return `it came more than ${policy.acknowledgeWithinDays} days ago`;
  }
  const proven = facts.person.contact.proven || facts.authentication.verdict === 'pass' || (facts.place?.place === 'participant' && facts.place.proven);
  const permission = mayWrite(mail.from.addrSpec, facts.person.budget, proven, policy.loops);
  if (permission.why !== null) return permission.why;
  const continued = beside && 'continues' in beside ? beside : null;
  return customerLetter(
    continued ? 'linked-case' : 'acknowledgment',
    supportCase,
    {
      to: mail.from,
      key: `acknowledgment:${supportCase.number}`,
      thread: answering(mail),
      automatic: 'auto-replied',
      proven,
      heldBecause: permission.hold,
      because: continued ? continued.because : 'every new case is acknowledged once',
      variables: {
        ...acknowledgmentVariables(mail, opening, policy),
        ...(continued ? { previousNumber: caseNumberText(continued.continues.number), reason: continued.why } : {}),
      },
    },
    policy,
  );
}

/** Whether an address is one of ours, with or without an address extension. */
export function isOurs(addrSpec: string, ownAddresses: string[]): boolean {
  const at = addrSpec.lastIndexOf('@');
  const bare = `${addrSpec.slice(0, at).split('+')[0]}${addrSpec.slice(at)}`;
  return ownAddresses.includes(addrSpec) || ownAddresses.includes(bare);
}
