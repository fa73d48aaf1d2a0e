// One gateway and then two on one PostgreSQL, with two mailboxes to read: how much more two do, how they share mails and letters, whether anything is
// doubled, and what a mail costs where a large desk pays for it: processor time of the first thread, WAL, disk, connections.
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { senderOf } from './generated-mails.ts';
import { serverSettings } from './growth-speed.ts';
import { laidBeside, lettersAfter, policy } from './intake-speed.ts';
import { firstThreadSeconds, processorSeconds } from './processor-time.ts';
import { newMail } from './support-mails.ts';

/** What `gateways` gateways did together; `busy` are shares of one core, `mails` and `letters` what each of them did. */
export interface Together {
  mailsPerSecond: number;
  mails: number[];
  letters: number[];
  busy: { firstThreads: number[]; gateways: number; database: number };
  cpuMs: number;
  connections: number;
  doubled: number;
}

/** One gateway, two, and what a mail leaves behind, in bytes. */
export interface ScaleSpeed {
  mails: number;
  one: Together;
  two: Together;
  walBytesPerMail: number;
  diskBytesPerMail: number;
  bytesPerMail: number;
}

/** Measures `mails` mails, half of them in each of two mailboxes. */
export async function measureScale(mails: number): Promise<ScaleSpeed> {
  const postgres = await startPostgres({ settings: serverSettings });
  try {
    const one = await together(postgres, 1, mails);
    const two = await together(postgres, 2, mails);
    const bytes = Array.from({ length: mails }, (_, at) => newMail(at + 1).length).reduce((sum, each) => sum + each, 0);
    const { walBytesPerMail, diskBytesPerMail } = one;
    return { mails, one: one.did, two: two.did, walBytesPerMail, diskBytesPerMail, bytesPerMail: bytes / mails };
  } finally {
    await postgres.stop();
  }
}

async function together(postgres: Postgres, count: number, mails: number) {
  const desk = await aDesk({ databaseUrl: await postgres.createDatabase(`scale${count}`), policy });
  const gateways: Program[] = [];
  try {
    for (let started = 0; started < count; started += 1)
      gateways.push(await startCasepost(['start', '-c', desk.config]));
    const pids = gateways.map(({ pid }) => pid);
    const appear = await laid(desk, mails);
    const used = () => ({
      threads: pids.map(firstThreadSeconds),
      gateways: processorSeconds(pids),
      database: processorSeconds([postgres.pid()]),
    });
    const [before, stored] = [used(), await storage(desk)];
    const seconds = await lettersAfter(desk, appear, mails);
    const [after, kept] = [used(), await storage(desk)];
    const connections = Number((await desk.rows<{ count: string }>(connectionsOf))[0]?.count);
    await until('everything is sent and marked', () => settled(desk), 120);
    const did: Together = {
      mailsPerSecond: mails / seconds,
      mails: gateways.map(({ log }) => log.filter(({ msg }) => /^mail \d+: opened/.test(msg)).length),
      letters: await Promise.all(pids.map((pid) => lettersOf(desk, pid))),
      busy: {
        firstThreads: after.threads.map((spent, at) => (spent - (before.threads[at] ?? 0)) / seconds),
        gateways: (after.gateways - before.gateways) / seconds,
        database: (after.database - before.database) / seconds,
      },
      cpuMs: ((after.gateways - before.gateways + after.database - before.database) * 1000) / mails,
      connections,
      doubled: await doubled(desk, mails),
    };
    return {
      did,
      walBytesPerMail: (kept.wal - stored.wal) / mails,
      diskBytesPerMail: (kept.disk - stored.disk) / mails,
    };
  } finally {
    for (const gateway of gateways) await gateway.stop();
    await desk.stop();
  }
}

const connectionsOf = `select count(*) from pg_stat_activity where datname = current_database() and application_name = 'casepost'`;

/** Half of the mails beside each folder; the function it gives makes all of them appear. */
async function laid(desk: Desk, mails: number): Promise<() => Promise<void>> {
  const corpus = Array.from({ length: mails }, (_, at) => ({
    from: senderOf(at + 1),
    to: 'support@desk.test',
    raw: newMail(at + 1),
  }));
  // Dovecot makes a folder when it is first asked for, before we lay anything into it.
  for (const user of ['support', 'mobility']) await desk.counted('INBOX', user);
  const half = Math.floor(mails / 2);
  const appear = [
    await laidBeside(desk, corpus.slice(0, half)),
    await laidBeside(desk, corpus.slice(half), 'mobility'),
  ];
  return async () => void (await Promise.all(appear.map((each) => each())));
}

async function storage(desk: Desk): Promise<{ wal: number; disk: number }> {
  const [found] = await desk.rows<{ wal: string; disk: string }>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, pg_database_size(current_database()) as disk`,
  );
  return { wal: Number(found?.wal), disk: Number(found?.disk) };
}

async function settled(desk: Desk): Promise<boolean> {
  const [left] = await desk.rows<{ left: string }>(
    `select (select count(*) from inbound where disposition is null or marked_at is null) + (select count(*) from outbox where state = 'waiting') as left`,
  );
  return Number(left?.left) === 0;
}

async function lettersOf(desk: Desk, pid: number): Promise<number> {
  const [sent] = await desk.rows<{ count: string }>(
    `select count(*) from outbox where state = 'sent' and claim like '%:' || $1 || ':%'`,
    [String(pid)],
  );
  return Number(sent?.count);
}

/** Cases and letters to writers beyond one a mail. */
async function doubled(desk: Desk, mails: number): Promise<number> {
  const [opened] = await desk.rows<{ count: string }>('select count(*) from cases');
  const letters = desk.peer.letters.filter(({ recipients }) => recipients[0]?.startsWith('person')).length;
  return Number(opened?.count) - mails + letters - mails;
}
