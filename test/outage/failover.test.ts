// The primary dies and its standby takes over, under a trickle of mails (TRUST F6). A synchronous standby has everything that was acknowledged.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { type Standby, startStandby } from '../servers/standby.ts';
import { until } from '../story/until.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot');

describe.skipIf(missing)(`a failover${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  let standby: Standby;
  beforeAll(async () => {
    world = await outageWorld();
    standby = await startStandby(world.postgres, { synchronous: true });
  });
  afterAll(async () => {
    await world?.stop();
    await standby?.stop();
  });

  it('to a synchronous standby loses nothing and doubles nothing', async () => {
    await world.trickle(async () => {
      await until('mails are decided on', () => world.decided() >= 5);
      await world.postgres.kill9();
      await standby.promote();
      world.goOnAt(standby);
      await until('mails are decided on by the new primary', () => world.decided() >= 10, 60);
    });
    await world.settled();
    await world.oracle({ copiesMax: 1 + 1 });
  });
});
