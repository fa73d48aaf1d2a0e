// How silent customers are asked, followed from what left and when: each step once and in its order, never two within the pause, on the right day by the
// clock on the wall, and never after the customer has spoken (P10, F29).
import type { Decision, Effect } from '../../src/cases/decision.ts';
import type { Instant } from '../../src/clock.ts';
import { broken, count } from './oracle.ts';
import type { OutboxRow } from './rows.ts';
import type { World, Writing } from './world.ts';

/** One asking of one silent customer: from an engineer's answer, or MORE TIME, to the customer's next word. */
export interface Asking {
  /** Follow-ups so far. */
  step: number;
  /** When the letter before the next step was written, by the clock of its gateway, and in the world's own time. */
  writtenAt: Instant;
  writtenMs: number;
  /** When that letter first left, in the world's own time; null for MORE TIME, which asks for nothing. */
  leftMs: number | null;
  leaves: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Days before each follow-up, and before the closing (src/policy/default.yaml). */
const pauses = {
  corporate: { steps: [3, 3, 4], close: null },
  mobility: { steps: [3, 3], close: 3 },
} as const;
/** A clock change, a quarter of an hour in which a letter still counts as prompt, and clocks that are an hour or two off. */
const lee = 4 * hour;
const promptMinutes = 15;

/** Looks at a decision that asks, closes, or ends an asking. */
export function watchSteps(world: World, decision: Decision, writing: Writing | null, now: Instant): void {
  for (const effect of decision.effects) {
    if (effect.effect !== 'letter') continue;
    const { kind, caseNumber } = effect.letter;
    if (kind === 'follow-up') watchStep(world, caseNumber, 'follow-up', now, effect);
    if (kind === 'closed-no-response') watchStep(world, caseNumber, 'close', now, effect);
  }
  const { caseNumber } = decision;
  if (caseNumber === null) return;
  const begins =
    decision.reason === 'engineer-answered' && decision.effects.some(({ effect }) => effect === 'schedule');
  const file = world.ledger.cases.get(caseNumber);
  const more = decision.reason === 'customer-needs-time' && file?.supportCase.status === 'waiting on customer';
  if (begins || more) {
    const asking = { step: 0, writtenAt: now, writtenMs: world.nowMs, leftMs: null, leaves: begins };
    world.oracle.asking.set(caseNumber, asking);
    return;
  }
  const moved = decision.effects.some(
    (effect) => effect.effect === 'change' && effect.caseNumber === caseNumber && effect.changes.status !== undefined,
  );
  if (
    moved ||
    (writing?.by === 'participant' &&
      decision.reason.startsWith('customer-') &&
      decision.reason !== 'customer-needs-time')
  )
    world.oracle.asking.delete(caseNumber);
}

/** The letter before the next step has left. */
export function hearOfLeaving(world: World, row: OutboxRow): void {
  const asking = world.oracle.asking.get(row.caseNumber);
  const file = world.ledger.cases.get(row.caseNumber);
  if (asking && file?.supportCase.requester === row.recipient && (row.kind === 'answer' || row.kind === 'follow-up'))
    asking.leftMs = world.nowMs;
}

function watchStep(
  world: World,
  caseNumber: number,
  rule: 'follow-up' | 'close',
  now: Instant,
  { letter }: Extract<Effect, { effect: 'letter' }>,
): void {
  const complain = (what: string): never => broken(world, caseNumber, `${rule} of case ${caseNumber}: ${what}`);
  const asking = world.oracle.asking.get(caseNumber) ?? complain('nobody is being asked');
  const file = world.ledger.cases.get(caseNumber) ?? complain('there is no such case');
  const { line, status } = file.supportCase;
  if (status !== 'waiting on customer') complain(`the case is ${status}`);
  const { steps, close } = pauses[line];
  const next = asking.step + 1;
  if (rule === 'follow-up' && letter.variables['step'] !== next)
    complain(`step ${String(letter.variables['step'])} comes after ${asking.step}`);
  if (rule === 'close' && asking.step !== steps.length)
    complain(`it comes after ${asking.step} of ${steps.length} follow-ups`);
  const days = (rule === 'close' ? close : steps[asking.step]) ?? complain(`${line} has no step ${next}`);
  if (asking.leaves && asking.leftMs === null) complain('the letter before it has not left');
  const since = Math.max(asking.writtenMs, asking.leftMs ?? 0);
  const clocksWrong = world.clocksWrongMs >= asking.writtenMs;
  if (!clocksWrong && world.nowMs - since < days * day - lee)
    complain(`it comes ${((world.nowMs - since) / day).toFixed(2)} days after the letter before it, and not ${days}`);
  watchDay(world, caseNumber, { asking, days, now, complain });
  if (rule === 'close') return;
  Object.assign(asking, { step: next, writtenAt: now, writtenMs: world.nowMs, leftMs: null, leaves: true });
}

/** On a day when nothing was out of order the step comes at the same time on the wall as the letter before it, clock changes or not. */
function watchDay(
  world: World,
  caseNumber: number,
  { asking, days, now, complain }: { asking: Asking; days: number; now: Instant; complain: (what: string) => never },
): void {
  const file = world.ledger.cases.get(caseNumber);
  const taken = file?.due.findLast(({ state }) => state === 'done');
  if (!file || !taken || taken.moved || world.disturbedMs >= asking.writtenMs) return;
  const left = file.letters.findLast(
    ({ kind, recipient }) => (kind === 'answer' || kind === 'follow-up') && recipient === file.supportCase.requester,
  )?.sentAt;
  const prompt = asking.writtenAt.add({ minutes: promptMinutes });
  const base = left && asking.leaves && Temporal.Instant.compare(left, prompt) > 0 ? left : asking.writtenAt;
  const zone = world.zones[file.supportCase.line];
  const expected = base.toZonedDateTimeISO(zone).toPlainDateTime().add({ days }).toZonedDateTime(zone);
  const late = now.epochMilliseconds - expected.epochMilliseconds;
  if (late < 0 || late > 5 * minute)
    complain(`it comes at ${now.toZonedDateTimeISO(zone).toString()} and not at ${expected.toString()}`);
  count(world, 'steps on the minute');
  const shift = base.toZonedDateTimeISO(zone).offsetNanoseconds - expected.offsetNanoseconds;
  if (shift !== 0) count(world, 'steps over a clock change');
}
