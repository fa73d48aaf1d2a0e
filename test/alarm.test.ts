// Telling people of alarms, on a real PostgreSQL and to recording mail servers: once by however many gateways, again after a day, once when it is
// over, never a flood; by the way of its own and else by that of the letters; and past the database when that is what is away.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAlarms, type AlarmOptions } from '../src/alarm.ts';
import { readConfig, type Config } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import { clearAlarm, openAlarms, raiseAlarm } from '../src/store/alarms.ts';
import { openDatabase, rows, type Database } from '../src/store/db.ts';
import { migrate } from '../src/store/migrate.ts';
import { monday } from './builders.ts';
import { whyMissing } from './servers/programs.ts';
import { sharedDatabase, type TestDatabase } from './servers/shared-postgres.ts';
import { startSmtpPeer, type SmtpPeer } from './servers/smtp-peer.ts';
import { startTcpProxy, type TcpProxy } from './servers/tcp-proxy.ts';

const missing = whyMissing('postgres');
const folder = mkdtempSync(join(tmpdir(), 'casepost-alarm-'));
const key = 'oauth:office';
const text = 'the account office is refused; sign in again with "casepost oauth login office"';

describe.skipIf(missing)(`alarms that are told ${missing ?? ''}`, { timeout: 120_000 }, () => {
  let own: TestDatabase;
  let proxy: TcpProxy;
  let database: Database;
  let aside: SmtpPeer;
  let usual: SmtpPeer;
  let now = monday;
  const said: string[] = [];
  const note = (_: object, sentence: string) => void said.push(sentence);
  const log: Log = { debug() {}, info: note, warn: note, error: note };
  const stopping = new AbortController();

  beforeAll(async () => {
    [own, aside, usual] = await Promise.all([sharedDatabase('alarm'), startSmtpPeer(), startSmtpPeer()]);
    const target = new URL(own.url);
    proxy = await startTcpProxy(Number(target.port));
    target.port = String(proxy.port);
    database = await openDatabase(target.href);
    await migrate(database.db);
  }, 90_000);
  beforeEach(async () => {
    await rows(database.db, 'truncate alarms, alarm_mails, heartbeats, outbox, inbound cascade');
    now = monday;
    said.length = 0;
    for (const peer of [aside, usual]) {
      peer.letters.length = 0;
      peer.behave();
    }
  });
  afterAll(async () => {
    stopping.abort();
    await database?.close();
    await proxy?.stop();
    await Promise.all([own?.drop(), aside?.stop(), usual?.stop()]);
    rmSync(folder, { recursive: true });
  });

  function config(): Config {
    const file = join(folder, 'casepost.yaml');
    const smtp = (peer: SmtpPeer) => `{ host: 127.0.0.1, port: ${peer.port}, security: none }`;
    writeFileSync(
      file,
      `mailboxes: [{ address: support@desk.test, line: corporate }]\nsmtp: ${smtp(usual)}\nalarms: { to: [admin@elsewhere.test, second@elsewhere.test], smtp: ${smtp(aside)} }\n`,
    );
    const read = readConfig(file, {});
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    return read;
  }
  const gateway = (changes: Partial<AlarmOptions> = {}) =>
    startAlarms({
      db: database.db,
      desk: { config: config(), company: 'Example Ltd', instance: 'abc123' },
      mailboxes: () => [],
      postboxError: () => null,
      now: () => now,
      log,
      signal: stopping.signal,
      ...changes,
    });
  const after = (minutes: number) => (now = monday.add({ minutes }));
  const told = (peer = aside) =>
    peer.accepted().filter(({ recipients }) => recipients.includes('admin@elsewhere.test'));
  const subjects = async (peer = aside) =>
    Promise.all(told(peer).map(async ({ raw }) => (await simpleParser(raw)).subject));

  it('is told to everybody named, once, by however many gateways, with what is wrong and what to do', async () => {
    await raiseAlarm(database.db, { key, text }, now);
    await Promise.all(Array.from({ length: 4 }, () => gateway().look()));
    await gateway().look();
    expect(told()).toHaveLength(1);
    expect(
      aside
        .accepted()
        .flatMap(({ recipients }) => recipients)
        .sort(),
    ).toEqual(['admin@elsewhere.test', 'second@elsewhere.test']);
    expect(usual.letters).toHaveLength(0);
    const mail = await simpleParser(told()[0]?.raw ?? Buffer.alloc(0));
    expect(mail.subject).toBe('Casepost: ALARM: oauth:office');
    expect(mail.text).toContain(text);
    expect(mail.text).toContain('since 2026-03-02 09:00 UTC');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.get('x-casepost-instance')).toBe('abc123');
    expect(told()[0]?.reversePath).toBe('');
  });

  it('is told again each day while it lasts, and once when it has been over for ten minutes', async () => {
    const one = gateway();
    await raiseAlarm(database.db, { key, text }, now);
    for (const minutes of [0, 60, 1439, 1440, 1500]) {
      after(minutes);
      await one.look();
    }
    expect(told()).toHaveLength(2);
    await clearAlarm(database.db, key, now);
    after(1509);
    await one.look();
    expect(told()).toHaveLength(2);
    for (const minutes of [1510, 1511, 3000]) {
      after(minutes);
      await one.look();
    }
    expect(await subjects()).toEqual([
      'Casepost: ALARM: oauth:office',
      'Casepost: ALARM: oauth:office',
      'Casepost: over: oauth:office',
    ]);
    expect(said.filter((sentence) => sentence.startsWith(`alarm ${key}`))).toEqual([
      `alarm ${key}: ${text}`,
      `alarm ${key} is over`,
    ]);
  });

  it('that flaps is told once, and many at once go into one mail, six an hour at most', async () => {
    const one = gateway();
    for (let minute = 0; minute < 60; minute += 1) {
      after(minute);
      if (minute % 2 === 0) await raiseAlarm(database.db, { key: 'flapping', text }, now);
      else await clearAlarm(database.db, 'flapping', now);
      await raiseAlarm(database.db, { key: `new:${minute}`, text }, now);
      await one.look();
    }
    expect(told()).toHaveLength(6);
    after(61);
    await one.look();
    expect(told()).toHaveLength(7);
    const all = (await Promise.all(told().map(async ({ raw }) => (await simpleParser(raw)).text ?? ''))).join('\n');
    for (let minute = 0; minute < 60; minute += 1) expect(all).toContain(`new:${minute}, since`);
    expect(all.match(/^flapping, /gm)).toHaveLength(1);
  });

  it('goes by the mail server of the letters when its own takes nothing, and waits when neither does', async () => {
    const one = gateway();
    aside.behave(({ verb }) => (verb === 'CONNECT' ? '421 not now' : undefined));
    usual.behave(({ verb }) => (verb === 'CONNECT' ? '421 not now' : undefined));
    await raiseAlarm(database.db, { key, text }, now);
    await one.look();
    expect(said.at(-1)).toMatch(/a mail that tells of alarms was not taken/);
    usual.behave();
    after(3);
    await rows(database.db, 'update alarm_mails set lease_until = clock_timestamp()');
    await one.look();
    expect(told(usual)).toHaveLength(1);
    expect(aside.letters).toHaveLength(0);
  });

  it('facts raise it and facts clear it', async () => {
    const one = gateway({
      mailboxes: () => [{ id: 'box', source: 'imap:x', lastLookAt: null, error: { since: monday, error: 'refused' } }],
    });
    await one.look();
    after(16);
    await one.look();
    expect((await openAlarms(database.db)).map((alarm) => alarm.key)).toEqual(['imap-away:box']);
    // Another gateway reads it: this one's failure is no alarm.
    await gateway({ mailboxes: () => [{ id: 'box', source: 'imap:x', lastLookAt: now, error: null }] }).look();
    await one.look();
    expect(await openAlarms(database.db)).toEqual([]);
  });

  it('of a database that stays away is told once from memory, and its end when it is back', async () => {
    const one = gateway();
    await one.look();
    proxy.fault({ refuse: true });
    proxy.cutAll();
    for (const minutes of [1, 5, 11, 12, 30]) {
      after(minutes);
      await one.look();
    }
    expect(await subjects()).toEqual(['Casepost: ALARM: database:away']);
    proxy.fault({});
    for (const minutes of [31, 32, 45]) {
      after(minutes);
      await one.look();
    }
    expect(await subjects()).toEqual(['Casepost: ALARM: database:away', 'Casepost: over: database:away']);
  });

  it('of a database that takes no rows says so', async () => {
    const one = gateway();
    const name = new URL(own.url).pathname.slice(1);
    await rows(database.db, `alter database "${name}" set default_transaction_read_only = on`);
    proxy.cutAll();
    for (const minutes of [1, 12]) {
      after(minutes);
      await one.look();
    }
    expect(await subjects()).toEqual(['Casepost: ALARM: database:read-only']);
  });
});
