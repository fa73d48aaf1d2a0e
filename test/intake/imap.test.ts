// Stories of a watched folder: a real Dovecot, a real PostgreSQL, and a proxy between us and either that does what networks do.
import { createHash } from 'node:crypto';
import { chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ImapAccount } from '../../src/config.ts';
import { serverUids } from '../../src/intake/imap-place.ts';
import { type Watch, watchMailbox } from '../../src/intake/imap.ts';
import { largeMails } from '../../src/intake/large.ts';
import type { Log } from '../../src/log.ts';
import { secretOf } from '../../src/secret.ts';
import { readCursor } from '../../src/store/cursors.ts';
import { rows } from '../../src/store/db.ts';
import { selfSigned } from '../servers/certificate.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TcpProxy, startTcpProxy } from '../servers/tcp-proxy.ts';
import { type TestDatabase, decideAll, startDatabase, storedMails } from './database.ts';

const missing = whyMissing('postgres', 'dovecot');

describe.skipIf(missing)(`a watched IMAP folder ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let dovecot: Dovecot;
  let proxy: TcpProxy;
  let user = '';
  let users = 0;
  let running: { watch: Watch; ending: AbortController }[] = [];
  const lines: string[] = [];
  const beginnings: string[] = [];
  const log: Log = {
    debug() {},
    // Said once a folder, and looked at where it matters.
    info: (_, text) => (text.includes('the reading begins') ? beginnings : lines).push(text),
    warn: (_, text) => lines.push(text),
    error: (_, text) => lines.push(text),
  };
  const source = 'imap:test';

  beforeAll(async () => {
    const names = Array.from({ length: 40 }, (_, n) => [`user${n}`, 'secret']);
    [database, dovecot] = await Promise.all([
      startDatabase(),
      startDovecot({ users: Object.fromEntries(names), certificate: await selfSigned() }),
    ]);
    proxy = await startTcpProxy(dovecot.ports.imap);
  }, 90_000);
  beforeEach(async () => {
    await database.reset();
    lines.length = 0;
    beginnings.length = 0;
    user = `user${users}`;
    users += 1;
  });
  afterEach(async () => {
    proxy.fault({});
    for (const { watch, ending } of running) {
      ending.abort();
      await watch.stopped;
    }
    running = [];
  });
  afterAll(async () => {
    await proxy?.stop();
    await Promise.all([database?.stop(), dovecot?.stop()]);
  }, 60_000);

  function account(changes: Partial<ImapAccount> = {}): ImapAccount {
    return {
      host: '127.0.0.1',
      port: proxy.port,
      security: 'none',
      user,
      password: secretOf('secret'),
      folder: 'INBOX',
      processedFolder: null,
      since: null,
      pollSeconds: 1,
      ca: null,
      ...changes,
    };
  }

  function watch(changes: Partial<ImapAccount> = {}, onStored = () => {}): Watch {
    const ending = new AbortController();
    const started = watchMailbox({
      account: account(changes),
      mailbox: 'help',
      source,
      db: database.db,
      large: largeMails(),
      onStored,
      log,
      now: systemClock,
      signal: ending.signal,
    });
    running.push({ watch: started, ending });
    return started;
  }

  async function stop(): Promise<void> {
    for (const { watch, ending } of running.splice(0)) {
      ending.abort();
      await watch.stopped;
    }
  }

  const mail = (token: string, bytes = 100) =>
    `From: ann@example.net\r\nSubject: ${token}\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(Math.ceil(bytes / 78))}`;
  const sortedTokens = async () => (await tokens()).toSorted((a, b) => String(a).localeCompare(String(b)));
  const append = (token: string, bytes?: number, folder?: string) => dovecot.append(mail(token, bytes), folder, user);
  const tokens = async () =>
    (await storedMails(database.db)).map((row) => /Subject: (.*)\r/.exec(row.raw.toString('latin1'))?.[1]);
  const eventually = (found: () => Promise<unknown>, expected: unknown, ms = 15_000) =>
    expect.poll(found, { timeout: ms, interval: 50 }).toEqual(expected);

  /** What the server shows of a folder: UIDs with their flags. */
  async function shown(folder = 'INBOX'): Promise<[number, string[]][]> {
    const client = await dovecot.client(user);
    try {
      await client.mailboxOpen(folder, { readOnly: true });
      const found = await client.fetchAll('1:*', { uid: true, flags: true }, { uid: true });
      return found.map((message) => [
        message.uid,
        [...(message.flags ?? [])].filter((flag) => flag !== '\\Recent').sort(),
      ]);
    } finally {
      await client.logout();
    }
  }

  async function asPerson(
    folder: string,
    act: (client: Awaited<ReturnType<Dovecot['client']>>) => Promise<unknown>,
  ): Promise<void> {
    const client = await dovecot.client(user);
    await client.mailboxOpen(folder);
    await act(client);
    await client.logout();
  }

  test('a mail is stored with the bytes the server has, its UID as key and the time it came', async () => {
    await append('one', 3000);
    let stored = 0;
    watch({}, () => (stored += 1));
    await eventually(tokens, ['one']);
    const [row] = await storedMails(database.db);
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(row?.raw ?? Buffer.alloc(0))).toBe(hash(Buffer.from(mail('one', 3000))));
    expect([row?.mailbox, row?.key.endsWith(':1'), stored]).toEqual(['help', true, 1]);
    expect(Math.abs((row?.received.epochMilliseconds ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('mail is stored but not flagged before its decision, and flagged right after', async () => {
    await append('one');
    const watched = watch();
    await eventually(tokens, ['one']);
    expect(await shown()).toEqual([[1, []]]);
    await decideAll(database.db);
    watched.markNow();
    await eventually(() => shown(), [[1, ['$Casepost', '\\Seen']]]);
    await eventually(async () => (await storedMails(database.db)).map((row) => row.marked), [true]);
  });

  test('a new mail is noticed by IDLE, long before the next poll', async () => {
    const watched = watch({ pollSeconds: 600 });
    await expect.poll(() => watched.health().lastLookAt, { timeout: 40_000 }).not.toBeNull();
    await append('idle');
    await eventually(tokens, ['idle'], 3000);
  });

  test('decided mail is moved when a folder for it is configured, which is made when missing', async () => {
    await append('one');
    const watched = watch({ processedFolder: 'Done here' });
    await eventually(tokens, ['one']);
    await decideAll(database.db);
    watched.markNow();
    await eventually(() => shown('Done here'), [[1, ['$Casepost', '\\Seen']]]);
    expect(await shown()).toEqual([]);
  });

  test('a mail that a person read first is stored all the same', async () => {
    await append('read');
    await asPerson('INBOX', (client) => client.messageFlagsAdd('1:*', ['\\Seen'], { uid: true }));
    watch();
    await eventually(tokens, ['read']);
  });

  test('mails are stored oldest first, over several pages, each once', async () => {
    const client = await dovecot.client(user);
    const expected = Array.from({ length: 130 }, (_, n) => `m${n}`);
    for (const token of expected) await client.append('INBOX', Buffer.from(mail(token)));
    await client.logout();
    watch();
    await eventually(async () => (await tokens()).length, 130);
    expect(await tokens()).toEqual(expected);
  }, 120_000);

  test('a large mail comes whole, and alone', async () => {
    await append('small');
    await append('large', 9_000_000);
    watch();
    await eventually(tokens, ['small', 'large'], 20_000);
    expect((await storedMails(database.db))[1]?.raw.equals(Buffer.from(mail('large', 9_000_000)))).toBe(true);
  }, 120_000);

  test('after a restart of ours nothing is stored twice, also when the cursor was lost', async () => {
    await append('one');
    await append('two');
    watch();
    await eventually(tokens, ['one', 'two']);
    await stop();
    await rows(database.db, 'truncate cursors');
    await append('three');
    watch();
    await eventually(tokens, ['one', 'two', 'three']);
    await eventually(async () => (await readCursor(database.db, source))?.lastUid, 3);
  });

  test('a mail expunged by others before it was flagged counts as flagged', async () => {
    await append('gone');
    const watched = watch();
    await eventually(tokens, ['gone']);
    await asPerson('INBOX', (client) => client.messageDelete('1:*', { uid: true }));
    await decideAll(database.db);
    watched.markNow();
    await eventually(async () => (await storedMails(database.db)).map((row) => row.marked), [true]);
  });

  test('since leaves older mails out at the first connection and never later', async () => {
    const client = await dovecot.client(user);
    await client.append('INBOX', Buffer.from(mail('old')), [], new Date('2020-01-01'));
    await client.append('INBOX', Buffer.from(mail('new')), [], new Date('2026-06-01'));
    watch({ since: '2026-01-01' });
    await eventually(tokens, ['new']);
    await client.append('INBOX', Buffer.from(mail('moved here later')), [], new Date('2020-01-01'));
    await client.logout();
    await eventually(tokens, ['new', 'moved here later']);
    expect((await storedMails(database.db)).map((row) => row.received.toString().slice(0, 10))).toEqual([
      '2026-06-01',
      '2020-01-01',
    ]);
    const cursor = await readCursor(database.db, source);
    expect((await serverUids(account(), cursor, systemClock())).uids).toEqual([2, 3]);
  });

  test('an INTERNALDATE that cannot be is replaced by now', async () => {
    const client = await dovecot.client(user);
    await client.append('INBOX', Buffer.from(mail('future')), [], new Date('2035-01-01'));
    await client.logout();
    watch();
    await eventually(tokens, ['future']);
    expect(Math.abs(((await storedMails(database.db))[0]?.received.epochMilliseconds ?? 0) - Date.now())).toBeLessThan(
      60_000,
    );
  });

  test('a new UIDVALIDITY has the folder read anew under new keys', async () => {
    await append('one');
    watch();
    await eventually(tokens, ['one']);
    await stop();
    const before = await serverUids(account(), null, systemClock());
    const list = join(dovecot.maildir(user), 'dovecot-uidlist');
    const text = await readFile(list, 'utf8');
    await writeFile(list, text.replace(/ V[0-9]+ /, ' V1234567 '));
    for (const index of ['dovecot.index', 'dovecot.index.log', 'dovecot.index.cache']) {
      await rm(join(dovecot.maildir(user), index), { force: true });
    }
    const after = await serverUids(account(), null, systemClock());
    expect(after.uidValidity).not.toBe(before.uidValidity);
    watch();
    await eventually(tokens, ['one', 'one']);
    expect(lines.filter((line) => line.includes('UIDVALIDITY changed')).length).toBe(1);
  });

  test('a server that restarts is an outage said once, and work goes on by itself', async () => {
    watch();
    await append('before');
    await eventually(tokens, ['before']);
    await dovecot.kill9();
    await expect.poll(() => lines.length, { timeout: 40_000 }).toBe(1);
    const tries = proxy.connections();
    await expect.poll(() => proxy.connections(), { timeout: 20_000 }).toBeGreaterThan(tries + 1);
    expect(lines.length).toBe(1);
    await dovecot.start();
    await append('after');
    await eventually(tokens, ['before', 'after'], 20_000);
    // The look that read the mail ends a moment later.
    await eventually(
      async () => lines.map((line) => /keep trying|back after/.exec(line)?.[0]),
      ['keep trying', 'back after'],
    );
  }, 60_000);

  for (const bytes of [700, 3000, 200_000, 350_000]) {
    test(`a connection cut after ${bytes} bytes stores no part of a mail, and the mail comes by itself`, async () => {
      await append('first', 500);
      await append('cut', 400_000);
      await append('last', 500);
      proxy.fault({ cut: { direction: 'down', bytes } });
      watch();
      await expect.poll(() => lines.length, { timeout: 40_000 }).toBeGreaterThan(0);
      for (const row of await storedMails(database.db)) expect(row.raw.toString()).toMatch(/x\r\n$/);
      proxy.fault({});
      proxy.cutAll();
      await eventually(
        async () => (await tokens()).toSorted((a, b) => String(a).localeCompare(String(b))),
        ['cut', 'first', 'last'],
        20_000,
      );
      const cut = (await storedMails(database.db)).find((row) => row.raw.length > 300_000);
      expect(cut?.raw.equals(Buffer.from(mail('cut', 400_000)))).toBe(true);
    }, 120_000);
  }

  for (const [command, text] of [
    ['STORE', 'UID STORE'],
    ['MOVE', 'UID MOVE'],
  ] as const) {
    test(`a ${command} whose answer never came is done again without harm`, async () => {
      await append('one');
      const watched = watch({ processedFolder: 'Processed' });
      await eventually(tokens, ['one']);
      proxy.fault({ cutAfter: { direction: 'up', text } });
      await decideAll(database.db);
      watched.markNow();
      await expect.poll(() => lines.length, { timeout: 40_000 }).toBeGreaterThan(0);
      proxy.fault({});
      await eventually(() => shown('Processed'), [[1, ['$Casepost', '\\Seen']]], 20_000);
      await eventually(async () => (await storedMails(database.db)).map((row) => row.marked), [true]);
    }, 120_000);
  }

  test('while the database is away the server is left as it is, and everything comes in after', async () => {
    watch();
    await append('before');
    await eventually(tokens, ['before']);
    await database.postgres.kill9();
    await append('during');
    await expect.poll(() => lines.length, { timeout: 40_000 }).toBe(1);
    expect(lines[0]).toContain('storing mails');
    expect(await shown()).toEqual([
      [1, []],
      [2, []],
    ]);
    await database.postgres.start();
    await eventually(tokens, ['before', 'during'], 40_000);
  }, 90_000);

  test('a refused login is said once, without the password, and not repeated for half a minute', async () => {
    const watched = watch({ password: secretOf('canary-wrong') });
    await expect.poll(() => watched.health().error?.error, { timeout: 40_000 }).toMatch(/login refused/);
    const connections = proxy.connections();
    // That nothing happens can only be waited for.
    await new Promise((quiet) => setTimeout(quiet, 3000));
    expect([proxy.connections() - connections, lines.length]).toEqual([0, 1]);
    expect(lines.join()).not.toContain('canary-wrong');
  }, 120_000);

  test('a server without STARTTLS gets no password when starttls is configured', async () => {
    const bare = await startDovecot({ users: { [user]: 'secret' } });
    const watched = watch({ port: bare.ports.imap, security: 'starttls' });
    await expect.poll(() => watched.health().error?.error, { timeout: 40_000 }).toMatch(/STARTTLS/);
    await stop();
    await bare.stop();
  }, 120_000);

  test('a certificate nobody vouches for is refused, over TLS and STARTTLS', async () => {
    for (const [security, port] of [
      ['tls', dovecot.ports.imaps],
      ['starttls', dovecot.ports.imap],
    ] as const) {
      const watched = watch({ security, port, host: 'localhost' });
      await expect.poll(() => watched.health().error?.error, { timeout: 40_000 }).toMatch(/certificate/);
      await stop();
    }
  }, 120_000);

  test('a folder the server will not move to is said once, the mail is not recorded as shown, and is moved when it may', async () => {
    await append('one');
    await append('makes the folder', 100, 'Processed');
    const target = join(dovecot.maildir(user), '.Processed');
    const watched = watch({ processedFolder: 'Processed' });
    await eventually(tokens, ['one']);
    await chmod(target, 0o000);
    await decideAll(database.db);
    watched.markNow();
    await expect.poll(() => watched.health().error?.error, { timeout: 40_000 }).toMatch(/refused to move/);
    expect((await storedMails(database.db)).map((row) => row.marked)).toEqual([false]);
    await chmod(target, 0o700);
    await eventually(async () => (await storedMails(database.db)).map((row) => row.marked), [true]);
    expect(lines.filter((line) => line.includes('refused to move')).length).toBe(1);
  }, 120_000);

  test('stopping does not wait for a server that never greets', async () => {
    const before = proxy.connections();
    proxy.fault({ blackhole: ['down', 'up'] });
    watch();
    await expect.poll(() => proxy.connections(), { timeout: 40_000 }).toBe(before + 1);
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('a mail the server cannot read holds up no other, is said once, and comes when it can be read', async () => {
    for (const token of ['first', 'broken', 'last']) await append(token);
    const folder = join(dovecot.maildir(user), 'cur');
    const broken = await fileWith(folder, 'broken');
    await chmod(broken, 0o000);
    watch();
    await eventually(sortedTokens, ['first', 'last']);
    await expect.poll(() => lines.filter((line) => line.includes('UID 2')).length, { timeout: 40_000 }).toBe(1);
    await append('behind it');
    await eventually(sortedTokens, ['behind it', 'first', 'last']);
    expect((await readCursor(database.db, source))?.lastUid).toBe(1);
    await chmod(await fileWith(folder, 'broken'), 0o600);
    await eventually(sortedTokens, ['behind it', 'broken', 'first', 'last'], 30_000);
    await eventually(async () => (await readCursor(database.db, source))?.lastUid, 4);
    expect(lines.filter((line) => line.includes('UID 2')).length).toBe(1);
  }, 90_000);

  test('two watchers of one folder store each mail once', async () => {
    for (const token of ['a', 'b', 'c', 'd', 'e']) await append(token);
    watch();
    watch();
    await eventually(
      async () => (await tokens()).toSorted((a, b) => String(a).localeCompare(String(b))),
      ['a', 'b', 'c', 'd', 'e'],
    );
  });

  test('stopping ends at once, however far the next poll is', async () => {
    const watched = watch({ pollSeconds: 600 });
    await expect.poll(() => watched.health().lastLookAt, { timeout: 40_000 }).not.toBeNull();
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

/** The Maildir file that holds a subject. */
async function fileWith(folder: string, subject: string): Promise<string> {
  for (const root of [folder, folder.replace(/cur$/, 'new')]) {
    for (const name of await readdir(root)) {
      const path = join(root, name);
      if ((await readFile(path, 'utf8')).includes(`Subject: ${subject}`)) return path;
    }
  }
  throw new Error(`no mail "${subject}" in ${folder}`);
}
