// What leaves after a hostile mail, byte by byte at an SMTP peer: B25 of TRUST 3 (one letter stays one letter) and B51 (an address is delivered to or
// clearly fails, it never becomes another).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drainPostbox } from '../../src/postbox/deliver.ts';
import { type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';
import { ines, morning, openHostileDesk, type HostileDesk } from './desk.ts';

let desk: HostileDesk;
let peer: SmtpPeer;

beforeAll(async () => {
  peer = await startSmtpPeer();
  desk = await openHostileDesk(peer.port);
});
afterAll(async () => {
  await desk?.stop();
  await peer?.stop();
});

async function send() {
  const { smtp } = desk.desk.config;
  if (!smtp) throw new Error('the hostile desk has no mail server configured');
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const signal = new AbortController().signal;
  return drainPostbox({ db: desk.db, transport: smtp, owner: 'test', log, now: () => morning, signal }, morning);
}

test('B25: line ends that are none and dots on lines smuggle nothing: each letter is one, with CRLF only', async () => {
  const fate = await desk.bring('b25-smuggled-mail');
  expect(fate.toEngineers).toHaveLength(1);
  expect(await send()).toMatchObject({ sent: 2, failed: 0, down: null });
  expect(peer.letters.map(({ recipients }) => recipients)).toEqual(
    expect.arrayContaining([['smuggler@customer.example'], [ines]]),
  );
  expect(peer.letters).toHaveLength(2);
  for (const { raw } of peer.letters) expect(raw.toString('latin1')).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
  const stored = await desk.rows<{ raw: Buffer; recipient: string }>('select raw, recipient from outbox');
  for (const { raw, recipient } of stored) {
    const sent = peer.letters.find(({ recipients }) => recipients.includes(recipient));
    expect(sent?.raw.toString('latin1').trimEnd()).toBe(raw.toString('latin1').trimEnd());
  }
  expect(peer.commands.filter((line) => /victim|mallory/.test(line))).toEqual([]);
});

describe('B51: an odd address on the wire', () => {
  for (const [number, author] of [
    "o'brien@customer.example",
    'ada+{{x}}@customer.example',
    '%s@customer.example',
    'jürgen@customer.example',
  ].entries()) {
    test(`${author} is the one recipient or nobody is`, async () => {
      const before = peer.commands.length;
      const put = { AUTHOR: Buffer.from(author).toString('latin1'), NUMBER: `wire ${'abcdef'.charAt(number)}` };
      const { to } = await desk.bring('b51-any-address', { put });
      await send();
      const [letter] = await desk.rows<{ state: string; error: string | null }>(
        'select state, last_error as error from outbox where recipient = :author',
        { author },
      );
      const recipients = peer.commands.slice(before).flatMap((line) => /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? []);
      const others = recipients.filter(
        (one) => one !== ines && Buffer.from(one, 'latin1').toString() !== author && one !== author,
      );
      expect(others).toEqual([]);
      if (to.length > 0) expect(letter?.state).toMatch(/^(sent|failed)$/);
      if (letter?.state === 'failed') expect(letter.error).not.toBe('');
    });
  }
});
