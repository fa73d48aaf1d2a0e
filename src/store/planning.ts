// How PostgreSQL plans what a gateway asks: by an index, always.
import { prepares, type KnexClient, type PooledClient } from './db.ts';

/**
 * Every statement has an index that serves it. While a table is small PostgreSQL would rather read all of it, and keeps to that plan until its next
 * analysis: on a young desk a burst of mails grew it by thousands meanwhile, and each mail read them all. What can only be read as a whole (a sequence)
 * then counts as so dear that PostgreSQL would compile the statement first, which takes a second. Said as a statement: poolers refuse it at the start.
 */
export async function planByIndex(pool: KnexClient, client: PooledClient): Promise<void> {
  // The embedded database has one session for all who use it.
  if (prepares(pool))
    await client.query(`select set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)`);
}
