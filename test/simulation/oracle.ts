// What must be true at every step, written from the promises (TRUST 1, 4.2, 4.3) and not from the code: it knows who really wrote a mail and what
// really left, and counts for itself.
import type { Decision, Effect, MailDecision } from '../../src/cases/decision.ts';
import { watchLetters } from './caps.ts';
import type { Committing } from './desk.ts';
import { watchSteps, type Asking } from './asking.ts';
import { engineers, lead } from './house.ts';
import { fileOf } from './ledger.ts';
import type { CaseFile, InboundRow, OutboxRow } from './rows.ts';
import { lastLines, note, traceHash, type World, type Writing } from './world.ts';

export { watchHandOver } from './hand-over.ts';

/** What the oracle remembers. */
export interface Oracle {
  /** Per address: when automatic letters were made, by the clocks of the gateways, and whether they counted as proven. */
  made: Map<string, { at: number; proven: boolean }[]>;
  /** Per engineer, and per case, when letters to engineers were made. */
  told: Map<string, number[]>;
  /** Addresses that have shown that they read us, or were answered by an engineer. */
  proven: Set<string>;
  asking: Map<number, Asking>;
  /** First copies that left, per case and recipient: the newest letter's row. */
  newestLeft: Map<string, number>;
  refusedForGood: Set<string>;
  /** When letters first left, in the world's own time, by Message-ID. */
  leftMs: Map<string, number>;
  /** Per address the newest letter that was refused for good. */
  refused: Map<string, { row: OutboxRow; atMs: number }>;
  excused: Map<string, number>;
  /** The row that each mail's bytes were first taken as. */
  first: Map<Buffer, InboundRow>;
  counts: Map<string, number>;
}

export function anOracle(): Oracle {
  return {
    made: new Map(),
    told: new Map(),
    proven: new Set(),
    asking: new Map(),
    newestLeft: new Map(),
    refusedForGood: new Set(),
    leftMs: new Map(),
    refused: new Map(),
    excused: new Map(),
    first: new Map(),
    counts: new Map(),
  };
}

/** A promise was broken: which, where, and the story that led there. */
export class Broken extends Error {
  override name = 'Broken';
}

/** Ends the run: what must be true is not. */
export function broken(world: World, caseNumber: number | null, what: string): never {
  const story = lastLines(world, caseNumber, 40);
  throw new Broken(`${what}\nseed ${world.seed}, trace ${traceHash(world)}\n${story.join('\n')}`);
}

/** Counts something for the table at the end. */
export function count(world: World, what: string): void {
  world.oracle.counts.set(what, (world.oracle.counts.get(what) ?? 0) + 1);
}

/** Looks at a decision before it is committed, and gives what looks at the rows afterwards. */
export function watchDecision(world: World, { decision, mail, letters, now }: Committing): () => void {
  const about = decision.caseNumber === null ? '' : ` case ${decision.caseNumber}`;
  const writing = mail ? (world.writings.get(mail.raw) ?? null) : null;
  const said = mail ? `mail ${mail.id} (${writing?.what}) ${(decision as MailDecision).disposition}` : 'step';
  note(world, `${said}:${about} ${decision.reason} [${decision.effects.map(brief).join(', ')}]`);
  if (mail) watchMail(world, mail, writing, decision as MailDecision);
  watchMoves(world, decision, mail, now);
  watchLetters(world, decision, letters, writing, now);
  watchSteps(world, decision, writing, now);
  return () => {
    for (const number of touched(decision)) watchFile(world, fileOf(world.ledger, number));
  };
}

function brief(effect: Effect): string {
  if (effect.effect === 'letter') return `${effect.letter.kind} to ${effect.letter.to.addrSpec}`;
  if (effect.effect === 'schedule')
    return `${effect.rule} ${effect.step} at ${effect.at.toString({ smallestUnit: 'minute' })}`;
  if (effect.effect === 'change') return `change ${effect.changes.status ?? ''}`;
  return effect.effect;
}

function touched({ effects }: Decision): Set<number> {
  return new Set(
    effects.flatMap((effect) =>
      'caseNumber' in effect ? effect.caseNumber : 'supportCase' in effect ? effect.supportCase.number : [],
    ),
  );
}

/** P2, P6, P8, P9: who may do what by mail. */
function watchMail(world: World, row: InboundRow, writing: Writing | null, decision: MailDecision): void {
  count(world, `mail ${decision.disposition}`);
  if (!writing) broken(world, decision.caseNumber, `mail ${row.id} was never written by anybody`);
  const complain = (what: string): never =>
    broken(world, writing.about ?? decision.caseNumber, `mail ${row.id}, ${writing.what} by ${writing.by}: ${what}`);
  const earlier = world.oracle.first.get(row.raw);
  if (!earlier) world.oracle.first.set(row.raw, row);
  if (earlier && decision.disposition !== 'duplicate')
    complain(`these bytes were taken as mail ${earlier.id}, and now again as ${decision.disposition}`);
  if (!earlier && decision.disposition === 'duplicate' && writing.what !== 'a copy with other headers')
    complain('it is called a copy, and nothing like it came before');
  const { opened } = openedBy(decision);
  const mayMove = writing.by === 'participant' || writing.by === 'engineer';
  for (const effect of decision.effects) {
    const number = numberOf(effect);
    if (number === null || number === opened || mayMove) continue;
    if (writing.by === 'newcomer') complain(`somebody new reaches case ${number} with "${effect.effect}"`);
    if (effect.effect === 'entry' && effect.entry.visibility !== 'public') continue;
    if (effect.effect === 'letter' && ofTheHouse(effect.letter.to.addrSpec)) continue;
    if (writing.by === 'bounce' && effect.effect === 'cancel-schedule') continue;
    complain(`it has the effect "${effect.effect}" on case ${number}`);
  }
  if (writing.by === 'machine' || writing.by === 'bounce') {
    for (const effect of decision.effects)
      if (effect.effect === 'letter' && !ofTheHouse(effect.letter.to.addrSpec)) complain('a machine is answered');
  }
  if (!earlier && !misdated(world, row)) watchRight(world, row, writing, decision, complain);
}

const dayMs = 86_400_000;

/** Whether the mail answers a letter that a clock far off has dated: which letter is the newest, and how old it is, can not be known then. */
function misdated({ ledger, oracle }: World, { mail }: InboundRow): boolean {
  return [...mail.inReplyTo, ...mail.references].some((id) => {
    const letter = ledger.outboxByMessageId.get(id);
    const leftMs = oracle.leftMs.get(id);
    if (!letter || leftMs === undefined) return false;
    const leftAt = (letter.sentAt ?? letter.createdAt).epochMilliseconds;
    return letter.createdAt.epochMilliseconds > leftMs + dayMs || Math.abs(leftAt - leftMs) > dayMs;
  });
}

function openedBy({ effects }: Decision): { opened: number | null } {
  const open = effects.find((effect) => effect.effect === 'open');
  return { opened: open?.effect === 'open' ? open.supportCase.number : null };
}

function numberOf(effect: Effect): number | null {
  if (effect.effect === 'letter') return effect.letter.caseNumber;
  if (effect.effect === 'open') return effect.supportCase.number;
  return 'caseNumber' in effect ? effect.caseNumber : null;
}

/** Whether an address is an engineer's. */
export function ofTheHouse(address: string): boolean {
  return address === lead || engineers.some((engineer) => engineer === address);
}

/** What somebody has a right to: a participant's word counts, an engineer's answer leaves. */
function watchRight(
  world: World,
  row: InboundRow,
  { by, about, word, what }: Writing,
  { disposition, reason, effects }: MailDecision,
  complain: (what: string) => never,
): void {
  const file = about === null ? undefined : world.ledger.cases.get(about);
  const from = row.mail.from?.addrSpec ?? '';
  if (by === 'newcomer' && disposition !== 'opened' && reason !== 'storm') complain(`it became ${disposition}`);
  if (by === 'engineer' && what === 'an answer' && reason !== 'engineer-answered') complain(`it became ${reason}`);
  if (by !== 'participant' || !file) return;
  const takesPart = file.participants.some(({ address, confirmed }) => address === from && confirmed);
  if (!takesPart || reason === 'storm') return;
  world.oracle.proven.add(from);
  const { status, line } = file.supportCase;
  if (status === 'closed') {
    const allowed =
      word === 'thanks' || word === 'resolved' ? ['customer-thanks'] : ['closed-case-reopened', 'closed-case-linked'];
    if (!allowed.includes(reason)) complain(`the case is closed, and the mail became ${reason}`);
    if (line === 'mobility' && reason === 'closed-case-reopened') complain('a closed mobility case is opened again');
    return;
  }
  if (disposition !== 'joined') complain(`the case is ${status}, and the mail became ${disposition}`);
  const closes = effects.some((effect) => effect.effect === 'change' && effect.changes.status === 'closed');
  if (word === 'resolved' && !closes) complain('RESOLVED does not close the case');
  if (word !== 'resolved' && closes) complain('the case is closed without RESOLVED');
}

/** Which moves a status may make, and by whom. */
function watchMoves(world: World, decision: Decision, mail: InboundRow | null, now: Temporal.Instant): void {
  for (const effect of decision.effects) {
    if (effect.effect !== 'change' || effect.changes.status === undefined) continue;
    const { supportCase } = fileOf(world.ledger, effect.caseNumber);
    const { number, status, line, closedAt } = supportCase;
    if (status !== 'closed' || effect.changes.status === 'closed') continue;
    if (line === 'mobility') broken(world, number, `case ${number} is a closed mobility case and is opened again`);
    if (!mail || !closedAt) continue;
    const zone = world.zones[line];
    const lastDay = closedAt.toZonedDateTimeISO(zone).add({ days: 14 });
    if (Temporal.Instant.compare(now, lastDay.toInstant()) > 0)
      broken(
        world,
        number,
        `case ${number} was closed at ${closedAt.toString()} and is opened again at ${now.toString()}`,
      );
  }
}

/** What must hold of a case's rows whenever anything of it was written. */
function watchFile(world: World, { supportCase, due, participants }: CaseFile): void {
  const { number, status, requester } = supportCase;
  const waiting = due.filter(({ state }) => state === 'waiting');
  if (waiting.length > 1) broken(world, number, `case ${number} waits for ${waiting.length} steps`);
  if (waiting.length > 0 && status !== 'waiting on customer')
    broken(world, number, `case ${number} is ${status} and waits for a step all the same`);
  const requesters = participants.filter(({ role }) => role === 'requester');
  if (requesters.length > 1 || (requesters[0] && requesters[0].address !== requester))
    broken(
      world,
      number,
      `case ${number} has ${requesters.map(({ address }) => address).join(', ')} for requester ${requester}`,
    );
}
