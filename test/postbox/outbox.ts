// An outbox on a real PostgreSQL with cases in it, for the stories of the postbox: letters put in by hand, drains at a time of the story's choosing.
import type { SmtpTarget } from '../../src/config.ts';
import type { Log } from '../../src/log.ts';
import { drainPostbox, startPostbox, type Postbox } from '../../src/postbox/deliver.ts';
import type { Drained } from '../../src/postbox/worker.ts';
import { insertCase } from '../../src/store/cases.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { aCase } from '../builders.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';

/** When the stories begin. */
export const start = Temporal.Instant.from('2026-03-02T09:00Z');

/** A letter's row as the stories compare it. */
export interface LetterState {
  key: string;
  state: string;
  attempts: number;
  error: string | null;
}

export interface TestOutbox {
  db: Db;
  /** Puts letters in, in this order; each key is its Message-ID and body. They belong to case 7 unless told otherwise. */
  put(keys: string[], changes?: { recipient?: string; caseNumber?: number | null; kind?: string }): Promise<void>;
  /** Sends what is due at `minutes` after the start, as a postbox named `owner` with that target. */
  drain(target: SmtpTarget, minutes?: number, owner?: string): Promise<Drained>;
  /** A postbox that runs until `signal`. */
  run(target: SmtpTarget, signal: AbortSignal): Postbox;
  states(): Promise<LetterState[]>;
  empty(): Promise<void>;
  stop(): Promise<void>;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function anOutbox(): Promise<TestOutbox> {
  const own = await sharedDatabase('outbox');
  const database = await openDatabase(own.url);
  const { db } = database;
  await migrate(db);
  await db.transaction((trx) => insertCase(trx, aCase()));
  return {
    db,
    async put(keys, { recipient = 'ann@customer.example', caseNumber = 7, kind = 'answer' } = {}) {
      for (const key of keys) {
        await rows(
          db,
          `insert into outbox (key, case_number, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, next_at, created_at)
           values (:key, :caseNumber, :kind, :key, :recipient, '', false, true, '', '', '', :raw, '', 'waiting', :start, :start)`,
          { key, caseNumber, kind, recipient, raw: Buffer.from(`Subject: ${key}\r\n\r\n${key}\r\n`), start },
        );
      }
    },
    drain: (transport, minutes = 0, owner = 'one') =>
      drainPostbox(
        { db, transport, owner, log: silent, now: () => start, signal: new AbortController().signal },
        start.add({ minutes }),
      ),
    run: (transport, signal) => startPostbox({ db, transport, owner: 'one', log: silent, now: () => start, signal }),
    states: () => rows(db, 'select key, state, attempts, last_error as error from outbox order by id'),
    empty: async () => void (await rows(db, 'truncate outbox cascade')),
    async stop() {
      await database.close();
      await own.drop();
    },
  };
}

/** A mail server on a port of loopback, without TLS and login unless `changes` says so. */
export function targetAt(port: number, changes: Partial<SmtpTarget> = {}): SmtpTarget {
  return {
    protocol: 'smtp',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: null,
    password: null,
    reversePath: null,
    connections: 3,
    ratePerSecond: null,
    ca: null,
    ...changes,
  };
}
