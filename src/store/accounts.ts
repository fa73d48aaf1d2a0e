// What we know of customers from their CRM: accounts, their people, mail domains, serial numbers and plans, written many rows a statement.
import type { CustomerKind, CustomerRow } from '../policy/customer-row.ts';
import { rows, storableJson, type Db, type Transaction } from './db.ts';

/** Any number, the same in every process: who holds it writes customers, so that two imports take turns instead of waiting for each other's rows. */
const importLock = 5_117_353;

/** Where a kind is kept: its table, its key, and its other columns with their types. `shown` names a column as the files do. */
interface Place {
  table: string;
  key: string;
  columns: Record<string, string>;
  shown: Record<string, string>;
}

const people = { language: 'text', zone: 'text' };
const places: Record<CustomerKind, Place> = {
  accounts: { table: 'accounts', key: 'id', columns: { name: 'text', ...people, notes: 'text' }, shown: {} },
  contacts: { table: 'contacts', key: 'address', columns: { account: 'text', name: 'text', ...people }, shown: {} },
  domains: { table: 'account_domains', key: 'domain', columns: { account: 'text' }, shown: {} },
  serials: {
    table: 'serials',
    key: 'serial',
    columns: { account: 'text', product: 'text', version: 'text', registered_on: 'date' },
    shown: { registered_on: 'registered' },
  },
  entitlements: {
    table: 'entitlements',
    key: 'id',
    columns: {
      account: 'text',
      plan: 'text',
      product: 'text',
      starts_at: 'timestamptz',
      expires_at: 'timestamptz',
      incidents_bought: 'integer',
    },
    shown: { starts_at: 'starts', expires_at: 'expires', incidents_bought: 'incidents' },
  },
};

/** What a column becomes where it is not simply what the row says: a name that the CRM does not know stays the one of the person's mails. */
const becomes: Partial<Record<CustomerKind, Record<string, string>>> = {
  contacts: { name: `coalesce(nullif(excluded.name, ''), contacts.name)` },
};

/** Keeps other imports waiting until the transaction ends. */
export async function lockCustomers(trx: Transaction): Promise<void> {
  await rows(trx, 'select pg_advisory_xact_lock(:importLock)', { importLock });
}

/** Writes rows of distinct keys, replacing those that differ. What is bought moves what is left by the same number. */
export async function saveCustomers(
  trx: Transaction,
  kind: CustomerKind,
  given: readonly CustomerRow[],
): Promise<{ added: number; changed: number; unchanged: number }> {
  const { table, key, columns } = places[kind];
  const names = Object.keys(columns);
  const became = (name: string) => becomes[kind]?.[name] ?? `excluded.${name}`;
  const sets = names.map((name) => `${name} = ${became(name)}`);
  const differs = names.map((name) => `${table}.${name} is distinct from ${became(name)}`);
  const written = [key, ...names];
  const read = [...written];
  if (kind === 'entitlements') {
    written.push('incidents_left');
    read.push('incidents_bought');
    sets.push(
      `incidents_left = excluded.incidents_bought - coalesce(${table}.incidents_bought - ${table}.incidents_left, 0)`,
    );
  }
  const done = await rows<{ added: boolean }>(
    trx,
    `insert into ${table} (${written.join(', ')})
     select ${read.join(', ')} from jsonb_to_recordset(cast(:given as jsonb))
       as given(${key} text, ${names.map((name) => `${name} ${columns[name]}`).join(', ')})
     on conflict (${key}) do update set ${sets.join(', ')} where ${differs.join(' or ')}
     returning xmax = 0 as added`,
    { given: storableJson(given.map(({ values }) => values)) },
  );
  const added = done.filter((row) => row.added).length;
  return { added, changed: done.length - added, unchanged: given.length - done.length };
}

/** Which of these accounts exist. */
export async function knownAccounts(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(db, 'select id from accounts where id = any(:ids)', { ids });
  return new Set(found.map(({ id }) => id));
}

/** Incidents that cases have used, by entitlement; these rows stand until the transaction ends. */
export async function usedIncidents(trx: Transaction, ids: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ id: string; used: number }>(
    trx,
    `select id, incidents_bought - incidents_left as used from entitlements
     where id = any(:ids) and incidents_bought is not null order by id for update`,
    { ids },
  );
  return new Map(found.map(({ id, used }) => [id, used]));
}

/** A row by its key with the names its file has; what only we know (who has proven to read us, incidents left) is not in it. Null: none. */
export async function findCustomer(db: Db, kind: CustomerKind, key: string): Promise<Record<string, unknown> | null> {
  const place = places[kind];
  const names = [place.key, ...Object.keys(place.columns)];
  const [found] = await rows<Record<string, unknown>>(
    db,
    `select ${names.map((name) => `${name}${place.columns[name] === 'date' ? '::text' : ''} as "${place.shown[name] ?? name}"`).join(', ')}
     from ${place.table} where ${place.key} = :key ${kind === 'contacts' ? 'and account is not null' : ''}`,
    { key },
  );
  return found ?? null;
}

/** Takes a row away; false when there was none. A person who has written to us stays known, without an account. */
export async function removeCustomer(trx: Transaction, kind: CustomerKind, key: string): Promise<boolean> {
  const { table, key: column } = places[kind];
  const gone =
    kind === 'contacts'
      ? await rows(
          trx,
          `with gone as (delete from contacts where address = :key and account is not null and proven_at is null returning 1),
             kept as (update contacts set account = null, language = null, zone = null
               where address = :key and account is not null and proven_at is not null returning 1)
           select 1 from gone union all select 1 from kept`,
          { key },
        )
      : await rows(trx, `delete from ${table} where ${column} = :key returning 1`, { key });
  return gone.length > 0;
}

/** What still stands under an account: `2 contacts, 1 domains`; '' for nothing. */
export async function underAccount(db: Db, account: string): Promise<string> {
  const [found] = await rows<Record<string, number>>(
    db,
    `select (select count(*) from contacts where account = :account) as contacts,
       (select count(*) from account_domains where account = :account) as domains,
       (select count(*) from serials where account = :account) as serials,
       (select count(*) from entitlements where account = :account) as entitlements`,
    { account },
  );
  return Object.entries(found ?? {})
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}
