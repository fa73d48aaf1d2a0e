// What can be proven wrong with a rule without any mail: that it asks for names nothing has, that it can never hold, or that an earlier rule takes
// every mail it could match. Only what is certain is said: phrases are compared word by word, circumstances list by list.
import { parts, phrasesMatched } from './compiled.ts';
import type { Policy } from './policy.ts';
import type { Path } from './problems.ts';
import { weekdays, type Condition, type SeverityRule } from './rules-schema.ts';

/** Where findings go: what refuses the policy, what is only said, and names that must be known. */
export interface Findings {
  problem(path: Path, message: string): void;
  warning(path: Path, message: string): void;
  known(path: Path, what: string, name: string, names: Iterable<string>): void;
}

/** Checks topics and severity rules. */
export function checkRules(policy: Policy, findings: Findings): void {
  const matched = phrasesMatched(policy);
  for (const kind of parts) {
    for (const [name, rule] of policy.rules[kind]) {
      const path = ['rules', kind, name];
      const topics = 'topics' in rule ? rule.topics : [];
      checkNames(rule, topics, path, policy, findings);
      checkAsks(rule, topics, path, findings);
      checkLines(rule, topics, path, policy, findings);
      checkWords(rule, path, matched, findings);
    }
  }
  const rules = [...policy.rules.severity];
  for (const [index, [name, rule]] of rules.entries()) {
    const taker = rules.slice(0, index).find(([, earlier]) => takesAll(earlier, rule, matched));
    if (taker === undefined) continue;
    const path = ['rules', 'severity', name];
    findings.warning(path, `never decides: rule "${taker[0]}" stands before it and takes every mail it could match`);
  }
}

function checkNames(rule: Condition, topics: readonly string[], path: Path, policy: Policy, { known }: Findings): void {
  const products = Object.values(policy.lines).flatMap((line) => [...line.products.keys()]);
  const lists = [
    ['lines', 'product line', rule.lines, Object.keys(policy.lines)],
    ['products', 'product', rule.products, products],
    ['plans', 'plan', rule.plans, policy.plans.keys()],
    ['topics', 'topic', topics, policy.rules.topics.keys()],
  ] as const;
  for (const [key, what, names, allowed] of lists) {
    const all = [...allowed];
    for (const [index, name] of names.entries()) known([...path, key, index], what, name, all);
  }
}

/** The circumstances that a rule may ask for by themselves; lines alone would be every mail of a line. */
const alone = [
  'any',
  'mentions',
  'products',
  'senderDomains',
  'versions',
  'accounts',
  'plans',
  'mailboxes',
  'languages',
  'attachments',
  'weekdays',
] as const;

function checkAsks(rule: Condition, topics: readonly string[], path: Path, { problem }: Findings): void {
  const asks = topics.length > 0 || rule.desk !== null || rule.priorCases !== null;
  if (!asks && alone.every((key) => rule[key].length === 0)) {
    problem(
      path,
      'asks nothing of a mail, so every mail would match; give it any:, products:, senderDomains: or topics:',
    );
  }
  for (const key of ['and', 'unless'] as const) {
    if (rule[key].length > 0 && rule.any.length === 0)
      problem(
        [...path, key],
        'stands without any:; write the phrases under any:, or under mentions: or unlessMentions:',
      );
  }
}

function checkLines(
  rule: Condition,
  topics: readonly string[],
  path: Path,
  policy: Policy,
  { problem, warning }: Findings,
): void {
  for (const [index, product] of rule.products.entries()) {
    const [line] = Object.entries(policy.lines).find(([, { products }]) => products.has(product)) ?? [];
    if (line === undefined || !excludes(rule.lines, line)) continue;
    problem([...path, 'products', index], `${product} is a product of ${line}, which lines: leaves out`);
  }
  const possible = topics.filter((topic) => {
    const asked = policy.rules.topics.get(topic);
    return (
      asked === undefined ||
      asked.lines.length === 0 ||
      rule.lines.length === 0 ||
      asked.lines.some((line) => rule.lines.includes(line))
    );
  });
  if (topics.length > 0 && possible.length === 0)
    problem([...path, 'topics'], `its topics are of other lines than ${rule.lines.join(', ')}, so it could never hold`);
  const versioned = rule.products.map((product) =>
    Object.values(policy.lines)
      .find(({ products }) => products.has(product))
      ?.products.get(product),
  );
  if (rule.versions.includes('old') && versioned.length > 0 && versioned.every((product) => product?.previous === null))
    warning(
      [...path, 'versions'],
      'asks for old versions, but none of its products says which version is the previous',
    );
  const calendars = Object.entries(policy.lines)
    .filter(([line]) => !excludes(rule.lines, line))
    .flatMap(([, { calendar }]) => policy.calendars.get(calendar) ?? []);
  const open = calendars.some(({ week }) =>
    rule.weekdays.some((day) => (week[weekdays.indexOf(day)] ?? []).length > 0),
  );
  if (rule.desk === 'open' && rule.weekdays.length > 0 && calendars.length > 0 && !open)
    problem(
      [...path, 'weekdays'],
      `on ${rule.weekdays.join(', ')} no calendar of its lines is ever open, and desk: asks for that`,
    );
}

function excludes(lines: readonly string[], line: string): boolean {
  return lines.length > 0 && !lines.includes(line);
}

type Matched = (phrase: string) => string[];

/** A phrase that one of `unless` stands inside can never count; when none of a list can, the rule never holds. */
function checkWords(rule: Condition, path: Path, matched: Matched, { problem, warning }: Findings): void {
  const words = (list: readonly string[]) => list.map((phrase) => ({ phrase, words: matched(phrase) }));
  const anywhere = words(rule.unlessMentions);
  const unless = [...words(rule.unless), ...anywhere];
  for (const [key, against] of [
    ['any', unless],
    ['and', unless],
    ['mentions', anywhere],
  ] as const) {
    if (against.length === 0) continue;
    const dead = words(rule[key]).map((one) => against.find((other) => standsIn(other.words, one.words)));
    for (const [index, blocker] of dead.entries()) {
      if (blocker === undefined) continue;
      const text = `"${rule[key][index]}" never counts: "${blocker.phrase}" of ${rule.unless.includes(blocker.phrase) ? 'unless' : 'unlessMentions'} stands in it`;
      const all = dead.every((one) => one !== undefined);
      (all ? problem : warning)(
        [...path, key, index],
        all ? `${text}, and nothing else is left of ${key}: it could never hold` : text,
      );
    }
  }
}

const lists = [
  'lines',
  'products',
  'senderDomains',
  'versions',
  'accounts',
  'plans',
  'mailboxes',
  'languages',
  'attachments',
  'weekdays',
  'topics',
] as const;

/** Whether every mail that `later` matches, `earlier` matches. */
function takesAll(earlier: SeverityRule, later: SeverityRule, matched: Matched): boolean {
  const within = (key: (typeof lists)[number]) => {
    const wide: readonly string[] = earlier[key];
    const narrow: readonly string[] = later[key];
    return wide.length === 0 || (narrow.length > 0 && narrow.every((one) => wide.includes(one)));
  };
  if (!lists.every(within)) return false;
  if (earlier.desk !== null && earlier.desk !== later.desk) return false;
  if (earlier.priorCases !== null && JSON.stringify(earlier.priorCases) !== JSON.stringify(later.priorCases))
    return false;
  if (earlier.where === 'subject' && later.where !== 'subject') return false;
  if (later.evenTakenBack && !earlier.evenTakenBack && earlier.any.length > 0) return false;
  const taken = (key: 'any' | 'and' | 'mentions') =>
    earlier[key].length === 0 ||
    (later[key].length > 0 &&
      later[key].every((one) => earlier[key].some((wide) => covers(matched(wide), matched(one)))));
  const spared = (key: 'unless' | 'unlessMentions') =>
    earlier[key].every((wide) => later[key].some((one) => standsIn(matched(one), matched(wide))));
  return taken('any') && taken('and') && taken('mentions') && spared('unless') && spared('unlessMentions');
}

/** Whether the words stand as they are in the other phrase, so that whoever writes the one has written the other. */
function standsIn(words: readonly string[], phrase: readonly string[]): boolean {
  if (words.length === 0) return false;
  for (let from = 0; from + words.length <= phrase.length; from += 1) {
    if (words.every((word, index) => isWithin(word, phrase[from + index] ?? ''))) return true;
  }
  return false;
}

/** Whether everything that the narrow words match, in the same place, the wide ones match. */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  if (wide.length !== narrow.length) return false;
  return wide.every((word, index) => isWithin(word, narrow[index] ?? ''));
}

/** Whether the word, which may be a beginning (`fail*`), is every word that the other one is. */
function isWithin(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return wide.endsWith('*') && narrow.startsWith(wide.slice(0, -1));
}
