// A long run: years of a support desk with everything that happens to one, from one seed. Ends with everything quiet, when whatever was promised must
// have been kept.
import type { Chance } from './chance.ts';
import { audit, auditEnd } from './audit.ts';
import { stirAll } from './gateway.ts';
import { zonesOfTheWorld } from './house.ts';
import { count } from './oracle.ts';
import { workOn } from './engineers.ts';
import { ask, reply, settle, type People } from './people.ts';
import { attack, attacks } from './outsiders.ts';
import { back, servers, strike } from './weather.ts';
import { aWorld, later, run, traceHash, type World } from './world.ts';

/** How long and how much. */
export interface Course {
  seed: number;
  days: number;
  casesADay: number;
  /** Strokes of bad luck a month; 0: nothing ever fails. */
  strikesAMonth: number;
  gateways: number;
}

/** What a run came to. */
export interface Report {
  seed: number;
  years: number;
  events: number;
  mails: number;
  cases: number;
  letters: number;
  counts: Record<string, number>;
  hash: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** After the last mail: the longest way of a case is ten days, and letters are tried for five. */
const quietDays = 40;
const auditDays = 30;
/** More than engineers are told of in an hour about one case. */
const floodMails = 14;

/** Runs a world of this seed; throws `Broken` at the first promise that is. */
export async function simulate(course: Course): Promise<Report> {
  const world = await begin(course);
  const people = live(world, course);
  await run(world, world.nowMs + course.days * day);
  people.muted = true;
  await calm(world);
  return reportOf(world, course);
}

/** Lets people live in a world, and bad luck strike it. */
export function live(world: World, course: Pick<Course, 'casesADay' | 'strikesAMonth'>): People {
  const people = settle(world, 120, (told, letter) => workOn(world, told, letter));
  const every = (meanDays: number, what: string, act: (chance: Chance) => void) => {
    const again = (): void => {
      if (people.muted) return;
      act(world.chance);
      later(world, world.chance.around(meanDays * day), what, again);
    };
    later(world, world.chance.around(meanDays * day), what, again);
  };
  every(1 / course.casesADay, 'somebody asks', (chance) => {
    const customer = chance.pick(people.customers);
    for (let times = chance.percent(2) ? 1 + chance.below(6) : 1; times > 0; times -= 1)
      ask(world, people, customer, chance.percent(3) ? 1 : 0);
  });
  every(4, 'an outsider', (chance) => {
    if (people.seen.length > 0) attack(world, people, chance.pick(attacks), chance.pick(people.seen));
  });
  every(150, 'a flood of words', (chance) => {
    const letters = people.seen.filter(({ recipient }) => people.byAddress.has(recipient));
    if (letters.length === 0) return;
    const letter = chance.pick(letters);
    for (let place = 0; place < floodMails; place += 1) {
      later(world, place * 2 * minute, 'one of a flood', () => reply(world, people, letter, null));
    }
  });
  if (course.strikesAMonth > 0) every(30 / course.strikesAMonth, 'bad luck', () => strike(world));
  every(1 / 24, 'an hour', () => stirAll(world));
  every(auditDays, 'an audit', () => audit(world));
  return people;
}

/** The world of a seed on its first day. */
export async function begin({ seed, gateways }: Pick<Course, 'seed' | 'gateways'>): Promise<World> {
  const corporate = zonesOfTheWorld[seed % zonesOfTheWorld.length] ?? 'UTC';
  const mobility = zonesOfTheWorld[(seed + 1) % zonesOfTheWorld.length] ?? 'UTC';
  const world = await aWorld({ seed, zones: { corporate, mobility }, start: '2026-01-05T08:00Z', gateways });
  endow(world);
  return world;
}

/** Some customers have bought something. */
function endow({ ledger }: World): void {
  ledger.accountDomains.set('company-1.test', 'one');
  ledger.accountDomains.set('company-2.test', 'two');
  const startsAt = Temporal.Instant.from('2025-01-01T00:00Z');
  const none = { product: null, expiresAt: null };
  ledger.entitlements.push(
    { ...none, id: 'premier', account: 'one', plan: 'advantage-premier', startsAt, incidentsLeft: null },
    { ...none, id: 'incidents', account: 'two', plan: 'pay-per-incident', startsAt, incidentsLeft: 50 },
  );
}

/** Everything is well again, and nobody writes: whatever is still due happens, and then nothing does. */
export async function calm(world: World): Promise<void> {
  for (const server of servers) back(world, server);
  world.peer.refuses = 0;
  world.peer.cuts = 0;
  for (let passed = 0; passed < quietDays; passed += 1) {
    stirAll(world);
    await run(world, world.nowMs + day);
  }
  audit(world);
  auditEnd(world);
}

/** The table of a run. */
export function reportOf(world: World, { seed, days }: Pick<Course, 'seed' | 'days'>): Report {
  const { ledger, oracle, events } = world;
  count(world, 'runs');
  return {
    seed,
    years: Math.round((days / 365.25) * 100) / 100,
    events,
    mails: ledger.inbound.length,
    cases: ledger.cases.size,
    letters: ledger.outbox.length,
    counts: Object.fromEntries([...oracle.counts].sort(([one], [other]) => (one < other ? -1 : 1))),
    hash: traceHash(world),
  };
}
