// Simulated days with machines that answer our letters: what leaves is given to whoever lives at its address, and what they write comes in after
// their delay. The clock jumps from one event to the next, so that three days take no longer than thirty seconds.
import { expect } from 'vitest';
import type { Instant } from '../../src/clock.ts';
import { type Caught, ines, tom, type World } from './world.ts';

/** A mail that somebody sends after so many minutes. `world` is where to, when there are several. */
export interface Sending {
  raw: string;
  minutes: number;
  to?: string;
  from?: string;
  world?: World;
}

/** What a machine does with a letter of ours that reaches it. */
export type Machine = (letter: Caught, count: number) => Promise<Sending[]> | Sending[];

/** One run: who lives where (by address or by a pattern of addresses), what they send unasked, how long, and how many mails at most. */
export interface Run {
  machines: [address: string | RegExp, machine: Machine][];
  unasked?: Sending[];
  days: number;
  mailsMax: number;
}

/** The caps of TRUST 4.3.4 on automatic letters. */
const perAddress = [
  { minutes: 10, letters: 3 },
  { minutes: 3 * 60, letters: 10 },
  { minutes: 24 * 60, letters: 20 },
];
const perDomainAnHour = 60;
/** What one engineer has at most, in all and of one case. */
const perEngineerAnHour = 60;
const perEngineerAndCaseAnHour = 10;
const tickMinutes = 6 * 60;

/** Lets the machines live. Gives the number of mails that came in. */
export async function live(worlds: World[], run: Run): Promise<number> {
  const [first] = worlds;
  if (!first) throw new Error('a run needs a world');
  const end = first.now().add({ hours: run.days * 24 });
  let due: { at: Instant; sending: Sending }[] = [];
  const heard = new Map(worlds.map((world) => [world, world.caught().length]));
  let mails = 0;
  let tickAt = first.now();
  const setClocks = (at: Instant) => worlds.forEach((world) => world.setClock(at));
  const plan = (sendings: Sending[]) => {
    for (const sending of sendings) due.push({ at: first.now().add({ seconds: sending.minutes * 60 }), sending });
  };
  plan(run.unasked ?? []);
  for (;;) {
    const next = due.reduce((at, one) => (Temporal.Instant.compare(one.at, at) < 0 ? one.at : at), tickAt);
    if (Temporal.Instant.compare(next, end) > 0) break;
    setClocks(next);
    if (next.equals(tickAt)) {
      for (const world of worlds) await world.tick();
      tickAt = tickAt.add({ minutes: tickMinutes });
    }
    const now = due.filter(({ at }) => Temporal.Instant.compare(at, next) <= 0);
    due = due.filter((one) => !now.includes(one));
    for (const { sending } of now) {
      if (mails >= run.mailsMax) break;
      mails += 1;
      const { raw, world = first, ...envelope } = sending;
      await world.handOver(raw, envelope);
    }
    for (const world of worlds) {
      await world.settled();
      const fresh = world.caught().slice(heard.get(world));
      heard.set(world, world.caught().length);
      for (const letter of fresh) {
        const recipient = letter.recipients[0] ?? '';
        const machine = run.machines.find(([lives]) =>
          typeof lives === 'string' ? lives === recipient : lives.test(recipient),
        )?.[1];
        if (machine) plan(await machine(letter, heard.get(world) ?? 0));
      }
    }
    if (mails >= run.mailsMax && due.length > 0) due = [];
  }
  setClocks(end);
  return mails;
}

/** Whether no person wrote a letter of ours. */
export function automatic({ raw }: { raw: Buffer }): boolean {
  return /^auto-submitted: auto/im.test(raw.toString('latin1').split('\r\n\r\n')[0] ?? '');
}

/** Most letters in any stretch of so many minutes. */
export function mostIn(minutes: number, letters: Caught[]): number {
  const times = letters.map(({ at }) => at.epochMilliseconds);
  return Math.max(
    0,
    ...times.map((from) => times.filter((time) => time >= from && time < from + minutes * 60_000).length),
  );
}

/** Every cap of TRUST 4.3.4 as counted at the peer, for everybody who ever got a letter, and every mail with its one row. */
export async function everyCapHolds(world: World): Promise<void> {
  const letters = world.caught();
  const engineers = [ines, tom];
  const outside = letters.filter((letter) => automatic(letter) && !engineers.includes(letter.recipients[0] ?? ''));
  expect(letters.filter(({ recipients }) => recipients.length !== 1)).toEqual([]);
  for (const [address, group] of grouped(outside, ({ recipients }) => recipients[0] ?? '')) {
    for (const { minutes, letters: cap } of perAddress)
      expect(mostIn(minutes, group), `automatic letters to ${address} in ${minutes} minutes`).toBeLessThanOrEqual(cap);
  }
  for (const [domain, group] of grouped(outside, ({ recipients }) => recipients[0]?.split('@')[1] ?? ''))
    expect(mostIn(60, group), `automatic letters to ${domain} in an hour`).toBeLessThanOrEqual(perDomainAnHour);
  for (const engineer of engineers) {
    const told = letters.filter(({ recipients }) => recipients.includes(engineer));
    expect(mostIn(60, told), `letters to ${engineer} in an hour`).toBeLessThanOrEqual(perEngineerAnHour);
    for (const [subject, group] of grouped(told, caseOf))
      expect(mostIn(60, group), `letters to ${engineer} of ${subject}`).toBeLessThanOrEqual(perEngineerAndCaseAnHour);
  }
  const undecided = await world.rows(
    'select id from inbound where disposition is null or reason is null or because is null',
  );
  expect(undecided, 'mails without a disposition').toEqual([]);
}

/** How many mails one address (or pattern of SQL `like`) sent, how many cases they opened, and how many were folded. */
export async function countedOf(world: World, like: string): Promise<{ mails: number; cases: number; folded: number }> {
  const [found] = await world.rows<{ mails: number; cases: number; folded: number }>(
    `select count(*)::int as mails, count(*) filter (where disposition in ('opened', 'held') and reason <> 'storm' and case_number is not null
         and exists (select 1 from cases where number = case_number and requester like ?))::int as cases,
       count(*) filter (where reason = 'storm')::int as folded
     from inbound where from_address like ?`,
    [like, like],
  );
  return found ?? { mails: 0, cases: 0, folded: 0 };
}

/** The cases an address asked for. */
export async function casesOf(world: World, like: string): Promise<number> {
  const [found] = await world.rows<{ count: number }>(
    'select count(*)::int as count from cases where requester like ?',
    [like],
  );
  return found?.count ?? 0;
}

function grouped(letters: Caught[], by: (letter: Caught) => string): Map<string, Caught[]> {
  return Map.groupBy(letters, by);
}

function caseOf({ raw }: Caught): string {
  return /\[Case \d+\]/.exec(raw.toString('latin1'))?.[0] ?? '';
}
