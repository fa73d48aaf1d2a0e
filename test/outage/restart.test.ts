// PostgreSQL is restarted, fast and at once, and its postmaster killed, under a trickle of mails: nothing acknowledged is missing, nothing is
// doubled, and all goes on by itself (TRUST F4, F5, P13).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot');

describe.skipIf(missing)(`PostgreSQL restarts${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await outageWorld();
  });
  afterAll(() => world?.stop());
  const working = (mails: number) => until('mails are decided on', () => world.decided() >= mails);

  it('fast, at once and by kill -9, each in the midst of the work', async () => {
    await world.trickle(async () => {
      await working(5);
      await world.postgres.restart('fast');
      await working(10);
      await world.postgres.restart('immediate');
      await working(15);
      await world.postgres.kill9();
      await world.postgres.start();
      await working(20);
    });
    await world.settled();
    await world.oracle({ copiesMax: 1 + 3 });
  });

  it('the outage is said in a few lines, not at every try', () => {
    const said = world.complaints();
    expect(said.length).toBeGreaterThan(0);
    // Receiving, storing by two mailboxes, the outbox, the tick: each once for each of three outages.
    expect(said.length, said.join('\n')).toBeLessThanOrEqual(3 * 5);
  });
});
