// Everything a chaos run stands on: PostgreSQL with fsync, Dovecot, the recording SMTP peer, a proxy in front of each, and the gateways. The
// oracle has roads of its own around the proxies. All gateways share one proxy to IMAP: its port is part of the name of the mailbox.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { freePorts } from '../servers/ports.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../servers/small-disk.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { type Chance, chance } from './chance.ts';
import { type Gateway, keepGateway } from './gateways.ts';
import { type Journal, openJournal } from './journal.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { type Peer, startPeer } from './peer.ts';
import type { Plan } from './plan.ts';

/** Connections the database server takes; low, so that they can be used up (F8). */
export const databaseConnections = 60;
/** Memory that the disk may take; it takes what the database has. */
export const diskMegabytes = 12_000;
const querySeconds = 60;
const databaseName = 'chaos';
const engineersPerLine = 12;
/** Lifted for the load, and said in the head of the table: everything else is as shipped. */
export const lifted = { breakerLettersAnHour: 1_000_000, noticesPerEngineerAnHour: 10_000 };

/** A running world. */
export interface World {
  plan: Plan;
  folder: string;
  journal: Journal;
  postgres: Postgres;
  dovecot: Dovecot;
  peer: Peer;
  gateways: Gateway[];
  /** `database` and `smtp` have one proxy a gateway, in their order. */
  wires: { database: TcpProxy[]; smtp: TcpProxy[]; imap: TcpProxy };
  dice: Chance;
  engineers: string[];
  /** Where the database is now, around the proxies; a failover changes it. */
  databaseUrl(): string;
  /** The disk the database lies on, when it can be made full (F7): only root can mount one. */
  disk: SmallDisk | null;
  /** Rows by the oracle's own connection, which comes back by itself; rejects while the server is away. */
  rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  ledger: Ledger;
  stop(): Promise<void>;
}

/** Starts the servers and the gateways of a plan. The folder with the journal is kept, everything else goes with `stop`. */
export async function startWorld(plan: Plan): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'casepost-chaos-'));
  // In a container even root may not mount; then F7 is written down as not made.
  const disk = whyNoSmallDisk() ? null : await smallDisk(diskMegabytes).catch(() => null);
  const settings = { max_connections: String(databaseConnections), deadlock_timeout: '200ms' };
  const [postgres, dovecot] = await Promise.all([
    startPostgres({ settings, ...(disk ? { dataOn: disk.folder } : {}) }),
    startDovecot({ users: { support: 'secret', mobility: 'secret' } }),
  ]);
  const firstUrl = await postgres.createDatabase(databaseName);
  const databaseUrl = () => world.postgres.url(databaseName);
  const journal = openJournal(join(folder, 'journal.jsonl'));
  const peer = await startPeer(journal);
  const numbers = Array.from({ length: plan.gateways }, (_, index) => index);
  const wires = {
    database: await Promise.all(numbers.map(() => startTcpProxy(postgres.port))),
    smtp: await Promise.all(numbers.map(() => startTcpProxy(peer.port))),
    imap: await startTcpProxy(dovecot.ports.imap),
  };
  const engineers = ['corporate', 'mobility'].flatMap((line) =>
    Array.from({ length: engineersPerLine }, (_, index) => ({ line, address: `${line}${index}@engineers.test` })),
  );
  await writeFile(join(folder, 'policy.yaml'), policyText(engineers));
  const lmtpPorts = await freePorts(plan.gateways);
  const gateways: Gateway[] = [];
  for (const index of numbers) {
    const place = join(folder, `gateway-${index}`);
    await mkdir(place);
    const config = join(place, 'casepost.yaml');
    const database = new URL(firstUrl);
    database.port = String(wires.database[index]!.port);
    const ports = { imap: wires.imap.port, smtp: wires.smtp[index]!.port, lmtp: lmtpPorts[index]! };
    await writeFile(config, configText(database.href, ports));
    gateways.push(keepGateway(index, { folder: place, config, lmtpPort: ports.lmtp }, journal));
  }
  let connection: Promise<Client> | null = null;
  async function connected(): Promise<Client> {
    const client = new Client({
      connectionString: databaseUrl(),
      connectionTimeoutMillis: 3000,
      query_timeout: querySeconds * 1000,
    });
    client.on('error', () => (connection = null));
    await client.connect();
    // The oracle sees and mends what is read-only to others.
    await client.query('set default_transaction_read_only = off');
    return client;
  }
  let turn: Promise<unknown> = Promise.resolve();
  function rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const answer = turn.then(() => asked<Row>(sql, values));
    turn = answer.catch(() => {});
    return answer;
  }
  async function asked<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    const own = (connection ??= connected());
    try {
      return (await (await own).query(sql, values)).rows as Row[];
    } catch (error) {
      if (connection === own) connection = null;
      void own.then((client) => client.end()).catch(() => {});
      throw error;
    }
  }
  const world: World = {
    plan,
    folder,
    journal,
    postgres,
    disk,
    dovecot,
    peer,
    gateways,
    wires,
    dice: chance(plan.seed ^ 0x5eed),
    engineers: engineers.map(({ address }) => address),
    databaseUrl,
    rows,
    ledger: openLedger({ rows }),
    async stop() {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await Promise.all([...wires.database, ...wires.smtp, wires.imap].map((wire) => wire.stop()));
      await connection?.then((client) => client.end()).catch(() => {});
      await Promise.all([dovecot.stop(), peer.stop(), world.postgres.stop()]);
      await disk?.remove();
      for (const index of numbers) await rm(join(folder, `gateway-${index}`), { recursive: true, force: true });
    },
  };
  return world;
}

function policyText(engineers: { line: string; address: string }[]): string {
  const lines = engineers.map(
    ({ line, address }, at) => `  - { name: Engineer ${at}, address: ${address}, lines: [${line}] }`,
  );
  const caps = Object.entries(lifted).map(([name, value]) => `${name}: ${value}`);
  return `engineers:\n${lines.join('\n')}\nloops: { ${caps.join(', ')} }\n`;
}

function configText(database: string, ports: { imap: number; smtp: number; lmtp: number }): string {
  const mailbox = (name: string, line: string) =>
    `  - { id: ${name}, address: ${name}@desk.test, name: Example ${name}, line: ${line}, addressExtension: +, ` +
    `imap: { host: 127.0.0.1, port: ${ports.imap}, security: none, user: ${name}, password: secret, processedFolder: Processed, pollSeconds: 5 } }`;
  return `company: Example Ltd
database: ${database}
policy: ../policy.yaml
mailboxes:
${mailbox('support', 'corporate')}
${mailbox('mobility', 'mobility')}
listen:
  lmtp: { host: 127.0.0.1, port: ${ports.lmtp} }
smtp: { host: 127.0.0.1, port: ${ports.smtp}, security: none }
`;
}
