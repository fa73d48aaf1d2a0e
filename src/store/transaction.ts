// A transaction on one connection. It begins with its first statements, in the same packet, and so costs no wait of its own.
import { ask } from './batch.ts';
import { failureIn, prepares, type KnexClient, type PooledClient, type Transaction } from './db.ts';

/** What a transaction may be told to be; else it is as PostgreSQL has it: read committed, and writing. */
export type Mode = 'isolation level repeatable read read only';

type Work<Result> = (trx: Transaction) => Promise<Result>;

/** On a connection of the pool: commits what `work` asks for, or nothing of it when it rejects. */
export async function transact<Result>(pool: KnexClient, work: Work<Result>, mode?: Mode): Promise<Result> {
  const connection = await pool.acquireConnection();
  try {
    return await transactOn(connection, pool, work, mode);
  } finally {
    pool.releaseConnection(connection);
  }
}

/** On a connection that the caller holds. */
export async function transactOn<Result>(
  connection: PooledClient,
  pool: KnexClient,
  work: Work<Result>,
  mode?: Mode,
): Promise<Result> {
  const tell = (text: string) => ask(connection, { text, values: [], ...(prepares(pool) ? { name: text } : {}) });
  let over = false;
  const trx: Transaction = {
    client: { config: pool.config, pool: pool.pool, acquireConnection: async () => connection, releaseConnection() {} },
    isCompleted: () => over,
    transaction: () => Promise.reject(new Error('a transaction holds no other')),
  };
  try {
    const [, result] = await Promise.all([tell(mode ? `BEGIN ${mode}` : 'BEGIN'), work(trx)]);
    over = true;
    const failure = failureIn(trx);
    // PostgreSQL takes the COMMIT of a transaction that failed for a ROLLBACK, and does not call it an error.
    if (failure !== undefined) throw failure;
    await tell('COMMIT');
    return result;
  } catch (error) {
    over = true;
    // Said alone: with others, one that fails would have the server skip it, and whoever has the connection next would stand in this transaction.
    // Where it can not be said the connection is gone, and the transaction with it.
    await ask(connection, { text: 'ROLLBACK', values: [] }, rollbackSeconds).catch(() => {});
    throw error;
  }
}

/** Who waits to hear why a decision failed waits no longer for a server that is silent. */
const rollbackSeconds = 5;
