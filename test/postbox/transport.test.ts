// The LMTP side of the transport: a refusal after the dot arrives as a success that accepted nobody, and must not be taken for one.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import type { SmtpTarget } from '../../src/config.ts';
import { openSession } from '../../src/postbox/transport.ts';

const servers: SMTPServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Sends one letter to an LMTP server that gives this reply after the dot; gives what the transport makes of it. */
async function check(code: number | null, expected: object): Promise<void> {
  const server = new SMTPServer({
    lmtp: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, answer) {
      stream.resume();
      stream.on('end', () =>
        answer(null, [code === null ? 'taken' : Object.assign(new Error('said the server'), { responseCode: code })]),
      );
    },
  });
  servers.push(server);
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  const target: SmtpTarget = {
    protocol: 'lmtp',
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    security: 'none',
    user: null,
    password: null,
    reversePath: null,
    connections: 1,
    ratePerSecond: null,
    ca: null,
  };
  const session = await openSession(target);
  if ('outcome' in session) throw new Error(session.error);
  const posting = { reversePath: '', recipient: 'ann@example.net', raw: Buffer.from('Subject: x\r\n\r\nx\r\n') };
  expect(await session.send(posting)).toMatchObject(expected);
  expect(session.usable()).toBe(code === null);
  session.end();
}

test('an LMTP 250 is sent', () => check(null, { outcome: 'sent', response: '250 taken' }));
test('an LMTP 4xx after the dot is transient', () => check(452, { outcome: 'transient' }));
test('an LMTP 5xx after the dot is permanent', () => check(550, { outcome: 'permanent' }));
