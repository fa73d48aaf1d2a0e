// Who gets a case: an engineer with the appropriate knowledge and availability (mobility page "Priorities & Assignment"), the least loaded of
// the most fitting. The same facts always give the same person.
import type { Instant } from '../clock.ts';
import type { ProductLine } from '../cases/support-case.ts';
import { openAt } from '../schedule/calendar.ts';
import { calendarNamed } from './policy.ts';
import type { Engineer, Policy } from './policy.ts';

/** What decides who gets a case, besides the engineers of the policy. */
export interface AssignmentFacts {
  readonly line: ProductLine;
  readonly product: string | null;
  /** Language code of the requester, such as en. */
  readonly language: string;
  /** Open cases by engineer's address; who is not in it has none. */
  readonly load: Readonly<Record<string, number>>;
  /** Addresses of those who said that they are away, besides what the policy says; none said when left out. */
  readonly away?: readonly string[];
}

/** The owner, or null when nobody can take the case, and why. */
export interface Assignment {
  readonly owner: Engineer | null;
  readonly because: string;
}

interface Fit {
  readonly engineer: Engineer;
  readonly open: number;
  readonly language: boolean;
  readonly expert: boolean;
  readonly onDuty: boolean;
}

/** Chooses the owner: first who speaks the language, then who is at work now, then who names the product, then the least load, then by address. */
export function assign(facts: AssignmentFacts, policy: Policy, now: Instant): Assignment {
  const skilled = policy.engineers.filter(
    (engineer) =>
      engineer.lines.includes(facts.line) &&
      (engineer.products.length === 0 || facts.product === null || engineer.products.includes(facts.product)),
  );
  if (skilled.length === 0) return nobody(`nobody is listed for ${subjectText(facts)}`, policy);
  const present = skilled.filter((engineer) => !absent(engineer, facts, policy, now));
  if (present.length === 0) return nobody(`everybody for ${subjectText(facts)} is away`, policy);
  const free = present.filter((engineer) => engineer.maxOpen === null || loadOf(engineer, facts) < engineer.maxOpen);
  if (free.length === 0)
    return nobody(`everybody for ${subjectText(facts)} has as many open cases as they may have`, policy);

  const fitOf = (engineer: Engineer): Fit => ({
    engineer,
    open: loadOf(engineer, facts),
    language: engineer.languages.includes(facts.language),
    expert: facts.product !== null && engineer.products.includes(facts.product),
    onDuty: openAt(now, calendarOf(engineer, policy, facts.line)),
  });
  const best = free.map(fitOf).toSorted(better)[0] as Fit;
  const passedOver = skilled
    .filter((engineer) => !free.includes(engineer))
    .map(fitOf)
    .filter((fit) => better(fit, best) < 0)
    .toSorted(better)
    .map(({ engineer, open }) => {
      const why = present.includes(engineer) ? `${open} of ${engineer.maxOpen} open cases` : 'away';
      return `${engineer.name} (${why})`;
    });
  return { owner: best.engineer, because: `${chosenText(best, free.length, facts)}${passedOverText(passedOver)}` };
}

const passedOverShownMax = 3;

/** Who would have had it before the chosen one, were they there or less busy. */
function passedOverText(names: string[]): string {
  if (names.length === 0) return '';
  const more = names.length - passedOverShownMax;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `; before them, but not free: ${names.slice(0, passedOverShownMax).join(', ')}${rest}`;
}

/** Where each engineer stood: one sentence of why they could or could not take the case, in the order of the policy. */
export function standings(
  facts: AssignmentFacts,
  policy: Policy,
  now: Instant,
): { readonly address: string; readonly name: string; readonly because: string }[] {
  return policy.engineers.map((engineer) => {
    const { address, name } = engineer;
    return { address, name, because: standingOf(engineer, facts, policy, now) };
  });
}

function standingOf(engineer: Engineer, facts: AssignmentFacts, policy: Policy, now: Instant): string {
  if (!engineer.lines.includes(facts.line)) return `does not serve ${facts.line}`;
  if (engineer.products.length > 0 && facts.product !== null && !engineer.products.includes(facts.product))
    return `does not serve ${facts.product}`;
  if (absent(engineer, facts, policy, now)) return 'is away';
  const open = loadOf(engineer, facts);
  if (engineer.maxOpen !== null && open >= engineer.maxOpen)
    return `has ${open} open cases of ${engineer.maxOpen} they may have`;
  const language = engineer.languages.includes(facts.language) ? 'speaks' : 'does not speak';
  const duty = openAt(now, calendarOf(engineer, policy, facts.line)) ? 'is at work' : 'is not at work';
  return `could take it: ${language} ${facts.language}, ${duty}, has ${open} open cases`;
}

function better(a: Fit, b: Fit): number {
  return (
    Number(b.language) - Number(a.language) ||
    Number(b.onDuty) - Number(a.onDuty) ||
    Number(b.expert) - Number(a.expert) ||
    a.open - b.open ||
    (a.engineer.address < b.engineer.address ? -1 : 1)
  );
}

function chosenText(best: Fit, among: number, facts: AssignmentFacts): string {
  const { engineer } = best;
  const reasons = [
    best.expert ? `knows ${facts.product ?? ''}` : `serves ${facts.line}`,
    best.language ? `speaks ${facts.language}` : `does not speak ${facts.language}, but nobody free does`,
    best.onDuty ? 'is at work now' : 'is next at work in their hours',
    `has ${best.open} open ${best.open === 1 ? 'case' : 'cases'}`,
  ];
  return `${engineer.name}, of ${among} who could take it: ${reasons.join(', ')}`;
}

function nobody(why: string, policy: Policy): Assignment {
  const then =
    policy.escalation === null
      ? 'the case waits without an owner, and no escalation contact is set'
      : `the escalation contact ${policy.escalation.address} is told`;
  return { owner: null, because: `${why}; ${then}` };
}

/** Whether an engineer is away: by their own word, or by the policy on the day it is where they work. */
export function absent(
  engineer: Engineer,
  { line, away = [] }: Pick<AssignmentFacts, 'line' | 'away'>,
  policy: Policy,
  now: Instant,
): boolean {
  if (engineer.away || away.includes(engineer.address)) return true;
  const today = now
    .toZonedDateTimeISO(calendarOf(engineer, policy, line).zone)
    .toPlainDate()
    .toString();
  // ISO dates compare as text; both days of a range are away.
  return engineer.daysAway.some((range) => {
    const [first = '', last = ''] = range.split('..');
    return first <= today && today <= last;
  });
}

function calendarOf(engineer: Engineer, policy: Policy, line: ProductLine) {
  return calendarNamed(policy, engineer.calendar ?? policy.lines[line].calendar);
}

function loadOf(engineer: Engineer, facts: AssignmentFacts): number {
  return facts.load[engineer.address] ?? 0;
}

function subjectText(facts: AssignmentFacts): string {
  return facts.product === null ? facts.line : `${facts.line} and ${facts.product}`;
}
