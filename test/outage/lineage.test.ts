// What a failover loses must not be given a second time: numbers of cases, and the ids that Message-IDs are made of. And a pool never works on a
// standby, not even on one that was promoted under it (TRUST F6).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextCaseNumber } from '../../src/store/cases.ts';
import { openAlarms } from '../../src/store/alarms.ts';
import { openDatabase, rows, worldFailed, type Database } from '../../src/store/db.ts';
import { lineageAlarm } from '../../src/store/lineage.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';
import { whyMissing } from '../servers/programs.ts';
import { type Standby, startStandby } from '../servers/standby.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { until } from '../story/until.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`the history of a database${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let primary: Postgres;
  let standby: Standby;
  let proxy: TcpProxy;
  let database: Database;
  beforeAll(async () => {
    primary = await startPostgres();
    const url = new URL(await primary.createDatabase('casepost'));
    proxy = await startTcpProxy(primary.port);
    url.port = String(proxy.port);
    const first = await openDatabase(url.href);
    await migrate(first.db);
    await first.close();
    database = await openDatabase(url.href);
    standby = await startStandby(primary);
  });
  afterAll(async () => {
    await database?.close();
    await proxy?.stop();
    await standby?.stop();
    await primary?.stop();
  });
  const numbers = async (count: number): Promise<number[]> => {
    const given: number[] = [];
    for (let one = 0; one < count; one += 1) given.push(await nextCaseNumber(database.db));
    return given;
  };

  /** What the database said, null when it answered. */
  const asked = () =>
    rows(database.db, 'select 1').then(
      () => null,
      (error: Error) => error,
    );

  it('is the same over restarts and kills: numbers go on, and nobody is alarmed', async () => {
    expect(await numbers(2)).toEqual([1, 2]);
    await primary.restart('fast');
    await until('the restarted server is taken', async () => (await asked()) === null);
    const [third = 0] = await numbers(1);
    expect(third).toBe(3);
    await primary.kill9();
    await primary.start();
    await until('the recovered server is taken', async () => (await asked()) === null);
    const [after = 0] = await numbers(1);
    expect(after).toBeGreaterThan(third);
    // PostgreSQL itself writes 32 ahead.
    expect(after).toBeLessThan(100);
    expect(await openAlarms(database.db)).toEqual([]);
  });

  it('on a standby no connection is had: the world failed, and waiting helps', async () => {
    proxy.repoint(standby.port);
    proxy.cutAll();
    const refused = await until('the server is refused', async () => {
      const error = await asked();
      return error && /standby.*we wait until it is the primary/.test(error.message) && error;
    });
    expect(worldFailed(refused)).toBe(true);
    proxy.repoint(primary.port);
    await until('the primary is taken', async () => (await asked()) === null);
  });

  it('goes on elsewhere after a failover: no number that the dead primary gave is given again, by several gateways at once', async () => {
    await standby.caughtUp();
    standby.cutOff();
    const lost = await numbers(200);
    await rows(database.db, `select nextval('inbound_id_seq') from generate_series(1, 200)`);
    await primary.kill9();
    await standby.promote();
    proxy.repoint(standby.port);
    proxy.cutAll();
    // Several gateways come at the same moment.
    const gateways = await Promise.all(Array.from({ length: 8 }, () => openDatabase(standby.url('casepost'))));
    const given = (
      await Promise.all(gateways.map(({ db }) => Promise.all(Array.from({ length: 5 }, () => nextCaseNumber(db)))))
    ).flat();
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await until('the new primary is taken', async () => (await asked()) === null);
    expect(new Set(given).size).toBe(40);
    expect(Math.min(...given)).toBeGreaterThan(Math.max(...lost));
    const [mail] = await rows<{ id: number }>(database.db, `select nextval('inbound_id_seq') as id`);
    expect(mail?.id).toBeGreaterThan(200);
    // Skipped once, not once for each connection.
    expect(Math.max(...given)).toBeLessThan(11_000);
    const [alarm] = await openAlarms(database.db);
    expect(alarm).toMatchObject({ key: lineageAlarm, text: expect.stringMatching(/restore-check/) });
  });
});
