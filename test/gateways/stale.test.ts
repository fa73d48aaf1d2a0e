// Who slept through its claim writes nothing and shows nothing (TRUST F30, F42): a gateway stopped with a letter half handed over does not send it
// when it wakes, and a watcher whose claim on mails has gone to another one does not touch them on their server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImapAccount } from '../../src/config.ts';
import { connectImap } from '../../src/intake/imap-connection.ts';
import { markDecided } from '../../src/intake/imap-mark.ts';
import type { ReadOptions } from '../../src/intake/imap-read.ts';
import { largeMails } from '../../src/intake/large.ts';
import type { Log } from '../../src/log.ts';
import { secretOf } from '../../src/secret.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { claimToMark } from '../../src/store/inbound.ts';
import { systemClock } from '../../src/clock.ts';
import { whyMissing } from '../servers/programs.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const from = 'slow@slow.test';

describe.skipIf(missing)(`who slept too long${missing ? ` (${missing})` : ''}`, { timeout: 240_000 }, () => {
  let desk: Desk;
  const running: Program[] = [];
  beforeAll(async () => {
    desk = await aDesk();
  });
  afterAll(async () => {
    for (const gateway of running) await gateway.kill9();
    await desk?.stop();
  });
  async function start(): Promise<Program> {
    const gateway = await startCasepost(['start', '-c', desk.config]);
    running.push(gateway);
    return gateway;
  }
  const arrives = (sender: string) =>
    desk.dovecot.append(firstMail({ from: sender, subject: `Matter of ${sender}`, text: `About ${sender}.` }));

  it('a gateway stopped between envelope and letter leaves the letter to who took it over', async () => {
    const sleeper = await start();
    let wake: () => void = () => {};
    const awake = new Promise<void>((resolve) => (wake = resolve));
    let envelopes = 0;
    desk.peer.behave(async ({ verb, argument }) => {
      if (verb === 'RCPT' && argument.includes(from) && (envelopes += 1) === 1) await awake;
      return undefined;
    });
    await arrives(from);
    await until('the envelope is on its way', () => envelopes === 1, 40);
    process.kill(sleeper.pid, 'SIGSTOP');
    // A lease ends by the database's clock; this test need not wait for it.
    await desk.rows(`update outbox set lease_until = now() - interval '1 second' where recipient = $1`, [from]);
    const other = await start();
    await desk.letterTo(from, { seconds: 40 });
    wake();
    process.kill(sleeper.pid, 'SIGCONT');
    await other.stop();
    // It is well, and alone now: what it does last, it does after all it could do late.
    await arrives('next@next.test');
    await desk.letterTo('next@next.test', { seconds: 40 });
    await until(
      'it has come to rest',
      async () => (await desk.rows(`select 1 from outbox where state = 'waiting'`)).length === 0,
    );
    expect(desk.peer.letters.filter(({ recipients }) => recipients.includes(from))).toHaveLength(1);
    const [row] = await desk.rows<{ state: string; attempts: number; claim: string }>(
      'select state, attempts, claim from outbox where recipient = $1',
      [from],
    );
    expect(row).toMatchObject({ state: 'sent', attempts: 2, claim: expect.stringContaining(`:${other.pid}:`) });
    // A claim to flag lasts 50 s, whoever holds it.
    await until('the mails are moved', async () => (await desk.counted('INBOX')).messages === 0, 80);
    expect(await sleeper.stop()).toBe(0);
  });

  const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const accountAt = (port: number): ImapAccount => ({
    host: '127.0.0.1',
    port,
    security: 'none',
    user: 'support',
    password: secretOf('secret'),
    folder: 'INBOX',
    processedFolder: null,
    since: null,
    pollSeconds: 30,
    ca: null,
  });
  const optionsOf = (account: ImapAccount, db: Db, source: string): ReadOptions => ({
    account,
    mailbox: 'support',
    source,
    db,
    large: largeMails(),
    onStored() {},
    log: silent,
    now: systemClock,
    signal: new AbortController().signal,
  });
  const decided = (db: Db, source: string, key: string) =>
    rows(
      db,
      `insert into inbound (source, source_key, mailbox, raw, sha256, bytes, envelope_to, received_at, stored_at, next_at, decided_at, disposition, reason, because)
       values (:source, :key, 'support', '', '', 0, '{}', now(), now(), now(), now(), 'automatic', 'automatic-mail', 'a test')`,
      { source, key },
    );

  it('a watcher whose mails another one took over does not flag them', async () => {
    const proxy = await startTcpProxy(desk.dovecot.ports.imap);
    const database = await openDatabase(desk.databaseUrl);
    const { db } = database;
    const account = accountAt(proxy.port);
    const connection = await connectImap(account);
    try {
      const uid = await arrives('late@late.test');
      await decided(db, 'late', `${connection.uidValidity}:${uid}`);
      // The watcher has claimed the mail and asks its server whether it is still there; the answer takes its time.
      proxy.fault({ delayMs: 1500 });
      const marking = markDecided(connection, optionsOf(account, db, 'late'), 'sleeper');
      const claimed = () => rows(db, `select 1 from inbound where source = 'late' and marker = 'sleeper'`);
      await until('it has claimed the mail', async () => (await claimed()).length === 1);
      await rows(db, `update inbound set marker_until = now() - interval '1 second' where source = 'late'`);
      expect(await claimToMark(db, 'late', 'other', 1)).toHaveLength(1);
      await marking;
      expect(await desk.counted('INBOX')).toEqual({ messages: 1, unseen: 1 });
      expect(await rows(db, `select marker, marked_at from inbound where source = 'late'`)).toEqual([
        { marker: 'other', marked_at: null },
      ]);
    } finally {
      proxy.fault({});
      await connection.end();
      await database.close();
      await proxy.stop();
    }
  });

  it('a mail that another gateway was faster with is flagged by who has not heard of it yet', async () => {
    const database = await openDatabase(desk.databaseUrl);
    const { db } = database;
    const account = accountAt(desk.dovecot.ports.imap);
    const connection = await connectImap(account);
    // Its server tells a session what is new at the end of a command, or in IDLE; this one says nothing for a while.
    Reflect.set(Reflect.get(connection.client, 'options') as object, 'disableAutoIdle', true);
    try {
      await connection.run('NOOP', () => connection.client.noop());
      const before = await desk.counted('INBOX');
      const uid = await arrives('early@early.test');
      await decided(db, 'early', `${connection.uidValidity}:${uid}`);
      expect(await markDecided(connection, optionsOf(account, db, 'early'), 'unaware')).toBe(null);
      expect(await desk.counted('INBOX')).toEqual({ messages: before.messages + 1, unseen: before.unseen });
    } finally {
      await connection.end();
      await database.close();
    }
  });
});
