// What the schema can not see: names that nothing answers to, and people or plans that no case could ever reach. A problem refuses the policy;
// a warning is printed by `casepost check` and the gateway starts all the same.
import { closedDaysMax } from '../schedule/calendar.ts';
import type { Calendar } from '../schedule/calendar.ts';
import { durationText } from '../schedule/duration.ts';
import type { Duration } from '../schedule/duration.ts';
import { addWorkingTime, countDaysMax } from '../schedule/working-time.ts';
import { checkRules } from './check-rules.ts';
import { severities } from './line-schema.ts';
import { didYouMean } from './nearest.ts';
import type { Policy } from './policy.ts';
import type { Path } from './problems.ts';

const dayMs = 86_400_000;

/** One thing found wrong across the policy. */
export interface Finding {
  readonly gravity: 'problem' | 'warning';
  readonly path: Path;
  readonly message: string;
  /** The name that nothing answers to, when that is what is wrong. */
  readonly unknown: string | null;
}

/** Everything wrong across the policy, in the order of the file; empty when nothing is. */
export function checkPolicy(policy: Policy): Finding[] {
  const findings: Finding[] = [];
  const problem = (path: Path, message: string, unknown: string | null = null) =>
    findings.push({ gravity: 'problem', path, message, unknown });
  const warning = (path: Path, message: string) => findings.push({ gravity: 'warning', path, message, unknown: null });
  const known = (path: Path, what: string, name: string, names: Iterable<string>) => {
    const allowed = [...names];
    if (allowed.includes(name)) return;
    const list = allowed.length === 0 ? 'there are none' : `known: ${allowed.join(', ')}`;
    problem(path, `"${name}" is no ${what} of this policy${didYouMean(name, allowed)}; ${list}`, name);
  };
  const lineNames = Object.keys(policy.lines);
  const productNames = Object.values(policy.lines).flatMap((line) => [...line.products.keys()]);

  for (const [name, calendar] of policy.calendars) {
    const closed = longestClosing(calendar);
    if (closed > closedDaysMax / 2) {
      problem(
        ['calendars', name, 'holidays'],
        `it is closed for ${closed} days in a row; at most ${closedDaysMax / 2} can be counted over`,
      );
    }
  }

  for (const [name, line] of Object.entries(policy.lines)) {
    known(['lines', name, 'calendar'], 'calendar', line.calendar, policy.calendars.keys());
    const caps = policy.loops.followUpsPerCase;
    if (line.followUp.steps.length > caps) {
      problem(
        ['lines', name, 'followUp', 'steps'],
        `${line.followUp.steps.length} follow-ups, but loops.followUpsPerCase allows ${caps}; raise that or take steps away`,
      );
    }
  }

  for (const [name, plan] of policy.plans) {
    known(['plans', name, 'calendar'], 'calendar', plan.calendar, policy.calendars.keys());
    for (const severity of severities) {
      const tooLong = endless(plan.targets[severity], policy.calendars.get(plan.calendar));
      if (tooLong !== null) problem(['plans', name, 'targets', severity], tooLong);
    }
    if (plan.scope !== 'incident' && plan.spendFor.length > 0) {
      warning(
        ['plans', name, 'spendFor'],
        `says what an incident is spent for, but the scope is ${plan.scope}; it is not read`,
      );
    }
  }
  known(['fallbackPlan'], 'plan', policy.fallbackPlan, policy.plans.keys());
  if (policy.plans.get(policy.fallbackPlan)?.scope === 'incident') {
    problem(
      ['fallbackPlan'],
      `"${policy.fallbackPlan}" is sold by the incident; the fallback must be a plan nobody has to buy`,
    );
  }

  checkRules(policy, { problem, warning, known });

  for (const part of ['asks', 'suggestions'] as const) {
    for (const [name, entry] of policy.acknowledgment[part]) {
      for (const [index, line] of entry.lines.entries()) {
        known(['acknowledgment', part, name, 'lines', index], 'product line', line, lineNames);
      }
    }
  }

  for (const [at, plan] of policy.bugs.maintenance.entries())
    known(['bugs', 'maintenance', at], 'plan', plan, policy.plans.keys());

  const addresses = new Set<string>();
  for (const [index, engineer] of policy.engineers.entries()) {
    const path = ['engineers', index];
    if (addresses.has(engineer.address))
      problem([...path, 'address'], `"${engineer.address}" is listed twice; one entry a person`);
    addresses.add(engineer.address);
    if (engineer.calendar !== null)
      known([...path, 'calendar'], 'calendar', engineer.calendar, policy.calendars.keys());
    if (engineer.standIn !== null)
      known(
        [...path, 'standIn'],
        'engineer',
        engineer.standIn,
        policy.engineers.map(({ address }) => address).filter((address) => address !== engineer.address),
      );
    if (engineer.lines.length === 0)
      warning([...path, 'lines'], `${engineer.name} has no product line and will never get a case`);
    for (const [at, line] of engineer.lines.entries()) known([...path, 'lines', at], 'product line', line, lineNames);
    for (const [at, product] of engineer.products.entries())
      known([...path, 'products', at], 'product', product, productNames);
  }
  for (const line of lineNames) {
    if (policy.engineers.some((engineer) => engineer.lines.includes(line))) continue;
    const then =
      policy.escalation === null ? 'its cases wait for a person to take them' : `${policy.escalation.address} is told`;
    warning(['engineers'], `nobody is listed for ${line}; ${then}`);
  }
  return findings;
}

/** Why a target can not be counted in its calendar, or null when it can. */
function endless(target: Duration, calendar: Calendar | undefined): string | null {
  if (calendar === undefined || target.unit === 'calendar-days') return null;
  const start = Temporal.PlainDate.from('2026-01-01').toZonedDateTime(calendar.zone).toInstant();
  try {
    const { at } = addWorkingTime(start, target, calendar);
    const days = (at.epochMilliseconds - start.epochMilliseconds) / dayMs;
    // Half of what counting allows, so that no other day of the year can bring it over.
    if (days <= countDaysMax / 2) return null;
    return `${durationText(target)} take ${Math.ceil(days)} days in calendar "${calendar.name}"; at most ${countDaysMax / 2} can be promised`;
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
}

/** Days from one open day of the week to the next when holidays fall on every open day between them; the longest of the calendar. */
function longestClosing(calendar: Calendar): number {
  const opens = (date: Temporal.PlainDate) => (calendar.week[date.dayOfWeek - 1] ?? []).length > 0;
  const holidays = new Set(calendar.holidays);
  let longest = 0;
  let reached: Temporal.PlainDate | null = null;
  for (const day of calendar.holidays.toSorted()) {
    let date = Temporal.PlainDate.from(day);
    if (!opens(date) || (reached !== null && Temporal.PlainDate.compare(date, reached) < 0)) continue;
    const first = date;
    while (!opens(date) || holidays.has(date.toString())) date = date.add({ days: 1 });
    reached = date;
    longest = Math.max(longest, first.until(date).days);
  }
  return longest;
}
