// What an acknowledgment says of a new case: promise, plan, what is still missing, what may help. Nothing of it is the customer's own words.
import type { Mail } from '../mail/mail.ts';
import { acknowledgmentExtras } from '../policy/acknowledgment.ts';
import type { Entitlement } from '../policy/entitlement.ts';
import type { Policy } from '../policy/policy.ts';
import type { Judgement } from '../policy/rules.ts';
import { inLanguage } from '../policy/values.ts';
import { targetOf } from './correspondence.ts';
import type { SupportCase } from './support-case.ts';

/** The variables of the letters that acknowledge a new case (letters/variables.ts). */
export function acknowledgmentVariables(
  mail: Mail,
  opening: { supportCase: SupportCase; judgment: Judgement; entitlement: Entitlement },
  policy: Policy,
): Record<string, unknown> {
  const { supportCase, judgment, entitlement } = opening;
  const { line, language, product, version } = supportCase;
  const extras = acknowledgmentExtras(
    { subject: mail.subject, text: mail.reply, line, product, version, attachments: mail.attachments.length, language },
    !judgment.administrative && !judgment.feedback,
    policy,
  );
  const flagged = (flag: Entitlement['flags'][number]) => entitlement.flags.includes(flag);
  const { howToRegister, howToRenew } = policy.acknowledgment;
  const hint = flagged('unregistered') ? howToRegister : flagged('no-plan') ? (howToRenew ?? howToRegister) : null;
  const latest = product === null ? null : (policy.lines[line].products.get(product)?.latestBuild ?? null);
  return {
    severity: supportCase.severity,
    severityLabel: severityLabel(supportCase, policy),
    planTitle: policy.plans.get(supportCase.plan)?.title ?? supportCase.plan,
    target: targetOf(supportCase, policy, language),
    asks: extras.asks,
    suggestions: extras.suggestions,
    flags: {
      outOfScope: flagged('out-of-scope'),
      unregistered: flagged('unregistered'),
      noPlan: flagged('no-plan'),
      oldVersion: flagged('old-version'),
      oldBuild: flagged('old-build'),
    },
    registerHint: hint && inLanguage(hint, language),
    latestBuild: latest === null ? null : String(latest),
  };
}

/** The severity in words, as they stand within a sentence: only the first letter is made small, for German nouns keep theirs. */
export function severityLabel(
  { line, severity, language }: Pick<SupportCase, 'line' | 'severity' | 'language'>,
  policy: Policy,
): string {
  const label = inLanguage(policy.lines[line].severities[severity].label, language);
  return `${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}
