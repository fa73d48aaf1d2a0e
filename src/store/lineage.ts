// Notices that the database goes on from another copy than before: a standby was promoted, or a backup restored into another cluster. What was
// committed last may be missing there, so numbers that customers and mail servers have seen must not be given a second time (TRUST F6, P16).
import { raiseAlarm } from './alarms.ts';
import {
  readOnlyState,
  rows,
  worldFailed,
  type Db,
  type KnexClient,
  type PooledClient,
  type Transaction,
} from './db.ts';
import { transactOn } from './transaction.ts';

/** So many cases, mails, letters and due steps can be lost by one failover without a number being given twice. */
const lostRowsMax = 10_000;

/** Sequences whose numbers leave the house: in subjects, and in the Message-IDs that letters are known by. */
const sequences = ['case_numbers', 'inbound_id_seq', 'outbox_id_seq', 'due_id_seq'];

/** The alarm that is raised; a person clears it up with `casepost restore-check`. */
export const lineageAlarm = 'database:lineage';

/** The name of the history the database is in; null before its first one is written down, and where the server does not tell. */
export async function readLineage(db: Db): Promise<string | null> {
  const [known] = await rows<{ name: string }>(db, 'select name from lineage');
  return known?.name ?? null;
}

/** What a primary calls its history: cluster and timeline. Fails on servers that keep it to themselves. */
export const lineageSql = `select system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as name from pg_control_system()`;

/** From here on no number is given that may have been given by rows that are lost. */
export async function skipNumbers(trx: Transaction): Promise<void> {
  for (const sequence of sequences)
    await rows(trx, 'select setval(cast(:sequence as regclass), nextval(cast(:sequence as regclass)) + :lostRowsMax)', {
      sequence,
      lostRowsMax,
    });
}

/**
 * Goes over to the history `name`: the sequences skip what may have been given and lost, an alarm is raised, and the name is written down.
 * Connections that come at the same time wait for the first. A database that had no history yet only gets its name.
 */
export async function enterLineage(trx: Transaction, name: string): Promise<void> {
  const [known] = await rows<{ name: string }>(trx, 'select name from lineage for update');
  if (known?.name === name) return;
  await rows(trx, 'insert into lineage (name) values (:name) on conflict (one) do update set name = excluded.name', {
    name,
  });
  if (!known) return;
  await skipNumbers(trx);
  const text =
    `the database goes on from another copy: ${known.name} became ${name} (a failover, or a restored backup), so what was committed last may be ` +
    `missing; numbers skip ${lostRowsMax}, mails still in the inbox are read again by themselves; run "casepost restore-check" for those that were moved`;
  const [clock] = await rows<{ now: Temporal.Instant }>(trx, 'select clock_timestamp() as now');
  if (clock) await raiseAlarm(trx, { key: lineageAlarm, text }, clock.now);
}

/**
 * Takes primaries alone: a standby reads only, and may be promoted under an open connection. So the history that a connection was made in is
 * the one it stays in, and no statement runs in a new one before its numbers are safe (TRUST F6).
 */
export async function greet(pool: KnexClient, client: PooledClient): Promise<void> {
  const { rows: found } = await client.query<{ standby: boolean; kept: boolean }>(
    `select pg_is_in_recovery() as standby, to_regclass('lineage') is not null as kept`,
  );
  if (found[0]?.standby) {
    throw Object.assign(new Error('the server is a standby, which takes nothing; we wait until it is the primary'), {
      code: readOnlyState,
    });
  }
  if (!found[0]?.kept) return;
  const name = await lineageOf(client);
  const { rows: known } = await client.query<{ name: string }>('select name from lineage');
  if (name === null || known[0]?.name === name) return;
  await transactOn(client, pool, (trx) => enterLineage(trx, name));
}

async function lineageOf(client: PooledClient): Promise<string | null> {
  try {
    return (await client.query<{ name: string }>(lineageSql)).rows[0]?.name ?? null;
  } catch (error) {
    // Some hosted servers do not tell: they are used as they are.
    if (worldFailed(error)) throw error;
    return null;
  }
}
