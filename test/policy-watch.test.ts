// What a running gateway does with a policy that somebody applied elsewhere.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../src/log.ts';
import { watchPolicy } from '../src/policy-watch.ts';
import { openAlarms } from '../src/store/alarms.ts';
import { rows } from '../src/store/db.ts';
import { startDesk, type TestDesk } from './intake/desk.ts';
import { whyMissing } from './servers/programs.ts';
import { until } from './story/until.ts';

const missing = whyMissing('postgres');
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(missing)(`a gateway and the policy that rules ${missing ?? ''}`, () => {
  let test: TestDesk;
  const watching = new AbortController();
  beforeEach(async () => {
    test = await startDesk();
  });
  afterEach(async () => {
    watching.abort();
    await test.stop();
  });

  /** Applied as it stands, by whatever program; `own` null for what rules now. */
  const apply = (version: string, own: string | null) =>
    rows(
      test.db,
      `insert into policy_versions (version, shipped, own, origin, author, applied_at)
       select :version, shipped, coalesce(:own, own), 'command', 'ada', applied_at from policy_versions order by id limit 1`,
      { version, own },
    );
  const alarms = async () => (await openAlarms(test.db)).map(({ key }) => key);

  it('keeps its own while it can not read the newest, and says so until the old one rules again', async () => {
    const { db, desk, clock } = test;
    const { policy, policyVersion } = desk;
    const watched = watchPolicy({ db, desk, now: () => clock.now, log: silent, signal: watching.signal });
    await apply('newer', 'tomorrow: true');
    await until('the alarm', async () => (await alarms()).includes('policy:unreadable'));
    await apply(policyVersion, null);
    await until('its end', async () => !(await alarms()).includes('policy:unreadable'));
    expect(desk.policy).toBe(policy);
    watching.abort();
    await watched;
  });
});
