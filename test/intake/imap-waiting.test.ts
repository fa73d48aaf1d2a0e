// What takes time, all at once: connections that die without a word, servers that answer so slowly that it comes to the same or ask us to come
// back later, and how long a mailbox may be away before a person hears of it. Other mailboxes wait for none of them.
import { type Socket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { secretOf } from '../../src/secret.ts';
import { openAlarms } from '../../src/store/alarms.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { whyMissing } from '../servers/programs.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';
import { type TestDatabase, startDatabase, storedMails } from './database.ts';
import { type Script, type ScriptedWatch, holding, startScriptedImap, watchScripted } from './imap-server.ts';

const missing = whyMissing('postgres', 'dovecot');
const mail = 'Subject: x\r\n\r\nx\r\n';
/** IMAP_SILENCE=1 measures also the usual poll, and what IDLE alone notices: a minute more. */
const lasting: [string, number][] =
  process.env['IMAP_SILENCE'] === '1'
    ? [
        ['polled', 30],
        ['idle', 3600],
      ]
    : [];

describe.skipIf(missing)(`a server that lets us wait ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let dovecot: Dovecot;
  const opened: { stop(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    const names = ['often', 'polled', 'idle', 'other'].map((name) => [name, 'secret']);
    [database, dovecot] = await Promise.all([startDatabase(), startDovecot({ users: Object.fromEntries(names) })]);
  }, 60_000);
  afterAll(async () => {
    for (const one of opened.toReversed()) await one.stop();
    await Promise.all([database?.stop(), dovecot?.stop()]);
  }, 60_000);

  /** Watches a folder for a mailbox of its own; the source has its name too. */
  function watch(name: string, port: number, changes: Parameters<typeof watchScripted>[2] = {}): ScriptedWatch {
    const watching = watchScripted(database.db, port, {
      user: name,
      password: secretOf('secret'),
      source: name,
      mailbox: name,
      ...changes,
    });
    opened.push(watching);
    return watching;
  }
  async function scripted(name: string, script: Script, changes: Parameters<typeof watchScripted>[2] = {}) {
    const server = await startScriptedImap(holding(new Map([[1, mail]]), script));
    opened.push(server);
    return { name, server, watching: watch(name, server.port, changes) };
  }
  const says =
    (when: RegExp, answer: string): Script =>
    (command) =>
      when.test(command) ? answer : undefined;
  const stored = async (source: string) =>
    (await storedMails(database.db)).filter((row) => row.source === source).length;
  const alarmsOf = async (name: string) =>
    (await openAlarms(database.db)).filter(({ key }) => key.endsWith(`:${name}`)).map(({ key, text }) => [key, text]);

  for (const [user, pollSeconds] of [['often', 1] as const, ...lasting]) {
    const title = `a connection that dies without a word is noticed within 120 s, with a look every ${pollSeconds} s, and mail is read again`;
    test.concurrent(title, { timeout: 240_000 }, async ({ expect }) => {
      const proxy = await startTcpProxy(dovecot.ports.imap);
      opened.push(proxy);
      const watching = watch(user, proxy.port, { pollSeconds });
      await expect.poll(() => watching.health().lastLookAt, { timeout: 20_000 }).not.toBeNull();
      // IDLE must stand, or it is the command that begins it whose answer is missing.
      await new Promise((standing) => setTimeout(standing, 1000));
      const began = performance.now();
      proxy.fault({ blackhole: ['up', 'down'] });
      await dovecot.append(mail, 'INBOX', user);
      await expect.poll(() => watching.health().error, { timeout: 120_000, interval: 200 }).not.toBeNull();
      if (lasting.length > 0) console.log(`${user}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
      proxy.fault({});
      await expect.poll(() => stored(user), { timeout: 60_000, interval: 200 }).toBe(1);
    });
  }

  test.concurrent(
    'a server that drips a byte a second is left at the deadline of its command, and delays no other mailbox',
    { timeout: 100_000 },
    async ({ expect }) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        const drip = setInterval(() => socket.write('*'), 1000);
        socket.on('close', () => clearInterval(drip));
      });
      await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
      opened.push({
        async stop() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
      const dripped = watch('dripped', (server.address() as { port: number }).port);
      const other = watch('other', dovecot.ports.imap, { pollSeconds: 30 });
      await expect.poll(() => other.health().lastLookAt, { timeout: 20_000 }).not.toBeNull();
      await dovecot.append(mail, 'INBOX', 'other');
      await expect.poll(() => stored('other'), { timeout: 40_000 }).toBe(1);
      await expect
        .poll(() => dripped.health().error?.error, { timeout: 60_000, interval: 200 })
        .toMatch(/no answer within 30 s/);
    },
  );

  test.concurrent(
    'whatever it is said to, "not now" is not asked again within seconds, is no alarm, and no mail is suspected for it',
    { timeout: 100_000 },
    async ({ expect }) => {
      let throttled = true;
      const slowDown: Script = (command) =>
        throttled && command.includes('FETCH') ? 'TAG NO [THROTTLED] Slow down.\r\n' : undefined;
      const scripts: [string, Script][] = [
        ['greeting', says(/^greeting/, '* BYE Too many connections from your network\r\n')],
        ['login', says(/^LOGIN|^AUTHENTICATE/, 'TAG NO [ALERT] Too many simultaneous connections. (Failure)\r\n')],
        ['select', says(/^SELECT/, 'TAG BAD User is authenticated but not connected.\r\n')],
        ['search', says(/SEARCH/, 'TAG NO [THROTTLED] Rate limit hit.\r\n')],
        ['session', says(/SEARCH/, '* BYE Session limit reached\r\nTAG OK done\r\n')],
        ['fetch', slowDown],
      ];
      const started = await Promise.all(scripts.map(([name, script]) => scripted(name, script)));
      for (const { watching } of started)
        await expect.poll(() => watching.health().error, { timeout: 40_000 }).not.toBeNull();
      // That nothing happens can only be waited for; another failure would be tried again after one second and after two.
      await new Promise((quiet) => setTimeout(quiet, 4000));
      expect(started.map(({ name, server }) => [name, server.connections()])).toEqual(
        scripts.map(([name]) => [name, 1]),
      );
      for (const [name] of scripts) expect(await alarmsOf(name)).toEqual([]);
      throttled = false;
      await expect.poll(() => stored('fetch'), { timeout: 25_000 }).toBe(1);
      expect(started.flatMap(({ watching }) => watching.said).filter((line) => line.includes('UID 1'))).toEqual([]);
    },
  );

  test.concurrent('a server that says how long is not asked before', { timeout: 100_000 }, async ({ expect }) => {
    const told = 'TAG BAD Request is throttled. Suggested Backoff Time: 60000 milliseconds\r\n';
    const { server, watching } = await scripted('told', says(/^SELECT/, told));
    // imapflow holds the answer back for 25 s; without the word we would come again after 15 s more.
    await new Promise((quiet) => setTimeout(quiet, 43_000));
    expect([server.connections(), watching.health().error?.error]).toEqual([1, expect.stringContaining('60000')]);
  });

  test.concurrent(
    'a mailbox that has been away for a quarter of an hour is an alarm, not before, and over when it is back',
    { timeout: 100_000 },
    async ({ expect }) => {
      let [away, ahead] = [true, 0];
      const now = () => systemClock().add({ minutes: ahead });
      const bye: Script = (command) => (away && command === 'greeting' ? '* BYE no\r\n' : undefined);
      const { server, watching } = await scripted('away', bye, { now });
      await expect.poll(() => server.connections(), { timeout: 40_000 }).toBeGreaterThan(1);
      expect(await alarmsOf('away')).toEqual([]);
      ahead = 16;
      const waits = expect.stringContaining('its mail waits on the server');
      await expect.poll(() => alarmsOf('away'), { timeout: 20_000 }).toEqual([['imap:away', waits]]);
      away = false;
      await expect.poll(() => alarmsOf('away'), { timeout: 30_000 }).toEqual([]);
      expect(watching.health().error).toBeNull();
    },
  );
});
