// How the model database takes a decision: each effect becomes its rows, as store/commit.ts has it, under the same unique keys.
import { createHash } from 'node:crypto';
import type { Decision, Effect, MailDecision } from '../../src/cases/decision.ts';
import type { Instant } from '../../src/clock.ts';
import type { OutgoingLetter } from '../../src/store/commit.ts';
import type { InboundFacts } from '../../src/store/inbound.ts';
import { fileOf, settleDue, warningKey, type Ledger } from './ledger.ts';
import {
  under,
  Violation,
  type CaseFile,
  type ContactRow,
  type DueRow,
  type EntitlementRecord,
  type InboundRow,
  type OutboxRow,
  type Scheduled,
} from './rows.ts';

/** Applies a decision's effects in their order. `mail`: the one it was made on, whose row is closed with it. */
export function commit(
  ledger: Ledger,
  decision: Decision,
  letters: OutgoingLetter[],
  mail: { row: InboundRow; decision: MailDecision; facts: InboundFacts } | null,
  now: Instant,
): void {
  for (const effect of decision.effects) apply(ledger, effect, { decision, letters }, now);
  if (mail) closeMail(ledger, mail.row, mail.decision, mail.facts, now);
}

function apply(
  ledger: Ledger,
  effect: Effect,
  { decision, letters }: { decision: Decision; letters: OutgoingLetter[] },
  now: Instant,
): void {
  switch (effect.effect) {
    case 'open': {
      const { supportCase } = effect;
      if (ledger.cases.has(supportCase.number)) throw new Violation(`case ${supportCase.number} is opened twice`);
      const none = { incident: null, participants: [], entries: [], letters: [], mails: [], due: [] };
      const file = { supportCase: { ...supportCase }, ...none };
      ledger.cases.set(supportCase.number, file);
      under(ledger.casesOf, supportCase.requester, () => []).push(file);
      return;
    }
    case 'change': {
      const file = fileOf(ledger, effect.caseNumber);
      file.supportCase = { ...file.supportCase, ...effect.changes, updatedAt: now };
      const { status, closedAt, closeReason } = file.supportCase;
      if ((status === 'closed') !== (closedAt !== null) || (status === 'closed') !== (closeReason !== null))
        throw new Violation(`case ${effect.caseNumber} is ${status} with close reason ${closeReason}`);
      return;
    }
    case 'entry':
      addEntry(ledger, effect.caseNumber, { kind: effect.entry.kind, reason: decision.reason, at: now });
      return;
    case 'participant': {
      const { participants } = fileOf(ledger, effect.caseNumber);
      const known = participants.find((one) => one.address === effect.address.addrSpec);
      if (known) known.confirmed ||= effect.confirmed;
      else {
        const { address, role, confirmed } = effect;
        participants.push({ address: address.addrSpec, name: address.displayName, role, confirmed, addedAt: now });
      }
      return;
    }
    case 'remove-participant': {
      const file = fileOf(ledger, effect.caseNumber);
      const stays = (one: { address: string; role: string }) =>
        one.address !== effect.address || one.role === 'requester';
      file.participants = file.participants.filter(stays);
      return;
    }
    case 'letter': {
      const composed = letters.find((one) => one.letter.key === effect.letter.key);
      if (!composed) throw new Violation(`letter ${effect.letter.key} was decided but not composed`);
      return addLetter(ledger, composed, decision, now);
    }
    case 'schedule':
      return addDue(ledger, effect, now);
    case 'cancel-schedule':
      for (const row of fileOf(ledger, effect.caseNumber).due)
        if (row.state === 'waiting') settleDue(ledger, row, 'cancelled', effect.because);
      return;
    case 'warn': {
      const { caseNumber, percent, targetAt, at } = effect;
      // An identity column counts on when the key is known, too.
      ledger.warningCount += 1;
      if (ledger.warningKeys.has(warningKey(effect))) return;
      ledger.warningKeys.add(warningKey(effect));
      ledger.warnings.add({ id: String(ledger.warningCount), caseNumber, percent, targetAt, dueAt: at });
      return;
    }
    case 'cancel-warnings':
      for (const row of ledger.warnings) {
        if (row.caseNumber !== effect.caseNumber) continue;
        ledger.warnings.delete(row);
        ledger.warningKeys.delete(warningKey(row));
      }
      return;
    case 'link-bug':
    case 'unlink-bug':
    case 'release-told':
      // Nobody in the simulation ties cases to bugs yet.
      throw new Violation(`case ${effect.caseNumber}: ${effect.effect} is not expected here`);
    case 'engineer-away':
    case 'engineer-back':
      throw new Violation(`${effect.address}: ${effect.effect} is not expected here`);
    case 'suppress':
      ledger.suppressed.set(effect.address, { because: effect.because, until: effect.until });
      return;
    case 'proven': {
      const { addrSpec, displayName } = effect.address;
      const made = { name: displayName, account: null, language: null, provenAt: null };
      under<string, ContactRow>(ledger.contacts, addrSpec, () => made).provenAt ??= now;
      return;
    }
    case 'spend-incident': {
      const record = ledger.entitlements.find(({ id }) => id === effect.entitlement);
      if (!record || (record.incidentsLeft ?? 0) <= 0) throw new Violation(`${effect.entitlement} has nothing left`);
      changeIncidents(ledger, record, -1);
      fileOf(ledger, effect.caseNumber).incident = effect.entitlement;
      return;
    }
    case 'return-incident': {
      const file = fileOf(ledger, effect.caseNumber);
      const record = ledger.entitlements.find(({ id }) => id === file.incident);
      if (record) changeIncidents(ledger, record, 1);
      file.incident = null;
      return;
    }
    default:
      throw new Error(`effect ${(effect satisfies never as Effect).effect}: the model does not know it`);
  }
}

function changeIncidents(ledger: Ledger, record: EntitlementRecord, by: number): void {
  const place = ledger.entitlements.indexOf(record);
  ledger.entitlements[place] = { ...record, incidentsLeft: (record.incidentsLeft ?? 0) + by };
}

function addEntry(
  ledger: Ledger,
  caseNumber: number,
  entry: { kind: CaseFile['entries'][number]['kind']; reason: Decision['reason']; at: Instant; letterKind?: string },
): void {
  ledger.entryCount += 1;
  fileOf(ledger, caseNumber).entries.push({ letterKind: null, ...entry, id: ledger.entryCount });
}

function addLetter(ledger: Ledger, { letter, ...composed }: OutgoingLetter, decision: Decision, now: Instant): void {
  if (ledger.outboxKeys.has(letter.key)) throw new Violation(`outbox: letter ${letter.key} is made twice`);
  if (ledger.outboxByMessageId.has(letter.messageId)) throw new Violation(`outbox: ${letter.messageId} is used twice`);
  const file = fileOf(ledger, letter.caseNumber);
  const { key, caseNumber, kind, messageId, recipient, reversePath, automatic, subject, raw } = letter;
  const row: OutboxRow = {
    key,
    caseNumber,
    kind,
    messageId,
    recipient,
    reversePath,
    automatic,
    subject,
    raw,
    id: ledger.outbox.length + 1,
    digest: createHash('sha256').update(raw).digest('hex'),
    proven: composed.proven,
    state: composed.heldBecause === null ? 'waiting' : 'held',
    attempts: 0,
    unknowns: 0,
    nextAt: now,
    claim: null,
    leaseUntil: null,
    lastError: composed.heldBecause,
    createdAt: now,
    sentAt: null,
    trouble: null,
  };
  ledger.outbox.push(row);
  ledger.outboxKeys.add(key);
  ledger.outboxByMessageId.set(messageId, row);
  ledger.outboxByStart.set(messageId.split('.').slice(0, 2).join('.'), row);
  file.letters.push(row);
  if (row.automatic) ledger.automatic.add(now, row);
  if (row.kind.startsWith('engineer-')) ledger.notices.add(now, row);
  if (row.state === 'waiting') ledger.waiting.add(row);
  addEntry(ledger, caseNumber, { kind: 'letter', reason: decision.reason, at: now, letterKind: kind });
}

function addDue(ledger: Ledger, { caseNumber, rule, step, anchor, at }: Scheduled, now: Instant): void {
  const { due } = fileOf(ledger, caseNumber);
  if (due.some((row) => row.rule === rule && row.step === step && row.anchor === anchor))
    throw new Violation(`due: ${rule} ${step} of case ${caseNumber} is planned twice for ${anchor}`);
  if (due.some((row) => row.state === 'waiting')) throw new Violation(`due: case ${caseNumber} waits for two steps`);
  ledger.dueCount += 1;
  const id = String(ledger.dueCount);
  const row: DueRow = {
    id,
    caseNumber,
    rule,
    step,
    anchor,
    dueAt: at,
    createdAt: now,
    plannedAt: now,
    state: 'waiting',
    because: '',
    moved: false,
  };
  due.push(row);
  ledger.due.add(row);
}

function closeMail(ledger: Ledger, row: InboundRow, decision: MailDecision, facts: InboundFacts, now: Instant): void {
  if (row.disposition !== null) throw new Violation(`mail ${row.id} is decided twice`);
  const { disposition, reason, because, caseNumber } = decision;
  Object.assign(row, { disposition, reason, because, caseNumber, facts, decidedAt: now });
  const content = facts.contentKey.toString('hex');
  if (disposition !== 'duplicate') {
    if (ledger.byContent.has(content)) throw new Violation(`mail ${row.id}: its content has an entry already`);
    ledger.byContent.set(content, row);
  }
  if (facts.messageId !== null) under(ledger.inboundByMessageId, facts.messageId, () => []).push(row);
  if (caseNumber !== null) fileOf(ledger, caseNumber).mails.push(row);
  ledger.decided.add(now, row);
  ledger.undecided.delete(row);
  ledger.unmarked.add(row);
}
