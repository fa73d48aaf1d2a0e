// Which failures of the database are the world's (the mail waits, nothing is counted) and which are ours.
import { expect, it } from 'vitest';
import { storableJson, worldFailed } from '../../src/store/db.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

it.each([
  ['a connection refused', coded('ECONNREFUSED'), true],
  ['a server that shuts down', coded('57P01'), true],
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
  ['a broken constraint', coded('23502'), false],
  ['a text it can not store', coded('22P05'), false],
  ['a bug of ours', new TypeError('x is not a function'), false],
])('%s is the world’s: %s', (_, error, expected) => expect(worldFailed(error)).toBe(expected));

it('JSON for the database has neither U+0000 nor half a character', () =>
  expect(storableJson({ name: `a\0${String.fromCharCode(0xd800)}b`, list: ['\0'] })).toBe(
    '{"name":"a\ufffd\ufffdb","list":["\ufffd"]}',
  ));
