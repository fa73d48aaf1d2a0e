// Which failures of the database are the world's (the mail waits, nothing is counted) and which are ours.
import { expect, it } from 'vitest';
import {
  type Db,
  type Transaction,
  databaseLimits,
  openDatabase,
  rows,
  storableJson,
  worldFailed,
} from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

it.each([
  ['a connection refused', coded('ECONNREFUSED'), true],
  ['a server that shuts down', coded('57P01'), true],
  ['a network without a way', coded('EHOSTUNREACH'), true],
  ['a transaction that was silent too long', coded('25P03'), true],
  ['a deadlock', coded('40P01'), true],
  ['a full disk', coded('53100'), true],
  ['a read-only database', coded('25006'), true],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), true],
  [
    'a rollback on a dead connection',
    new Error('ROLLBACK - Client has encountered a connection error and is not queryable'),
    true,
  ],
  ['a socket that is gone', Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }), true],
  ['a route that ends in a black hole', Object.assign(new Error('x'), { code: 'EINVAL', syscall: 'connect' }), true],
  ['a machine without a descriptor left', new Error('Cannot read package config x: too many open files.'), true],
  ['a broken constraint', coded('23502'), false],
  ['a text it can not store', coded('22P05'), false],
  ['a bug of ours', new TypeError('x is not a function'), false],
])('%s is the world’s: %s', (_, error, expected) => expect(worldFailed(error)).toBe(expected));

it('JSON for the database has neither U+0000 nor half a character', () =>
  expect(storableJson({ name: `a\0${String.fromCharCode(0xd800)}b`, list: ['\0'] })).toBe(
    '{"name":"a\ufffd\ufffdb","list":["\ufffd"]}',
  ));

it.skipIf(whyMissing('postgres'))('every wait for a server has an end, there and here', async () => {
  const own = await sharedDatabase('limits');
  const { db, close } = await openDatabase(own.url);
  try {
    const limits = ['statement_timeout', 'idle_in_transaction_session_timeout'].map((name) =>
      rows<{ value: string }>(db, 'select current_setting(:name) as value', { name }),
    );
    expect((await Promise.all(limits)).flat()).toEqual([
      { value: `${databaseLimits.statementSeconds}s` },
      { value: `${databaseLimits.silentSeconds}s` },
    ]);
    const client = await db.client.acquireConnection();
    db.client.releaseConnection(client);
    expect(client.connectionParameters.query_timeout).toBe(databaseLimits.answerSeconds * 1000);
  } finally {
    await close();
    await own.drop();
  }
});

it.skipIf(whyMissing('postgres'))('an operator may set another end in the URL, or none', async () => {
  const own = await sharedDatabase('limits_url');
  const target = new URL(own.url);
  // Far enough away that a limit of a millisecond shows, whoever asks.
  const proxy = await startTcpProxy(Number(target.port), { delayMs: 30 });
  const withTimeout = (value: string) => {
    const url = new URL(target);
    url.port = String(proxy.port);
    url.searchParams.set('query_timeout', value);
    return openDatabase(url.href);
  };
  const none = await withTimeout('0');
  // Long enough for a busy machine to make a connection in.
  const { db, close } = await withTimeout('2000');
  const sleep = (on: Db | Transaction) => rows(on, 'select pg_sleep(:seconds)', { seconds: 20 });
  try {
    expect(await rows(none.db, 'select 1 as one, pg_sleep(:seconds)', { seconds: 0.3 })).toMatchObject([{ one: 1 }]);
    await Promise.all([
      expect(sleep(db)).rejects.toThrow('Query read timeout'),
      expect(db.transaction(sleep)).rejects.toThrow('Query read timeout'),
    ]);
  } finally {
    await none.close();
    await close();
    await proxy.stop();
    await own.drop();
  }
});
