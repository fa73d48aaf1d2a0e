// The server is there, but not for us: no connection left, a table locked, read-only, the network silent, transactions in each other's way.
// Every wait ends, mails stay untouched meanwhile, and all goes on by itself (TRUST F8, F9, F11, F12, F13, F41).
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot');
const connectionsMax = 14;
const undecided = `select (select count(*) from inbound where disposition is null)::integer + (select count(*) from outbox where state = 'waiting')::integer as left`;

describe.skipIf(missing)(`a server that is busy${missing ? ` (${missing})` : ''}`, { timeout: 240_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await outageWorld(
      { settings: { max_connections: String(connectionsMax) } },
      // The shipped limits are tens of seconds; an operator may set others in the URL, and so do we.
      { url: { statement_timeout: '2000', query_timeout: '3000', idle_in_transaction_session_timeout: '3000' } },
    );
  });
  afterAll(() => world?.stop());

  async function connected(): Promise<Client> {
    const client = new Client({ connectionString: world.desk.databaseUrl });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
  const told = (what: RegExp) =>
    until(`the log tells of ${what}`, () => world.complaints().some((line) => what.test(line)), 40);

  it('with every connection taken: waits, says so, and goes on with the first that is free', async () => {
    const hogs: Client[] = [];
    world.proxy.fault({ refuse: true });
    world.proxy.cutAll();
    await until('every connection is ours', () =>
      connected().then(
        (client) => void hogs.push(client),
        () => true,
      ),
    );
    world.proxy.fault({});
    await world.mails(3);
    try {
      await told(/too many clients/);
      expect(await world.desk.counted('INBOX')).toEqual({ messages: 3, unseen: 3 });
      // One is free: all doors must get along with it.
      await hogs.pop()?.end();
      await until(
        'all is decided and has left',
        async () => (await hogs[0]?.query(undecided))?.rows[0].left === 0 && world.decided() >= 3,
        90,
      );
      // Taking turns is no outage: after the first complaint nothing more is said.
      expect(world.complaints().filter((line) => /too many clients/.test(line)).length).toBeLessThanOrEqual(6);
    } finally {
      await Promise.all(hogs.map((hog) => hog.end()));
    }
    await world.settled();
    await world.oracle();
  });

  it('with its table locked: every wait has an end', async () => {
    const locker = await connected();
    await locker.query('begin; lock table inbound in access exclusive mode');
    await world.mails(2);
    await told(/statement timeout/);
    expect((await world.desk.counted('INBOX')).unseen).toBe(2);
    await locker.end();
    await world.settled();
    await world.oracle();
  });

  it('read-only: nothing is touched until it can be written to', async () => {
    const [database] = await world.desk.rows<{ name: string }>('select current_database() as name');
    const readOnly = async (value: string) => {
      const admin = await connected();
      await admin.query('set default_transaction_read_only = off');
      await admin.query(`alter database ${database?.name} set default_transaction_read_only = ${value}`);
      await admin.end();
      world.proxy.cutAll();
    };
    await readOnly('on');
    await world.mails(2);
    await told(/read-only transaction/);
    expect((await world.desk.counted('INBOX')).unseen).toBe(2);
    await readOnly('off');
    await world.settled();
    await world.oracle();
  });

  it('silent in the midst of the work: dead connections are found out and given to nobody', async () => {
    await world.trickle(async () => {
      const decided = world.decided();
      await until('mails are decided on', () => world.decided() > decided + 2);
      world.proxy.fault({ blackhole: ['up', 'down'] });
      await told(/timeout/);
      world.proxy.fault({});
      const after = world.decided();
      await until('mails are decided on again', () => world.decided() > after + 2, 60);
    });
    await world.settled();
    await world.oracle({ copiesMax: 2 });
  });
});
