// The clock's door on the model database, step by step as src/tick.ts and the claims of store/{schedule,trouble}.ts.
import { sharedCaps } from '../../src/cases/budget.ts';
import { decideOnTrouble, lateHours } from '../../src/cases/on-failed-letter.ts';
import { decideOnStep } from '../../src/cases/on-follow-up.ts';
import { decideOnWarning } from '../../src/cases/on-warning.ts';
import type { Instant } from '../../src/clock.ts';
import { signingKey } from '../../src/desk.ts';
import type { Ticked } from '../../src/tick.ts';
import { carryOut, type Room } from './desk.ts';
import { caseFacts, person, telling } from './facts.ts';
import { fileOf, settleDue, type Ledger } from './ledger.ts';
import type { DueRow, OutboxRow, WarningRow } from './rows.ts';

/** Decides on everything that is due at `now`, oldest first, and on letters in trouble. */
export async function tickOnce(room: Room, now: Instant): Promise<Ticked[]> {
  const done: Ticked[] = [];
  for (const row of room.ledger.due)
    if (plannedAhead(row, now))
      Object.assign(row, { dueAt: now, plannedAt: now, createdAt: earlier(row.createdAt, now) });
  for (let step = nextDue(room.ledger, now); step; step = nextDue(room.ledger, now))
    done.push(await take(room, step, now));
  for (let letter = inTrouble(room.ledger, now); letter; letter = inTrouble(room.ledger, now))
    done.push(await tellTrouble(room, letter, now));
  for (let warning = nextWarning(room.ledger, now); warning; warning = nextWarning(room.ledger, now))
    done.push(await warn(room, warning, now));
  return done;
}

/** Whether a clock that ran ahead has planned this step: it is looked at anew. */
export function plannedAhead({ plannedAt }: DueRow, now: Instant): boolean {
  return plannedAt.epochMilliseconds > now.epochMilliseconds + 3_600_000;
}

function earlier(one: Instant, other: Instant): Instant {
  return Temporal.Instant.compare(one, other) < 0 ? one : other;
}

function nextDue(ledger: Ledger, now: Instant): DueRow | null {
  let first: DueRow | null = null;
  for (const row of ledger.due) {
    if (Temporal.Instant.compare(row.dueAt, now) > 0) continue;
    const order = first ? Temporal.Instant.compare(row.dueAt, first.dueAt) || Number(row.id) - Number(first.id) : -1;
    if (order < 0) first = row;
  }
  return first;
}

function nextWarning(ledger: Ledger, now: Instant): WarningRow | null {
  const due = [...ledger.warnings].filter(({ dueAt }) => Temporal.Instant.compare(dueAt, now) <= 0);
  due.sort((one, other) => Temporal.Instant.compare(one.dueAt, other.dueAt) || Number(one.id) - Number(other.id));
  return due[0] ?? null;
}

async function warn(room: Room, warning: WarningRow, now: Instant): Promise<Ticked> {
  const { ledger, desk } = room;
  const { caseNumber, percent } = warning;
  const placed = caseFacts(fileOf(ledger, caseNumber), now);
  const decision = decideOnWarning(warning, placed, telling(ledger, signingKey(desk), now), desk.policy, now);
  ledger.warnings.delete(warning);
  await carryOut(room, decision, placed.supportCase.mailbox, null, now);
  return { caseNumber, rule: 'warning', step: percent, reason: decision.reason, because: decision.because };
}

async function take(room: Room, step: DueRow, now: Instant): Promise<Ticked> {
  const { ledger, desk } = room;
  const placed = caseFacts(fileOf(ledger, step.caseNumber), now);
  const { supportCase } = placed;
  const requester = person(ledger, supportCase.requester, sharedCaps(desk.policy.loops).breakerFloor, now);
  const facts = { ...telling(ledger, signingKey(desk), now), placed, requester, sends: true };
  const decision = decideOnStep(step, facts, desk.policy, now);
  const told = { caseNumber: step.caseNumber, rule: step.rule, step: step.step };
  if (decision.later) {
    Object.assign(step, { dueAt: decision.later, because: decision.because, plannedAt: now, moved: true });
    return { ...told, reason: 'postponed', because: decision.because };
  }
  settleDue(ledger, step, 'done', decision.because);
  await carryOut(room, decision, supportCase.mailbox, null, now);
  return { ...told, reason: decision.reason, because: decision.because };
}

function inTrouble(ledger: Ledger, now: Instant): (OutboxRow & { trouble: 'late' | 'failed' | null }) | null {
  const lateBefore = now.subtract({ hours: lateHours });
  const late = (row: OutboxRow) =>
    row.trouble === null &&
    row.attempts > 0 &&
    row.lastError !== null &&
    Temporal.Instant.compare(row.createdAt, lateBefore) <= 0;
  const found = [...ledger.failed, ...[...ledger.waiting].filter(late)].sort((one, other) => one.id - other.id);
  return found[0] ?? null;
}

async function tellTrouble(room: Room, row: OutboxRow, now: Instant): Promise<Ticked> {
  const { ledger, desk } = room;
  const trouble = row.state === 'waiting' ? 'late' : row.unknowns > 1 ? 'unknown' : 'failed';
  row.trouble = trouble === 'late' ? 'late' : 'failed';
  ledger.failed.delete(row);
  const { caseNumber, kind, recipient, createdAt } = row;
  const placed = caseFacts(fileOf(ledger, caseNumber), now);
  const letter = { id: String(row.id), kind, recipient, createdAt, trouble, error: row.lastError ?? '' } as const;
  const decision = decideOnTrouble(letter, placed, telling(ledger, signingKey(desk), now), desk.policy, now);
  await carryOut(room, decision, placed.supportCase.mailbox, null, now);
  return { caseNumber, rule: 'letter', step: 0, reason: decision.reason, because: decision.because };
}
