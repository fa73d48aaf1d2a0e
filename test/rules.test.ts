// Which policy rules: on the embedded and on a PostgreSQL database it is the newest version, whoever applied it, and never a broken one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../src/config.ts';
import { policyJsonSchema, schemaFile } from '../src/policy/json-schema.ts';
import { shippedText } from '../src/policy/load.ts';
import { applyPolicy, newerPolicy, openPolicy, versionOf } from '../src/rules.ts';
import { openDatabase, rows, type Database, type Db } from '../src/store/db.ts';
import { migrate } from '../src/store/migrate.ts';
import { openAlarms } from '../src/store/alarms.ts';
import { goldenMails, pinGolden } from '../src/store/golden.ts';
import { findPolicy, insertPolicy, policyHistory } from '../src/store/policies.ts';
import { monday } from './builders.ts';
import { whyMissing } from './servers/programs.ts';
import { sharedDatabase } from './servers/shared-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'casepost-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = whyMissing('postgres');
const byCommand = { origin: 'command', author: 'ada', note: '' } as const;

function configured(policy: string | null): Config {
  if (policy !== null) writeFileSync(join(folder, 'policy.yaml'), policy);
  const named = policy === null ? '' : 'policy: ./policy.yaml\n';
  writeFileSync(
    join(folder, 'casepost.yaml'),
    `${named}database: ./never\nmailboxes: [{ address: a@b.test, line: corporate }]\n`,
  );
  const config = readConfig(join(folder, 'casepost.yaml'), {});
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  return config;
}

describe.skipIf(missing)(`the policy that rules${missing ? ` (${missing})` : ''}`, () => {
  let database: Database;
  let db: Db;
  beforeEach(async () => {
    database = await openDatabase((await sharedDatabase('rules')).url);
    ({ db } = database);
    await migrate(db);
  });
  afterEach(() => database.close());
  const origins = async () => (await policyHistory(db, 10)).map(({ origin }) => origin);

  it('is the shipped one in a new desk, and opening it again writes nothing', async () => {
    const first = await openPolicy(configured(null), db, monday);
    const again = await openPolicy(configured(null), db, monday);
    expect(again.policyVersion).toBe(first.policyVersion);
    expect(await origins()).toEqual(['shipped']);
  });

  it('is the file of casepost.yaml, taken again only when it has changed', async () => {
    expect((await openPolicy(configured('company: One'), db, monday)).policy.company).toBe('One');
    await openPolicy(configured('company: One'), db, monday);
    expect((await openPolicy(configured('company: Two'), db, monday)).policy.company).toBe('Two');
    expect(await origins()).toEqual(['file', 'file']);
  });

  it('is what was applied since, though the file says what it always said', async () => {
    await openPolicy(configured('company: One'), db, monday);
    await db.transaction((trx) =>
      applyPolicy(trx, configured(null), { name: 'new', text: 'company: Three' }, byCommand, monday),
    );
    expect((await openPolicy(configured('company: One'), db, monday)).policy.company).toBe('Three');
  });

  it('keeps what is its own when a newer program ships other rules', async () => {
    const own = 'company: Four';
    const older = { shipped: `${shippedText().text}\n# an older program`, own };
    const origin = 'command';
    await db.transaction((trx) =>
      insertPolicy(trx, { ...older, version: versionOf(older), origin, author: 'ada', note: '' }, monday),
    );
    expect((await openPolicy(configured(null), db, monday)).policy.company).toBe('Four');
    expect(await origins()).toEqual(['upgrade', 'command']);
  });

  it('is never a broken one: every mistake is told and nothing is written', async () => {
    const { policyVersion } = await openPolicy(configured('company: One'), db, monday);
    const broken = { name: 'new.yaml', text: 'companny: x\nfallbackPlan: none-such' };
    const refused = await db.transaction((trx) => applyPolicy(trx, configured(null), broken, byCommand, monday));
    expect('problems' in refused && refused.problems.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      'new.yaml:1',
      'new.yaml:2',
    ]);
    await expect(openPolicy(configured('companny: x'), db, monday)).rejects.toThrow(
      /companny.*did you mean "company"/s,
    );
    await expect(openPolicy(configured(null), db, monday)).resolves.toMatchObject({ policyVersion });
  });

  it('reaches who asks for it by its id, once', async () => {
    await openPolicy(configured('company: One'), db, monday);
    const first = await newerPolicy(db, null);
    expect(first && 'policy' in first && first.policy.company).toBe('One');
    expect(await newerPolicy(db, first?.id ?? 0)).toBeNull();
    await db.transaction((trx) =>
      applyPolicy(trx, configured(null), { name: 'new', text: 'company: Two' }, byCommand, monday),
    );
    const second = await newerPolicy(db, first?.id ?? 0);
    expect(second && 'policy' in second && second.policy.company).toBe('Two');
  });

  it('that only a newer program can read is given as its problems', async () => {
    await openPolicy(configured(null), db, monday);
    await rows(
      db,
      `insert into policy_versions (version, shipped, own, origin, author, applied_at)
       select 'newer', shipped, 'tomorrow: true', 'command', 'ada', applied_at from policy_versions`,
    );
    const newer = await newerPolicy(db, 0);
    expect(newer && 'problems' in newer && newer.problems[0]).toMatch(/policy newer:1:1: tomorrow: unknown key/);
  });

  it('applied by twenty at once is one history, each version after the other', async () => {
    await openPolicy(configured(null), db, monday);
    const all = Array.from({ length: 20 }, (_, index) => ({ name: 'new', text: `company: C${index % 5}` }));
    await Promise.all(
      all.map((own) => db.transaction((trx) => applyPolicy(trx, configured(null), own, byCommand, monday))),
    );
    const versions = (await policyHistory(db, 100)).map(({ version }) => version);
    expect(versions.filter((version, index) => version === versions[index + 1])).toEqual([]);
  });

  it('is found by the beginning of its hash, but not by one that several share', async () => {
    for (const version of ['abc111', 'abc222', 'def333']) {
      const texts = { shipped: '', own: version, origin: 'command', author: 'ada', note: '' } as const;
      await db.transaction((trx) => insertPolicy(trx, { ...texts, version }, monday));
    }
    expect((await findPolicy(db, 'def'))?.version).toBe('def333');
    expect(await findPolicy(db, 'abc')).toBeNull();
    expect((await findPolicy(db, 'abc2'))?.own).toBe('abc222');
  });
});

describe.skipIf(missing)(`a pinned mail${missing ? ` (${missing})` : ''}`, () => {
  let database: Database;
  let db: Db;
  beforeEach(async () => {
    database = await openDatabase((await sharedDatabase('golden')).url);
    ({ db } = database);
    await migrate(db);
    await openPolicy(configured('company: One'), db, monday);
    const raw = Buffer.from(
      'From: a@b.test\r\nSubject: the flux is purple\r\nMessage-ID: <1@b.test>\r\n\r\nIt is.\r\n',
    );
    const expected = { severity: 'C' };
    await pinGolden(db, {
      name: 'flux',
      mailbox: 'none',
      raw,
      receivedAt: monday,
      expected,
      author: 'ada',
      pinnedAt: monday,
    });
  });
  afterEach(() => database.close());
  const purple = 'rules: { severity: { flux: { severity: A, any: [flux is purple] } } }';
  const apply = (own: string, options: { acceptGolden?: boolean; base?: string } = {}) =>
    db.transaction((trx) =>
      applyPolicy(trx, configured(null), { name: 'new', text: own }, { ...byCommand, ...options }, monday),
    );

  it('stops a policy that would judge it otherwise, and lets one pass that does not', async () => {
    const stopped = await apply(purple);
    expect(stopped).toMatchObject({ breaks: [{ name: 'flux', what: 'severity', expected: 'C', found: 'A' }] });
    expect(await apply('linkAfterDays: 3')).toMatchObject({ unchanged: false });
    expect((await policyHistory(db, 10)).map(({ origin }) => origin)).toEqual(['command', 'file']);
  });

  it('is pinned anew by who says so, and the history names it', async () => {
    expect(await apply(purple, { acceptGolden: true })).toMatchObject({ repinned: ['flux'] });
    expect((await goldenMails(db)).map(({ expected }) => expected)).toEqual([{ severity: 'A' }]);
    expect((await policyHistory(db, 1))[0]?.note).toBe('pinned anew: flux');
  });

  it('keeps a changed file out: the version in force stays, and an alarm says why', async () => {
    const kept = await openPolicy(configured(purple), db, monday);
    expect(kept.policy.company).toBe('One');
    expect((await openAlarms(db)).map(({ key }) => key)).toEqual(['policy:golden']);
    expect((await openPolicy(configured('company: Two'), db, monday)).policy.company).toBe('Two');
    expect(await openAlarms(db)).toEqual([]);
  });

  it('is no reason against a policy that another admin has applied meanwhile: that is its own', async () => {
    const [first] = await policyHistory(db, 1);
    await apply('linkAfterDays: 3');
    expect(await apply('linkAfterDays: 4', { base: first?.version ?? '' })).toMatchObject({
      otherRules: expect.any(String),
    });
  });
});

describe('the published schema', () => {
  it('is the one of the program; "casepost policy schema" writes it', () => {
    expect(JSON.parse(readFileSync(new URL(`../${schemaFile}`, import.meta.url), 'utf8'))).toEqual(policyJsonSchema());
  });
});
