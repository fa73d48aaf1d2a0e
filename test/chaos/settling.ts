// Waits until nothing is left to do: every mail has its row and its decision, every letter has left, every mailbox is empty. Letters that wait for
// their next try are not waited for: the gateways' clocks are moved on. Afterwards days pass, for the follow-ups.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../story/until.ts';
import type { Written } from './writers.ts';
import type { World } from './world.ts';

const hour = 3_600_000;
const day = 24 * hour;
const lookMilliseconds = 500;
const clockSteps = 4;
const startSecondsMax = 90;
/** A step each, so that three follow-ups and the closing all come due. */
const daysAfterwards = [4, 8, 12, 20];
const users = ['support', 'mobility'];

/** What is left to do. `sleeping`: letters whose next try is not due yet. */
export interface Left {
  unstored: number;
  undecided: number;
  waiting: number;
  sleeping: number;
  inMailboxes: number;
}

/** What is left, and how much has been done so far: reading a mailbox anew makes more to do before it makes less. */
interface Standing extends Left {
  done: number;
}

/** How the settling went; `left` is all zero when the work came to rest. */
export interface Settled {
  left: Left;
  secondsUntilDecided: number | null;
  secondsUntilRest: number | null;
}

/**
 * Waits as long as more and more is done, and `patience` seconds more: a slow machine is no broken promise. Moves the clocks on by an hour at a time when nothing but sleeping letters is
 * left.
 */
export async function settle(world: World, written: Written, patience: number): Promise<Settled> {
  const began = world.journal.seconds();
  const passed = () => world.journal.seconds() - began;
  let standing = await standingNow(world, written);
  let secondsUntilDecided: number | null = null;
  let hours = 0;
  let most = 0;
  let progressAt = 0;
  while (passed() - progressAt < patience) {
    standing = await standingNow(world, written).catch(() => standing);
    const { done, ...left } = standing;
    if (done > most) progressAt = passed();
    most = Math.max(most, done);
    if (left.unstored + left.undecided === 0) secondsUntilDecided ??= passed();
    const { waiting, sleeping, inMailboxes } = left;
    if (secondsUntilDecided !== null && inMailboxes === 0 && waiting === 0) break;
    if (secondsUntilDecided !== null && waiting > 0 && sleeping === waiting && hours < clockSteps) {
      hours += 1;
      for (const gateway of world.gateways) gateway.order({ clockMilliseconds: hours * 1.1 * hour });
    }
    await pause(lookMilliseconds);
  }
  const { done: _, ...left } = standing;
  const rest = left.unstored + left.undecided + left.waiting + left.inMailboxes === 0;
  return { left, secondsUntilDecided, secondsUntilRest: rest ? passed() : null };
}

/** Lets days pass: all gateways are started anew on later days, and what is due then is waited for. */
export async function daysPass(world: World, written: Written, patience: number): Promise<Settled> {
  let settled: Settled | null = null;
  for (const days of daysAfterwards) {
    for (const gateway of world.gateways) gateway.order({ clockMilliseconds: days * day });
    // The first tick comes with the start; the next would be a minute later.
    await Promise.all(
      world.gateways.map(async (gateway) => {
        await gateway.terminate();
        await until('the gateway runs again', () => gateway.says(/is running/), startSecondsMax);
      }),
    );
    await ticked(world, days);
    settled = await settle(world, written, patience);
  }
  return settled!;
}

/** Waits until no step is due any more on that day. */
async function ticked(world: World, days: number): Promise<void> {
  const until = performance.now() + 90_000;
  for (;;) {
    const due = await world
      .rows<{ count: string }>(
        `select count(*) from due where state = 'waiting' and due_at < clock_timestamp() + make_interval(days => $1)`,
        [days],
      )
      .catch(() => []);
    if (due[0]?.count === '0' || performance.now() > until) return;
    await pause(lookMilliseconds);
  }
}

async function standingNow(world: World, written: Written): Promise<Standing> {
  const stored = await world.ledger.read();
  const [row] = await world.rows<{ done: string; undecided: string; waiting: string; sleeping: string }>(
    `select ((select count(*) from inbound where disposition is not null) + (select count(marked_at) from inbound)
         + (select count(*) from inbound) + (select count(*) from outbox where state <> 'waiting')) as done,
        (select count(*) from inbound where disposition is null) as undecided,
       (select count(*) from outbox where state = 'waiting') as waiting,
       (select count(*) from outbox where state = 'waiting' and next_at > clock_timestamp() + interval '3 seconds') as sleeping`,
  );
  const unstored = [...written.mails].filter(([token, { mail }]) => mail.kind !== 'fleeting' && !stored.has(token));
  return {
    unstored: unstored.length,
    done: Number(row?.done),
    undecided: Number(row?.undecided),
    waiting: Number(row?.waiting),
    sleeping: Number(row?.sleeping),
    inMailboxes: await messagesLeft(world),
  };
}

async function messagesLeft(world: World): Promise<number> {
  let messages = 0;
  for (const user of users) {
    const client = await world.dovecot.client(user);
    const status = await client.status('INBOX', { messages: true });
    messages += (status && status.messages) || 0;
    await client.logout();
  }
  return messages;
}
