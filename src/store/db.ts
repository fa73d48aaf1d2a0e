// Opens the database: a PostgreSQL server by URL, or the embedded one in a folder. The same SQL runs on both.
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { openEmbedded } from './embedded.ts';

/** A pool, or a transaction on one connection: what every function of this room takes first. */
export type Db = Knex;
export type Transaction = Knex.Transaction;

/** An open database and how to close it. `embedded` is true for the folder kind: one connection, no second writer. */
export interface Database {
  db: Db;
  embedded: boolean;
  close(): Promise<void>;
}

const connectSeconds = 10;
const statementSeconds = 60;
/** Connections of one gateway to a PostgreSQL server. */
const poolSize = 10;

// Case numbers and counts: far below 2^53. Row ids are selected as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => Temporal.Instant.from(text));
// pg asks a value for its own SQL form by this name; Temporal has no opinion, so it is given one here, where all SQL is.
Object.defineProperty(Temporal.Instant.prototype, 'toPostgres', {
  value(this: Temporal.Instant) {
    return this.toString();
  },
});

/**
 * Opens `location`: a `postgres://` URL, or a folder for the embedded database (made when missing).
 * `exclusive` refuses a folder that another process serves; otherwise its running server is used.
 */
export async function openDatabase(location: string, options: { exclusive?: boolean } = {}): Promise<Database> {
  if (/^postgres(ql)?:\/\//.test(location)) {
    const db = connect({ connectionString: location, application_name: 'casepost' }, poolSize);
    return { db, embedded: false, close: () => db.destroy() };
  }
  const embedded = await openEmbedded(location, options.exclusive ?? false);
  const db = connect({ host: embedded.socketFolder, port: 5432, user: 'postgres', database: 'postgres' }, 1);
  return {
    db,
    embedded: true,
    async close() {
      await db.destroy();
      await embedded.close();
    },
  };
}

function connect(connection: Record<string, unknown>, size: number): Db {
  return knex({
    client: 'pg',
    connection: {
      ...connection,
      connectionTimeoutMillis: connectSeconds * 1000,
      statement_timeout: statementSeconds * 1000,
      keepAlive: true,
    },
    pool: { min: 0, max: size },
    acquireConnectionTimeout: connectSeconds * 1000,
    // knex would print outages on standard output, which belongs to the commands; the doors tell them once, in the log.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
}

/** Runs one statement with named bindings (`:name`) and returns its rows. Texts are made storable first. */
export async function rows<Row>(db: Db, sql: string, bindings: Record<string, unknown> = {}): Promise<Row[]> {
  const values = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, storable(value)]));
  const result = await db.raw<{ rows: Row[] }>(sql, values as Knex.ValueDict);
  return result.rows;
}

/** JSON for a jsonb column. PostgreSQL refuses U+0000 and lone surrogates in it however they are escaped. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? storable(inner) : inner));
}

/** PostgreSQL's text has no U+0000, and UTF-8 no lone surrogates (TRUST B23): both become U+FFFD, so that no mail fails on them. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\u{fffd}');
  return Array.isArray(value) ? value.map(storable) : value;
}

/** The SQLSTATE of a database error (`23505` unique violation …), or null when it is another kind of wrong. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/**
 * Whether trying again can help: the connection, the server or another transaction was in the way (classes 08, 40, 53, 57, 58),
 * and not what was asked.
 */
export function worldFailed(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return /^(08|40|53|55|57|58|25006)/.test(state);
  const text =
    error instanceof Error ? `${error.name} ${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  return /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|KnexTimeoutError|Connection (?:terminated|ended)|not queryable|timeout/i.test(
    text,
  );
}
