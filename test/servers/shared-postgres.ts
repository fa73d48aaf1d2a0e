// One PostgreSQL for a whole test run, started when the first test file asks for it: unit tests alone never pay for it. The run's main
// process holds it behind a loopback port; every test file makes a database of its own in it, so files never see each other's rows.
import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Postgres, startPostgres } from './postgres.ts';
import { Client } from 'pg';

const brokerVariable = 'CASEPOST_TEST_POSTGRES_BROKER';

/** A database of one test file; `drop` disconnects everyone from it and removes it. */
export type TestDatabase = { url: string; drop(): Promise<void> };

/**
 * An empty database on the run's shared cluster, durable as shipped (fsync on). Without our vitest configuration a cluster is started for
 * this call alone, and `drop` stops it. Tests that restart or kill the server take startPostgres instead.
 */
export async function sharedDatabase(word = 'test'): Promise<TestDatabase> {
  const name = `${word}_${randomBytes(6).toString('hex')}`;
  const broker = Number(process.env[brokerVariable]);
  if (!broker) {
    const own = await startPostgres();
    return { url: await own.createDatabase(name), drop: () => own.stop() };
  }
  const administration = await askBroker(broker);
  await administer(administration, `create database "${name}"`);
  return {
    url: administration.replace(/\/postgres$/, `/${name}`),
    drop: () => administer(administration, `drop database if exists "${name}" with (force)`),
  };
}

/** Vitest's globalSetup: stands ready to start the shared cluster; the function it returns stops it when it was started. */
export default async function shareDuringRun(): Promise<() => Promise<void>> {
  // A run within a run (test/mutation) uses the cluster of the outer one.
  if (process.env[brokerVariable]) return async () => {};
  let starting: Promise<Postgres> | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    starting ??= startPostgres();
    starting.then(
      (postgres) => socket.end(postgres.url()),
      (error: unknown) => socket.end(`error: ${error instanceof Error ? error.message : String(error)}`),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  process.env[brokerVariable] = String((server.address() as AddressInfo).port);
  return async () => {
    server.close();
    await (await starting?.catch(() => undefined))?.stop();
  };
}

async function askBroker(port: number): Promise<string> {
  const answer = await new Promise<string>((told, failed) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', failed);
    socket.on('close', () => told(text));
  });
  if (!answer.startsWith('postgres://')) throw new Error(`the shared PostgreSQL did not start: ${answer}`);
  return answer;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
