// What an archive costs: the same mails into an empty database and into one that has grown for years, and how long the statements behind threading,
// a case, a queue and a customer's list take in the grown one. The desk has no pages of cases yet: what `casepost case` asks is measured instead.
import { Client } from 'pg';
import { type Config, readConfig } from '../../src/config.ts';
import { openDesk } from '../../src/desk.ts';
import { listCases, lockCase, queuedCases, readCase, readParticipants } from '../../src/store/cases.ts';
import { openDatabase, type Db } from '../../src/store/db.ts';
import { findCopies, findThread } from '../../src/store/evidence.ts';
import { readEntries } from '../../src/store/history.ts';
import { migrate } from '../../src/store/migrate.ts';
import { letters } from '../../src/store/outbox.ts';
import { overused } from '../../src/store/plan-use.ts';
import { readSchedule } from '../../src/store/schedule.ts';
import { readStanding } from '../../src/store/standing.ts';
import { readWarnings } from '../../src/store/warnings.ts';
import { tickOnce } from '../../src/tick.ts';
import { freePorts } from '../servers/ports.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { measureGateway, policy, type Speed } from './intake-speed.ts';
import { quantile } from './quantile.ts';
import { seedDesk } from './seeded-desk.ts';

const samples = 200;
const listed = 50;
/** A quarter of a small server's memory, as the manual of PostgreSQL advises; both databases have it. */
export const serverSettings = { shared_buffers: '1GB', max_wal_size: '8GB' };

/** Both ways in, empty and grown, and milliseconds (median, p95) of what is asked of the grown one, round trips included. */
export interface Growth {
  cases: number;
  mails: number;
  seedSeconds: number;
  databaseMb: number;
  empty: { imap: Speed; lmtp: Speed };
  grown: { imap: Speed; lmtp: Speed };
  asked: Record<string, Asked>;
}

/** Milliseconds of one question. */
export interface Asked {
  median: number;
  p95: number;
}

/** Measures `mails` mails into an empty desk and into one with `cases` cases. */
export async function measureGrowth(cases: number, mails: number): Promise<Growth> {
  const postgres = await startPostgres({ settings: serverSettings });
  try {
    const { speed: empty } = await onDesk(postgres, 'empty', (desk, port) => intake(desk, postgres, port, mails));
    return await onDesk(postgres, 'grown', async (desk, port) => {
      const seedSeconds = await seed(desk, { cases, now: Temporal.Now.instant() });
      const asked = await askEverything(desk, cases);
      const { speed: grown } = await intake(desk, postgres, port, mails);
      const [size] = await desk.rows<{ mb: number }>('select pg_database_size(current_database()) / 1048576 as mb');
      return { cases, mails, seedSeconds, databaseMb: Number(size?.mb), empty, grown, asked };
    });
  } finally {
    await postgres.stop();
  }
}

async function onDesk<Result>(
  postgres: Postgres,
  name: string,
  work: (desk: Desk, lmtpPort: number) => Promise<Result>,
): Promise<Result> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase(name);
  const desk = await aDesk({ databaseUrl, policy, listen: `  lmtp: { port: ${lmtpPort} }` });
  try {
    return await work(desk, lmtpPort);
  } finally {
    await desk.stop();
  }
}

async function intake(desk: Desk, postgres: Postgres, lmtpPort: number, mails: number) {
  const { imap, lmtp } = await measureGateway({ desk, postgres, lmtpPort, mails, profile: null });
  return { speed: { imap, lmtp } };
}

/** Migrates the desk's database and fills it; seconds it took. */
export async function seed(
  { databaseUrl }: Desk,
  { cases, now, openEvery }: { cases: number; now: Temporal.Instant; openEvery?: number },
): Promise<number> {
  const began = performance.now();
  const database = await openDatabase(databaseUrl);
  await migrate(database.db);
  await database.close();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await seedDesk(client, cases, now, openEvery);
  } finally {
    await client.end();
  }
  return (performance.now() - began) / 1000;
}

async function askEverything({ config, databaseUrl }: Desk, cases: number): Promise<Record<string, Asked>> {
  const { db, close } = await openDatabase(databaseUrl);
  try {
    const desk = await openDesk(readConfig(config, {}) as Config, db, Temporal.Now.instant());
    const now = () => Temporal.Now.instant();
    const limits = [{ plan: 'customer-service', limit: 1000 }];
    const questions: Record<string, (db: Db, number: number) => Promise<unknown>> = {
      'threading: the letter a reply answers, its case locked': (at, number) =>
        at.transaction((trx) =>
          findThread(trx, { inReplyTo: [`letter${number}-2@desk.test`], references: [] }, [], [number]),
        ),
      'threading: a stranger’s references and a number': (at, number) =>
        at.transaction((trx) =>
          findThread(trx, { inReplyTo: [], references: [`mail${number}-1@company.test`, 'x@y.test'] }, [], [number]),
        ),
      'copies of a mail': (at, number) => at.transaction((trx) => findCopies(trx, contentOf(number))),
      'facts of a case': (at, number) => at.transaction((trx) => lockCase(trx, number, now())),
      'case page (case show)': showCase,
      'queue page (case list --open)': (at) => listCases(at, { open: true, limit: listed }),
      'queue page of one status (case list --status)': (at) => listCases(at, { status: 'new', limit: listed }),
      'cases without an owner': (at) => queuedCases(at, listed),
      'portal list (case list --requester)': (at, number) =>
        listCases(at, { requester: `writer${number % 200_000}@company${number % 50_000}.test`, limit: listed }),
      'a stranger’s list': (at, number) => listCases(at, { requester: `no${number}@where.test`, limit: listed }),
      'standing (/health, alarms)': (at) => readStanding(at, now()),
      'use of plans (once an hour)': (at) => overused(at, limits, now()),
      'tick with nothing due': (at) => tickOnce({ db: at, desk, sends: true }, now()),
    };
    const asked: Record<string, Asked> = {};
    for (const [name, question] of Object.entries(questions)) asked[name] = await timed(db, question, cases);
    return asked;
  } finally {
    await close();
  }
}

function contentOf(number: number): Parameters<typeof findCopies>[1] {
  const key = Buffer.alloc(32, String(number));
  const messageId = `mail${number}-1@company.test`;
  return { contentKey: key, believedKey: key, messageId, from: 'ann@new.test', bodyKey: key };
}

async function showCase(db: Db, number: number): Promise<void> {
  await readCase(db, number);
  await readParticipants(db, [number]);
  await readSchedule(db, number);
  await readWarnings(db, number);
  await readEntries(db, number);
  await letters(db, { caseNumber: number, limit: 500 });
}

/** Times a question about cases all over the archive, after a few that warm it up. */
export async function timed(
  db: Db,
  question: (db: Db, number: number) => Promise<unknown>,
  cases: number,
): Promise<Asked> {
  const taken: number[] = [];
  for (let at = 0; at < samples + 10; at += 1) {
    // A step that meets every case once, and no two neighbours one after the other.
    const number = 1 + ((at * 7_919_317) % cases);
    const began = performance.now();
    await question(db, number);
    if (at >= 10) taken.push(performance.now() - began);
  }
  return { median: quantile(taken, 0.5), p95: quantile(taken, 0.95) };
}
