// The database's disk is full, of its data and of its WAL, and becomes free again: meanwhile no mail is touched on its server, the log says so
// once, and all goes on by itself (TRUST F7, F13).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { smallDisk, type SmallDisk, whyNoSmallDisk } from '../servers/small-disk.ts';
import { until } from '../story/until.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot') ?? whyNoSmallDisk();
const megabytes = 90;

describe.skipIf(missing)(`a full disk${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  let disk: SmallDisk;
  beforeAll(async () => {
    disk = await smallDisk(megabytes);
    world = await outageWorld({ dataOn: disk.folder });
  });
  afterAll(async () => {
    await world?.stop();
    await disk?.remove();
  });

  it('takes nothing: mails stay unseen on their server, and the log says why, once', async () => {
    await world.mails(3);
    await world.settled();
    world.complaints();
    await disk.fill();
    await fillTables(world);
    await world.mails(5);
    const said = await until('the log tells of the disk', () => {
      const told = world.gateway.log.filter(({ msg }) => /No space left on device/.test(msg));
      return told.length > 0 && told;
    });
    expect(said[0]?.msg).not.toMatch(/insert into|values/);
    const { unseen } = await world.desk.counted('INBOX');
    const [rows] = await world.desk.rows<{ stored: string }>('select count(*) as stored from inbound');
    expect(unseen).toBeGreaterThan(0);
    expect(world.tokens.length - Number(rows?.stored)).toBeLessThanOrEqual(unseen);
  });

  it('goes on when there is room again', async () => {
    await disk.free();
    await world.settled();
    await world.oracle({ copiesMax: 2 });
    expect(world.complaints().filter((told) => /No space left/.test(told)).length).toBeLessThanOrEqual(5);
  });
});

describe.skipIf(missing)(`a full disk of the WAL${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  let disk: SmallDisk;
  beforeAll(async () => {
    disk = await smallDisk(24);
    world = await outageWorld({ walOn: disk.folder });
  });
  afterAll(async () => {
    await world?.stop();
    await disk?.remove();
  });

  it('ends the server; with room and a start of the server nothing is missing and all goes on', async () => {
    await world.mails(3);
    await world.settled();
    await disk.fill();
    await fillTables(world);
    await world.mails(4);
    await until('the server has ended', () =>
      world.desk.rows('select 1').then(
        () => fillTables(world).then(() => false),
        () => true,
      ),
    );
    await until('the gateway has noticed', () => world.complaints().length > 0, 60);
    await disk.free();
    await world.postgres.restart('immediate');
    await world.settled();
    await world.oracle({ copiesMax: 2 });
  });
});

/** PostgreSQL keeps some room in the files it has: it is used up too. */
async function fillTables({ desk }: World): Promise<void> {
  const fill = `insert into filler select repeat(md5(random()::text), 30) from generate_series(1, 2000)`;
  await desk.rows('create table filler (words text)').catch(() => {});
  for (let round = 0; round < 100; round += 1) {
    try {
      await desk.rows(fill);
    } catch {
      return;
    }
  }
}
