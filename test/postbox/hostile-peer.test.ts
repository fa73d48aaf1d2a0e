// A mail server that floods, drips or hangs up costs a letter's turn and nothing else: every reply has a largest size, and no memory or time goes
// without end (TRUST F36). The flood is a bare socket's: our recording peer is too well-behaved for it.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { type SmtpPeer, type SmtpVerb, startSmtpPeer } from '../servers/smtp-peer.ts';
import { anOutbox, targetAt, type TestOutbox } from './outbox.ts';

const missing = whyMissing('postgres');
const mebibyte = 1024 * 1024;
const floodBytes = 64 * mebibyte;
/** What may have been written before we hung up: our limit of a reply and what sockets hold. */
const readBytesMax = 12 * mebibyte;

/** Writes a flood when a client has said `after` (at once for null), and counts what it got rid of. */
async function startFlood(
  after: RegExp | null,
  chunk: Buffer,
): Promise<{ port: number; written(): number; stop(): Promise<void> }> {
  let written = 0;
  const sockets = new Set<Socket>();
  async function flood(socket: Socket): Promise<void> {
    for (let sent = 0; sent < floodBytes && !socket.destroyed; sent += chunk.length) {
      await new Promise<void>((done) => socket.write(chunk, () => done()));
      written += socket.destroyed ? 0 : chunk.length;
    }
  }
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (after === null) {
      void flood(socket);
      return;
    }
    socket.write('220 peer.test\r\n');
    socket.on('data', (data: Buffer) => {
      const said = data.toString();
      if (after.test(said)) void flood(socket);
      else if (said.startsWith('EHLO')) socket.write('250 peer.test\r\n');
      else socket.write(said.startsWith('DATA') ? '354 go on\r\n' : '250 ok\r\n');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    written: () => written,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describe.skipIf(missing)(`a hostile mail server ${missing ?? ''}`, () => {
  let outbox: TestOutbox;
  let peer: SmtpPeer;
  beforeAll(async () => {
    outbox = await anOutbox();
  }, 60_000);
  beforeEach(async () => {
    await outbox.empty();
    peer = await startSmtpPeer();
  });
  afterEach(() => peer.stop());
  afterAll(() => outbox?.stop());

  const endlessLine = Buffer.alloc(mebibyte, 'x');
  const endlessReply = (code: number) => Buffer.from(`${code}-more to come\r\n`.repeat(40_000));
  const untried = { state: 'waiting', attempts: 0 };
  const tried = { state: 'waiting', attempts: 1 };
  /** Nothing of it had left, so the second try was at once. */
  const triedTwice = { state: 'waiting', attempts: 2 };
  it.each([
    ['a greeting that never ends', null, endlessReply(220), untried],
    ['a greeting of one endless line', null, endlessLine, untried],
    ['an answer to EHLO that never ends', /^EHLO/, endlessReply(250), untried],
    ['an answer to MAIL that never ends', /^MAIL/, endlessReply(250), triedTwice],
    ['an answer to RCPT of one endless line', /^RCPT/, endlessLine, triedTwice],
    ['an answer to the dot that never ends', /\r\n\.\r\n$/, endlessReply(250), tried],
  ] as const)('%s is left, and the letter waits', async (_, after, chunk, expected) => {
    await outbox.put(['letter']);
    const flood = await startFlood(after, chunk);
    try {
      await outbox.drain(targetAt(flood.port));
      expect(flood.written()).toBeLessThan(readBytesMax);
      expect((await outbox.states())[0]).toMatchObject(expected);
    } finally {
      await flood.stop();
    }
    expect(await outbox.drain(targetAt(peer.port), 2)).toMatchObject({ sent: 1 });
  });

  const goodbye = '421 4.3.2 going down';
  it.each(['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'DOT'] as SmtpVerb[])(
    'a 421 at %s ends the session, and the letters leave with the next',
    async (verb) => {
      const keys = ['first', 'second', 'third'];
      await outbox.put(keys);
      let said = 0;
      peer.behave((moment) => (moment.verb === verb && (said += 1) === 1 ? goodbye : undefined));
      await outbox.drain(targetAt(peer.port));
      await outbox.drain(targetAt(peer.port), 1);
      const bodies = peer.accepted().map(({ raw }) => raw.toString().slice(-20));
      expect(bodies.map((body) => /(\w+)\r\n$/.exec(body)?.[1])).toEqual(keys);
      expect((await outbox.states()).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
    },
  );
});
