// Carries out the planned faults: each begins at its time, lasts its seconds, is healed, and is written down with what it did. A fault that could
// not be made is written down as such; it proves nothing, but it spoils nothing.
import { setTimeout as pause } from 'node:timers/promises';
import { databaseFaults } from './faults-database.ts';
import { databaseWireFaults } from './faults-database-wire.ts';
import { gatewayFaults } from './faults-gateway.ts';
import { imapFaults } from './faults-imap.ts';
import { smtpFaults } from './faults-smtp.ts';
import { type Heal, insist, type Injector } from './injector.ts';
import type { PlannedFault, Touched } from './plan.ts';
import type { World } from './world.ts';

/** Every fault there is. */
export const injectors: Injector[] = [
  ...gatewayFaults,
  ...databaseFaults,
  ...databaseWireFaults,
  ...imapFaults,
  ...smtpFaults,
];

/**
 * Strikes all faults of the plan, from `offset` on in the journal's seconds; resolves when the last one is healed. Where the machine is slow a
 * fault waits for the one before it on the same thing; what would begin after the end is left out.
 */
export async function strikeAll(world: World, offset: number, signal: AbortSignal): Promise<void> {
  const { journal, plan } = world;
  const busy = new Map<Touched, Promise<void>>();
  const striking: Promise<void>[] = [];
  for (const planned of plan.faults) {
    const injector = injectors.find(({ fault }) => fault === planned.fault);
    if (!injector) throw new Error(`fault ${planned.fault}: nobody makes it`);
    await pause(Math.max(0, (offset + planned.at - journal.seconds()) * 1000), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const before = injector.touches.map((thing) => busy.get(thing) ?? Promise.resolve());
    const struck = Promise.all(before).then(async () => {
      if (journal.seconds() < offset + plan.seconds) await strike(world, injector, planned, signal);
    });
    for (const thing of injector.touches) busy.set(thing, struck);
    striking.push(struck);
  }
  await Promise.all(striking);
}

async function strike(world: World, injector: Injector, planned: PlannedFault, signal: AbortSignal): Promise<void> {
  const { journal } = world;
  const { fault, seconds } = planned;
  const from = journal.seconds();
  const say = (turn: 'begins' | 'ends' | 'failed', words: string) =>
    journal.write({ what: 'fault', at: journal.seconds(), fault, turn, words });
  say('begins', `${injector.what}, for ${seconds.toFixed(1)} s`);
  let heal: Heal | void = undefined;
  try {
    heal = await injector.strike(world, planned);
  } catch (error) {
    say('failed', String(error));
  }
  const left = seconds - (journal.seconds() - from);
  await pause(Math.max(0, left * 1000), undefined, { signal }).catch(() => {});
  try {
    // Whatever is left broken here would be taken for the gateway's fault.
    say('ends', (await (heal && insist(async () => heal()))) || injector.heal);
  } catch (error) {
    say('failed', `it could not be healed: ${String(error)}`);
  }
  if (injector.doubles) journal.write({ what: 'cut', from, to: journal.seconds(), why: fault });
}
