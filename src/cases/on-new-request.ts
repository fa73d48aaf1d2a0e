// A mail that begins a case: the case is opened, the customer acknowledged, the engineer told. Why a case is opened without an acknowledgment is
// written into it.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { acknowledgmentVariables } from './acknowledgment.ts';
import { isOurs, mayWrite } from './budget.ts';
import { answering, customerLetter } from './correspondence.ts';
import type { Effect, LetterRequest, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';
import { changeEntry, oversized, sizeText } from './mail-entry.ts';
import { openingEffects, openingOf, type Beside, type Opening } from './opening.ts';
import { senderHints } from './sender-hint.ts';
import { foldStorm } from './storm.ts';
import { caseNumberText } from './support-case.ts';
import { tellEngineer, untoldCase } from './telling.ts';

/** Opens a case for a customer's mail, acknowledges it and tells the engineer. */
export function openCase(
  mail: Mail,
  facts: MailFacts,
  beside: Beside | null,
  policy: Policy,
  now: Instant,
): MailDecision {
  const storm = foldStorm(mail, facts, null, policy, now);
  if (storm) return storm;
  const opening = openingOf(mail, facts, beside, policy, now);
  const { supportCase } = opening;
  const { number } = supportCase;
  const effects = openingEffects(mail, facts, opening, beside, 'believed', policy);
  const acknowledgment = acknowledge(mail, facts, opening, beside, policy, now);
  if (typeof acknowledgment === 'string') {
    effects.push({ effect: 'entry', caseNumber: number, entry: changeEntry(`No acknowledgment: ${acknowledgment}.`) });
  } else {
    effects.push({ effect: 'letter', letter: acknowledgment });
  }
  const large = oversized(facts);
  const hints = [
    beside?.because ?? null,
    facts.idSeenBefore ? 'another mail with the same Message-ID came before' : null,
    large ? sizeText(facts) : null,
  ];
  effects.push(...tellOfCase(mail, facts, opening, hints, policy, now));
  const because = [
    beside?.because ?? facts.place?.because ?? 'a new request',
    `severity ${supportCase.severity}: ${supportCase.severityBecause}`,
    `plan: ${supportCase.planBecause}`,
  ];
  const found = { because: because.join('; '), caseNumber: number, effects };
  if (large)
    return { ...found, disposition: 'oversize', reason: 'too-large', because: `${sizeText(facts)} ${found.because}` };
  if (beside && 'continues' in beside) return { ...found, disposition: 'linked', reason: 'closed-case-linked' };
  return { ...found, disposition: 'opened', reason: beside ? 'not-a-participant' : 'new-request' };
}

/** Opens a case that nobody is written to about but the engineer: what could not be read, held mail, a machine's mail. */
export function openUnanswered(
  mail: Mail,
  facts: MailFacts,
  decision: Pick<MailDecision, 'disposition' | 'reason' | 'because'>,
  policy: Policy,
  now: Instant,
): MailDecision {
  const { disposition, because } = decision;
  const storm = foldStorm(mail, facts, disposition === 'opened' ? 'automatic' : disposition, policy, now);
  if (storm) return { ...storm, because: `${because}; ${storm.because}` };
  const opening = openingOf(mail, facts, null, policy, now);
  const effects = openingEffects(mail, facts, opening, null, disposition === 'held' ? 'held' : 'quiet', policy);
  effects.push(...tellOfCase(mail, facts, opening, [because], policy, now));
  return { ...decision, caseNumber: opening.supportCase.number, effects };
}

function tellOfCase(
  mail: Mail,
  facts: MailFacts,
  { supportCase }: Opening,
  hints: (string | null)[],
  policy: Policy,
  now: Instant,
): Effect[] {
  const said = [...hints, ...senderHints(mail)].filter((hint) => hint !== null).map((hint) => sentence(hint));
  return tellEngineer(
    'engineer-new-case',
    supportCase,
    {
      key: `engineer-new-case:${supportCase.number}`,
      text: mail.reply,
      attachments: mail.attachments,
      hint: said.length === 0 ? null : said.join(' '),
      because: supportCase.ownerBecause,
    },
    { facts, policy, notices: untoldCase },
    now,
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
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
  if (policy.loops.acknowledgmentsPerCase === 0) return 'the policy allows none (loops.acknowledgmentsPerCase)';
  if (isOurs(mail.from.addrSpec, facts.ownAddresses)) return 'it came from an address of our own';
  if (mail.replyTo.some(({ addrSpec }) => isOurs(addrSpec, facts.ownAddresses))) return 'its answers would come to us';
  // Somebody else's name may stand in From: an acknowledgment would be a letter nobody asked for (TRUST T8, T11).
  if (policy.authentication !== 'off' && facts.authentication.verdict === 'fail') return facts.authentication.because;
  const oldest = now.subtract({ hours: policy.acknowledgeWithinDays * 24 });
  if (Temporal.Instant.compare(facts.receivedAt, oldest) < 0) {
    return `it came more than ${policy.acknowledgeWithinDays} days ago`;
  }
  const { place, person, authentication } = facts;
  const shown = place?.place === 'participant' && place.proven;
  const proven =
    person.contact.proven || shown || (policy.authentication !== 'off' && authentication.verdict === 'pass');
  const permission = mayWrite(mail.from.addrSpec, person.budget, proven, policy.loops);
  if (permission.why !== null) return permission.why;
  const continued = beside && 'continues' in beside ? beside : null;
  const kind = continued ? 'linked-case' : opening.judgment.feedback ? 'feedback-thanks' : 'acknowledgment';
  const variables = acknowledgmentVariables(mail, opening, policy);
  // What was not read can not be found missing in it.
  if (oversized(facts)) variables['asks'] = [];
  return customerLetter(
    kind,
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
        ...variables,
        ...(continued ? { previousNumber: caseNumberText(continued.continues.number), reason: continued.why } : {}),
      },
    },
    policy,
  );
}
