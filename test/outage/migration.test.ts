// `casepost migrate` is killed in the midst of it, and two gateways start on an empty database at once; a gateway meets the schema of a newer
// program, at its start and while it runs (TRUST F45).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestVersion } from '../../src/store/migrate.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { casepost, casepostJson, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a migration${missing ? ` (${missing})` : ''}`, { timeout: 90_000 }, () => {
  let database: TestDatabase;
  let folder: string;
  let config: string[];
  let client: Client;
  beforeAll(async () => {
    database = await sharedDatabase('migration');
    folder = await mkdtemp(join(tmpdir(), 'casepost-migration-'));
    config = ['-c', join(folder, 'casepost.yaml')];
    await writeFile(
      join(folder, 'casepost.yaml'),
      `database: ${database.url}\nmailboxes:\n  - { id: support, address: support@desk.test, line: corporate }\n`,
    );
    await writeFile(join(folder, 'one.eml'), firstMail({ from: 'a@a.test', subject: 'One', text: 'About one.' }));
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const tables = async () =>
    (await client.query(`select table_name as name from information_schema.tables where table_schema = 'public'`)).rows;

  it('killed half way leaves nothing, and is done by the next run', async () => {
    // A table of this name that is not committed yet holds the migration up at it, with many others made before.
    await client.query('begin; create table suppressed (in_the_way integer)');
    const migrating = await startCasepost(['migrate', ...config], { ready: null });
    await until('it is held up half way', async () => {
      const waiting = `select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where application_name = 'casepost')`;
      return (await client.query(waiting)).rows.length > 0;
    });
    await migrating.kill9();
    await client.query('rollback');
    await until('its session has ended', async () => {
      const sessions = `select 1 from pg_stat_activity where application_name = 'casepost' and datname = current_database()`;
      return (await client.query(sessions)).rows.length === 0;
    });
    expect(await tables()).toEqual([]);
    expect(await casepostJson(['migrate', ...config])).toMatchObject([{ from: 0, to: newestVersion() }]);
  });

  it('is done once by two gateways that start at once', async () => {
    await casepostJson(['migrate', '--to', '0', ...config]);
    const gateways = await Promise.all([startCasepost(['start', ...config]), startCasepost(['start', ...config])]);
    const { rows } = await client.query(
      'select count(*)::integer as count, max(version) as newest from schema_migrations',
    );
    expect(rows[0]?.newest).toBe(newestVersion());
    expect(await Promise.all(gateways.map((gateway) => gateway.stop()))).toEqual([0, 0]);
  });

  it('of a newer program is refused by every command, with what to do; a gateway that runs goes on', async () => {
    const gateway = await startCasepost(['start', ...config]);
    await casepostJson(['ingest', join(folder, 'one.eml'), ...config]);
    await client.query(`insert into schema_migrations (version, name) values (999, 'later')`);
    for (const words of [['start'], ['tick'], ['case', 'list'], ['migrate']]) {
      const { code, stderr } = await casepost([...words, ...config]);
      expect([code, stderr]).toEqual([
        1,
        `database: its schema is version 999, this program knows ${newestVersion()}; nothing was changed, start the newer program\n`,
      ]);
    }
    expect(gateway.running()).toBe(true);
    expect(await gateway.stop()).toBe(0);
  });
});
