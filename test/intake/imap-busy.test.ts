// Servers that say "not now" and servers that say "not you", in the words of Gmail, Microsoft 365, Yahoo and Dovecot: the first are waited
// for as long as they say, the second are asked ever more rarely, and a person hears of both.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askedToWait, imapErrorText, loginRefused } from '../../src/intake/imap-refusal.ts';
import { openAlarms } from '../../src/store/alarms.ts';
import { rows } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDatabase, startDatabase } from './database.ts';
import {
  type Script,
  type ScriptedServer,
  type ScriptedWatch,
  holding,
  startScriptedImap,
  watchScripted,
} from './imap-server.ts';

describe('what a refusal means', () => {
  const refusal = (responseText: string, more: object = {}) =>
    Object.assign(new Error('Command failed'), {
      responseStatus: 'NO',
      responseText,
      authenticationFailed: true,
      ...more,
    });
  const code = (serverResponseCode: string) => ({ serverResponseCode });

  test.each([
    ['Too many simultaneous connections. (Failure)', {}, null],
    ['Account exceeded command or bandwidth limits. (Failure)', code('OVERQUOTA'), null],
    ['Rate limit hit.', code('THROTTLED'), null],
    ['Temporary System Error', code('UNAVAILABLE'), null],
    ['Mailbox is locked', code('INUSE'), null],
    ['Too many of them', code('LIMIT'), null],
    ['User is authenticated but not connected.', { responseStatus: 'BAD' }, null],
    ['Request is throttled. Suggested Backoff Time: 299961 milliseconds', { responseStatus: 'BAD' }, 299.961],
    ['Request is throttled. Suggested Backoff Time: 999999999 milliseconds', { responseStatus: 'BAD' }, 1800],
    ['Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)', {}, null],
    ['LOGIN Server error - Please try again later', {}, null],
  ])('%s is no refused login, and is waited for', (text, more, toldSeconds) => {
    expect(askedToWait(refusal(text, more))).toEqual({ toldSeconds });
    expect(loginRefused(refusal(text, more))).toBe(false);
  });

  test.each([
    ['Invalid credentials (Failure)', code('AUTHENTICATIONFAILED')],
    ['Web login required. (Failure)', code('WEBALERT')],
    ['LOGIN failed.', {}],
    ['Password has expired', code('EXPIRED')],
    ['Please contact your administrator', code('CONTACTADMIN')],
  ])('%s is a refused login', (text, more) => {
    expect([askedToWait(refusal(text, more)), loginRefused(refusal(text, more))]).toEqual([null, true]);
  });

  test('a full processed folder is nothing to wait for before the next mail is read', () => {
    expect(askedToWait(refusal('Quota exceeded (mailbox for user is full)', code('OVERQUOTA')))).toBeNull();
  });

  test('a BYE is read too, and a text without words of waiting is not', () => {
    expect(
      askedToWait(new Error('SEARCH: the server closed the connection with "Session limit reached"')),
    ).not.toBeNull();
    expect(askedToWait(new Error('connect ECONNREFUSED 127.0.0.1:143'))).toBeNull();
    expect(imapErrorText(refusal('x', { response: '3 NO [WEBALERT https://a.example/b] x' }))).toContain(
      'https://a.example/b',
    );
  });
});

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a server that has a word for us ${missing ?? ''}`, () => {
  let database: TestDatabase;
  const opened: (ScriptedServer | ScriptedWatch)[] = [];

  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(async () => {
    await database.reset();
    await rows(database.db, 'truncate alarms');
  });
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.stop();
  });
  afterAll(() => database.stop());

  async function watch(script: Script, changes: Parameters<typeof watchScripted>[2] = {}) {
    const server = await startScriptedImap(script);
    const watching = watchScripted(database.db, server.port, changes);
    opened.push(server, watching);
    return { server, watching };
  }
  const mails = new Map([[1, 'Subject: x\r\n\r\nx\r\n']]);
  const says =
    (when: RegExp, answer: string): Script =>
    (command) =>
      when.test(command) ? answer : undefined;
  const alarms = async () => (await openAlarms(database.db)).map(({ key, text }) => [key, text]);

  test('a refused login is an alarm at once, with the link that the server gives, and over when a login works', async () => {
    const link = 'https://accounts.example/continue?sarp=1';
    const refused = says(/^LOGIN|^AUTHENTICATE/, `TAG NO [WEBALERT ${link}] Web login required. (Failure)\r\n`);
    const { watching } = await watch(holding(mails, refused));
    await expect.poll(alarms, { timeout: 40_000 }).toEqual([['imap-login:help', expect.stringContaining(link)]]);
    await watching.stop();
    await watch(holding(mails));
    await expect.poll(alarms, { timeout: 40_000 }).toEqual([]);
  });

  test('what the server has to say to its users is said once', async () => {
    const alert = '* OK [ALERT] The server moves on Sunday\r\n';
    const { watching } = await watch(
      holding(mails, (command) =>
        command.startsWith('SELECT') ? `${alert}* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n${alert}` : undefined,
      ),
    );
    await expect.poll(() => watching.health().lastLookAt, { timeout: 40_000 }).not.toBeNull();
    expect(watching.said.filter((line) => line.includes('The server moves on Sunday'))).toHaveLength(1);
  });

  test('a folder that is not there is said with those that are', async () => {
    const gone: Script = (command) => {
      if (command.startsWith('LIST')) return '* LIST () "/" INBOX\r\n* LIST (\\All) "/" "[Gmail]/All Mail"\r\n';
      return command.startsWith('SELECT') ? 'TAG NO [NONEXISTENT] Unknown Mailbox: Support\r\n' : undefined;
    };
    const { watching } = await watch(holding(mails, gone), { folder: 'Support' });
    await expect
      .poll(() => watching.said.join(), { timeout: 40_000 })
      .toMatch(/folder Support cannot be opened .*Unknown Mailbox.* the account has INBOX, \[Gmail\]\/All Mail/);
  });
});
