// A model gateway: it looks into the folders, decides, marks, ticks and posts, as src/gateway.ts has it running, and may die between any two of these
// steps and inside the sending of a letter. Several of them work on one ledger.
import type { Instant } from '../../src/clock.ts';
import { receiveNext, type Room } from './desk.ts';
import { keyOf, moveAway } from './folder.ts';
import type { MailboxId } from './house.ts';
import { saveArrival } from './ledger.ts';
import { excuse } from './hand-over.ts';
import { watchDecision, watchHandOver } from './oracle.ts';
import { handOver } from './peer.ts';
import { claimLetter, recordFate, type Held } from './postbox.ts';
import { tickOnce } from './tick.ts';
import { instantOf, later, note, readingOf, type World } from './world.ts';

export interface Gateway {
  name: string;
  running: boolean;
  /** Grows with every start: what an earlier life had in hand is gone. */
  life: number;
  /** How far its clock is off, in milliseconds. */
  skewMs: number;
  /** When it will look again by itself; what was planned for another time does nothing. */
  nextMs: number;
  posting: boolean;
}

export function aGateway(name: string): Gateway {
  return { name, running: true, life: 1, skewMs: 0, nextMs: Infinity, posting: false };
}

const second = 1000;
const minute = 60 * second;
const lateMs = 4 * 60 * minute;
const restartMinutes = [0.1, 600] as const;

/** What time a gateway takes it to be. */
export function clockOf(world: World, gateway: Gateway): Instant {
  return instantOf(world).add({ milliseconds: gateway.skewMs });
}

/** The desk as a gateway has it. */
export function roomOf(world: World): Room {
  return { desk: world.desk, ledger: world.ledger, watch: (committing) => watchDecision(world, committing) };
}

/** Has a gateway look in so many milliseconds, unless it does so earlier anyway. */
export function stir(world: World, gateway: Gateway, milliseconds: number): void {
  const at = world.nowMs + Math.max(0, Math.round(milliseconds));
  if (!gateway.running || at >= gateway.nextMs) return;
  gateway.nextMs = at;
  const { life } = gateway;
  later(world, at - world.nowMs, `${gateway.name} looks`, async () => {
    if (gateway.life !== life || gateway.nextMs !== at) return;
    gateway.nextMs = Infinity;
    await pass(world, gateway);
  });
}

/** Has every gateway look soon, each in its own time. */
export function stirAll(world: World): void {
  for (const gateway of world.gateways) stir(world, gateway, world.chance.below(30) * second);
}

/** Kills a gateway as it stands; it comes back by itself. */
export function kill(world: World, gateway: Gateway, minutesDown: number): void {
  if (!gateway.running) return;
  Object.assign(gateway, { running: false, life: gateway.life + 1, nextMs: Infinity, posting: false });
  world.disturbedMs = Math.max(world.disturbedMs, world.nowMs + minutesDown * minute);
  note(world, `${gateway.name} is killed for ${minutesDown.toFixed(1)} minutes`);
  later(world, minutesDown * minute, `${gateway.name} starts`, () => {
    gateway.running = true;
    stir(world, gateway, second);
  });
}

async function pass(world: World, gateway: Gateway): Promise<void> {
  for (const step of [look, decide, mark, tick]) {
    if (world.away.has('database')) return;
    await step(world, gateway);
    if (dies(world, gateway)) return;
  }
  post(world, gateway);
  const next = nextLook(world, gateway);
  if (next !== null) stir(world, gateway, next);
}

function dies(world: World, gateway: Gateway): boolean {
  if (world.chance.below(10_000) >= world.deaths) return false;
  kill(world, gateway, world.chance.spread(...restartMinutes));
  return true;
}

async function look(world: World, gateway: Gateway): Promise<void> {
  if (world.away.has('imap')) return;
  const now = clockOf(world, gateway);
  for (const mailbox of ['support', 'mobility'] as const) {
    const folder = world.folders[mailbox];
    for (const { uid, raw, at } of folder.inbox.values()) {
      const [source, sourceKey] = [`imap:${mailbox}`, keyOf(folder, uid)];
      const receivedAt = believed(at, now);
      const arrival = { source, sourceKey, mailbox, raw, mail: readingOf(raw), envelopeFrom: null, receivedAt };
      if (!saveArrival(world.ledger, arrival, now)) continue;
      await world.journal({ deed: 'store', source, sourceKey, mailbox, raw, at: receivedAt, now });
    }
  }
}

/** An INTERNALDATE more than a day ahead is not believed (intake/imap-read.ts). */
function believed(at: number, now: Instant): Instant {
  return at > now.epochMilliseconds + 24 * 60 * minute ? now : Temporal.Instant.fromEpochMilliseconds(at);
}

async function decide(world: World, gateway: Gateway): Promise<void> {
  const now = clockOf(world, gateway);
  for (;;) {
    if (world.ledger.undecided.size === 0) return;
    // Rolled back after a case number was read: the number is gone, the mail waits.
    if (world.chance.below(10_000) < world.deaths) world.ledger.numbers += 1;
    const row = await receiveNext(roomOf(world), now);
    await world.journal({ deed: 'receive', row, now });
    if (!row) return;
  }
}

async function mark(world: World): Promise<void> {
  if (world.away.has('imap')) return;
  for (const row of world.ledger.unmarked) {
    const folder = world.folders[row.source.slice('imap:'.length) as MailboxId];
    moveAway(folder, row.sourceKey);
    // Cut between the move and our record: the next pass finds it gone.
    if (world.chance.percent(1)) return;
    row.marked = true;
    row.raw = Buffer.alloc(0);
    world.ledger.unmarked.delete(row);
  }
}

async function tick(world: World, gateway: Gateway): Promise<void> {
  const now = clockOf(world, gateway);
  const done = await tickOnce(roomOf(world), now);
  if (done.length > 0) await world.journal({ deed: 'tick', done, now });
}

/** One letter at a time; each step of it is an event of its own, so that anything may come between. */
function post(world: World, gateway: Gateway): void {
  if (gateway.posting || world.away.has('smtp') || world.away.has('database')) return;
  const held = claimLetter(world.ledger, gateway.name, world.nowMs, clockOf(world, gateway));
  if (!held) return;
  gateway.posting = true;
  const { life } = gateway;
  later(world, world.chance.below(4) * second, 'a letter goes', () => {
    if (gateway.life !== life || dies(world, gateway)) return;
    const { heard, taken } = world.away.has('smtp')
      ? ({ heard: { outcome: 'unavailable', error: 'ECONNREFUSED', login: false }, taken: false } as const)
      : handOver(world.peer, held.row, world.chance);
    if (heard.outcome !== 'unavailable') watchHandOver(world, held.row, { heard, taken });
    if (taken) world.reached(held.row);
    later(world, world.chance.below(3) * second, 'a fate is written', async () => {
      if (await settle(world, gateway, life, held, heard)) return;
      // Nobody knows of it: not that it was taken, nor that it was refused for good.
      if (taken) excuse(world, held.row.messageId);
      world.oracle.refusedForGood.delete(held.row.messageId);
    });
  });
}

async function settle(
  world: World,
  gateway: Gateway,
  life: number,
  held: Held,
  heard: Parameters<typeof recordFate>[2],
): Promise<boolean> {
  if (gateway.life !== life || dies(world, gateway)) return false;
  if (world.away.has('database')) {
    // It keeps trying for minutes and then gives up: the letter's fate is forgotten.
    later(world, 5 * minute, 'a fate is forgotten', () => {
      gateway.posting = false;
    });
    return false;
  }
  const now = clockOf(world, gateway);
  const recorded = recordFate(world.ledger, held, heard, now);
  await world.journal({ deed: 'post', row: held.row, outcome: heard, claimedAt: held.claimedAt, now });
  if (held.row.state === 'sent') held.row.raw = Buffer.alloc(0);
  gateway.posting = false;
  post(world, gateway);
  const next = nextLook(world, gateway);
  if (next !== null) stir(world, gateway, next);
  return recorded;
}

/** Milliseconds until the next thing is due by the gateway's clock; null when it waits for nothing. */
function nextLook(world: World, gateway: Gateway): number | null {
  const { ledger } = world;
  const now = clockOf(world, gateway).epochMilliseconds;
  let next = Infinity;
  for (const { nextAt, storedAt } of ledger.undecided)
    next = Math.min(next, nextAt.equals(storedAt) ? 0 : nextAt.epochMilliseconds - now);
  for (const { dueAt } of ledger.due) next = Math.min(next, dueAt.epochMilliseconds - now);
  for (const { dueAt } of ledger.warnings) next = Math.min(next, dueAt.epochMilliseconds - now);
  const ahead = new Set<string>();
  for (const row of ledger.waiting) {
    const { nextAt, leaseUntil, trouble, attempts, createdAt, lastError } = row;
    const order = `${row.caseNumber} ${row.recipient}`;
    const lease = leaseUntil === null ? 0 : leaseUntil + 1 - world.nowMs;
    if (!ahead.has(order) && !world.away.has('smtp'))
      next = Math.min(next, Math.max(nextAt.epochMilliseconds - now, lease));
    ahead.add(order);
    if (trouble === null && attempts > 0 && lastError !== null)
      next = Math.min(next, createdAt.epochMilliseconds + lateMs - now);
  }
  if (ledger.unmarked.size > 0 && !world.away.has('imap')) next = Math.min(next, minute);
  if (next === Infinity) return null;
  // The clock's door opens every minute.
  return Math.max(5 * second, Math.ceil(next / minute) * minute);
}
