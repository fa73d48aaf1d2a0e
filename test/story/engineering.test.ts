// Cases at engineering from a shell: passed on and told, tied to a bug, and its customers told once of the release, however many shells tell them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertCase, addParticipant } from '../../src/store/cases.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aCase, anAddress, at } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { casepost, casepostJson } from './program.ts';

const missing = whyMissing('postgres');
/** Customers 1 to 8 hold a plan with maintenance, 9 holds none; 8 has two cases, 10 and 8. */
const cases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const requesterOf = (number: number) => `customer${number === 10 ? 8 : number}@firm${number % 3}.test`;

describe.skipIf(missing)(`engineering${missing ? ` (${missing})` : ''}`, { timeout: 300_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  let folder: string;
  let config: string[];
  beforeAll(async () => {
    own = await sharedDatabase('engineering');
    database = await openDatabase(own.url);
    await migrate(database.db);
    folder = await mkdtemp(join(tmpdir(), 'casepost-engineering-'));
    await writeFile(
      join(folder, 'policy.yaml'),
      `engineers: [{ name: Ines, address: ines@engineers.test, lines: [corporate] }]
escalation: { address: lead@desk.test, engineering: queue@desk.test }
bugs: { url: 'https://bugs.desk.test/{id}' }
`,
    );
    await writeFile(
      join(folder, 'casepost.yaml'),
      `database: ${own.url}
policy: ./policy.yaml
mailboxes: [{ id: support, address: support@desk.test, line: corporate }]
`,
    );
    config = ['-c', join(folder, 'casepost.yaml')];
    const day = at('2026-03-02T09:00Z');
    await database.db.transaction(async (trx) => {
      for (const number of cases) {
        const requester = number === 10 ? requesterOf(8) : requesterOf(number);
        await insertCase(trx, aCase({ number, requester, owner: 'ines@engineers.test', status: 'waiting on support' }));
        const participant = { effect: 'participant', caseNumber: number, address: anAddress(requester) } as const;
        await addParticipant(trx, { ...participant, role: 'requester', confirmed: true }, day);
        await rows(
          trx,
          `insert into contacts (address, account, proven_at) values (:requester, :account, :day) on conflict do nothing`,
          { requester, account: number === 9 ? 'none' : 'acme', day },
        );
      }
      await rows(
        trx,
        `insert into entitlements (id, account, plan, starts_at, expires_at)
         values ('e', 'acme', 'advantage-premier', timestamptz '2026-01-01', timestamptz '2099-01-01')`,
      );
    });
  });
  afterAll(async () => {
    await database?.close();
    await own?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const noticed = async () =>
    rows<{ recipient: string; caseNumber: number }>(
      database.db,
      `select recipient, case_number as "caseNumber" from outbox where kind = 'release-notice' order by id`,
    );
  const release = () => [
    'bug',
    'release',
    'abr-7',
    '--release',
    'Build 9',
    '--text',
    'Please install build 9.',
    ...config,
  ];

  it('is told of a case that is passed on, and a case is tied to a bug that "case show" names', async () => {
    await casepostJson(['case', 'escalate', '8', '--note', 'a bug?', '--status', 'in the lab', ...config]);
    await casepostJson(['bug', 'link', '8', 'abr-7', ...config]);
    const [shown] = await casepostJson(['case', 'show', '8', ...config]);
    expect(shown).toMatchObject({
      status: 'waiting on engineering',
      statusNote: 'in the lab',
      owner: 'ines@engineers.test',
      bugs: [{ bug: 'ABR-7', url: 'https://bugs.desk.test/ABR-7' }],
      letters: [{ kind: 'engineer-notice', recipient: 'queue@desk.test' }],
    });
    // The others as the command would, without ten more processes.
    await rows(
      database.db,
      `insert into case_bugs select number, 'ABR-7', 'ines@engineers.test', now() from cases where number <> 8`,
    );
    expect(await casepostJson(['bug', 'list', ...config])).toMatchObject([
      { bug: 'ABR-7', cases: 10, open: 10, customers: 9, told: 0 },
    ]);
  });

  it('previews a release with a reason for and against each, and sends nothing, nor without the right word', async () => {
    const preview = await casepost(release());
    expect(preview.stdout).toMatch(
      /would be told: customer1@firm1\.test, case 00000001: .* on maintenance by Advantage/,
    );
    expect(preview.stdout).toMatch(/not told: customer9@firm0\.test, case 00000009: is not on maintenance/);
    expect(preview.stdout).toMatch(/Please install build 9\.[^]*8 of 9 would be told; .* --send --confirm [0-9a-f]{8}/);
    expect((await casepost([...release(), '--send', '--confirm', 'deadbeef'])).code).toBe(1);
    expect(await noticed()).toEqual([]);
  });

  const confirmed = async (more: string[] = []) => {
    const lines = await casepostJson([...release(), ...more]);
    return [...release(), ...more, '--send', '--confirm', String(lines.at(-1)?.['confirm'])];
  };

  it('tells a chosen few first, then the rest, each once though two shells tell at once', async () => {
    expect((await casepost(await confirmed(['--only', '1,2']))).code).toBe(0);
    expect(await noticed()).toHaveLength(2);
    const words = await confirmed();
    const both = await Promise.all([casepost(words), casepost(words)]);
    // The slower may find that its preview is not true any more, and says so.
    expect(both.map(({ code }) => code)).toContain(0);
    const recipients = (await noticed()).map(({ recipient }) => recipient);
    expect(recipients.toSorted()).toEqual([...new Set(recipients)].toSorted());
    expect(recipients).toHaveLength(8);
    const again = await casepost(words);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('0 of 9 told')]);
    expect(await noticed()).toHaveLength(8);
  });

  it('a case that engineering had is its owner’s again when its customer was told on a newer one', async () => {
    const [older] = await rows(database.db, 'select status, status_note as note from cases where number = 8');
    expect(older).toEqual({ status: 'waiting on support', note: '' });
    expect((await noticed()).find(({ caseNumber }) => caseNumber === 10)).toBeDefined();
    const told = await casepostJson(['bug', 'show', 'ABR-7', ...config]);
    expect(told[0]?.['told']).toHaveLength(8);
  });

  it('a case that nobody could take is given away by the tick once somebody is back', async () => {
    await rows(database.db, `update cases set owner = null, owner_because = 'everybody is away' where number = 9`);
    await casepostJson(['engineer', 'away', 'ines@engineers.test', ...config]);
    expect(await casepostJson(['tick', ...config])).not.toContainEqual(expect.objectContaining({ rule: 'queue' }));
    await casepostJson(['engineer', 'back', 'ines@engineers.test', ...config]);
    expect(await casepostJson(['tick', ...config])).toContainEqual(
      expect.objectContaining({ caseNumber: 9, rule: 'queue', reason: 'owner-found' }),
    );
    const [owned] = await rows(database.db, 'select owner from cases where number = 9');
    expect(owned).toEqual({ owner: 'ines@engineers.test' });
  });
});
