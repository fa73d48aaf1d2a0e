// Judges a request by the rules of the policy: how severe, about what, about which product. Every answer carries its reason, with the rule's name
// and the words that matched; a person's choice outranks all of it (that is the desk's to keep).
import type { Severity } from '../cases/support-case.ts';
import { circumstances, type Circumstances, type Told } from './circumstances.ts';
import { compiled } from './compiled.ts';
import { languageOf, type MailLanguage } from './language-words.ts';
import { findProduct } from './product-words.ts';
import type { ProductWords } from './product-words.ts';
import type { Policy } from './policy.ts';
import { readMail } from './reading.ts';
import type { Reading, RuleMatch } from './reading.ts';
import type { Condition, SeverityRule, SignRule, TopicRule } from './rules-schema.ts';
import { weigh } from './weighing.ts';

/** What of a mail or a form the rules look at. */
export interface JudgeFacts extends Circumstances {
  readonly subject: string;
  /** The newly written text of the mail (mail.reply), or the form's description. */
  readonly text: string;
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
  const walked = compiled(policy).walk(facts.subject, facts.text);
  const reading = readMail(walked, policy);
  const product = findProduct(reading, facts.line, policy);
  let language: MailLanguage | null | undefined;
  const told = { ...product, language: () => (language === undefined ? (language = languageOf(walked)) : language) };
  const request = { facts, told };

  const topics: TopicMatch[] = [];
  for (const [name, rule] of policy.rules.topics) {
    const because = holds(rule, reading.rules.topics.get(name), request, policy);
    if (because !== null) topics.push({ name, kind: rule.kind, because: `topic "${name}": ${because}` });
  }
  const { severity, because, technical } = severityOf(reading, topics, request, policy);
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

/** Whether a rule asks how often a sender wrote before; if none does, nobody needs to look. */
export function asksPriorCases({ rules }: Policy): boolean {
  return [...rules.topics.values(), ...rules.severity.values(), ...rules.signs.values()].some(
    ({ priorCases }) => priorCases !== null,
  );
}

interface Request {
  readonly facts: JudgeFacts;
  readonly told: Told;
}

function severityOf(reading: Reading, topics: readonly TopicMatch[], request: Request, policy: Policy) {
  for (const [name, rule] of policy.rules.severity) {
    const matched = spokenOf(rule, reading.rules.severity.get(name), topics, request, policy);
    if (matched === null) continue;
    return {
      severity: rule.severity,
      because: `rule "${name}": ${matched}`,
      technical: rule.severity !== 'D',
    };
  }
  const shown = new Map<SignRule, string>();
  for (const [name, sign] of policy.rules.signs) {
    const matched = spokenOf(sign, reading.rules.signs.get(name), topics, request, policy);
    if (matched !== null) shown.set(sign, `${name} (${matched})`);
  }
  const { line } = request.told;
  if (shown.size > 0) {
    const { severity, because } = weigh(shown, policy.lines[line].defaultSeverity, policy);
    return { severity, because, technical: severity !== 'D' };
  }
  const because = `nothing in it speaks for a severity, and ${line} starts with that one`;
  return { severity: policy.lines[line].defaultSeverity, because, technical: false };
}

/** Why the rule holds, its topics among its conditions; null when it does not. */
function spokenOf(
  rule: SeverityRule | SignRule,
  matches: RuleMatch | undefined,
  topics: readonly TopicMatch[],
  request: Request,
  policy: Policy,
): string | null {
  const topic = rule.topics.length === 0 ? undefined : topics.find((one) => rule.topics.includes(one.name));
  if (rule.topics.length > 0 && topic === undefined) return null;
  const matched = holds(rule, matches, request, policy);
  if (matched === null) return null;
  return [topic?.because, matched].filter((part) => part !== undefined && part !== '').join(', ');
}

/** Why the rule's own conditions hold, '' when it has none besides topics, or null when they do not. */
function holds(
  rule: Condition,
  matches: RuleMatch | undefined,
  { facts, told }: Request,
  policy: Policy,
): string | null {
  // The words first: most rules have none in a mail, and then nothing else needs to be asked.
  if (matches?.ruledOut) return null;
  const words = rule.any.length > 0 ? matches?.inOneSentence(rule.and.length > 0, rule.where) : '';
  const mentioned = rule.mentions.length > 0 ? matches?.mentioned : '';
  if (typeof words !== 'string' || typeof mentioned !== 'string') return null;
  const reasons = circumstances(rule, facts, told, policy);
  return reasons && [...reasons, words, mentioned].filter((reason) => reason !== '').join(', ');
}

function outOfScopeText(topics: readonly TopicMatch[], outOfScope: boolean): string {
  const named = topics.filter((topic) => topic.kind === 'out-of-scope').map((topic) => topic.because);
  if (named.length === 0) return 'nothing that no plan includes is asked for';
  return outOfScope
    ? `only what no plan includes: ${named.join('; ')}`
    : `in scope, though it also names ${named.join('; ')}`;
}
