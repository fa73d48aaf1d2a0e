// One decision becomes all of its rows, or none: the only place where effects are applied.
import type { Decision, Effect } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import type { CaseLetter } from '../letters/letter.ts';
import { linkBug, noteTold, unlinkBug } from './bugs.ts';
import { addParticipant, insertCase, removeParticipant, updateCase } from './cases.ts';
import { rows, type Transaction } from './db.ts';
import { comeBack, goAway } from './engineers.ts';
import { insertEntry, type Trace } from './history.ts';
import { stillWaiting } from './outbox.ts';
import { cancelWarnings, planWarning } from './warnings.ts';

/** A composed letter with what the outbox must know besides its bytes. */
export interface OutgoingLetter {
  letter: CaseLetter;
  proven: boolean;
  heldBecause: string | null;
  because: string;
}

/** Where a decision came from: the stored mail (or null) and the policy that ruled. */
export interface Origin {
  inboundId: string | null;
  policyVersion: string;
}

/** Applies a decision's effects in their order, with the letters its requests were composed into; all are sent at once. */
export async function commit(
  trx: Transaction,
  decision: Decision,
  letters: OutgoingLetter[],
  origin: Origin,
  now: Instant,
): Promise<void> {
  const trace: Trace = { ...origin, reason: decision.reason, because: decision.because };
  await Promise.all(decision.effects.map((effect) => apply(trx, effect, letters, trace, now)));
}

async function apply(
  trx: Transaction,
  effect: Effect,
  letters: OutgoingLetter[],
  trace: Trace,
  now: Instant,
): Promise<void> {
  switch (effect.effect) {
    case 'open':
      return insertCase(trx, effect.supportCase);
    case 'change':
      return updateCase(trx, effect.caseNumber, { ...effect.changes, updatedAt: now });
    case 'entry':
      return insertEntry(trx, effect.caseNumber, effect.entry, trace, now);
    case 'participant':
      return addParticipant(trx, effect, now);
    case 'remove-participant':
      return removeParticipant(trx, effect.caseNumber, effect.address);
    case 'letter': {
      const composed = letters.find((one) => one.letter.key === effect.letter.key);
      if (!composed)
        throw new Error(`letter ${effect.letter.key}: it was decided but not composed; nothing was committed`);
      return insertLetter(trx, composed, trace, now);
    }
    case 'schedule':
      return schedule(trx, effect, now);
    case 'cancel-schedule':
      return cancelSchedule(trx, effect, now);
    case 'warn':
      return planWarning(trx, effect);
    case 'cancel-warnings':
      return cancelWarnings(trx, effect.caseNumber);
    case 'link-bug':
      return linkBug(trx, effect, now);
    case 'unlink-bug':
      return unlinkBug(trx, effect);
    case 'release-told':
      if (await noteTold(trx, effect, now)) return;
      throw new StaleFacts(`${effect.address} has been told of ${effect.release} for ${effect.bug} meanwhile`);
    case 'engineer-away':
      return goAway(trx, effect, now);
    case 'engineer-back':
      await comeBack(trx, effect.address, now);
      return;
    case 'suppress':
      await rows(
        trx,
        `insert into suppressed (address, because, since, until) values (:address, :because, :now, :until)
         on conflict (address) do update set because = excluded.because, until = excluded.until`,
        { address: effect.address, because: effect.because, until: effect.until, now },
      );
      return;
    case 'proven':
      await rows(
        trx,
        `insert into contacts (address, name, proven_at) values (:address, :name, :now)
         on conflict (address) do update set proven_at = coalesce(contacts.proven_at, excluded.proven_at)`,
        { address: effect.address.addrSpec, name: effect.address.displayName, now },
      );
      return;
    case 'spend-incident':
      return spendIncident(trx, effect);
    case 'return-incident':
      return returnIncident(trx, effect.caseNumber);
    default:
      throw new Error(`effect ${(effect satisfies never as Effect).effect}: nobody applies it`);
  }
}

async function insertLetter(trx: Transaction, composed: OutgoingLetter, trace: Trace, now: Instant): Promise<void> {
  const { letter } = composed;
  await rows(
    trx,
    `with letter as (
       insert into outbox (key, case_number, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw,
         language, templates, because, inbound_id, state, last_error, next_at, created_at)
       values (:key, nullif(:caseNumber, 0), :kind, :messageId, :recipient, :reversePath, :automatic, :proven, :subject, :text, :html, :raw,
         :language, :templates, :because, :inboundId, :state, :heldBecause, :now, :now)
       returning id, case_number, kind, recipient, subject)
     insert into entries (case_number, kind, visibility, author, text, outbox_id, inbound_id, reason, because, policy_version, at)
     select case_number, 'letter', 'internal', 'casepost', kind || ' to ' || recipient || ': ' || subject, id, :inboundId, :reason,
       :because, :policyVersion, :now from letter where case_number is not null`,
    {
      ...letter,
      proven: composed.proven,
      heldBecause: composed.heldBecause,
      because: composed.because,
      state: composed.heldBecause === null ? 'waiting' : 'held',
      inboundId: trace.inboundId,
      reason: trace.reason,
      policyVersion: trace.policyVersion,
      now,
    },
  );
}

async function schedule(trx: Transaction, step: Extract<Effect, { effect: 'schedule' }>, now: Instant): Promise<void> {
  await rows(
    trx,
    `insert into due (case_number, rule, step, anchor, due_at, created_at, planned_at, state)
     values (:caseNumber, :rule, :step, :anchor, :at, :now, :now, 'waiting')`,
    { caseNumber: step.caseNumber, rule: step.rule, step: step.step, anchor: step.anchor, at: step.at, now },
  );
}

async function cancelSchedule(
  trx: Transaction,
  effect: Extract<Effect, { effect: 'cancel-schedule' }>,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `update due set state = 'cancelled', settled_at = :now, because = :because
     where case_number = :caseNumber and ${stillWaiting('due')}`,
    { caseNumber: effect.caseNumber, because: effect.because, now },
  );
}

async function spendIncident(
  trx: Transaction,
  { caseNumber, entitlement }: Extract<Effect, { effect: 'spend-incident' }>,
): Promise<void> {
  const spent = await rows(
    trx,
    'update entitlements set incidents_left = incidents_left - 1 where id = :entitlement and incidents_left > 0 returning id',
    { entitlement },
  );
  // The facts were read without a lock on it: another case was faster. The whole decision is made again with the facts of now.
  if (spent.length === 0)
    throw new StaleFacts(`entitlement ${entitlement}: its last incident was spent by another case`);
  await rows(trx, 'update cases set incident = :entitlement where number = :caseNumber', { caseNumber, entitlement });
}

async function returnIncident(trx: Transaction, caseNumber: number): Promise<void> {
  await rows(
    trx,
    `with returned as (
       update entitlements set incidents_left = incidents_left + 1 from cases
       where cases.number = :caseNumber and entitlements.id = cases.incident)
     update cases set incident = null where number = :caseNumber`,
    { caseNumber },
  );
}

/** The facts a decision stood on have changed under it: roll back and decide again. */
export class StaleFacts extends Error {
  override name = 'StaleFacts';
}
