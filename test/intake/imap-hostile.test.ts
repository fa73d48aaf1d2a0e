// A scripted IMAP server that lies: what it may do to us is to be disbelieved and left, never to fill our memory or our tables, and never to
// hide the mails it does hold.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readCursor } from '../../src/store/cursors.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDatabase, decideAll, startDatabase, storedMails } from './database.ts';
import {
  type Script,
  type ScriptedServer,
  type ScriptedWatch,
  fetched,
  holding,
  startScriptedImap,
  watchScripted,
} from './imap-server.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`an IMAP server that lies ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let server: ScriptedServer;
  let watching: ScriptedWatch;

  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(() => database.reset());
  afterEach(async () => {
    await watching.stop();
    await server.stop();
  });
  afterAll(() => database.stop());

  async function watch(script: Script, changes: Parameters<typeof watchScripted>[2] = {}): Promise<ScriptedWatch> {
    server = await startScriptedImap(script);
    watching = watchScripted(database.db, server.port, changes);
    return watching;
  }
  const looked = () => expect.poll(() => watching.health().lastLookAt, { timeout: 40_000 }).not.toBeNull();
  const uids = async () => (await storedMails(database.db)).map(({ key }) => Number(key.split(':')[1]));
  const mail = 'Subject: x\r\n\r\nx\r\n';
  const one = new Map([[1, mail]]);

  test('the script itself is a server we can read (or the other tests prove nothing)', async () => {
    await watch(holding(one));
    await expect.poll(uids, { timeout: 40_000 }).toEqual([1]);
  });

  test('a literal of 10 GB is not awaited: the connection ends, nothing is stored', async () => {
    const huge = '* 1 FETCH (UID 1 BODY[] {10737418240}\r\n';
    await watch(holding(one, (command) => (/FETCH.*BODY/.test(command) ? huge : undefined)));
    await expect.poll(() => watching.health().error?.error, { timeout: 40_000 }).toMatch(/LiteralTooLarge|literal/i);
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a mail under a UID that was not asked for is not stored', async () => {
    await watch(holding(one, (command) => (/FETCH.*BODY/.test(command) ? fetched(99, mail, true) : undefined)));
    await looked();
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a search answer of words and impossible numbers names no mail', async () => {
    await watch((command) => (/SEARCH/.test(command) ? '* SEARCH none -4 1e99 NaN 0\r\n' : undefined));
    await looked();
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a UID that the server names and does not have hides no mail that comes below it', async () => {
    const mails = new Map([[1, mail]]);
    const honest = holding(mails);
    await watch((command) => {
      const said = honest(command);
      return /SEARCH UID \d+:\*/.test(command) ? said?.replace('\r\n', ' 4000000000\r\n') : said;
    });
    await expect.poll(uids, { timeout: 40_000 }).toEqual([1]);
    mails.set(2, mail);
    await expect.poll(uids, { timeout: 40_000 }).toEqual([1, 2]);
  });

  test('a UIDNEXT below the mails that are there hides none, and lets none in that came before the start', async () => {
    const mails = new Map([
      [8, mail],
      [9, mail],
    ]);
    const searches: string[] = [];
    const lie = (command: string) => {
      if (command.includes('SEARCH')) searches.push(command);
      if (command.startsWith('SELECT')) return '* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n';
      // Both are older than the start.
      return command.includes('SINCE') ? '* SEARCH\r\n' : undefined;
    };
    await watch(holding(mails, lie), { since: null });
    await looked();
    expect(await uids()).toEqual([]);
    // An idle look does not search again through what stood there.
    searches.length = 0;
    await expect.poll(() => searches.length, { timeout: 40_000 }).toBeGreaterThan(0);
    expect(new Set(searches)).toEqual(new Set(['UID SEARCH UID 10:*']));
    mails.set(10, mail);
    await expect.poll(uids, { timeout: 40_000 }).toEqual([10]);
  });

  test('a lower UID that appears late is found when the folder is compared with the rows, at the next start', async () => {
    const mails = new Map([
      [3, mail],
      [5, mail],
    ]);
    await watch(holding(mails));
    await expect
      .poll(async () => (await readCursor(database.db, 'imap:scripted'))?.lastUid, { timeout: 40_000 })
      .toBe(5);
    await watching.stop();
    mails.set(4, mail);
    watching = watchScripted(database.db, server.port);
    await expect.poll(uids, { timeout: 40_000 }).toEqual([3, 5, 4]);
    expect(watching.said.join()).toContain('1 mails below UID 5 have no row');
  });

  test('a mail expunged between search and fetch is not asked for for ever', async () => {
    let searches = 0;
    await watch(
      (command) => {
        if (/SEARCH/.test(command)) {
          searches += 1;
          return searches === 1 ? '* SEARCH 1 2\r\n' : '* SEARCH 1\r\n';
        }
        return /FETCH/.test(command) ? fetched(1, mail, command.includes('BODY')) : undefined;
      },
      { pollSeconds: 600 },
    );
    await expect.poll(() => searches, { timeout: 40_000 }).toBe(2);
    // That nothing more is asked can only be waited for; retries would come each second.
    await new Promise((quiet) => setTimeout(quiet, 2200));
    expect([searches, (await storedMails(database.db)).length, watching.health().error]).toEqual([2, 1, null]);
  });

  test('a flood of EXISTS does not make us ask more than ten times a second', async () => {
    let searches = 0;
    await watch((command) => {
      if (!/SEARCH/.test(command)) return undefined;
      searches += 1;
      return `${Array.from({ length: 500 }, (_, n) => `* ${n + 2} EXISTS\r\n`).join('')}* SEARCH\r\n`;
    });
    await looked();
    const [before, began] = [searches, performance.now()];
    await expect.poll(() => searches - before, { timeout: 40_000 }).toBeGreaterThan(20);
    expect((searches - before) / ((performance.now() - began) / 1000)).toBeLessThan(12);
  });

  test('a folder we may only read is read, and that its mails cannot be flagged is said once', async () => {
    const readOnly = (command: string) => {
      if (command.startsWith('SELECT')) return '* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-ONLY] done\r\n';
      return command.includes('STORE') ? 'TAG NO [NOPERM] Permission denied\r\n' : undefined;
    };
    await watch(holding(one, readOnly));
    await expect.poll(uids, { timeout: 40_000 }).toEqual([1]);
    await decideAll(database.db);
    watching.markNow();
    await expect.poll(() => watching.said, { timeout: 40_000 }).toHaveLength(1);
    expect(watching.said[0]).toMatch(/refused to set \\Seen .*Permission denied/);
    expect((await storedMails(database.db)).map(({ marked }) => marked)).toEqual([false]);
  });

  test('without MOVE and UID EXPUNGE nothing is moved: EXPUNGE would take what others marked as deleted', async () => {
    const commands: string[] = [];
    const bare = (command: string) => {
      commands.push(command);
      if (command === 'greeting') return '* OK [CAPABILITY IMAP4rev1 IDLE] here\r\n';
      return command === 'CAPABILITY' ? '* CAPABILITY IMAP4rev1 IDLE\r\n' : undefined;
    };
    await watch(holding(one, bare), { processedFolder: 'Processed' });
    await expect.poll(uids, { timeout: 40_000 }).toEqual([1]);
    await decideAll(database.db);
    watching.markNow();
    await expect
      .poll(() => watching.health().error?.error, { timeout: 40_000 })
      .toMatch(/neither MOVE nor UID EXPUNGE/);
    expect(commands.filter((command) => /EXPUNGE|COPY|Deleted/.test(command))).toEqual([]);
    expect(commands.some((command) => command.includes('STORE 1'))).toBe(true);
  });
});
