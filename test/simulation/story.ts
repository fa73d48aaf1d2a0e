// Short stories that fast-check makes up, and shortens when one of them breaks a promise: a handful of people, one event after the other, and after each
// the oracle of the long runs. A story that fails is printed as it is written here, to be read and played again.
import fc from 'fast-check';
import { calm } from './simulate.ts';
import { kill, stirAll } from './gateway.ts';
import { answer, atDesk } from './engineers.ts';
import { ask, bounce, reply, settle, type People } from './people.ts';
import { attack, attacks, type Attack } from './outsiders.ts';
import { append } from './folder.ts';
import { engineers } from './house.ts';
import { ofTheHouse } from './oracle.ts';
import { back, jump, meddle, outage, servers } from './weather.ts';
import type { Letter } from './writing.ts';
import { aWorld, note, run, type World } from './world.ts';

/** What happens next in a story. `who` and `letter` count from 0 and are taken modulo what there is. */
export type Happening =
  | { happens: 'asks'; who: number; twice: boolean }
  | { happens: 'replies'; letter: number; word: 'resolved' | 'more-time' | 'thanks' | null; twice: boolean }
  | { happens: 'engineer answers'; letter: number }
  | { happens: 'engineer replies at the desk'; letter: number }
  | { happens: 'engineer closes'; letter: number }
  | { happens: 'attack'; what: Attack; letter: number }
  | { happens: 'bounces'; letter: number }
  | { happens: 'again'; mail: number }
  | { happens: 'goes away'; server: (typeof servers)[number] }
  | { happens: 'comes back'; server: (typeof servers)[number] }
  | { happens: 'dies'; gateway: number; minutes: number }
  | { happens: 'clock jumps'; gateway: number; hours: number }
  | { happens: 'meddling' }
  | { happens: 'waits'; hours: number };

const minute = 60_000;
const hour = 60 * minute;
/** After each happening everybody has so long to do what follows from it. */
const pauseMinutes = 4;
/** What a server does that is never said to come back. */
const foreverDays = 365;

const index = fc.nat({ max: 20 });
const server = fc.constantFrom(...servers);

/** Happenings, the everyday ones more often. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ happens: fc.constant('asks' as const), who: fc.nat({ max: 3 }), twice: fc.boolean() }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      happens: fc.constant('replies' as const),
      letter: index,
      word: fc.constantFrom('resolved' as const, 'more-time' as const, 'thanks' as const, null),
      twice: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ happens: fc.constant('engineer answers' as const), letter: index }) },
  { weight: 3, arbitrary: fc.record({ happens: fc.constant('engineer replies at the desk' as const), letter: index }) },
  { weight: 2, arbitrary: fc.record({ happens: fc.constant('engineer closes' as const), letter: index }) },
  {
    weight: 3,
    arbitrary: fc.record({ happens: fc.constant('attack' as const), what: fc.constantFrom(...attacks), letter: index }),
  },
  { weight: 1, arbitrary: fc.record({ happens: fc.constant('bounces' as const), letter: index }) },
  { weight: 2, arbitrary: fc.record({ happens: fc.constant('again' as const), mail: index }) },
  { weight: 2, arbitrary: fc.record({ happens: fc.constant('goes away' as const), server }) },
  { weight: 2, arbitrary: fc.record({ happens: fc.constant('comes back' as const), server }) },
  {
    weight: 2,
    arbitrary: fc.record({
      happens: fc.constant('dies' as const),
      gateway: fc.nat({ max: 1 }),
      minutes: fc.integer({ min: 1, max: 5000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      happens: fc.constant('clock jumps' as const),
      gateway: fc.nat({ max: 1 }),
      hours: fc.integer({ min: -100_000, max: 100_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ happens: fc.constant('meddling' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      happens: fc.constant('waits' as const),
      hours: fc.constantFrom(1, 6, 24, 71, 72, 73, 96, 240, 336, 360),
    }),
  },
);

/** Stories of at most `most` happenings. */
export function stories(most: number): fc.Arbitrary<Happening[]> {
  return fc.array(happening, { minLength: 1, maxLength: most, size: 'max' });
}

/** Plays a story in a world of its own, to its quiet end; rejects with `Broken` where a promise is. */
export async function play(story: Happening[], seed = 1): Promise<World> {
  const zones = { corporate: 'Europe/Berlin', mobility: 'Australia/Lord_Howe' };
  // The clocks change a few weeks on, in both zones.
  const world = await aWorld({ seed, zones, start: '2026-03-16T08:00Z', gateways: 2 });
  world.deaths = 0;
  const people = settle(world, 4, () => {});
  people.muted = true;
  people.customers.forEach((customer, place) => {
    Object.assign(customer, {
      temper: 'silent',
      proof: place % 2 === 0 ? 'pass' : 'none',
      mailbox: place < 2 ? 'support' : 'mobility',
    });
  });
  world.peer.gone.clear();
  for (const next of story) {
    await happen(world, people, next);
    stirAll(world);
    await run(world, world.nowMs + pauseMinutes * minute);
  }
  await calm(world);
  return world;
}

async function happen(world: World, people: People, next: Happening): Promise<void> {
  const toEngineers = people.seen.filter(({ recipient }) => ofTheHouse(recipient));
  const toCustomers = people.seen.filter(({ recipient }) => people.byAddress.has(recipient));
  const gateway = 'gateway' in next ? world.gateways[next.gateway % world.gateways.length] : undefined;
  switch (next.happens) {
    case 'asks': {
      const customer = nth(people.customers, next.who);
      if (customer) ask(world, people, customer, next.twice ? 1 : 0);
      return;
    }
    case 'replies': {
      const letter = nth(toCustomers, next.letter);
      if (letter) reply(world, people, letter, next.word, next.twice ? 1 : 0);
      return;
    }
    case 'engineer answers': {
      const letter = nth(fresh(world, toEngineers), next.letter);
      if (letter) answer(world, people, letter);
      return;
    }
    case 'engineer replies at the desk': {
      const letter = nth(toEngineers, next.letter);
      people.written += 1;
      const key = `desk-${people.written}`;
      if (letter) await atDesk(world, letter, { request: 'reply', by: engineers[0], text: 'Please try again.', key });
      return;
    }
    case 'engineer closes': {
      const letter = nth(toEngineers, next.letter);
      people.written += 1;
      const changes = { status: 'closed', closeReason: 'resolved by support' } as const;
      const key = `close-${people.written}`;
      if (letter) await atDesk(world, letter, { request: 'set', by: engineers[0], changes, key });
      return;
    }
    case 'attack': {
      const letter = nth(people.seen, next.letter);
      if (letter) attack(world, people, next.what, letter);
      return;
    }
    case 'bounces': {
      const letter = nth(toCustomers, next.letter);
      if (letter) bounce(world, people, letter);
      return;
    }
    case 'again': {
      const raw = nth([...world.writings.keys()], next.mail);
      note(world, 'a mail is delivered again');
      if (raw) append(world.folders[world.writings.get(raw)?.mailbox ?? 'support'], raw, world.nowMs);
      return;
    }
    case 'goes away':
      return outage(world, next.server, foreverDays * 24 * hour);
    case 'comes back':
      return back(world, next.server);
    case 'dies':
      if (gateway) kill(world, gateway, next.minutes);
      return;
    case 'clock jumps':
      if (gateway) jump(world, gateway, next.hours * hour, 6 * hour);
      return;
    case 'meddling':
      return meddle(world);
    case 'waits':
      return run(world, world.nowMs + next.hours * hour);
    default:
      throw new Error(`${(next satisfies never as Happening).happens}: nobody knows what to do then`);
  }
}

function nth<T>(from: T[], place: number): T | undefined {
  return from.length === 0 ? undefined : from[place % from.length];
}

/** Notifications that may still be answered by mail. */
function fresh(world: World, letters: Letter[]): Letter[] {
  return letters.filter(({ seenMs }) => world.nowMs - seenMs < 13 * 24 * hour);
}
