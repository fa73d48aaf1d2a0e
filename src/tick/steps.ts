// Due steps of the cases' calendars, several in one transaction: on a morning with thousands of them, one commit and one round trip for each question
// serve many. What one decision changes for the next is known before the next is made, so that together they come to what each alone would.
import { sharedCaps } from '../cases/budget.ts';
import type { Decision } from '../cases/decision.ts';
import type { CaseFacts, TellingFacts } from '../cases/facts.ts';
import { decideOnStep, type StepDecision } from '../cases/on-follow-up.ts';
import type { Instant } from '../clock.ts';
import { carryOut, type Desk } from '../desk.ts';
import { errorText } from '../log.ts';
import { readCaseFacts, readCases, readParticipants } from '../store/cases.ts';
import { sqlState, worldFailed, type Transaction } from '../store/db.ts';
import { readPerson } from '../store/evidence.ts';
import { claimDue, postponeDue, settleDue, type DueStep } from '../store/schedule.ts';
import type { Ticked, TickOptions } from '../tick.ts';
import { tellingFacts } from './telling.ts';

/** Steps of one transaction: their cases are locked for the few milliseconds each of them takes. */
const togetherMax = 20;
/** A row whose decision failed by a fault of ours comes again after so long; the others go on meanwhile. */
export const faultMinutes = 60;
/** Times rows are decided anew because another transaction was in the way. */
const conflictsMax = 5;

/** Decides on the steps that have been due longest; none when nothing is due. */
export async function stepsTaken(options: TickOptions, now: Instant): Promise<Ticked[]> {
  const { db } = options;
  for (let conflicts = 0, most = togetherMax; ;) {
    let claimed: DueStep[] = [];
    try {
      return await db.transaction(async (trx) => {
        claimed = await claimDue(trx, most, now);
        // One policy for the whole decision, whatever comes into force meanwhile.
        return claimed.length === 0
          ? []
          : await decideAll(trx, { ...options, desk: { ...options.desk } }, claimed, now);
      });
    } catch (error) {
      if (inTheWay(error) && conflicts < conflictsMax) {
        conflicts += 1;
        continue;
      }
      const [step] = claimed;
      if (!step || worldFailed(error)) throw error;
      if (most > 1) {
        // Whose fault it is shows when each is decided alone.
        most = 1;
        continue;
      }
      const because = `our own deciding failed (${errorText(error)}); it is tried again in ${faultMinutes} minutes`;
      await db.transaction((trx) => postponeDue(trx, step.id, now.add({ minutes: faultMinutes }), because, now));
      return [{ caseNumber: step.caseNumber, rule: step.rule, step: step.step, reason: 'fault', because }];
    }
  }
}

async function decideAll(
  trx: Transaction,
  { desk, sends }: TickOptions,
  claimed: DueStep[],
  now: Instant,
): Promise<Ticked[]> {
  const [placed, telling] = await Promise.all([placedCases(trx, claimed, now), tellingFacts(trx, desk, now)]);
  const steps = together(claimed, placed);
  const people = await readPeople(
    trx,
    desk,
    steps.map(({ facts }) => facts.supportCase.requester),
    now,
  );
  const decided = steps.map(({ step, facts }) => {
    const requester = people.get(facts.supportCase.requester);
    if (!requester) throw new Error(`case ${step.caseNumber}: its requester was not read`);
    const decision = decideOnStep(step, { ...telling, placed: facts, requester, sends }, desk.policy, now);
    if (!decision.later) countNotices(telling, decision);
    return { step, mailbox: facts.supportCase.mailbox, decision };
  });
  return Promise.all(decided.map((one) => carriedOut(trx, desk, one, now)));
}

async function carriedOut(
  trx: Transaction,
  desk: Desk,
  { step, mailbox, decision }: { step: DueStep; mailbox: string; decision: StepDecision },
  now: Instant,
): Promise<Ticked> {
  const { because } = decision;
  const told = { caseNumber: step.caseNumber, rule: step.rule, step: step.step, because };
  if (decision.later) {
    await postponeDue(trx, step.id, decision.later, because, now);
    return { ...told, reason: 'postponed' };
  }
  // Settled first: the next step takes the one waiting place that a case has.
  await Promise.all([
    settleDue(trx, step.id, because, now),
    carryOut(trx, desk, decision, { inboundId: null, mailbox }, now),
  ]);
  return { ...told, reason: decision.reason };
}

interface Placed {
  step: DueStep;
  facts: CaseFacts;
}

/** The steps up to the first whose requester an earlier one may write to: that letter counts for the caps of the address. */
function together(claimed: DueStep[], placed: Map<number, CaseFacts>): Placed[] {
  const requesters = new Set<string>();
  const taken: Placed[] = [];
  for (const step of claimed) {
    const facts = placed.get(step.caseNumber);
    if (!facts) throw new Error(`due row ${step.id}: case ${step.caseNumber} is not there`);
    if (requesters.has(facts.supportCase.requester)) break;
    requesters.add(facts.supportCase.requester);
    taken.push({ step, facts });
  }
  return taken;
}

async function placedCases(trx: Transaction, claimed: DueStep[], now: Instant): Promise<Map<number, CaseFacts>> {
  const numbers = claimed.map(({ caseNumber }) => caseNumber);
  const [cases, people] = await Promise.all([readCases(trx, numbers, true), readParticipants(trx, numbers)]);
  const facts = await Promise.all(
    cases.map((supportCase) => {
      const participants = people.filter(({ caseNumber }) => caseNumber === supportCase.number);
      return readCaseFacts(trx, supportCase, participants, now);
    }),
  );
  return new Map(facts.map((one) => [one.supportCase.number, one]));
}

/** Read, and thereby locked, in one order everywhere, so that no two gateways wait for each other. */
async function readPeople(trx: Transaction, desk: Desk, addresses: string[], now: Instant) {
  const caps = sharedCaps(desk.policy.loops);
  const people = await Promise.all(addresses.toSorted().map((address) => readPerson(trx, address, caps, now)));
  return new Map(people.map((person) => [person.contact.address, person]));
}

/** Letters to engineers count for the decisions after this one, as if it had been committed. */
function countNotices({ noticesThisHour }: TellingFacts, { effects }: Decision): void {
  for (const effect of effects) {
    if (effect.effect !== 'letter' || !effect.letter.kind.startsWith('engineer-')) continue;
    const { addrSpec } = effect.letter.to;
    noticesThisHour[addrSpec] = (noticesThisHour[addrSpec] ?? 0) + 1;
  }
}

function inTheWay(error: unknown): boolean {
  return /^(40|23505)/.test(sqlState(error) ?? '');
}
