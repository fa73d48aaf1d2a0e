// A whole desk on a PostgreSQL of its own behind a proxy, the real gateway on it, a trickle of mails through it, and the oracle: what was
// appended, what has a row and a case, what the SMTP peer got (TRUST P1-P6). An outage test only adds its fault.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SmtpLetter } from '../servers/smtp-peer.ts';
import { type Postgres, type PostgresOptions, startPostgres } from '../servers/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';

const trickleMilliseconds = 150;
/** TRUST P13, and what the slowest wait of a door adds on a machine that is busy with other tests. */
const settleSeconds = 90;
const warning = 40;

/** Everything of one outage. */
export interface World {
  postgres: Postgres;
  proxy: TcpProxy;
  desk: Desk;
  gateway: Program;
  /** Tokens of the mails that were appended to the support mailbox. */
  tokens: string[];
  /** Appends `count` mails at once. */
  mails(count: number): Promise<void>;
  /** Appends a mail every 150 ms while `fault` goes on. */
  trickle<Result>(fault: () => Promise<Result>): Promise<Result>;
  /** How many mails the gateway has said to have decided. */
  decided(): number;
  /** Points the gateway, and the oracle, to another server. */
  goOnAt(server: Postgres): void;
  /** The letters that the sender of a token's mail got. */
  acknowledgments(token: string): SmtpLetter[];
  /** Waits until every mail is decided and flagged (and moved), and every letter has left. */
  settled(): Promise<void>;
  /** Every mail is one row and one case, in the processed folder, and its customer has one acknowledgment; copies are the same bytes. */
  oracle(options?: { copiesMax?: number }): Promise<void>;
  /** What the log complained of since the last call. */
  complaints(): string[];
  stop(): Promise<void>;
}

/** Sets it up and starts the gateway. Without a processed folder mails stay in the inbox, flagged; `url` is added to the database's address. */
export async function outageWorld(
  options: PostgresOptions = {},
  { processedFolder = true, url: added = {} }: { processedFolder?: boolean; url?: Record<string, string> } = {},
): Promise<World> {
  const postgres = await startPostgres(options);
  const url = new URL(await postgres.createDatabase('casepost'));
  const proxy = await startTcpProxy(postgres.port);
  url.port = String(proxy.port);
  for (const [name, value] of Object.entries(added)) url.searchParams.set(name, value);
  const desk = await aDesk({ databaseUrl: url.href });
  // The oracle asks the server itself, whatever happens to the wire.
  desk.databaseUrl = postgres.url('casepost');
  if (!processedFolder) {
    const text = await readFile(desk.config, 'utf8');
    await writeFile(desk.config, text.replaceAll('processedFolder: Processed, ', ''));
  }
  const gateway = await startCasepost(['start', '-c', desk.config]);
  const tokens: string[] = [];
  let said = 0;

  async function mails(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, () => {
        const token = `token${tokens.length}`;
        tokens.push(token);
        const words = {
          from: addressOf(token),
          subject: `Restore of ${token}`,
          text: `The restore of ${token} fails.`,
        };
        return desk.dovecot.append(firstMail(words));
      }),
    );
  }
  const acknowledgments = (token: string) => desk.lettersTo(addressOf(token));
  return {
    postgres,
    proxy,
    desk,
    gateway,
    acknowledgments,
    tokens,
    mails,
    async trickle(fault) {
      const trickle = new AbortController();
      const trickling = (async () => {
        while (!trickle.signal.aborted) {
          await mails(1);
          await pause(trickleMilliseconds);
        }
      })();
      try {
        return await fault();
      } finally {
        trickle.abort();
        await trickling;
      }
    },
    decided: () => gateway.log.filter(({ msg }) => /^mail \d+: opened/.test(msg)).length,
    goOnAt(server) {
      desk.databaseUrl = server.url('casepost');
      proxy.repoint(server.port);
      proxy.cutAll();
    },
    settled: () =>
      until(
        'every mail is decided and flagged, every letter has left',
        () => settled(desk, tokens.length),
        settleSeconds,
      ).then(() => {}),
    async oracle({ copiesMax = 1 } = {}) {
      const stored = await desk.rows<{ raw: Buffer; disposition: string; case_number: string }>(
        'select raw, disposition, case_number from inbound',
      );
      expect(stored.map(({ raw }) => tokenIn(raw)).sort()).toEqual([...tokens].sort());
      expect([...new Set(stored.map(({ disposition }) => disposition))]).toEqual(['opened']);
      expect(new Set(stored.map(({ case_number }) => case_number)).size).toBe(tokens.length);
      for (const token of tokens) {
        const copies = acknowledgments(token);
        expect(copies.length, token).toBeGreaterThanOrEqual(1);
        expect(copies.length, token).toBeLessThanOrEqual(copiesMax);
        expect(new Set(copies.map(({ raw }) => createHash('sha256').update(raw).digest('hex'))).size, token).toBe(1);
      }
      expect(await desk.counted('Processed')).toEqual({ messages: tokens.length, unseen: 0 });
      expect(gateway.running()).toBe(true);
      expect(gateway.log.filter(({ msg }) => /unhandled|uncaught/i.test(msg))).toEqual([]);
    },
    complaints() {
      const fresh = gateway.log.slice(said);
      said = gateway.log.length;
      return fresh.filter(({ level }) => level >= warning).map(({ msg }) => msg);
    },
    async stop() {
      await gateway.kill9();
      await proxy.stop();
      await desk.stop();
      await postgres.stop();
    },
  };
}

/** Each sender has a domain of its own: the caps per domain are another story's. */
function addressOf(token: string): string {
  return `someone@${token}.test`;
}

function tokenIn(raw: Buffer): string {
  return /someone@(token\w+)\.test/.exec(raw.toString('latin1'))?.[1] ?? '';
}

async function settled(desk: Desk, mails: number): Promise<boolean> {
  await orphansRunOut(desk);
  const [left] = await desk
    .rows<{ stored: string; undecided: string; waiting: string }>(
      `select (select count(*) from inbound) as stored, (select count(*) from inbound where disposition is null) as undecided,
       (select count(*) from outbox where state = 'waiting') as waiting`,
    )
    .catch(() => []);
  if (Number(left?.stored) !== mails || left?.undecided !== '0' || left.waiting !== '0') return false;
  return (await desk.counted('INBOX')).unseen === 0;
}

/**
 * A claim whose answer was lost is held by nobody and runs out after 50 s; here after 10, so that the tests need not wait for it. What is
 * really in hand takes milliseconds.
 */
async function orphansRunOut(desk: Desk): Promise<void> {
  const since = `clock_timestamp() + interval '40 seconds'`;
  await desk
    .rows(`update outbox set lease_until = clock_timestamp() where state = 'waiting' and lease_until < ${since}`)
    .catch(() => {});
  await desk
    .rows(`update inbound set marker_until = clock_timestamp() where marked_at is null and marker_until < ${since}`)
    .catch(() => {});
}
