// A migrated database on a real PostgreSQL of the test's own, and what the tests of the doors read back from it.
import { openDatabase, rows } from '../../src/store/db.ts';
import type { Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';

/** A running cluster with one open, migrated database, and `reset` to empty what the doors write. */
export interface TestDatabase {
  postgres: Postgres;
  db: Db;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** An `inbound` row as the tests compare it, oldest first. */
export interface StoredMail {
  id: string;
  source: string;
  key: string;
  mailbox: string;
  raw: Buffer;
  from: string | null;
  to: string[];
  received: Temporal.Instant;
  marked: boolean;
}

export async function startDatabase(): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase('casepost');
  const empty = await openDatabase(url);
  await migrate(empty.db);
  await empty.close();
  // A connection to a migrated database writes down its history; before there was none to write.
  const database = await openDatabase(url);
  const { db } = database;
  return {
    postgres,
    db,
    async reset() {
      await rows(db, 'truncate inbound, outbox, cursors, entries cascade');
    },
    async stop() {
      await database.close();
      await postgres.stop();
    },
  };
}

export async function storedMails(db: Db): Promise<StoredMail[]> {
  return rows(
    db,
    `select id::text, source, source_key as key, mailbox, raw, envelope_from as "from", envelope_to as "to", received_at as received,
       marked_at is not null as marked from inbound order by inbound.id`,
  );
}

/** Decides the waiting mails as the desk would, so that the doors may flag them. */
export async function decideAll(db: Db): Promise<void> {
  await rows(
    db,
    `update inbound set disposition = 'automatic', reason = 'automatic-mail', because = 'a test', decided_at = now() where disposition is null`,
  );
}
