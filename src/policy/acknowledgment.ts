// What the acknowledgment asks for and offers (handbook "What Information Should I Gather"): only what the mail did not already say, and at
// most a few self-service pages that fit.
import type { ProductLine } from '../cases/support-case.ts';
import { compiled } from './compiled.ts';
import type { Meaning } from './compiled.ts';
import type { Policy } from './policy.ts';
import { inLanguage } from './values.ts';

/** What is known of a new case when its acknowledgment is written. */
export interface AcknowledgmentFacts {
  readonly subject: string;
  readonly text: string;
  readonly line: ProductLine;
  /** What is known of product and version by now, from the mail, the form or the account. */
  readonly product: string | null;
  readonly version: string | null;
  readonly attachments: number;
  /** Language of the letter. */
  readonly language: string;
}

/** What the acknowledgment adds to number, severity and target, in the language of the letter. */
export interface AcknowledgmentExtras {
  /** Questions in the order of the policy, at most `asksMax`. */
  readonly asks: readonly string[];
  /** Pages, those with most matching words first, at most `suggestionsMax`. */
  readonly suggestions: readonly { readonly title: string; readonly url: string }[];
}

/** Asks and suggestions for a new case. A request that is not technical (`technical` false) is asked nothing. */
export function acknowledgmentExtras(
  facts: AcknowledgmentFacts,
  technical: boolean,
  policy: Policy,
): AcknowledgmentExtras {
  const found = compiled(policy)
    .walk(facts.subject, facts.text)
    .found.map((one) => one.meaning);
  return {
    asks: technical ? asks(found, facts, policy) : [],
    suggestions: suggestions(found, facts, policy),
  };
}

function asks(found: readonly Meaning[], facts: AcknowledgmentFacts, policy: Policy): string[] {
  const said = new Set(found.flatMap((meaning) => (meaning.is === 'known' ? [meaning.ask] : [])));
  const knownOtherwise = {
    product: facts.product !== null,
    version: facts.version !== null,
    attachment: facts.attachments > 0,
  };
  const missing: string[] = [];
  for (const [name, ask] of policy.acknowledgment.asks) {
    if (!ask.lines.includes(facts.line) || said.has(name)) continue;
    if (ask.knownBy !== null && knownOtherwise[ask.knownBy]) continue;
    missing.push(inLanguage(ask.ask, facts.language));
  }
  return missing.slice(0, policy.acknowledgment.asksMax);
}

function suggestions(found: readonly Meaning[], facts: AcknowledgmentFacts, policy: Policy) {
  const hits = new Map<string, number>();
  for (const meaning of found) {
    if (meaning.is === 'suggestion') hits.set(meaning.name, (hits.get(meaning.name) ?? 0) + 1);
  }
  return [...policy.acknowledgment.suggestions]
    .filter(([name, page]) => hits.has(name) && page.lines.includes(facts.line))
    .toSorted(([a], [b]) => (hits.get(b) ?? 0) - (hits.get(a) ?? 0))
    .slice(0, policy.acknowledgment.suggestionsMax)
    .map(([, page]) => ({ title: inLanguage(page.title, facts.language), url: page.url }));
}
