// The clock's door: what is due is decided row by row, each in a transaction of its own. A stopped gateway loses nothing: rows wait.
import { schedule, type ScheduledTask } from 'node-cron';
import { decideOnStep } from './cases/on-follow-up.ts';
import type { Clock, Instant } from './clock.ts';
import { carryOut, signingKey, type Desk } from './desk.ts';
import type { Log } from './log.ts';
import { lockCase } from './store/cases.ts';
import type { Db, Transaction } from './store/db.ts';
import { readLoad, readPerson } from './store/evidence.ts';
import { claimDue, postponeDue, settleDue, type DueStep } from './store/schedule.ts';

/** What a due row came to. */
export interface Ticked {
  caseNumber: number;
  rule: DueStep['rule'];
  step: number;
  reason: string;
  because: string;
}

/** Rows of one run; the rest comes with the next minute, so that a backlog never holds up the mail. */
export const rowsPerTickMax = 10_000;

/** Decides on everything that is due at `now`, oldest first, and tells what it did. */
export async function tickOnce(db: Db, desk: Desk, now: Instant): Promise<Ticked[]> {
  const done: Ticked[] = [];
  while (done.length < rowsPerTickMax) {
    const ticked = await db.transaction(async (trx) => {
      const step = await claimDue(trx, now);
      return step && (await decide(trx, desk, step, now));
    });
    if (!ticked) break;
    done.push(ticked);
  }
  return done;
}

async function decide(trx: Transaction, desk: Desk, step: DueStep, now: Instant): Promise<Ticked> {
  const placed = await lockCase(trx, step.caseNumber);
  if (!placed) throw new Error(`due row ${step.id}: case ${step.caseNumber} is not there`);
  const { supportCase } = placed;
  const requester = await readPerson(trx, supportCase.requester, desk.policy.loops.breakerLettersAnHour, now);
  const facts = { key: signingKey(desk), load: await readLoad(trx), placed, requester };
  const decision = decideOnStep(step, facts, desk.policy, now);
  const told = { caseNumber: step.caseNumber, rule: step.rule, step: step.step };
  if (decision.later) {
    await postponeDue(trx, step.id, decision.later, decision.because);
    return { ...told, reason: 'postponed', because: decision.because };
  }
  // Settled first: the next step takes the one waiting place that a case has.
  await settleDue(trx, step.id, decision.because, now);
  await carryOut(trx, desk, decision, { inboundId: null, mailbox: supportCase.mailbox }, now);
  return { ...told, reason: decision.reason, because: decision.because };
}

/** Ticks every minute until stopped. `onTicked` is called after a run that did something, so that its letters leave at once. */
export function startTicking(options: {
  db: Db;
  desk: Desk;
  now: Clock;
  log: Log;
  onTicked: () => void;
}): { stop(): Promise<void>; tick(): Promise<Ticked[]> } {
  let running: Promise<void> = Promise.resolve();
  const tick = async (): Promise<Ticked[]> => {
    const done = await tickOnce(options.db, options.desk, options.now());
    if (done.length > 0) options.onTicked();
    return done;
  };
  const run = async (): Promise<void> => {
    try {
      await tick();
    } catch (error) {
      options.log.error({ err: error }, 'tick failed; what is due waits for the next minute');
    }
  };
  const task: ScheduledTask = schedule(
    '* * * * *',
    () => {
      running = run();
      return running;
    },
    { timezone: 'UTC', noOverlap: true, name: 'tick' },
  );
  running = run();
  return {
    tick,
    async stop() {
      await task.stop();
      await running;
    },
  };
}
