// The fault proxy breaks connections exactly as told, and passes everything on when told nothing.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fault, startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

let echo: Server;
const open = new Set<Socket>();
let heard = '';
let proxy: TcpProxy;
beforeAll(async () => {
  echo = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      socket.write(chunk);
    });
  });
  await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
});
afterAll(() => void echo.close());
afterEach(() => proxy.stop());

type Outcome = { back: string; end: string; ms: number };

/** Sends `text` through the proxy and reports what came back and how it ended: `whole`, `reset`, `closed` or `silence` after 150 ms. */
async function through(fault: Fault, text: string): Promise<Outcome> {
  heard = '';
  proxy = await startTcpProxy((echo.address() as AddressInfo).port, fault);
  const started = performance.now();
  return new Promise((done) => {
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write(text));
    let back = '';
    const finish = (end: string) => {
      done({ back, end, ms: performance.now() - started });
      socket.destroy();
    };
    socket.setTimeout(150, () => finish('silence'));
    socket.on('data', (chunk: Buffer) => {
      back += chunk.toString();
      if (back.length === text.length) finish('whole');
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNRESET' ? 'reset' : `${error.code}`),
    );
    socket.on('close', () => finish('closed'));
  });
}

async function check(
  fault: Fault,
  text: string,
  expected: { back: string; end: string; heard: string },
): Promise<void> {
  const { back, end } = await through(fault, text);
  await proxy.stop();
  // What the server has heard is only final once its side of every connection has closed.
  await vi.waitFor(() => expect(open.size).toBe(0));
  expect({ back, end, heard }).toEqual(expected);
}

describe('what reaches either side', () => {
  const long = 'abcdefghij'.repeat(20_000);
  it('passes everything on without a fault', () => check({}, long, { back: long, end: 'whole', heard: long }));
  it('resets after k bytes to the server', () =>
    check({ cut: { direction: 'up', bytes: 3 } }, 'abcdef', { back: '', end: 'reset', heard: 'abc' }));
  it('resets before the first byte', () =>
    check({ cut: { direction: 'up', bytes: 0 } }, 'abcdef', { back: '', end: 'reset', heard: '' }));
  it('swallows the reply to a text that reached the server', () =>
    check({ cutAfter: { direction: 'up', text: 'COMMIT' } }, 'then COMMIT;', {
      back: '',
      end: 'reset',
      heard: 'then COMMIT;',
    }));
  it('lets bytes to the server vanish while the connection stands', () =>
    check({ blackhole: ['up'] }, 'hello', { back: '', end: 'silence', heard: '' }));
  it('lets only the replies vanish', () =>
    check({ blackhole: ['down'] }, 'hello', { back: '', end: 'silence', heard: 'hello' }));
  it('refuses new connections', () => check({ refuse: true }, 'hello', { back: '', end: 'reset', heard: '' }));
  it('keeps order and content byte by byte', () =>
    check({ pieceBytes: 1 }, 'one byte at a time', {
      back: 'one byte at a time',
      end: 'whole',
      heard: 'one byte at a time',
    }));
});

describe('time and change', () => {
  it('delays both ways', async () => {
    const { end, ms } = await through({ delayMs: 50 }, 'slow');
    expect(end).toBe('whole');
    expect(ms).toBeGreaterThan(95);
  });
  it('changes its mind on an open connection and cuts it on demand', async () => {
    proxy = await startTcpProxy((echo.address() as AddressInfo).port);
    const socket = connect(proxy.port, '127.0.0.1');
    const ended = new Promise<string>((tell) =>
      socket.on('error', (error: NodeJS.ErrnoException) => tell(error.code!)),
    );
    const next = () => new Promise<string>((tell) => socket.once('data', (chunk) => tell(chunk.toString())));
    socket.write('first');
    expect(await next()).toBe('first');
    proxy.cutAll();
    expect(await ended).toBe('ECONNRESET');
    expect(proxy.connections()).toBe(1);
  });
  it('forgets the connections that stand, and passes new ones', async () => {
    proxy = await startTcpProxy((echo.address() as AddressInfo).port);
    const old = connect(proxy.port, '127.0.0.1');
    old.on('error', () => {});
    const heard: string[] = [];
    const closed = new Promise((done) => old.once('close', done));
    const first = new Promise((done) => old.once('data', done));
    old.on('data', (chunk) => heard.push(chunk.toString()));
    old.write('a');
    await first;
    const reset = proxy.strandAll();
    old.write('b');
    const fresh = connect(proxy.port, '127.0.0.1');
    const answer = new Promise<string>((tell) => fresh.once('data', (chunk) => tell(chunk.toString())));
    fresh.write('c');
    expect(await answer).toBe('c');
    fresh.destroy();
    expect(heard).toEqual(['a']);
    reset();
    await closed;
  });
});
