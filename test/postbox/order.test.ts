// In which order letters leave, and that none is lost or spent while nothing can leave: within a case one person reads our letters as they were
// written, across refusals, several gateways and days without a mail server (TRUST P4, F31, F34, F35).
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SmtpTarget } from '../../src/config.ts';
import { supplyLimits } from '../../src/postbox/supply.ts';
import { secretOf } from '../../src/secret.ts';
import { rows } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';
import { until } from '../story/until.ts';
import { anOutbox, targetAt, type TestOutbox } from './outbox.ts';

const missing = whyMissing('postgres');
const dayMinutes = 24 * 60;

describe.skipIf(missing)(`letters in order ${missing ?? ''}`, () => {
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

  const arrived = () => peer.accepted().map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw.toString())?.[1]);

  it('several connections keep the order of one case and person', async () => {
    const keys = Array.from({ length: 12 }, (_, index) => `letter${index}`);
    await outbox.put(keys);
    await outbox.drain(targetAt(peer.port, { connections: 5 }));
    expect(arrived()).toEqual(keys);
  });

  it('a later letter waits through the refusals of an earlier one, and others do not', async () => {
    await outbox.put(['first', 'second']);
    await outbox.put(['colleague'], { recipient: 'bob@customer.example' });
    await outbox.put(['elsewhere'], { caseNumber: null });
    let refusals = 0;
    peer.behave(({ verb, raw }) =>
      verb === 'DOT' && raw?.includes('first') && refusals < 3 ? `451 refused ${(refusals += 1)}` : undefined,
    );
    for (const minutes of [0, 1, 2, 3]) await outbox.drain(targetAt(peer.port), minutes);
    expect([refusals, new Set(arrived())]).toEqual([3, new Set(['colleague', 'elsewhere'])]);
    await outbox.drain(targetAt(peer.port), 7);
    expect(arrived().slice(-2)).toEqual(['first', 'second']);
  });

  it('an acknowledgment does not wait for the follow-ups that were due before it', async () => {
    const keys = Array.from({ length: 80 }, (_, index) => `follow-up${index}`);
    await outbox.put(keys, { caseNumber: null, kind: 'follow-up' });
    let begun = false;
    peer.behave(async ({ verb }) => {
      if (verb !== 'DOT' || begun) return undefined;
      begun = true;
      await outbox.put(['acknowledgment'], { caseNumber: null, kind: 'acknowledgment' });
      return undefined;
    });
    expect(await outbox.drain(targetAt(peer.port))).toMatchObject({ sent: 81 });
    // What is claimed already leaves before it.
    expect(arrived().indexOf('acknowledgment')).toBeLessThanOrEqual(supplyLimits.lettersMax + 3);
    expect(arrived().filter((key) => key !== 'acknowledgment')).toHaveLength(80);
  });

  it('a letter on its way is not cut off because the one before it was recorded late, and is renewed no more', async () => {
    await outbox.put(['slow', 'next'], { caseNumber: null });
    const [recorded, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding: Promise<unknown>[] = [];
    peer.behave(async ({ verb, raw }) => {
      if (verb !== 'DOT') return undefined;
      if (raw?.includes('next')) await taken.promise;
      else {
        const held = Promise.withResolvers<void>();
        const locked = outbox.db.transaction(async (trx) => {
          await rows(trx, `select id from outbox where key = 'slow' for update`);
          held.resolve();
          await recorded.promise;
        });
        holding.push(locked);
        await held.promise;
      }
      return undefined;
    });
    const drained = outbox.drain(targetAt(peer.port, { connections: 1 }));
    const sql = `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    // The record of the first letter, and what would renew its lease.
    await until(
      'both wait for its row',
      async () => (await rows<{ count: number }>(outbox.db, sql))[0]?.count === 2,
      supplyLimits.leaseSeconds,
    );
    recorded.resolve();
    await Promise.all(holding);
    await until('the first is recorded', async () => (await outbox.states())[0]?.state === 'sent');
    await pause(300);
    taken.resolve();
    expect(await drained).toMatchObject({ sent: 2, retried: 0 });
    expect(arrived()).toEqual(['slow', 'next']);
  }, 60_000);

  it('two gateways keep it between them', async () => {
    const keys = Array.from({ length: 16 }, (_, index) => `letter${index}`);
    await outbox.put(keys);
    await Promise.all(['one', 'other', 'third'].map((owner) => outbox.drain(targetAt(peer.port), 0, owner)));
    await outbox.drain(targetAt(peer.port));
    expect(arrived()).toEqual(keys);
  });

  it('a letter refused for good makes way for the next', async () => {
    await outbox.put(['first', 'second']);
    peer.behave(({ verb, raw }) => (verb === 'DOT' && raw?.includes('first') ? '554 never' : undefined));
    await outbox.drain(targetAt(peer.port));
    expect(arrived()).toEqual(['second']);
  });

  it('of three recipients the one that was put off is tried again alone', async () => {
    for (const name of ['taken', 'refused', 'later'])
      await outbox.put([name], { recipient: `${name}@customer.example` });
    const replies: Record<string, string> = { refused: '550 5.1.1 nobody', later: '451 4.2.1 busy' };
    peer.behave(({ verb, argument }) => (verb === 'RCPT' ? replies[/<(\w+)@/.exec(argument)?.[1] ?? ''] : undefined));
    expect(await outbox.drain(targetAt(peer.port))).toMatchObject({ sent: 1, failed: 1, retried: 1 });
    peer.behave();
    expect(await outbox.drain(targetAt(peer.port), 1)).toMatchObject({ sent: 1, failed: 0, retried: 0 });
    expect(arrived()).toEqual(['taken', 'later']);
  });

  it('when every connection hangs with a letter, those of others still leave', async () => {
    await outbox.put(['stuck'], { recipient: 'stuck@customer.example' });
    peer.behave(({ verb, recipients }) => (verb === 'DOT' && recipients[0]?.startsWith('stuck') ? 'stall' : undefined));
    const ending = new AbortController();
    const postbox = outbox.run(targetAt(peer.port, { connections: 1 }), ending.signal);
    await peer.waitFor(() => true);
    await outbox.put(['second', 'third'], { recipient: 'bob@customer.example' });
    await peer.waitFor(({ answer }) => answer.startsWith('2'), { count: 2, ms: 20_000 });
    expect(arrived()).toEqual(['second', 'third']);
    ending.abort();
    await peer.stop();
    await postbox.stopped;
  }, 120_000);

  it('while the server is away nobody holds a letter to knock with', async () => {
    const { port } = peer;
    await peer.stop();
    await outbox.put(['letter']);
    const ending = new AbortController();
    const postbox = outbox.run(targetAt(port), ending.signal);
    await expect.poll(() => postbox.health()).not.toBe(null);
    const silent: Socket[] = [];
    // It is taken in and hears nothing: a black hole, in which a knock takes half a minute.
    const hole = createServer((socket) => silent.push(socket)).listen(port, '127.0.0.1');
    await expect.poll(() => silent.length, { timeout: 40_000 }).toBeGreaterThan(0);
    expect((await outbox.states())[0]).toMatchObject({ state: 'waiting', attempts: 0 });
    ending.abort();
    for (const socket of silent) socket.destroy();
    await new Promise((closed) => hole.close(closed));
    await postbox.stopped;
    peer = await startSmtpPeer();
  }, 120_000);

  const shut: [string, (peer: SmtpPeer) => Partial<SmtpTarget>][] = [
    ['away', () => ({ port: 1 })],
    ['refusing the login', () => ({ user: 'us', password: secretOf('wrong') })],
    ['without the TLS that is configured', () => ({ security: 'starttls' })],
  ];
  it.each(shut)('six days of a mail server %s spend no try, fail no letter and keep the order', async (_, changes) => {
    const keys = ['first', 'second', 'third'];
    await outbox.put(keys);
    for (let hour = 0; hour <= 6 * 24; hour += 4) {
      const drained = await outbox.drain(targetAt(peer.port, changes(peer)), hour * 60);
      expect(drained).toMatchObject({ sent: 0, retried: 0, failed: 0, down: expect.any(String) });
    }
    expect((await outbox.states()).map(({ state, attempts }) => [state, attempts])).toEqual(
      keys.map(() => ['waiting', 0]),
    );
    // The first answer after all this is a refusal: it is the letter's first, not its last.
    let refusals = 0;
    peer.behave(({ verb }) => (verb === 'RCPT' && (refusals += 1) === 1 ? '450 busy' : undefined));
    await outbox.drain(targetAt(peer.port), 6 * dayMinutes);
    await outbox.drain(targetAt(peer.port), 6 * dayMinutes + 1);
    expect(arrived()).toEqual(keys);
  });
});
