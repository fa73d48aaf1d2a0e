// What must hold of every letter at the moment it leaves: its case can be seen, every copy has the same bytes and an excuse, a refusal is final, and
// the letters of one person in one case keep their order (P3, P4).
import type { Outcome } from '../../src/postbox/transport.ts';
import { caseTag } from '../../src/cases/support-case.ts';
import { hearOfLeaving } from './asking.ts';
import { broken, count } from './oracle.ts';
import type { OutboxRow } from './rows.ts';
import { note, type World } from './world.ts';

/** Looks at a letter that was handed to the peer, taken or not. */
export function watchHandOver(
  world: World,
  row: OutboxRow,
  { heard, taken }: { heard: Outcome; taken: boolean },
): void {
  const { oracle, peer, ledger } = world;
  const { caseNumber, kind, messageId, recipient } = row;
  note(
    world,
    `letter ${row.id} (${kind} of case ${caseNumber} to ${recipient}): ${heard.outcome}${taken ? ', taken' : ''}`,
  );
  if (!ledger.cases.has(caseNumber))
    broken(world, caseNumber, `letter ${row.id} names case ${caseNumber}, which nobody can see`);
  if (!row.subject.includes(caseTag(caseNumber)))
    broken(world, caseNumber, `letter ${row.id} of case ${caseNumber} is called "${row.subject}"`);
  if (oracle.refusedForGood.has(messageId))
    broken(world, caseNumber, `letter ${row.id} was refused for good and is tried again`);
  if (heard.outcome === 'permanent') {
    oracle.refusedForGood.add(messageId);
    oracle.refused.set(recipient, { row, atMs: world.nowMs });
  }
  if (!taken) return;
  const known = peer.taken.get(messageId);
  if (!known || known.digest === 'copies differ') broken(world, caseNumber, `copies of letter ${row.id} differ`);
  const copies = known.copies - 1;
  if (copies > (oracle.excused.get(messageId) ?? 0))
    broken(world, caseNumber, `letter ${row.id} left ${known.copies} times, and nothing was cut in between`);
  if (copies > 0) count(world, 'copies');
  else {
    const order = `${caseNumber} ${recipient}`;
    const newest = oracle.newestLeft.get(order) ?? 0;
    if (newest > row.id) broken(world, caseNumber, `letter ${row.id} leaves after letter ${newest} to the same person`);
    oracle.newestLeft.set(order, row.id);
    oracle.leftMs.set(messageId, world.nowMs);
    hearOfLeaving(world, row);
  }
  if (heard.outcome === 'unknown') excuse(world, messageId);
}

/** A copy may follow: the postbox can not know that this one was taken. */
export function excuse(world: World, messageId: string): void {
  world.oracle.excused.set(messageId, (world.oracle.excused.get(messageId) ?? 0) + 1);
}
