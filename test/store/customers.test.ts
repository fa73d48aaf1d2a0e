// What comes in about customers is kept whole or not at all, the same twice changes nothing, and nothing spent is bought again.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { takeCustomers, type BadRow, type Taken } from '../../src/customers.ts';
import { columnsOf, type CustomerKind } from '../../src/policy/customer-row.ts';
import { shippedPolicy } from '../../src/policy/load.ts';
import { findCustomer, removeCustomer, underAccount } from '../../src/store/accounts.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`customers ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('customers');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 60_000);
  beforeEach(async () => {
    await rows(database.db, 'truncate accounts, contacts, account_domains, serials, entitlements');
    await take('accounts', 'acme,Acme Ltd,de,Europe/Berlin,', 'bolt,Bolt,,,');
  });
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  /** Takes rows written as in a file, all columns in their order; gives the counts and every problem as `line column problem`. */
  async function take(kind: CustomerKind, ...lines: string[]): Promise<Taken & { problems: string[] }> {
    return taken(kind, { dryRun: false, skipBad: false }, lines);
  }
  async function taken(kind: CustomerKind, how: { dryRun: boolean; skipBad: boolean }, lines: string[]) {
    const bad: BadRow[] = [];
    const given = lines.map((line, index) => ({
      line: index + 2,
      record: Object.fromEntries(columnsOf(kind).map((column, at) => [column, line.split(',')[at] ?? ''])),
    }));
    const done = await takeCustomers(
      database.db,
      kind,
      given,
      { ...how, onBad: (row) => bad.push(row) },
      shippedPolicy(),
    );
    return { ...done, problems: bad.map(({ line, column, problem }) => `${line} ${column} ${problem}`) };
  }
  const counts = ({ added, changed, unchanged, bad }: Taken) => [added, changed, unchanged, bad];
  const incidents = async (id: string) => {
    const [row] = await rows<{ left: number }>(
      database.db,
      'select incidents_left as left from entitlements where id = :id',
      { id },
    );
    return row?.left;
  };

  it('of every kind come in, and a second time nothing changes', async () => {
    const files: [CustomerKind, string][] = [
      ['contacts', 'Kim@Acme.example,acme,Kim,DE,Europe/Berlin'],
      ['domains', 'Acme.example,acme'],
      ['serials', 'S-1,acme,True Image Home,2011,2026-01-05'],
      ['entitlements', 'e1,acme,Pay Per Incident,,2026-01-01,2026-12-31,7'],
    ];
    for (const [kind, line] of files) expect(counts(await take(kind, line))).toEqual([1, 0, 0, 0]);
    for (const [kind, line] of files) expect(counts(await take(kind, line))).toEqual([0, 0, 1, 0]);
    expect(await findCustomer(database.db, 'contacts', 'kim@acme.example')).toMatchObject({
      account: 'acme',
      language: 'de',
    });
    expect(await findCustomer(database.db, 'serials', 'S-1')).toMatchObject({
      product: 'Acronis True Image Home',
      registered: '2026-01-05',
    });
    expect(await findCustomer(database.db, 'entitlements', 'e1')).toMatchObject({
      plan: 'pay-per-incident',
      starts: Temporal.Instant.from('2026-01-01T00:00Z'),
      expires: Temporal.Instant.from('2027-01-01T00:00Z'),
      incidents: 7,
    });
  });

  it('what differs is counted as changed', async () =>
    expect(counts(await take('accounts', 'acme,Acme Limited,de,Europe/Berlin,', 'bolt,Bolt,,,', 'cog,Cog,,,'))).toEqual(
      [1, 1, 1, 0],
    ));

  it('one bad row keeps all out, skipped it keeps out only itself, and a dry run keeps all out', async () => {
    const lines = ['a.example,acme', 'gmail.com,acme', 'b.example,acme'];
    const refused = await take('domains', ...lines);
    expect(refused).toMatchObject({ bad: 1, written: false });
    expect(await underAccount(database.db, 'acme')).toBe('');
    expect(await taken('domains', { dryRun: true, skipBad: true }, lines)).toMatchObject({ added: 2, written: false });
    expect(await underAccount(database.db, 'acme')).toBe('');
    expect(await taken('domains', { dryRun: false, skipBad: true }, lines)).toMatchObject({
      added: 2,
      bad: 1,
      written: true,
    });
    expect(await underAccount(database.db, 'acme')).toBe('2 domains');
  });

  const wrong: [CustomerKind, string, string][] = [
    ['accounts', 'x,', '2 name is empty; it must be filled in'],
    ['accounts', 'x,X,english', '2 language "english" is no language; write it like en or de'],
    ['accounts', 'x,X,,Berlin', '2 zone "Berlin" is not a time zone; write it like UTC or Europe/Berlin'],
    ['contacts', 'kim at acme,acme', '2 address "kim at acme" is no address; write it like kim@example.com'],
    ['contacts', 'kim@acme.example,acne', '2 account "acne" is no account; import accounts first'],
    [
      'domains',
      'yahoo.co.uk,acme',
      '2 domain "yahoo.co.uk" is a public mail service, where anybody has an address; import its people as contacts',
    ],
    ['domains', 'com,acme', '2 domain "com" is no mail domain; write it like example.com'],
    ['serials', 's,acme,True Imag Home,,2026-01-05', 'did you mean "True Image Home"'],
    ['serials', 's,acme,Snap Deploy,,5.1.2026', '2 registered "5.1.2026" is no date; write it like 2026-03-31'],
    [
      'entitlements',
      'e,acme,trail,Snap Deploy,2026-01-01,2026-02-01,',
      '2 plan "trail" is no plan of the policy (did you mean "trial"?)',
    ],
    [
      'entitlements',
      'e,acme,trial,,2026-01-01,2026-02-01,',
      '2 product is empty; Trial Product Support is for one product',
    ],
    [
      'entitlements',
      'e,acme,trial,Snap Deploy,2026-01-01,,',
      '2 expires is empty; Trial Product Support is for a time',
    ],
    ['entitlements', 'e,acme,advantage-premier,,2026-02-01,2026-01-01,', '2 expires is before starts'],
    [
      'entitlements',
      'e,acme,pay-per-incident,,2026-02-01,,',
      '2 incidents is empty; Pay Per Incident is sold by the incident',
    ],
    [
      'entitlements',
      'e,acme,pay-per-incident,,2026-02-01,,-1',
      '2 incidents "-1" is no number of incidents; allowed: 0 to 1000000',
    ],
    [
      'entitlements',
      'e,acme,advantage-premier,,2026-02-01,,5',
      '2 incidents "5" has no meaning: Advantage Premier is not sold by the incident',
    ],
  ];
  it.each(wrong)('%s: "%s" is refused', async (kind, line, problem) => {
    const { problems, written } = await take(kind, line);
    expect(problems.join('\n')).toContain(problem);
    expect([problems.length, written]).toEqual([1, false]);
  });

  it('a key may stand in a file once', async () =>
    expect((await take('accounts', 'x,X', 'x,Y')).problems).toEqual(['3 id "x" stands in line 2 already']));

  it('incidents that were spent are not bought again by another import, and more can be bought', async () => {
    const bought = (count: number) => `ppi,acme,pay-per-incident,,2026-01-01,,${count}`;
    await take('entitlements', bought(5));
    await rows(database.db, `update entitlements set incidents_left = incidents_left - 3`);
    expect(counts(await take('entitlements', bought(5)))).toEqual([0, 0, 1, 0]);
    expect(await incidents('ppi')).toBe(2);
    expect(counts(await take('entitlements', bought(9)))).toEqual([0, 1, 0, 0]);
    expect(await incidents('ppi')).toBe(6);
    expect((await take('entitlements', bought(2))).problems).toEqual([
      '2 incidents "2" is too few: cases have used 3 of them already',
    ]);
    expect(await incidents('ppi')).toBe(6);
  });

  it('a person who has proven to read us stays proven, with and without an account', async () => {
    await rows(
      database.db,
      `insert into contacts (address, name, proven_at) values ('kim@acme.example', 'Kim', '2026-01-01Z')`,
    );
    expect(await findCustomer(database.db, 'contacts', 'kim@acme.example')).toBeNull();
    await take('contacts', 'kim@acme.example,acme');
    expect(await findCustomer(database.db, 'contacts', 'kim@acme.example')).toMatchObject({
      account: 'acme',
      name: 'Kim',
    });
    expect(await database.db.transaction((trx) => removeCustomer(trx, 'contacts', 'kim@acme.example'))).toBe(true);
    expect(await rows(database.db, 'select account, proven_at is not null as proven from contacts')).toEqual([
      { account: null, proven: true },
    ]);
  });

  it('two imports at once of the same rows add them once', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => `k${index}@acme.example,acme`);
    const [one, other] = await Promise.all([take('contacts', ...lines), take('contacts', ...lines.toReversed())]);
    expect([one.added + other.added, one.unchanged + other.unchanged]).toEqual([500, 500]);
  });
});
