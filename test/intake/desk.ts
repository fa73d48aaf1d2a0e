// A whole desk on a real PostgreSQL of a test file's own, for mails as bytes and what became of them.
import { readConfig } from '../../src/config.ts';
import { openDesk, type Desk } from '../../src/desk.ts';
import { tiesOf } from '../../src/intake/conversation.ts';
import { receiveNext, type Received } from '../../src/intake/receive.ts';
import { createParser, type Parser } from '../../src/mail/parser-pool.ts';
import { openDatabase, rows, type Database, type Db } from '../../src/store/db.ts';
import { saveArrival } from '../../src/store/inbound.ts';
import { migrate } from '../../src/store/migrate.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedDatabase } from '../servers/shared-postgres.ts';

export interface TestDesk {
  url: string;
  db: Db;
  desk: Desk;
  parser: Parser;
  /** The time that every decision is made at; a test moves it. */
  clock: { now: Temporal.Instant };
  /** Stores bytes as a door would; `mailbox` is `support` (corporate) or `mobility`. */
  store(raw: string | Buffer, mailbox?: string): Promise<string>;
  /** Decides on all that waits, with so many workers; the decisions in their order. */
  decideAll(workers?: number): Promise<Received[]>;
  stop(): Promise<void>;
}

const policy = `
engineers:
  - { name: Grace, address: grace@help.example, lines: [corporate, mobility] }
escalation: { address: lead@help.example }
`;
const configuration = (url: string) => `
database: ${url}
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@help.example, line: corporate, addressExtension: + }
  - { id: mobility, address: mobility@help.example, line: mobility, addressExtension: + }
smtp: { host: 127.0.0.1, port: 9, security: none, reversePath: verp }
trustedAuthserv: [mx.help.example]
`;

/** Opens the desk; `smtp` is configured, but nothing is sent unless a test does. */
export async function startDesk(): Promise<TestDesk> {
  const own = await sharedDatabase('desk');
  const folder = mkdtempSync(join(tmpdir(), 'casepost-test-desk-'));
  writeFileSync(join(folder, 'policy.yaml'), policy);
  writeFileSync(join(folder, 'casepost.yaml'), configuration(own.url));
  const config = readConfig(join(folder, 'casepost.yaml'), {});
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  const database: Database = await openDatabase(own.url);
  const { db } = database;
  await migrate(db);
  const clock = { now: Temporal.Instant.from('2026-03-02T09:00Z') };
  const desk = await openDesk(config, db, clock.now);
  const parser = createParser();
  let stored = 0;
  return {
    url: own.url,
    db,
    desk,
    parser,
    clock,
    async store(raw, mailbox = 'support') {
      stored += 1;
      const bytes = Buffer.isBuffer(raw) ? raw : Buffer.from(raw.replaceAll('\n', '\r\n'));
      const arrival = {
        source: 'test',
        sourceKey: String(stored),
        mailbox,
        raw: bytes,
        envelopeFrom: null,
        envelopeTo: [],
        receivedAt: clock.now,
        ...tiesOf(bytes),
      };
      return (await saveArrival(db, arrival, clock.now)).id;
    },
    async decideAll(workers = 1) {
      const done: Received[] = [];
      const work = async () => {
        for (;;) {
          const received = await receiveNext({ db, desk, parser, now: () => clock.now });
          if (!received) return;
          done.push(received);
        }
      };
      await Promise.all(Array.from({ length: workers }, work));
      return done;
    },
    async stop() {
      await parser.close();
      await database.close();
      await own.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A plain mail; headers given replace the ordinary ones, null takes one away. */
export function mailText(headers: Record<string, string | null>, text: string): string {
  const all = { From: 'Ann <ann@customer.example>', To: 'support@help.example', Subject: 'Backup fails', ...headers };
  const head = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${head.join('\n')}\n\n${text}\n`;
}

/** One number of the database, for counting rows. */
export async function count(db: Db, what: string): Promise<number> {
  const [row] = await rows<{ count: number }>(db, `select count(*) from ${what}`);
  return row?.count ?? 0;
}
