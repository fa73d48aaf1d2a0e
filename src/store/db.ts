// Opens the database: a PostgreSQL server by URL, or the embedded one in a folder. The same SQL runs on both. Every wait for a server has an
// end, here and there: a network that swallows bytes without a word must hold up neither us nor, by the locks of a dead session, others.
import { setTimeout as pause } from 'node:timers/promises';
import knex from 'knex';
import pg from 'pg';
import { ask } from './batch.ts';
import { openEmbedded } from './embedded.ts';
import { greet } from './lineage.ts';
import { planByIndex } from './planning.ts';
import { statementOf, storable } from './statement.ts';
import { transact, type Mode } from './transaction.ts';

/** A pool, or a transaction on one connection: what every function of this room takes first. */
export interface Db {
  client: KnexClient;
  /** Commits what `work` asks for, or nothing of it (store/transaction.ts). */
  transaction<Result>(work: (trx: Transaction) => Promise<Result>, mode?: Mode): Promise<Result>;
}
export interface Transaction extends Db {
  isCompleted(): boolean;
}

/** What a pool and the transactions on its connections have in common, to remember things by. */
export function poolOf(db: Db): object {
  return db.client.config;
}

/** An open database and how to close it. `embedded` is true for the folder kind: one connection, no second writer. */
export interface Database {
  db: Db;
  embedded: boolean;
  close(): Promise<void>;
}

/** Limits of the connections to a PostgreSQL server. */
export const databaseLimits = {
  /** Connections of one gateway. */
  connections: 10,
  connectSeconds: 10,
  /** With the server full, one of our own connections is waited for: so often, so long apart (10 s in all). */
  shareTries: 100,
  shareMilliseconds: 100,
  /** A statement is ended by the server after so long: what it waited for (TRUST F11) is then waited for by trying again. */
  statementSeconds: 30,
  /** No word from the server for so long after a statement: the connection is dead, though nobody said so (TRUST F12, F41). */
  answerSeconds: 40,
  /** A transaction whose gateway says nothing for so long is ended by the server, and its locks with it; longer than reading any mail takes. */
  silentSeconds: 40,
  /** An idle connection is probed after so long, so that a firewall neither forgets it nor hides its end. */
  probeSeconds: 10,
} as const;

// Case numbers and counts: far below 2^53. Row ids are selected as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => Temporal.Instant.from(text));
// pg asks a value for its own SQL form by this name; Temporal has no opinion, so it is given one here, where all SQL is. Each statement of a decision
// holds its `now`: it is written out once.
const written = new WeakMap<Temporal.Instant, string>();
Object.defineProperty(Temporal.Instant.prototype, 'toPostgres', {
  value(this: Temporal.Instant) {
    const text = written.get(this) ?? this.toString();
    written.set(this, text);
    return text;
  },
});

/**
 * Opens `location`: a `postgres://` URL, or a folder for the embedded database (made when missing).
 * `exclusive` refuses a folder that another process serves; otherwise its running server is used.
 */
export async function openDatabase(location: string, options: { exclusive?: boolean } = {}): Promise<Database> {
  if (/^postgres(ql)?:\/\//.test(location)) {
    const connected = connect({ ...serverSettings, connectionString: location }, databaseLimits.connections);
    return { ...connected, embedded: false };
  }
  const embedded = await openEmbedded(location, options.exclusive ?? false);
  const { db, close } = connect({ host: embedded.socketFolder, port: 5432, user: 'postgres', database: 'postgres' }, 1);
  return {
    db,
    embedded: true,
    async close() {
      await close();
      await embedded.close();
    },
  };
}

const serverSettings = {
  application_name: 'casepost',
  statement_timeout: databaseLimits.statementSeconds * 1000,
  idle_in_transaction_session_timeout: databaseLimits.silentSeconds * 1000,
  keepAlive: true,
  keepAliveInitialDelayMillis: databaseLimits.probeSeconds * 1000,
};

function connect(connection: Record<string, unknown>, size: number): { db: Db; close: () => Promise<void> } {
  const settings = {
    // An operator may set another in the URL.
    query_timeout: databaseLimits.answerSeconds * 1000,
    ...connection,
    connectionTimeoutMillis: databaseLimits.connectSeconds * 1000,
    // Several statements of one transaction may be on their way at once; the server answers them in their order.
    pipeline: true,
  };
  const pool = knex({
    client: 'pg',
    // Else knex asks each connection for it, with the text of the URL's query_timeout, before `afterCreate`.
    version: '15',
    connection: settings,
    pool: {
      min: 0,
      max: size,
      // A statement that was given up on keeps its connection busy: it must not be handed to anybody else.
      validate: (client: PooledClient) => client.readyForQuery === true,
      afterCreate(client: PooledClient, created: (error: Error | null) => void) {
        // From the URL it comes as text, and pg takes the text 0 for the end of all patience.
        client.connectionParameters.query_timeout = Number(client.connectionParameters.query_timeout);
        const greeted = planByIndex(db.client, client).then(() => greet(db.client, client));
        greeted.then(
          () => created(null),
          (error: Error) => void client.end().finally(() => created(error)),
        );
      },
    },
    acquireConnectionTimeout: databaseLimits.connectSeconds * 1000,
    compileSqlOnError: false,
    // knex would print outages on standard output, which belongs to the commands; the doors tell them once, in the log.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
  const client = pool.client as KnexClient;
  shareConnections(client);
  const db: Db = { client, transaction: (work, mode) => transact(client, work, mode) };
  return { db, close: () => pool.destroy() };
}

/** A server that is full leaves us the connections we have: the doors take turns with them instead of giving up (TRUST F8). */
function shareConnections(client: KnexClient): void {
  const acquire = client.acquireConnection.bind(client);
  client.acquireConnection = async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await acquire();
      } catch (error) {
        const ours = client.pool.numUsed() + client.pool.numFree();
        if (sqlState(error) !== fullState || ours === 0 || tries === databaseLimits.shareTries) throw error;
      }
      await pause(databaseLimits.shareMilliseconds);
    }
  };
}

/** pg's client, and what its types leave out: it says `readyForQuery` when the server has answered all it was asked. */
export type PooledClient = pg.Client & {
  readyForQuery?: boolean;
  /** As the settings, and the URL over them, have it. */
  connectionParameters: { query_timeout: number | string };
};

/**
 * Runs one statement with named bindings (`:name`) and returns its rows. Texts are made storable first. `minutes`: how long its answer may take,
 * where that is longer than `answerSeconds`. Goes to pg itself: knex keeps the pool.
 */
export async function rows<Row>(
  db: Db,
  sql: string,
  bindings: Record<string, unknown> = {},
  minutes?: number,
): Promise<Row[]> {
  const { client } = db;
  const statement = statementOf(sql, bindings, prepares(client));
  const connection = await client.acquireConnection();
  // Asked with nothing to wait for between it and the sending: behind a ROLLBACK the statement would stand for itself, and stay.
  if ((db as Transaction).isCompleted?.()) throw new Error('the transaction has ended; the statement was not sent');
  try {
    return (await ask(connection, statement, minutes === undefined ? undefined : minutes * 60)) as Row[];
  } catch (error) {
    throw (db as Transaction).isCompleted ? causeOf(client, error) : error;
  } finally {
    client.releaseConnection(connection);
  }
}

/** What failed first in a transaction, by its client. */
const firstFailures = new WeakMap<object, unknown>();

/**
 * Of statements that left together those behind one that failed are refused (25P02; 26000 when they were to share its plan), and whoever waits for
 * all of them may hear of these first: what is told is why the transaction failed.
 */
function causeOf(client: object, error: unknown): unknown {
  const first = firstFailures.get(client) ?? error;
  firstFailures.set(client, first);
  return first;
}

/** Why a statement of this transaction failed; undefined when none did. */
export function failureIn({ client }: Transaction): unknown {
  return firstFailures.get(client);
}

/** Whether its connections may prepare statements: those to the embedded database, which has one session for all, may not. */
export function prepares(client: KnexClient): boolean {
  return client.config.connection.application_name !== undefined;
}

/** What of knex's client we use: in a transaction it hands out the transaction's connection. */
export interface KnexClient {
  config: { connection: { application_name?: string } };
  pool: { numUsed(): number; numFree(): number };
  acquireConnection(): Promise<PooledClient>;
  releaseConnection(connection: PooledClient): void;
}

/** JSON for a jsonb column. PostgreSQL refuses U+0000 and lone surrogates in it however they are escaped. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? storable(inner) : inner));
}

/** read_only_sql_transaction, too_many_connections. */
export const [readOnlyState, fullState] = ['25006', '53300'];

/** The SQLSTATE of a database error (`23505` unique violation …), or null when it is another kind of wrong. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // Every state has a digit; EPIPE has none.
  return typeof code === 'string' && /^(?=.*[0-9])[0-9A-Z]{5}$/.test(code) ? code : null;
}

/**
 * Whether trying again can help: the connection, the server or another transaction was in the way (classes 08, 40, 53, 55, 57, 58), it is
 * read-only or ended our silent transaction (25006, 25P03), our own machine has no descriptor left (TRUST F43), and not what was asked.
 */
export function worldFailed(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return /^(08|40|53|55|57|58|25006|25P03)/.test(state);
  // A call of the system that failed, on whatever route the packets took.
  if (error instanceof Error && 'syscall' in error) return true;
  const text =
    error instanceof Error ? `${error.name} ${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  return /ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|connect ENOENT|KnexTimeoutError|Connection (?:terminated|ended)|not queryable|timeout|too many open files/i.test(
    text,
  );
}
