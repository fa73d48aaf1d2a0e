// Once an hour one gateway counts who uses a plan beyond reasonable limits (policy: `warnAboveCases`). An hour is soon enough for a conversation
// about a month, and counting reads every case.
import { decideOnPlanUse } from '../cases/on-plan-use.ts';
import type { TellingFacts } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import { carryOut, type Desk } from '../desk.ts';
import { lockCase } from '../store/cases.ts';
import { claimChore, settleChore } from '../store/chores.ts';
import type { Db, Transaction } from '../store/db.ts';
import { overused, useDays } from '../store/plan-use.ts';

const everyHours = 1;
const leaseSeconds = 60;

/** Tells of every plan that is used beyond its number since it was last told; nothing between two counts. All of one count or none. */
export async function planUseTold(
  { db, desk }: { db: Db; desk: Desk },
  factsOf: (trx: Transaction) => Promise<TellingFacts>,
  now: Instant,
): Promise<{ caseNumber: number; because: string }[]> {
  const limits = [...desk.policy.plans].flatMap(([plan, { warnAboveCases }]) =>
    warnAboveCases === null ? [] : [{ plan, limit: warnAboveCases }],
  );
  return db.transaction(async (trx) => {
    const holder = 'tick';
    const chore = await claimChore(trx, { name: 'plan-use', holder, first: now, leaseSeconds }, now);
    if (!chore) return [];
    const told: { caseNumber: number; because: string }[] = [];
    for (const { caseNumber, ...use } of limits.length === 0 ? [] : await overused(trx, limits, now)) {
      const placed = await lockCase(trx, caseNumber, now);
      if (!placed) continue;
      const decision = decideOnPlanUse({ ...use, days: useDays }, placed, await factsOf(trx), desk.policy, now);
      await carryOut(trx, desk, decision, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
      told.push({ caseNumber, because: decision.because });
    }
    await settleChore(trx, chore, { dueAt: now.add({ hours: everyHours }), found: {} });
    return told;
  });
}
