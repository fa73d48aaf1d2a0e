// The clock's door: what is due is decided row by row, each in a transaction of its own. A stopped gateway loses nothing: rows wait.
import { schedule, type ScheduledTask } from 'node-cron';
import { decideOnTrouble, lateHours } from './cases/on-failed-letter.ts';
import { decideOnQueued } from './cases/on-queue.ts';
import { decideOnWarning } from './cases/on-warning.ts';
import type { Clock, Instant } from './clock.ts';
import { carryOut, type Desk } from './desk.ts';
import { errorText, type Log } from './log.ts';
import { lockCase, queuedCases } from './store/cases.ts';
import { worldFailed, type Db, type Transaction } from './store/db.ts';
import { readLoad } from './store/evidence.ts';
import { readDescription } from './store/history.ts';
import { replanAhead, type DueStep } from './store/schedule.ts';
import { claimWarning, postponeWarning, settleWarning, type DueWarning } from './store/warnings.ts';
import { planUseTold } from './tick/plan-use.ts';
import { faultMinutes, stepsTaken } from './tick/steps.ts';
import { tellingFacts } from './tick/telling.ts';
import { claimTrouble, settleTrouble } from './store/trouble.ts';

/** What a due row, or a letter in trouble, came to. */
export interface Ticked {
  caseNumber: number;
  rule: DueStep['rule'] | 'letter' | 'warning' | 'queue' | 'plan';
  /** Of a letter, the queue and a plan 0, of a warning its percent. */
  step: number;
  reason: string;
  because: string;
}

/** Rows of each kind in one run. The next run follows at once, so that no warning waits behind a morning's follow-ups, and their letters leave meanwhile. */
export const rowsPerRunMax = 1_000;

/** What a tick works on. `sends`: a postbox is at work on the same database, so a letter that waits has not left. */
export interface TickOptions {
  db: Db;
  desk: Desk;
  sends: boolean;
}

/** Decides on what is due at `now`, oldest first and `rowsPerRunMax` of each kind, and tells what it did. Throws only when the world failed; rows then wait. */
export async function tickOnce(options: TickOptions, now: Instant): Promise<Ticked[]> {
  const done: Ticked[] = [];
  await replanAhead(options.db, now);
  for (const next of [stepsTaken, troubleTeller(), warningGiven]) {
    for (let taken = 0; taken < rowsPerRunMax;) {
      const ticked = await next(options, now);
      if (ticked.length === 0) break;
      taken += ticked.length;
      done.push(...ticked);
    }
  }
  return [...done, ...(await queueAssigned(options, now)), ...(await planUse(options, now))];
}

/** What is told of plans that are used beyond reasonable limits. A fault of ours is told and costs nothing else. */
async function planUse({ db, desk: current }: TickOptions, now: Instant): Promise<Ticked[]> {
  const desk = { ...current };
  try {
    const told = await planUseTold({ db, desk }, (trx) => tellingFacts(trx, desk, now), now);
    return told.map((one) => ({ ...one, rule: 'plan', step: 0, reason: 'plan-overused' }));
  } catch (error) {
    if (worldFailed(error)) throw error;
    const because = `our own counting of plans failed (${errorText(error)}); it is tried again in a minute`;
    return [{ caseNumber: 0, rule: 'plan', step: 0, reason: 'fault', because }];
  }
}

/** Cases without an owner that are looked at in one run, and of these given to somebody. */
const queueLimits = { lookedAt: 1_000, given: 100 };

/** Gives the cases that nobody could take to who can now. */
async function queueAssigned({ db, desk: current }: TickOptions, now: Instant): Promise<Ticked[]> {
  const desk = { ...current };
  const done: Ticked[] = [];
  if (desk.policy.engineers.length === 0) return done;
  const stuck = new Set<string>();
  for (const { number, line, product, language } of await queuedCases(db, queueLimits.lookedAt)) {
    const kind = JSON.stringify([line, product, language]);
    // Whom nobody could be found for a moment ago, for the next one like it nobody will be.
    if (stuck.has(kind) || done.length >= queueLimits.given) continue;
    try {
      const because = await db.transaction((trx) => queueTaken(trx, desk, number, now));
      if (because === null) stuck.add(kind);
      else done.push({ caseNumber: number, rule: 'queue', step: 0, reason: 'owner-found', because });
    } catch (error) {
      if (worldFailed(error)) throw error;
      const because = `our own deciding failed (${errorText(error)}); it is tried again in a minute`;
      done.push({ caseNumber: number, rule: 'queue', step: 0, reason: 'fault', because });
    }
  }
  return done;
}

/** Why somebody has the case now; null when still nobody can take it. */
async function queueTaken(trx: Transaction, desk: Desk, caseNumber: number, now: Instant): Promise<string | null> {
  const placed = await lockCase(trx, caseNumber, now);
  const telling = await tellingFacts(trx, desk, now);
  const facts = { ...telling, load: await readLoad(trx), description: await readDescription(trx, caseNumber) };
  const decision = placed && decideOnQueued(placed, facts, desk.policy, now);
  if (!decision) return null;
  await carryOut(trx, desk, decision, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
  return decision.because;
}

/** Tells the cases of letters that failed or are late, one at a time. A fault of ours leaves one for the next run; those behind it go on meanwhile. */
function troubleTeller(): (options: TickOptions, now: Instant) => Promise<Ticked[]> {
  let beyond = '0';
  return async function troubleTold({ db, desk: current }, now) {
    const desk = { ...current };
    let claimed: Awaited<ReturnType<typeof claimTrouble>> = null;
    try {
      return await db.transaction(async (trx) => {
        claimed = await claimTrouble(trx, now.subtract({ hours: lateHours }), beyond);
        if (!claimed) return [];
        await settleTrouble(trx, claimed);
        const { id, caseNumber } = claimed;
        const placed = await lockCase(trx, caseNumber, now);
        if (!placed) throw new Error(`letter ${id}: case ${caseNumber} is not there`);
        const decision = decideOnTrouble(claimed, placed, await tellingFacts(trx, desk, now), desk.policy, now);
        await carryOut(trx, desk, decision, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
        return [{ caseNumber, rule: 'letter', step: 0, reason: decision.reason, because: decision.because }];
      });
    } catch (error) {
      const letter = claimed as Awaited<ReturnType<typeof claimTrouble>>;
      if (!letter || worldFailed(error)) throw error;
      beyond = letter.id;
      const because = `our own deciding on letter ${letter.id} failed (${errorText(error)}); it is tried again in a minute`;
      return [{ caseNumber: letter.caseNumber, rule: 'letter', step: 0, reason: 'fault', because }];
    }
  };
}

/** One warning before or at a target. A fault of ours puts it off; the others go on meanwhile. */
async function warningGiven({ db, desk: current }: TickOptions, now: Instant): Promise<Ticked[]> {
  const desk = { ...current };
  let claimed: DueWarning | null = null;
  try {
    return await db.transaction(async (trx) => {
      claimed = await claimWarning(trx, now);
      if (!claimed) return [];
      const { id, caseNumber, percent } = claimed;
      const placed = await lockCase(trx, caseNumber, now);
      if (!placed) throw new Error(`warning ${id}: case ${caseNumber} is not there`);
      const decision = decideOnWarning(claimed, placed, await tellingFacts(trx, desk, now), desk.policy, now);
      await settleWarning(trx, id, decision.because, now);
      await carryOut(trx, desk, decision, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
      return [{ caseNumber, rule: 'warning', step: percent, reason: decision.reason, because: decision.because }];
    });
  } catch (error) {
    const warning = claimed as DueWarning | null;
    if (!warning || worldFailed(error)) throw error;
    const because = `our own deciding failed (${errorText(error)}); it is tried again in ${faultMinutes} minutes`;
    await db.transaction((trx) => postponeWarning(trx, warning.id, now.add({ minutes: faultMinutes }), because));
    return [{ caseNumber: warning.caseNumber, rule: 'warning', step: warning.percent, reason: 'fault', because }];
  }
}

/** Whether a fault of ours kept a row from being decided. */
const faulty = ({ reason }: Ticked) => reason === 'fault';

/** Ticks every minute until stopped, unless it `ticks` only when told. `onTicked` is called after a run that did something, so that its letters leave at once. */
export function startTicking(options: {
  db: Db;
  desk: Desk;
  now: Clock;
  log: Log;
  ticks?: 'when-told' | undefined;
  onTicked: () => void;
}): {
  stop(): Promise<void>;
  tick(): Promise<Ticked[]>;
  /** When it last came to its end; null before the first time. */
  lastAt(): Instant | null;
} {
  let running: Promise<void> = Promise.resolve();
  let lastAt: Instant | null = null;
  const stopping = new AbortController();
  const tick = async (): Promise<Ticked[]> => {
    const done = await tickOnce({ ...options, sends: options.desk.config.smtp !== null }, options.now());
    for (const { caseNumber, rule, because } of done.filter(faulty))
      options.log.error({ case: caseNumber, rule }, `tick: ${because}`);
    if (done.length > 0) options.onTicked();
    lastAt = options.now();
    return done;
  };
  const run = async (): Promise<void> => {
    try {
      // Of what failed much may be left that would only fail again.
      while (!stopping.signal.aborted && (await tick()).filter((one) => !faulty(one)).length >= rowsPerRunMax);
    } catch (error) {
      options.log.error({ err: error }, 'tick failed; what is due waits for the next minute');
    }
  };
  const eachMinute = () => {
    running = run();
    return running;
  };
  const task: ScheduledTask | null =
    options.ticks === 'when-told'
      ? null
      : schedule('* * * * *', eachMinute, { timezone: 'UTC', noOverlap: true, name: 'tick' });
  running = run();
  return {
    tick,
    lastAt: () => lastAt,
    async stop() {
      stopping.abort();
      await task?.stop();
      await running;
    },
  };
}
