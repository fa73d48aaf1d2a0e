// A simulated world: virtual time that jumps from one event to the next, one database, two folders, a mail server, gateways, and an oracle that
// looks at every step. Who lives in it and what the weather is like stand elsewhere; here is only what there is and when it happens.
import { createHash } from 'node:crypto';
import type { Request } from '../../src/cases/on-request.ts';
import type { Instant } from '../../src/clock.ts';
import type { Desk } from '../../src/desk.ts';
import { composeMail, readOwn } from '../../src/mail/read-mail.ts';
import type { Mail } from '../../src/mail/mail.ts';
import type { Outcome } from '../../src/postbox/transport.ts';
import type { Ticked } from '../../src/tick.ts';
import { diceOf, type Chance } from './chance.ts';
import { append, emptyFolder, type Folder } from './folder.ts';
import { aGateway, type Gateway } from './gateway.ts';
import { deskOf, type MailboxId, type Zones } from './house.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import { anOracle, type Oracle } from './oracle.ts';
import { aPeer, type Peer } from './peer.ts';
import type { InboundRow, OutboxRow } from './rows.ts';

/** The truth about a mail, which only the world knows: who really wrote it, and what for. */
export interface Writing {
  by: 'participant' | 'engineer' | 'newcomer' | 'machine' | 'bounce' | 'outsider';
  /** For reading a failure: what kind of mail this is. */
  what: string;
  /** The case whose letter it answers. */
  about: number | null;
  word: 'resolved' | 'more-time' | 'thanks' | null;
  /** What our receiving server wrote over it. */
  proof: 'pass' | 'none' | 'fail';
  /** Where it was sent to. */
  mailbox: MailboxId;
}

/** The outside, and what of it is away just now. */
export interface World {
  seed: number;
  zones: Zones;
  chance: Chance;
  desk: Desk;
  ledger: Ledger;
  folders: Record<MailboxId, Folder>;
  peer: Peer;
  gateways: Gateway[];
  away: Set<'database' | 'imap' | 'smtp'>;
  oracle: Oracle;
  /** The truth about every mail, by its bytes. */
  writings: Map<Buffer, Writing>;
  /** In how many of ten thousand steps a gateway dies, or a decision is rolled back. */
  deaths: number;
  nowMs: number;
  /** When anything was last out of order: an outage, a crash, a clock; until then nothing is asked to be on time. */
  disturbedMs: number;
  /** When a gateway's clock was last off by more than two hours. */
  clocksWrongMs: number;
  events: number;
  /** Whoever gets letters. */
  reached: (row: OutboxRow) => void;
  /** Anything done to the desk, in its order; what the real one is compared by. */
  journal: (deed: Deed) => void | Promise<void>;
}

/** One thing done to the desk, as the real one can do it too. */
export type Deed =
  | { deed: 'store'; source: string; sourceKey: string; mailbox: MailboxId; raw: Buffer; at: Instant; now: Instant }
  | { deed: 'receive'; row: InboundRow | null; now: Instant }
  | { deed: 'tick'; done: Ticked[]; now: Instant }
  | { deed: 'command'; caseNumber: number; request: Request; refused: string | null; now: Instant }
  | { deed: 'post'; row: OutboxRow; outcome: Outcome; claimedAt: Instant; now: Instant };

interface Event {
  at: number;
  order: number;
  what: string;
  act: () => void | Promise<void>;
}

const linesKept = 3000;

interface Course {
  world: World;
  heap: Event[];
  order: number;
  hash: ReturnType<typeof createHash>;
  lines: string[];
}

const courses = new WeakMap<World, Course>();

/** A world on its first day, everything well and nobody there. */
export async function aWorld(options: {
  seed: number;
  zones: Zones;
  start: string;
  gateways?: number;
}): Promise<World> {
  const world: World = {
    seed: options.seed,
    zones: options.zones,
    chance: diceOf(options.seed),
    desk: await deskOf(options.zones),
    ledger: emptyLedger(),
    folders: { support: emptyFolder(), mobility: emptyFolder() },
    peer: aPeer(),
    gateways: [],
    away: new Set(),
    oracle: anOracle(),
    writings: new Map(),
    nowMs: Temporal.Instant.from(options.start).epochMilliseconds,
    deaths: 4,
    disturbedMs: 0,
    clocksWrongMs: 0,
    events: 0,
    reached: () => {},
    journal: () => {},
  };
  courses.set(world, { world, heap: [], order: 0, hash: createHash('sha256'), lines: [] });
  for (let count = 1; count <= (options.gateways ?? 1); count += 1) world.gateways.push(aGateway(`gateway-${count}`));
  return world;
}

/** The world's own time. */
export function instantOf(world: World): Instant {
  return Temporal.Instant.fromEpochMilliseconds(world.nowMs);
}

/** Does something in so many milliseconds. */
export function later(world: World, milliseconds: number, what: string, act: Event['act']): void {
  const course = courseOf(world);
  course.order += 1;
  push(course.heap, { at: world.nowMs + Math.max(0, Math.round(milliseconds)), order: course.order, what, act });
}

/** Lets time go on, event by event, until `untilMs`. */
export async function run(world: World, untilMs: number): Promise<void> {
  const { heap } = courseOf(world);
  for (let [next] = heap; next && next.at <= untilMs; [next] = heap) {
    pop(heap);
    world.nowMs = next.at;
    world.events += 1;
    await next.act();
  }
  world.nowMs = Math.max(world.nowMs, untilMs);
}

/** Writes a line of the trace: what the hash is made of, and what is shown when something is wrong. */
export function note(world: World, line: string): void {
  const course = courseOf(world);
  const whole = `${instantOf(world).toString({ smallestUnit: 'second' })} ${line}`;
  course.hash.update(whole).update('\n');
  course.lines.push(whole);
  if (course.lines.length > linesKept) course.lines.splice(0, linesKept / 2);
}

/** The hash of everything noted so far. */
export function traceHash(world: World): string {
  return courseOf(world).hash.copy().digest('hex').slice(0, 16);
}

/** The last lines of the trace, or the last ones that name a case. */
export function lastLines(world: World, caseNumber: number | null, most: number): string[] {
  const { lines } = courseOf(world);
  const named = new RegExp(`case ${caseNumber}\\b`);
  return (caseNumber === null ? lines : lines.filter((line) => named.test(line))).slice(-most);
}

/** A mail reaches the server of a mailbox; `copies` more of the same bytes come with it. */
export function arrives(
  world: World,
  mailbox: MailboxId,
  raw: Buffer,
  written: Omit<Writing, 'mailbox'>,
  copies = 0,
): void {
  const writing = { ...written, mailbox };
  world.writings.set(raw, writing);
  note(world, `mail arrives: ${writing.what}${writing.about === null ? '' : ` on case ${writing.about}`}`);
  for (let copy = 0; copy <= copies; copy += 1) append(world.folders[mailbox], raw, world.nowMs);
}

const readings = new WeakMap<Buffer, Mail>();

/** A mail as our own pure reading has it. */
export function readingOf(raw: Buffer): Mail {
  const known = readings.get(raw);
  if (known) return known;
  const own = readOwn(raw);
  const mail = composeMail(own, own.text, []);
  readings.set(raw, mail);
  return mail;
}

function courseOf(world: World): Course {
  const course = courses.get(world);
  if (!course) throw new Error('this world was not made by aWorld');
  return course;
}

function before(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || before(above, event)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (!left) break;
    if (right && before(right, left)) child += 1;
    const least = heap[child];
    if (!least || before(last, least)) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = last;
}
