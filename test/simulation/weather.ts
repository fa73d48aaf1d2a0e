// What befalls a simulated world: servers that are away for minutes or weeks, gateways that die, clocks that jump, folders that are made anew, mails
// that are moved back.
import { renumber, moveBack } from './folder.ts';
import { kill, stirAll, type Gateway } from './gateway.ts';
import { count } from './oracle.ts';
import { later, note, type World } from './world.ts';

/** What can be away. */
export const servers = ['database', 'imap', 'smtp'] as const;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Clocks that are off by more than this may ask too early or too late; nothing else may go wrong by them. */
const clockTolerated = 2 * hour;
/** How long a world goes on being called disturbed after a fault has ended: letters come again after an hour at most. */
const aftermath = 2 * hour;

/** A server is away for so long. */
export function outage(world: World, server: (typeof servers)[number], milliseconds: number): void {
  if (world.away.has(server)) return;
  world.away.add(server);
  count(world, `outages of ${server}`);
  note(world, `${server} is away for ${(milliseconds / hour).toFixed(1)} hours`);
  disturbed(world, milliseconds);
  later(world, milliseconds, `${server} is back`, () => back(world, server));
}

/** A server is there again. */
export function back(world: World, server: (typeof servers)[number]): void {
  if (!world.away.delete(server)) return;
  note(world, `${server} is back`);
  stirAll(world);
}

/** A gateway's clock jumps, and is put right after so long. */
export function jump(world: World, gateway: Gateway, skewMs: number, milliseconds: number): void {
  if (gateway.skewMs !== 0) return;
  gateway.skewMs = Math.round(skewMs);
  count(world, 'clock jumps');
  note(
    world,
    `the clock of ${gateway.name} jumps by ${(skewMs / hour).toFixed(2)} hours for ${(milliseconds / hour).toFixed(1)}`,
  );
  disturbed(world, milliseconds);
  if (Math.abs(skewMs) > clockTolerated)
    world.clocksWrongMs = Math.max(world.clocksWrongMs, world.nowMs + milliseconds);
  stirAll(world);
  later(world, milliseconds, 'a clock is put right', () => {
    gateway.skewMs = 0;
    gateway.nextMs = Infinity;
    note(world, `the clock of ${gateway.name} is right again`);
    stirAll(world);
  });
}

/** Somebody else works in the folders: mails are moved back, or the whole folder is made anew. */
export function meddle(world: World): void {
  const folder = world.folders[world.chance.pick(['support', 'mobility'] as const)];
  if (world.chance.percent(25)) {
    renumber(folder);
    count(world, 'folders made anew');
    note(world, 'UIDVALIDITY changes');
  } else if (folder.processed.length > 0) {
    moveBack(folder, world.chance.below(folder.processed.length));
    count(world, 'mails moved back');
    note(world, 'a mail is moved back');
  }
  stirAll(world);
}

function disturbed(world: World, milliseconds: number): void {
  world.disturbedMs = Math.max(world.disturbedMs, world.nowMs + milliseconds + aftermath);
}

/** One stroke of bad luck. */
export function strike(world: World): void {
  const { chance } = world;
  const gateway = chance.pick(world.gateways);
  const what = chance.below(100);
  if (what < 45) outage(world, chance.pick(servers), chance.spread(minute, 4 * 7 * day));
  else if (what < 65) kill(world, gateway, chance.spread(0.1, 2 * 24 * 60));
  else if (what < 80)
    jump(
      world,
      gateway,
      (chance.percent(50) ? 1 : -1) * chance.spread(minute, 100 * minute),
      chance.spread(minute, 2 * day),
    );
  else if (what < 82)
    jump(world, gateway, (chance.percent(50) ? 1 : -1) * chance.spread(day, 3650 * day), chance.spread(minute, day));
  else meddle(world);
}
