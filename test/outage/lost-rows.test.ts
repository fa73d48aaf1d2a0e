// A failover to an asynchronous standby: what was committed last is gone, though customers have its acknowledgment and the server shows it as
// read. The mails are read again from the folder by the running gateway, and no case number is given twice (TRUST F6).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { type Standby, startStandby } from '../servers/standby.ts';
import { casepost, casepostJson } from '../story/program.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot');
const kept = 4;
const lost = 6;

describe.skipIf(missing)(`an asynchronous standby${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  let standby: Standby;
  beforeAll(async () => {
    world = await outageWorld({}, { processedFolder: false });
    standby = await startStandby(world.postgres);
  });
  afterAll(async () => {
    await world?.stop();
    await standby?.stop();
  });
  const highestCase = async () =>
    Number((await world.desk.rows<{ number: string }>('select max(number) as number from cases'))[0]?.number);

  it('lacks the last rows; their mails are read again, with new numbers', async () => {
    await world.mails(kept);
    await world.settled();
    await standby.caughtUp();
    standby.cutOff();
    await world.mails(lost);
    await world.settled();
    const highest = await highestCase();
    await world.postgres.kill9();
    await standby.promote();
    world.goOnAt(standby);
    await world.settled();
    const stored = await world.desk.rows<{ number: string }>(
      'select case_number as number from inbound order by case_number',
    );
    expect(stored).toHaveLength(kept + lost);
    for (const { number } of stored.slice(kept)) expect(Number(number)).toBeGreaterThan(highest);
  });

  it('nobody is acknowledged twice; what may have left is held', async () => {
    for (const token of world.tokens) expect(world.acknowledgments(token), token).toHaveLength(1);
    const held = await world.desk.rows<{ kind: string }>(`select kind from outbox where state = 'held'`);
    expect(held.map(({ kind }) => kind)).toEqual(Array.from({ length: lost }, () => 'acknowledgment'));
  });

  it('what comes next goes its ordinary way', async () => {
    await world.mails(2);
    await world.settled();
    for (const token of world.tokens.slice(-2)) expect(world.acknowledgments(token)).toHaveLength(1);
  });
});

describe.skipIf(missing)(`mails that were moved away${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  let standby: Standby;
  beforeAll(async () => {
    world = await outageWorld();
    standby = await startStandby(world.postgres);
  });
  afterAll(async () => {
    await world?.stop();
    await standby?.stop();
  });

  it('come back with restore-check, of which an alarm tells, and each has one row', async () => {
    await world.mails(kept);
    await world.settled();
    await standby.caughtUp();
    standby.cutOff();
    await world.mails(lost);
    await world.settled();
    await world.postgres.kill9();
    await standby.promote();
    world.goOnAt(standby);
    await world.gateway.stop();
    const config = ['-c', world.desk.config];
    expect((await casepost(['restore-check', ...config])).code).toBe(1);
    const alarms = () => world.desk.rows<{ key: string }>('select key from alarms where cleared_at is null');
    expect(await alarms()).toEqual([{ key: 'database:lineage' }]);
    await casepostJson(['restore-check', '--apply', ...config]);
    expect(await alarms()).toEqual([]);
    const stored = await world.desk.rows<{ raw: Buffer }>(`select raw from inbound where disposition = 'opened'`);
    for (const token of world.tokens)
      expect(
        stored.filter(({ raw }) => raw.includes(`someone@${token}.test`)),
        token,
      ).toHaveLength(1);
  });
});
