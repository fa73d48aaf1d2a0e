// Moves a whole desk from one database into another, empty one: from the embedded database to a PostgreSQL server. One transaction: all or nothing.
import { rows, type Db, type Transaction } from './db.ts';

/** Rows read and written at a time; raw mails are large, so few. */
const batchRows = 50;

/** Every table of the desk but `loads`, which is counted anew; those first that others refer to. */
const tables = [
  'cases',
  'participants',
  'accounts',
  'contacts',
  'account_domains',
  'serials',
  'entitlements',
  'api_tokens',
  'suppressed',
  'token_keys',
  'oauth_tokens',
  'cursors',
  'inbound',
  'outbox',
  'entries',
  'due',
  'warnings',
  'case_bugs',
  'release_notices',
  'engineers_away',
  'policy_versions',
  'template_versions',
  'golden_mails',
  'sign_ins',
  'sessions',
] as const;

/** What a gateway writes by starting on an empty database. */
const madeAtStart: string[] = ['token_keys', 'policy_versions'];

interface Column {
  name: string;
  type: string;
  identity: boolean;
}

/** What was moved: rows by table. Throws, with nothing written, when `target` already holds a desk. Both schemas must be current. */
export async function moveDesk(source: Db, target: Db): Promise<Record<string, number>> {
  return target.transaction(async (trx) => {
    const moved: Record<string, number> = {};
    for (const table of tables) {
      const [held] = await rows(trx, `select 1 from ${table} limit 1`);
      if (held && !madeAtStart.includes(table))
        throw new Error(`database: its table ${table} is not empty; a desk is moved into an empty database only`);
    }
    // A gateway that has started there made a key of its own, which nobody holds a token of, and the policy it found.
    for (const table of madeAtStart) await rows(trx, `delete from ${table}`);
    // Counted once at the end: counting each of a million cases as it comes would change one row a million times in one transaction.
    await rows(trx, 'alter table cases disable trigger cases_load_born');
    for (const table of tables) moved[table] = await moveTable(source, trx, table);
    await rows(trx, 'alter table cases enable trigger cases_load_born');
    await rows(
      trx,
      `insert into loads select owner, 0, count(*) from cases where owner is not null and status <> 'closed' group by owner`,
    );
    await rows(
      trx,
      `select setval('case_numbers', greatest((select max(number) from cases), 1), (select count(*) > 0 from cases))`,
    );
    return moved;
  });
}

async function moveTable(source: Db, trx: Transaction, table: string): Promise<number> {
  const columns = await columnsOf(source, table);
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const identity = columns.find((column) => column.identity)?.name;
  let count = 0;
  for (;;) {
    const batch = await rows<Record<string, unknown>>(
      source,
      `select ${names} from ${table} order by ${columns[0]?.name ?? '1'}, ${columns[1]?.name ?? '1'} limit ${batchRows} offset ${count}`,
    );
    for (const row of batch) await insert(trx, table, columns, row);
    count += batch.length;
    if (batch.length < batchRows) break;
  }
  if (identity && count > 0) {
    await rows(
      trx,
      `select setval(pg_get_serial_sequence('${table}', '${identity}'), (select max("${identity}") from ${table}))`,
    );
  }
  return count;
}

async function insert(trx: Transaction, table: string, columns: Column[], row: Record<string, unknown>): Promise<void> {
  const values = Object.fromEntries(
    columns.map(({ name, type }) => [
      name,
      type === 'jsonb' && row[name] !== null ? JSON.stringify(row[name]) : row[name],
    ]),
  );
  await rows(
    trx,
    `insert into ${table} (${columns.map(({ name }) => `"${name}"`).join(', ')}) overriding system value
     values (${columns.map(({ name }) => `:${name}`).join(', ')})`,
    values,
  );
}

async function columnsOf(db: Db, table: string): Promise<Column[]> {
  return rows(
    db,
    `select column_name as name, data_type as type, is_identity = 'YES' as identity from information_schema.columns
     where table_schema = current_schema() and table_name = :table order by ordinal_position`,
    { table },
  );
}
