// Judges a request by the rules of the policy: how severe, about what, about which product. Every answer carries its reason, with the rule's name
// and the words that matched; a person's choice outranks all of it (that is the desk's to keep).
import type { ProductLine, Severity } from '../cases/support-case.ts';
import { compiled } from './compiled.ts';
import { findProduct } from './product-words.ts';
import type { ProductWords } from './product-words.ts';
import type { Policy } from './policy.ts';
import { readMail } from './reading.ts';
import type { Reading, RuleMatch } from './reading.ts';
import type { SeverityRule, TopicRule } from './rules-schema.ts';
import { wordsOf } from './words.ts';

/** What of a mail or a form the rules look at. */
export interface JudgeFacts {
  readonly subject: string;
  /** The newly written text of the mail (mail.reply), or the form's description. */
  readonly text: string;
  /** The line of the mailbox or form it came through. */
  readonly line: ProductLine;
  /** Domain of the sender's address, lower case; '' when there is none. */
  readonly senderDomain: string;
}

/** What a request was judged to be, each answer with its reason. */
export interface Judgement extends ProductWords {
  readonly severity: Severity;
  readonly severityBecause: string;
  /** Names of the topics, in the policy's order. */
  readonly topics: readonly string[];
  readonly topicsBecause: string;
  /** Whether it is about administration, licences, the website … and nothing technical. */
  readonly administrative: boolean;
  /** Whether it is only about what no plan includes (handbook "What is Not Included"). */
  readonly outOfScope: boolean;
  readonly outOfScopeBecause: string;
  /** Whether it is feedback (suggestion, complaint, appreciation), which is tracked and needs no answer. */
  readonly feedback: boolean;
}

interface TopicMatch {
  readonly name: string;
  readonly kind: TopicRule['kind'];
  readonly because: string;
}

/** Judges a mail or a form. Linear in the text, which is cut to `charsJudgedMax` characters. */
export function judge(facts: JudgeFacts, policy: Policy): Judgement {
  const ready = compiled(policy);
  const words = ready.respell(wordsOf(facts.subject, facts.text));
  const reading = readMail(words, ready.phrases, policy);
  const product = findProduct(reading, facts.line, policy);
  const scope = { line: product.line, product: product.product, senderDomain: facts.senderDomain };

  const topics: TopicMatch[] = [];
  for (const [name, rule] of policy.rules.topics) {
    const because = holds(rule, reading.rules.topics.get(name), scope);
    if (because !== null) topics.push({ name, kind: rule.kind, because: `topic "${name}": ${because}` });
  }
  const { severity, because, technical } = severityOf(reading, topics, scope, policy);
  const kinds = new Set(topics.map((topic) => topic.kind));
  // What is broken for the customer is technical, whatever else the mail mentions.
  const outOfScope = kinds.has('out-of-scope') && !technical && !kinds.has('administrative');
  return {
    ...product,
    severity,
    severityBecause: because,
    topics: topics.map((topic) => topic.name),
    topicsBecause:
      topics.length === 0 ? 'no topic of the policy is named' : topics.map((topic) => topic.because).join('; '),
    administrative: kinds.has('administrative') && !technical,
    outOfScope,
    outOfScopeBecause: outOfScopeText(topics, outOfScope),
    feedback: kinds.has('feedback') && !technical,
  };
}

interface Scope {
  readonly line: ProductLine;
  readonly product: string | null;
  readonly senderDomain: string;
}

function severityOf(reading: Reading, topics: readonly TopicMatch[], scope: Scope, policy: Policy) {
  for (const [name, rule] of policy.rules.severity) {
    const topic = topics.find((one) => rule.topics.includes(one.name));
    if (rule.topics.length > 0 && topic === undefined) continue;
    const matched = holds(rule, reading.rules.severity.get(name), scope);
    if (matched === null) continue;
    const what = [topic?.because, matched].filter((part) => part !== undefined && part !== '').join(', ');
    return {
      severity: rule.severity,
      because: `rule "${name}": ${what}`,
      technical: rule.severity !== 'D',
    };
  }
  const severity = policy.lines[scope.line].defaultSeverity;
  const because = `no rule speaks of this mail, and that is what ${scope.line} starts with`;
  return { severity, because, technical: false };
}

/** Why the rule's own conditions hold, '' when it has none besides topics, or null when they do not. */
function holds(rule: SeverityRule | TopicRule, matches: RuleMatch | undefined, scope: Scope): string | null {
  const reasons: string[] = [];
  if (rule.lines.length > 0 && !rule.lines.includes(scope.line)) return null;
  if (rule.products.length > 0) {
    if (scope.product === null || !rule.products.includes(scope.product)) return null;
    reasons.push(`product ${scope.product}`);
  }
  if (rule.senderDomains.length > 0) {
    const domain = rule.senderDomains.find(
      (one) => scope.senderDomain === one || scope.senderDomain.endsWith(`.${one}`),
    );
    if (domain === undefined) return null;
    reasons.push(`sender of ${domain}`);
  }
  if (rule.any.length > 0) {
    const words = matches?.inOneSentence(rule.and.length > 0, rule.where) ?? null;
    if (words === null) return null;
    reasons.push(words);
  }
  if (matches?.ruledOut) return null;
  if (rule.mentions.length > 0) {
    const mentioned = matches?.mentioned ?? null;
    if (mentioned === null) return null;
    reasons.push(mentioned);
  }
  return reasons.join(', ');
}

function outOfScopeText(topics: readonly TopicMatch[], outOfScope: boolean): string {
  const named = topics.filter((topic) => topic.kind === 'out-of-scope').map((topic) => topic.because);
  if (named.length === 0) return 'nothing that no plan includes is asked for';
  return outOfScope
    ? `only what no plan includes: ${named.join('; ')}`
    : `in scope, though it also names ${named.join('; ')}`;
}
