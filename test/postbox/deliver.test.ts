// Stories of letters on their way to a real SMTP peer that records every byte, from a real PostgreSQL.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { SmtpTarget } from '../../src/config.ts';
import type { Log } from '../../src/log.ts';
import { drainPostbox, startPostbox } from '../../src/postbox/deliver.ts';
import { retryMinutes } from '../../src/postbox/record.ts';
import { supplyLimits } from '../../src/postbox/supply.ts';
import { secretOf } from '../../src/secret.ts';
import { rows } from '../../src/store/db.ts';
import { renewLease } from '../../src/store/lease.ts';
import { claimLetters } from '../../src/store/outbox.ts';
import { type TestDatabase, startDatabase } from '../intake/database.ts';
import { selfSigned } from '../servers/certificate.ts';
import { whyMissing } from '../servers/programs.ts';
import { type SmtpPeer, type SmtpPeerOptions, startSmtpPeer } from '../servers/smtp-peer.ts';

test('tries come after 1, 2, 4 … minutes and at most an hour apart', () => {
  expect([1, 2, 3, 6, 7, 8, 500].map(retryMinutes)).toEqual([1, 2, 4, 32, 60, 60, 60]);
});

const missing = whyMissing('postgres');

describe.skipIf(missing)(`the postbox ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let peer: SmtpPeer;
  let ending = new AbortController();
  const start = Temporal.Instant.from('2026-03-02T09:00Z');
  const said: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (_, text) => said.push(text), error: (_, text) => said.push(text) };

  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(async () => {
    await database.reset();
    said.length = 0;
    ending = new AbortController();
    peer = await startSmtpPeer();
  });
  afterEach(() => peer.stop());
  afterAll(() => database.stop(), 60_000);

  function target(changes: Partial<SmtpTarget> = {}): SmtpTarget {
    return {
      protocol: 'smtp',
      host: '127.0.0.1',
      port: peer.port,
      security: 'none',
      user: null,
      password: null,
      reversePath: null,
      connections: 3,
      ratePerSecond: null,
      ca: null,
      ...changes,
    };
  }
  function options(changes: Partial<SmtpTarget> = {}) {
    return { db: database.db, transport: target(changes), owner: 'test', log, now: systemClock, signal: ending.signal };
  }
  const drain = (now = start, changes: Partial<SmtpTarget> = {}) => drainPostbox(options(changes), now);
  const minutesLater = (minutes: number) => start.add({ minutes });

  async function replace(more: SmtpPeerOptions): Promise<void> {
    await peer.stop();
    peer = await startSmtpPeer(more);
  }

  async function letter(
    key: string,
    changes: { reversePath?: string; at?: Temporal.Instant; recipient?: string; raw?: string } = {},
  ) {
    const {
      reversePath = '',
      at = start,
      recipient = 'ann@example.net',
      raw = `Subject: ${key}\r\n\r\n.${key}\r\n`,
    } = changes;
    await rows(
      database.db,
      `insert into outbox (key, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, next_at, created_at)
       values (:key, 'answer', :key, :recipient, :reversePath, false, true, '', '', '', :raw, '', 'waiting', :at, :at)`,
      { key, recipient, reversePath, raw: Buffer.from(raw), at },
    );
  }
  const states = () =>
    rows<{ key: string; state: string; attempts: number; error: string | null; next: Temporal.Instant }>(
      database.db,
      'select key, state, attempts, last_error as error, next_at as next from outbox order by id',
    );

  test('a letter goes out byte for byte to its one recipient under the null reverse path', async () => {
    await letter('a');
    expect(await drain()).toMatchObject({ sent: 1, retried: 0, failed: 0, down: null });
    expect(peer.accepted().map((sent) => [sent.reversePath, sent.recipients, sent.raw.toString()])).toEqual([
      ['', ['ann@example.net'], 'Subject: a\r\n\r\n.a\r\n'],
    ]);
    expect((await states())[0]).toMatchObject({ state: 'sent', attempts: 1, error: null });
  });

  test('letters share sessions, and none goes out twice', async () => {
    for (let n = 0; n < 60; n += 1) await letter(`n${n}`);
    expect((await drain()).sent).toBe(60);
    expect(new Set(peer.accepted().map((sent) => sent.raw.toString())).size).toBe(60);
    expect(peer.accepted().length).toBe(60);
    expect(Math.max(...peer.letters.map((sent) => sent.session))).toBeLessThanOrEqual(6);
    expect(await drain()).toMatchObject({ sent: 0 });
  });

  test('a large letter goes out whole, like the small ones claimed with it', async () => {
    const large = `Subject: large\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(3000)}`;
    await letter('large', { raw: large });
    await letter('small', { recipient: 'bob@example.net' });
    expect(await drain()).toMatchObject({ sent: 2 });
    expect(peer.letters.map(({ raw }) => raw.toString()).toSorted()).toEqual(
      [large, 'Subject: small\r\n\r\n.small\r\n'].toSorted(),
    );
  });

  test('a session waits a while for the next letter', async () => {
    const postbox = startPostbox(options({ connections: 1 }));
    for (const [index, key] of ['a', 'b'].entries()) {
      await letter(key, { at: systemClock() });
      postbox.wake();
      await peer.waitFor(() => true, { count: index + 1 });
      await expect.poll(async () => (await states()).map(({ state }) => state)).not.toContain('waiting');
    }
    ending.abort();
    await postbox.stopped;
    expect(peer.letters.map(({ session }) => session)).toEqual([1, 1]);
  });

  test('a reverse path of the letter goes into the envelope', async () => {
    await letter('v', { reversePath: 'help+c1.a@example.com' });
    await drain();
    expect(peer.letters[0]?.reversePath).toBe('help+c1.a@example.com');
  });

  for (const verb of ['MAIL', 'RCPT', 'DATA', 'DOT'] as const) {
    test(`a 4xx at ${verb} is tried again after 1 and 2 minutes with the same bytes`, async () => {
      await letter('t');
      peer.behave((moment) => (moment.verb === verb ? '451 4.7.1 come again' : undefined));
      expect(await drain()).toMatchObject({ sent: 0, retried: 1, failed: 0, down: null });
      expect((await states())[0]).toMatchObject({ state: 'waiting', attempts: 1, next: minutesLater(1) });
      expect(await drain()).toMatchObject({ retried: 0 });
      expect(await drain(minutesLater(1))).toMatchObject({ retried: 1 });
      expect((await states())[0]?.next).toEqual(minutesLater(3));
      peer.behave();
      expect(await drain(minutesLater(3))).toMatchObject({ sent: 1 });
      expect(new Set(peer.letters.map((sent) => sent.raw.toString()))).toEqual(new Set(['Subject: t\r\n\r\n.t\r\n']));
    });
    test(`a 5xx at ${verb} is failed and never tried again`, async () => {
      await letter('p');
      peer.behave((moment) => (moment.verb === verb ? '550 5.1.1 nobody' : undefined));
      expect(await drain()).toMatchObject({ sent: 0, retried: 0, failed: 1 });
      expect((await states())[0]).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('550 5.1.1 nobody'),
      });
      peer.behave();
      expect(await drain(minutesLater(600))).toMatchObject({ sent: 0 });
    });
  }

  test('a 421 in the middle is the reply it is: tried again, its text kept', async () => {
    await letter('b');
    peer.behave((moment) => (moment.verb === 'RCPT' ? '421 4.3.2 going down' : undefined));
    expect(await drain()).toMatchObject({ retried: 1, down: null });
    expect((await states())[0]?.error).toContain('421 4.3.2 going down');
  });

  test('a cut after the dot is of unknown fate: the same bytes once more, after a minute', async () => {
    await letter('u');
    peer.behave((moment) => (moment.verb === 'DOT' && moment.session === 1 ? 'cut' : undefined));
    expect(await drain()).toMatchObject({ sent: 0, retried: 1, failed: 0, down: null });
    expect(await drain(minutesLater(1))).toMatchObject({ sent: 1 });
    const [first, second, ...more] = peer.letters;
    expect([first?.raw.equals(second?.raw ?? Buffer.alloc(0)), more]).toEqual([true, []]);
  });

  for (const verb of ['MAIL', 'RCPT', 'DATA'] as const) {
    test(`a cut at ${verb} is not unknown: nothing had left that could arrive, and it is tried again, the first time at once`, async () => {
      await letter('c');
      peer.behave((moment) => (moment.verb === verb ? 'cut' : undefined));
      expect(await drain()).toMatchObject({ retried: 2 });
      for (const minutes of [2, 6]) expect(await drain(minutesLater(minutes))).toMatchObject({ retried: 1 });
      peer.behave();
      expect(await drain(minutesLater(14))).toMatchObject({ sent: 1 });
      expect(peer.letters.length).toBe(1);
    });
  }

  test('of unknown fate twice, it is not sent a third time', async () => {
    await letter('u');
    peer.behave((moment) => (moment.verb === 'DOT' ? 'cut' : undefined));
    await drain();
    expect(await drain(minutesLater(1))).toMatchObject({ failed: 1 });
    peer.behave();
    await drain(minutesLater(6000));
    expect([(await states())[0]?.state, peer.letters.length]).toEqual(['failed', 2]);
  });

  test('a refusal between two unknown results changes nothing: the second is the last', async () => {
    await letter('u');
    const replies = ['cut', '451 4.7.1 come again', 'cut'];
    peer.behave((moment) => (moment.verb === 'DOT' ? replies.shift() : undefined));
    const drained = [];
    for (const minutes of [0, 1, 3, 10]) drained.push(await drain(minutesLater(minutes)));
    expect(drained.map(({ sent, retried, failed }) => [sent, retried, failed])).toEqual([
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ]);
  });

  test('after five days of 4xx a letter is given up', async () => {
    await letter('old');
    peer.behave((moment) => (moment.verb === 'RCPT' ? '450 full' : undefined));
    let now = start;
    for (;;) {
      if ((await drain(now)).failed > 0) break;
      now = (await states())[0]?.next ?? now;
    }
    expect(now.since(start).total('days')).toBeCloseTo(5, 1);
    expect((await states())[0]).toMatchObject({ state: 'failed', attempts: 126 });
  });

  test('what became due while we were away for a week is tried, and not given up for its age', async () => {
    await letter('w');
    peer.behave((moment) => (moment.verb === 'RCPT' ? '450 full' : undefined));
    expect(await drain(start.add({ hours: 7 * 24 }))).toMatchObject({ retried: 1, failed: 0 });
  });

  test('a clock that ran ten years ahead puts a letter off by hours, not by years', async () => {
    await letter('f');
    peer.behave((moment) => (moment.verb === 'RCPT' ? '450 full' : undefined));
    await drain(start.add({ hours: 87_600 }));
    peer.behave();
    expect(await drain(minutesLater(1))).toMatchObject({ sent: 1 });
  });

  /** Until a claim is no longer believed without asking. */
  const late = () => pause(supplyLimits.freshMilliseconds + 100);

  test('a letter that another postbox took over while its envelope went out is not sent by the late one', async () => {
    await letter('z');
    peer.behave(async (moment) => {
      if (moment.verb === 'RCPT') {
        await late();
        await rows(database.db, `update outbox set claim = 'other:1:2'`);
      }
      return undefined;
    });
    expect(await drain()).toMatchObject({ sent: 0, retried: 0, failed: 0, down: null });
    expect([peer.letters.length, (await states())[0]]).toMatchObject([0, { state: 'waiting', attempts: 1 }]);
  });

  test('nor by one whose lease ran out meanwhile: it is claimed anew first', async () => {
    await letter('z');
    peer.behave(async ({ verb, session }) => {
      if (verb === 'RCPT' && session === 1) {
        await late();
        await rows(database.db, `update outbox set lease_until = now() - interval '1 s'`);
      }
      return undefined;
    });
    expect(await drain()).toMatchObject({ sent: 1 });
    expect(peer.letters.map(({ session }) => session)).toEqual([2]);
  });

  test('sessions that wait for a reply hold their own letters, and leave the others to another gateway', async () => {
    for (const key of ['p', 'q', 'r', 's']) await letter(key);
    let reply: () => void = () => {};
    const replied = new Promise<void>((resolve) => (reply = resolve));
    peer.behave(async ({ verb }) => {
      if (verb === 'DOT') await replied;
      return undefined;
    });
    const drained = drain(start, { connections: 2 });
    const held = async () =>
      (await rows(database.db, 'select 1 from outbox where lease_until > clock_timestamp()')).length;
    await expect.poll(held, { timeout: 20_000 }).toBe(2);
    reply();
    expect(await drained).toMatchObject({ sent: 4 });
  });

  test('a refused connection burns no attempt and is said once', async () => {
    await letter('c');
    const closed = peer.port;
    await peer.stop();
    expect(await drain(start, { port: closed })).toMatchObject({
      sent: 0,
      retried: 0,
      failed: 0,
      down: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await states())[0]).toMatchObject({ state: 'waiting', attempts: 0, next: start });
    peer = await startSmtpPeer();
  });

  test('a 5xx greeting is the server speaking of itself: no letter fails', async () => {
    await letter('g');
    peer.behave((moment) => (moment.verb === 'CONNECT' ? '554 not today' : undefined));
    expect(await drain()).toMatchObject({ failed: 0, down: expect.stringContaining('554') });
    expect((await states())[0]).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  test('a refused login fails no letter, and the password is in no line and no row', async () => {
    await replace({ users: { us: 'right' } });
    await letter('l');
    const drained = await drain(start, { user: 'us', password: secretOf('canary-wrong') });
    expect(drained.down).toMatch(/535/);
    expect(JSON.stringify([said, drained, await states()])).not.toContain('canary-wrong');
    expect(await drain(start, { user: 'us', password: secretOf('right') })).toMatchObject({ sent: 1 });
  });

  test('a server that wants a login before MAIL fails no letter', async () => {
    await replace({ users: { us: 'right' } });
    await letter('m');
    expect(await drain()).toMatchObject({ failed: 0, down: expect.stringContaining('530') });
    expect((await states())[0]).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  test('a server that offers no login gets no letter when one is configured', async () => {
    await letter('n');
    const drained = await drain(start, { user: 'us', password: secretOf('x') });
    expect(drained.down).toMatch(/offers no login/);
    expect(peer.letters).toEqual([]);
  });

  test('with starttls nothing is sent to a server that offers none', async () => {
    await letter('s');
    expect((await drain(start, { security: 'starttls' })).down).toMatch(/ETLS/);
    expect(peer.commands.filter((line) => /^(MAIL|AUTH)/i.test(line))).toEqual([]);
  });

  test('a certificate nobody vouches for is refused, and taken when its authority is configured', async () => {
    const certificate = await selfSigned();
    await replace({ certificate });
    await letter('x');
    expect((await drain(start, { security: 'starttls', host: 'localhost' })).down).toMatch(/certificate/i);
    expect(await drain(start, { security: 'starttls', host: 'localhost', ca: certificate.cert })).toMatchObject({
      sent: 1,
      down: null,
    });
    expect(peer.letters.map((sent) => sent.secure)).toEqual([true]);
  });

  test('a letter another postbox took over is not recorded by the late one', async () => {
    await letter('z');
    peer.behave(async (moment) => {
      if (moment.verb === 'DOT') await rows(database.db, `update outbox set claim = 'other:1:2'`);
      return undefined;
    });
    await drain();
    expect((await states())[0]).toMatchObject({ state: 'waiting' });
  });

  test('a lease is renewed by its holder only', async () => {
    await letter('k');
    const [claimed] = await claimLetters(database.db, { owner: 'us', limit: 1, leaseSeconds: 1 }, start);
    if (!claimed) throw new Error('nothing was claimed');
    expect(await renewLease(database.db, claimed, 60)).toBe(true);
    expect(await renewLease(database.db, { ...claimed, claim: 'other:1:1' }, 60)).toBe(false);
    expect(await claimLetters(database.db, { owner: 'other', limit: 1, leaseSeconds: 60 }, start)).toEqual([]);
  });

  test('a stop does not wait for a peer that stalls after the dot; the letter goes out again', async () => {
    peer.behave((moment) => (moment.verb === 'DOT' ? 'stall' : undefined));
    await letter('stalled', { at: systemClock() });
    const postbox = startPostbox(options());
    await peer.waitFor(() => true);
    const began = performance.now();
    ending.abort();
    await postbox.stopped;
    expect(performance.now() - began).toBeLessThan(10_000);
    expect((await states())[0]).toMatchObject({ state: 'waiting', attempts: 1 });
  }, 120_000);

  test('a recipient that would inject is failed before it reaches the wire', async () => {
    await letter('i', { recipient: 'a@b.test>\r\nRCPT TO:<c@d.test' });
    expect(await drain()).toMatchObject({ failed: 1 });
    expect(peer.commands.filter((line) => line.startsWith('RCPT'))).toEqual([]);
  });

  test('a pace holds the letters apart', async () => {
    for (const key of ['1', '2', '3']) await letter(key);
    const began = performance.now();
    await drain(start, { ratePerSecond: 10 });
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  test('a running postbox sends what it is woken for, says an outage once, and stops', async () => {
    const port = peer.port;
    await peer.stop();
    const postbox = startPostbox({ ...options({ port }) });
    await letter('w', { at: systemClock() });
    postbox.wake();
    await expect.poll(() => postbox.health()?.error, { timeout: 40_000 }).toMatch(/ECONNREFUSED/);
    peer = await startSmtpPeer({ port });
    await peer.waitFor(() => true, { ms: 15_000 });
    await expect.poll(async () => (await states())[0]?.state, { timeout: 40_000 }).toBe('sent');
    expect([postbox.health(), said.length]).toEqual([null, 1]);
    await letter('again', { at: systemClock() });
    postbox.wake();
    await peer.waitFor(() => true, { count: 2, ms: 4500 });
    ending.abort();
    await postbox.stopped;
  }, 120_000);

  test('while the database restarts a sent letter is recorded as soon as it is back, and not sent twice', async () => {
    await letter('r');
    let cut = false;
    peer.behave(async (moment) => {
      if (moment.verb === 'DOT' && !cut) {
        cut = true;
        await database.postgres.kill9();
        setTimeout(() => void database.postgres.start(), 300);
      }
      return undefined;
    });
    expect(await drain()).toMatchObject({ sent: 1 });
    expect([(await states())[0]?.state, peer.letters.length]).toEqual(['sent', 1]);
  }, 60_000);
});
