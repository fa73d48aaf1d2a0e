// The world in which the gateway is killed at one point after the other: one desk on real servers for all points of a file, a gateway that is
// started armed, and the clock of the database, which moves on by some hours between two kills so that caps and waits are no matter.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { Client } from 'pg';
import { type DnsServer, startDns } from '../servers/dns.ts';
import { freePorts } from '../servers/ports.ts';
import { aDesk, type Desk, subjectOf } from '../story/desk.ts';
import { type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';

const preload = new URL('preload.ts', import.meta.url).href;
const retryMilliseconds = 40;
const hoursBetween = 2;

/** A mail that was handed in: each has a token of its own in its text, and came by one door. */
export interface Sent {
  token: string;
  door: 'imap' | 'lmtp';
}

/** The desk and its surroundings. */
export interface World {
  desk: Desk;
  /** Everything handed in so far. */
  sent: Sent[];
  /** The SMTP peer: while `down` it greets with 421, and counts how often. `early` are letters that named a case nobody could see yet. */
  peer: { down: boolean; greeted: number; early: string[] };
  /** How often the gateway or Dovecot was killed. */
  kills: number;
  /** Tokens and numbers of cases that were answered and wait for their customers. */
  pool: { caseNumber: number; customer: string }[];
  /** A token that nobody else has. */
  token(): string;
  /** Puts a mail into the INBOX. */
  byImap(token: string, raw: string): Promise<void>;
  /** Hands a mail over as an MTA does, again and again until a 250 was read, `times` times; it is on its way when this returns. */
  byLmtp(token: string, raw: string, times?: number): void;
  /** Mails by LMTP whose 250 was not read yet. */
  underway(): number;
  /** Starts the gateway, which notes in the file `trace` what it passes; with `at` it is killed in the step of that point. */
  start(options: { at?: number; trace: string; exact?: boolean }): Promise<Program>;
  /** Refuses connections to the desk's database and ends those there are, or takes connections again. */
  databaseAway(away: boolean): Promise<void>;
  /** What waiting does after a kill: leases end, waits are over, and every instant in the database is some hours older. */
  hoursPass(): Promise<void>;
  /** Some days pass for the calendar of one case. */
  daysPass(caseNumber: number, days: number): Promise<void>;
  /** Whether nothing is left to do that could be done now. */
  settled(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Sets the world up; `sources` is what `armSources` wrote. */
export async function aWorld(sources: string): Promise<World> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const dns: DnsServer = await startDns({});
  const desk = await aDesk({
    listen: `  lmtp: { port: ${lmtpPort}, verify: true, resolver: "${dns.address}" }`,
    reversePath: 'verp',
  });
  await configure(desk.config);
  const sent: Sent[] = [];
  const peer = { down: false, greeted: 0, early: [] };
  scriptPeer(desk, peer);
  const database = new URL(desk.databaseUrl).pathname.slice(1);
  let underway = 0;
  let stopped = false;
  return {
    desk,
    sent,
    peer,
    kills: 0,
    pool: [],
    token: () => `token${sent.length}x${randomUUID().slice(0, 8)}`,
    async byImap(token, raw) {
      sent.push({ token, door: 'imap' });
      await desk.dovecot.append(raw);
    },
    byLmtp(token, raw, times = 1) {
      sent.push({ token, door: 'lmtp' });
      underway += 1;
      void (async () => {
        for (let time = 0; time < times; time += 1) await overLmtp(lmtpPort, raw, () => stopped);
        underway -= 1;
      })();
    },
    underway: () => underway,
    start: ({ at, trace, exact = false }) =>
      startCasepost(['start', '-c', desk.config], {
        ready: null,
        env: {
          NODE_OPTIONS: `--import=${preload}`,
          CRASH_SOURCES: sources,
          CRASH_TRACE: trace,
          ...(at === undefined ? {} : { CRASH_AT: String(at) }),
          ...(exact ? { CRASH_EXACT: 'yes' } : {}),
        },
      }),
    databaseAway: (away) =>
      administer(desk.databaseUrl, [
        `alter database "${database}" allow_connections ${!away}`,
        ...(away ? [`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`] : []),
      ]),
    async hoursPass() {
      const ago = `- interval '${hoursBetween} hours'`;
      const [made] = await desk.rows<{ is: boolean }>(`select to_regclass('due') is not null as is`);
      if (!made?.is) return;
      await desk.rows(`
        update inbound set received_at = received_at ${ago}, stored_at = stored_at ${ago}, decided_at = decided_at ${ago},
          next_at = next_at ${ago}, marker_until = clock_timestamp();
        update outbox set created_at = created_at ${ago}, sent_at = sent_at ${ago}, next_at = next_at ${ago},
          lease_until = case when lease_until is null then null else clock_timestamp() end;
        update due set created_at = created_at ${ago}, due_at = due_at ${ago}, settled_at = settled_at ${ago};
        update entries set at = at ${ago}`);
    },
    async daysPass(caseNumber, days) {
      const ago = `- interval '${days} days'`;
      await desk.rows(`
        update outbox set created_at = created_at ${ago}, sent_at = sent_at ${ago} where case_number = ${caseNumber} and state = 'sent';
        update due set created_at = created_at ${ago}, due_at = due_at ${ago} where case_number = ${caseNumber} and state = 'waiting'`);
    },
    async settled() {
      if (underway > 0) return false;
      const [left] = await desk.rows<{ left: number }>(
        `select ((select count(*) from inbound where disposition is null or (source like 'imap:%' and marked_at is null))
          + (select count(*) from outbox where state = 'waiting' and next_at <= clock_timestamp())
          + (select count(*) from due where state = 'waiting' and due_at <= clock_timestamp())
          + (select count(*) from warnings where settled_at is null and due_at <= clock_timestamp())
          + (select ${sent.length} - count(*) from inbound))::int as left`,
      );
      return left?.left === 0;
    },
    async stop() {
      stopped = true;
      await desk.stop();
      await dns.stop();
    },
  };
}

/** Where decided mails are moved: the gateway makes it. */
export const processedFolder = 'Done';

/** Whose Authentication-Results the desk believes. */
export const trustedServer = 'mx.desk.test';

/** What stories leave out, so that more of the ways are taken: a start date, a folder that is not there yet, a pace. */
async function configure(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = text
    .replaceAll('processedFolder: Processed', `processedFolder: ${processedFolder}, since: 2020-01-01`)
    .replace(/^(smtp: \{.*) \}$/m, '$1, ratePerSecond: 1000 }');
  await writeFile(file, `${changed}trustedAuthserv: ${trustedServer}\n`);
}

/** `refused-…` is nobody there, `later-…` is told 451 once; all others take their letters. */
function scriptPeer(desk: Desk, peer: World['peer']): void {
  const delayed = new Set<string>();
  desk.peer.behave(async ({ verb, argument, raw }) => {
    if (verb === 'DOT' && raw) {
      const subject = subjectOf(raw);
      const named = Number(/\[Case (\d+)\]/.exec(subject)?.[1]);
      // While the database refuses everybody nobody can look, and nothing can be committed either.
      const visible = await desk.rows('select 1 from cases where number = $1', [named]).catch(() => null);
      if (visible?.length === 0) peer.early.push(subject);
    }
    if (verb === 'CONNECT' && peer.down) {
      peer.greeted += 1;
      return '421 4.3.2 come back later';
    }
    if (verb !== 'RCPT') return undefined;
    if (argument.includes('<refused-')) return '550 5.1.1 nobody of that name';
    if (!argument.includes('<later-') || delayed.has(argument)) return undefined;
    delayed.add(argument);
    return '451 4.3.0 not now';
  });
}

async function administer(url: string, statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function overLmtp(port: number, raw: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const transport = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true });
    try {
      const handed = await transport.sendMail({ envelope: { from: 'mta@mta.test', to: ['support@desk.test'] }, raw });
      if (handed.accepted.length === 1) return;
    } catch {
      // Nobody listens, or the gateway died in the middle: an MTA keeps the mail.
    } finally {
      transport.close();
    }
    await pause(retryMilliseconds);
  }
}

/** Waits until a program has ended by itself; false after `seconds`. */
export async function ends(program: Program, seconds: number): Promise<boolean> {
  return until('the program has ended', () => !program.running(), seconds).catch(() => false);
}
