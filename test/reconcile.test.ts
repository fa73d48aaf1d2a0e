// Reconciling on a real Dovecot and PostgreSQL: each kind of difference is found, mail in flight is none, and one gateway does it for all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Instant } from '../src/clock.ts';
import { readConfig, type Config, type MailboxConfig } from '../src/config.ts';
import { watchMailbox } from '../src/intake/imap.ts';
import { imapSource } from '../src/intake/imap-source.ts';
import { largeMails } from '../src/intake/large.ts';
import type { Log } from '../src/log.ts';
import { differenceLines, differenceOf, type Difference } from '../src/reconcile.ts';
import { reconcileWhenDue } from '../src/reconcile-chore.ts';
import { openAlarms } from '../src/store/alarms.ts';
import { claimChore, settleChore } from '../src/store/chores.ts';
import { openDatabase, rows, type Database } from '../src/store/db.ts';
import { migrate } from '../src/store/migrate.ts';
import { decideAll } from './intake/database.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';
import { whyMissing } from './servers/programs.ts';
import { sharedDatabase, type TestDatabase } from './servers/shared-postgres.ts';
import { until } from './story/until.ts';

const missing = whyMissing('postgres', 'dovecot');
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(missing)(`reconcile ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-reconcile-'));
  let own: TestDatabase;
  let database: Database;
  let dovecot: Dovecot;
  let config: Config;
  let box: MailboxConfig;
  let users = 0;
  beforeAll(async () => {
    const names = Array.from({ length: 9 }, (_, n) => [`user${n}`, 'secret']);
    [own, dovecot] = await Promise.all([
      sharedDatabase('reconcile'),
      startDovecot({ users: Object.fromEntries(names) }),
    ]);
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  beforeEach(async () => {
    await rows(database.db, 'truncate inbound, cursors, chores, alarms cascade');
    const imap = `{ host: 127.0.0.1, port: ${dovecot.ports.imap}, security: none, user: user${users}, password: secret, processedFolder: Processed, since: beginning }`;
    writeFileSync(
      join(folder, 'casepost.yaml'),
      `mailboxes: [{ id: help, address: help@desk.test, line: corporate, imap: ${imap} }]\n`,
    );
    const read = readConfig(join(folder, 'casepost.yaml'), {});
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    config = read;
    box = config.mailboxes[0] as MailboxConfig;
    users += 1;
  });
  afterAll(async () => {
    await database?.close();
    await Promise.all([own?.drop(), dovecot?.stop()]);
    rmSync(folder, { recursive: true });
  });

  const user = () => box.imap?.user ?? '';
  const mail = (token: string) =>
    `From: ann@customer.example\r\nMessage-ID: <${token}@customer.example>\r\nSubject: ${token}\r\n\r\n${token}\r\n`;
  const account = () => {
    if (!box.imap) throw new Error('no imap');
    return box.imap;
  };
  const look = (archived: Difference['archivedUpTo'] = null) =>
    differenceOf(database.db, account(), { archived, archivedSince: null }, systemClock());
  const query = (sql: string) => rows<{ key: string }>(database.db, sql);
  /** What the gateway `owner` does at `now` by itself. */
  const whenDue = (owner: string, now: Instant) => {
    const { signal } = new AbortController();
    return reconcileWhenDue(
      { db: database.db, config, owner, away: () => [], now: () => now, log: silent, signal },
      box,
    );
  };

  /** A gateway's intake reads the mails, they are decided, flagged and moved; with `stay` they are not decided. */
  async function taken(tokens: string[], stay = false, stored = tokens.length): Promise<void> {
    const ending = new AbortController();
    for (const token of tokens) await dovecot.append(mail(token), 'INBOX', user());
    const watch = watchMailbox({
      account: account(),
      mailbox: 'help',
      source: imapSource(account()),
      db: database.db,
      large: largeMails(),
      onStored() {},
      log: silent,
      now: systemClock,
      signal: ending.signal,
    });
    const count = async (where: string) =>
      (await rows<{ count: number }>(database.db, `select count(*) from inbound where ${where}`))[0]?.count;
    await until('the mails are stored', async () => (await count('true')) === stored);
    if (!stay) {
      await decideAll(database.db);
      await query(`update inbound set message_id = substring(convert_from(raw, 'utf8') from 'Message-ID: <([^>]+)>')`);
      watch.markNow();
      await until('they are moved', async () => (await count('marked_at is null')) === 0);
    }
    ending.abort();
    await watch.stopped;
  }

  it('finds nothing where every mail has its row, and compares bytes', async () => {
    await taken(['a', 'b', 'c']);
    await dovecot.append(mail('of-a-person'), 'Processed', user());
    const found = await look();
    expect(differenceLines(found)).toEqual([]);
    expect(found).toMatchObject({ server: 0, sampled: 3, unmarked: 0 });
  });

  it('finds a mail that was moved and whose row is lost, also without a Message-ID to know it by, and goes on from where it was', async () => {
    await taken(['a', 'b', 'c']);
    await query(`update inbound set message_id = null`);
    await query(`delete from inbound where encode(raw, 'escape') like '%Subject: b%'`);
    const found = await look();
    expect(found.lost?.uids).toHaveLength(1);
    expect(differenceLines(found)).toEqual([
      expect.stringMatching(/moved to Processed: the mail with .* has no row any more/),
    ]);
    expect((await look(found.archivedUpTo)).lost?.uids).toEqual([]);
  });

  it('finds a mail in the watched folder without a row, and one whose bytes are others', async () => {
    await taken(['a', 'b'], true);
    await query(`delete from inbound where encode(raw, 'escape') like '%Subject: a%'`);
    await query(`update inbound set sha256 = '\\x00'`);
    const found = await look();
    expect(found).toMatchObject({ server: 2, sampled: 1 });
    expect(found.missing.uids).toHaveLength(1);
    expect(found.changed).toHaveLength(1);
    expect(differenceLines(found)).toHaveLength(2);
  });

  it('a mail that has no row and carries our mark was decided before, and its new row says so', async () => {
    await dovecot.append(mail('decided-before'), 'INBOX', user());
    const client = await dovecot.client(user());
    await client.mailboxOpen('INBOX');
    await client.messageFlagsAdd('1:*', ['$Casepost']);
    await client.logout();
    await dovecot.append(mail('new'), 'INBOX', user());
    await taken([], true, 2);
    const found = await rows<{ subject: string }>(
      database.db,
      `select substring(convert_from(raw, 'utf8') from 'Subject: (\\S+)') as subject from inbound where recovered`,
    );
    expect(found).toEqual([{ subject: 'decided-before' }]);
  });

  it('finds what was decided an hour ago and is not flagged', async () => {
    await taken(['a'], true);
    await decideAll(database.db);
    expect((await look()).unmarked).toBe(0);
    await query(`update inbound set decided_at = decided_at - interval '61 minutes'`);
    expect((await look()).unmarked).toBe(1);
  });

  it('on schedule: never in the first minute, in which the mails of a start are on their way', async () => {
    const start = systemClock();
    const dice = vi.spyOn(Math, 'random').mockReturnValue(1 - Number.EPSILON);
    expect(await whenDue('one', start)).toBeNull();
    dice.mockRestore();
    expect(await whenDue('one', start.add({ seconds: 59 }))).toBeNull();
    expect(await whenDue('one', start.add({ seconds: 61 }))).toMatchObject({ server: 0 });
  });

  it('on schedule: one gateway does it, a second look confirms, and the alarm ends with the difference', async () => {
    await taken(['a']);
    await dovecot.append(mail('late'), 'INBOX', user());
    let now = systemClock();
    const gateway = (owner: string) => whenDue(owner, now);
    const keys = async () => (await openAlarms(database.db)).map(({ key }) => key);
    expect(await gateway('one')).toBeNull();
    now = now.add({ minutes: 61 });
    const looked = await Promise.all(['one', 'two', 'three'].map(gateway));
    expect(looked.filter((difference) => difference !== null)).toHaveLength(1);
    expect(await keys()).toEqual([]);
    expect(await gateway('two')).toBeNull();
    now = now.add({ minutes: 11 });
    await gateway('two');
    const [alarm] = await openAlarms(database.db);
    expect(alarm?.key).toBe(`reconcile:${imapSource(account())}`);
    expect(alarm?.text).toMatch(/UIDVALIDITY:UID \d+:\d+ has no row/);
    await rows(database.db, 'truncate inbound cascade');
    const client = await dovecot.client(user());
    for (const path of ['INBOX', 'Processed']) {
      await client.mailboxOpen(path);
      await client.messageDelete('1:*');
    }
    await client.logout();
    expect(await gateway('one')).toBeNull();
    now = now.add({ hours: 25 });
    await gateway('one');
    expect(await keys()).toEqual([]);
  });

  it('a chore of a gateway that died is taken over when its lease is out, and what the dead one says then counts for nothing', async () => {
    const now = systemClock();
    const claim = (holder: string, leaseSeconds: number) =>
      claimChore<{ by: string }>(database.db, { name: 'x', holder, first: now, leaseSeconds }, now);
    const dead = await claim('dead', 0);
    const alive = await claim('alive', 60);
    expect(await claim('third', 60)).toBeNull();
    const later = { dueAt: now.add({ hours: 1 }), found: { by: 'dead' } };
    await settleChore(database.db, { name: 'x', holder: 'dead' }, later);
    expect(await rows(database.db, 'select holder, found from chores')).toEqual([{ holder: 'alive', found: {} }]);
    await settleChore(database.db, { name: 'x', holder: 'alive' }, { dueAt: now, found: { by: 'alive' } });
    expect([dead, alive].map((one) => one?.holder)).toEqual(['dead', 'alive']);
    expect((await claim('third', 60))?.found).toEqual({ by: 'alive' });
  });
});
