// A scripted IMAP server that lies: what it may do to us is to be disbelieved and left, never to fill our memory or our tables.
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Watch, watchMailbox } from '../../src/intake/imap.ts';
import { secretOf } from '../../src/secret.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDatabase, startDatabase, storedMails } from './database.ts';

const missing = whyMissing('postgres');

/** What the server says to a command (without its tag), before "OK"; null: nothing at all, not even "OK". */
type Script = (command: string) => string | null | undefined;

describe.skipIf(missing)(`an IMAP server that lies ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let server: Server;
  let watched: { watch: Watch; ending: AbortController } | undefined;
  const sockets = new Set<Socket>();
  const said: string[] = [];
  let idleTag = '';

  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(() => database.reset());
  afterEach(async () => {
    watched?.ending.abort();
    await watched?.watch.stopped;
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
    said.length = 0;
  });
  afterAll(() => database.stop());

  async function watch(script: Script, pollSeconds = 1): Promise<Watch> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.write('* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] here\r\n');
      let pending = '';
      socket.on('data', (chunk) => {
        pending += chunk.toString('latin1');
        const lines = pending.split('\r\n');
        pending = lines.pop() ?? '';
        for (const line of lines) answer(socket, line, script);
      });
    });
    await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
    const ending = new AbortController();
    const log = {
      debug() {},
      info: (_: object, text: string) => said.push(text),
      warn: (_: object, text: string) => said.push(text),
      error: (_: object, text: string) => said.push(text),
    };
    const started = watchMailbox({
      account: {
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        security: 'none',
        user: 'u',
        password: secretOf('p'),
        folder: 'INBOX',
        processedFolder: null,
        since: 'beginning',
        pollSeconds,
        ca: null,
      },
      mailbox: 'help',
      source: 'imap:liar',
      db: database.db,
      onStored() {},
      log,
      now: systemClock,
      signal: ending.signal,
    });
    watched = { watch: started, ending };
    return started;
  }

  function answer(socket: Socket, line: string, script: Script): void {
    if (line === 'DONE') return void socket.write(`${idleTag} OK done\r\n`);
    const [tag = '', ...words] = line.split(' ');
    const command = words.join(' ');
    const given = script(command);
    if (given === null) return;
    if (command.startsWith('IDLE')) {
      idleTag = tag;
      return void socket.write('+ idling\r\n');
    }
    const usual: Record<string, string> = {
      SELECT: '* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n* FLAGS (\\Seen)\r\n',
      LIST: '* LIST () "/" INBOX\r\n',
      CAPABILITY: '* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\n',
    };
    const [verb = ''] = words;
    socket.write(`${given ?? usual[verb.toUpperCase()] ?? ''}${tag} OK done\r\n`);
  }

  const mail = 'Subject: x\r\n\r\nx\r\n';
  const sizes = (uid: number) => `* 1 FETCH (UID ${uid} RFC822.SIZE ${mail.length})\r\n`;
  const body = (uid: number) =>
    `* 1 FETCH (UID ${uid} INTERNALDATE "01-Mar-2026 10:00:00 +0000" BODY[] {${mail.length}}\r\n${mail})\r\n`;

  test('the script itself is a server we can read (or the other tests prove nothing)', async () => {
    await watch((command) => {
      if (/SEARCH/.test(command)) return '* SEARCH 1\r\n';
      if (/FETCH.*SIZE/.test(command)) return sizes(1);
      return /FETCH.*BODY/.test(command) ? body(1) : undefined;
    });
    await expect.poll(() => storedMails(database.db), { timeout: 10_000 }).toHaveLength(1);
  });

  test('a literal of 10 GB is not awaited: the connection ends, nothing is stored', async () => {
    const watching = await watch((command) => {
      if (/SEARCH/.test(command)) return '* SEARCH 1\r\n';
      if (/FETCH.*SIZE/.test(command)) return sizes(1);
      return /FETCH.*BODY/.test(command) ? '* 1 FETCH (UID 1 BODY[] {10737418240}\r\n' : undefined;
    });
    await expect.poll(() => watching.health().error?.error, { timeout: 10_000 }).toMatch(/LiteralTooLarge|literal/i);
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a mail under a UID that was not asked for is not stored', async () => {
    const watching = await watch((command) => {
      if (/SEARCH/.test(command)) return '* SEARCH 1\r\n';
      if (/FETCH.*SIZE/.test(command)) return sizes(1);
      return /FETCH.*BODY/.test(command) ? body(99) : undefined;
    });
    await expect.poll(() => watching.health().lastLookAt, { timeout: 10_000 }).not.toBeNull();
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a search answer of words and impossible numbers names no mail', async () => {
    const watching = await watch((command) => (/SEARCH/.test(command) ? '* SEARCH none -4 1e99 NaN 0\r\n' : undefined));
    await expect.poll(() => watching.health().lastLookAt, { timeout: 10_000 }).not.toBeNull();
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a mail expunged between search and fetch is not asked for for ever', async () => {
    let searches = 0;
    const watching = await watch((command) => {
      if (/SEARCH/.test(command)) {
        searches += 1;
        return searches === 1 ? '* SEARCH 1 2\r\n' : '* SEARCH 1\r\n';
      }
      if (/FETCH.*SIZE/.test(command)) return sizes(1);
      return /FETCH.*BODY/.test(command) ? body(1) : undefined;
    }, 600);
    await expect.poll(() => searches, { timeout: 10_000 }).toBe(2);
    // That nothing more is asked can only be waited for; retries would come each second.
    await new Promise((quiet) => setTimeout(quiet, 2200));
    expect([searches, (await storedMails(database.db)).length, watching.health().error]).toEqual([2, 1, null]);
  });

  test('a flood of EXISTS does not make us ask more than ten times a second', async () => {
    let searches = 0;
    const watching = await watch((command) => {
      if (!/SEARCH/.test(command)) return undefined;
      searches += 1;
      return `${Array.from({ length: 500 }, (_, n) => `* ${n + 2} EXISTS\r\n`).join('')}* SEARCH\r\n`;
    });
    await expect.poll(() => watching.health().lastLookAt, { timeout: 10_000 }).not.toBeNull();
    const [before, began] = [searches, performance.now()];
    await expect.poll(() => searches - before, { timeout: 10_000 }).toBeGreaterThan(5);
    expect((searches - before) / ((performance.now() - began) / 1000)).toBeLessThan(12);
  });
});
