// The doors behind a real Postfix: what its queue holds and what our rows hold is the same mail, at no time neither.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Listener } from '../../src/config.ts';
import { type MailDoor, listenForMail } from '../../src/intake/smtp.ts';
import { largeMails } from '../../src/intake/large.ts';
import { type Postfix, startPostfix } from '../servers/postfix.ts';
import { whyMissing } from '../servers/programs.ts';
import { type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';
import { type TestDatabase, startDatabase, storedMails } from './database.ts';

const missing = whyMissing('postgres', 'postfix');

describe.skipIf(missing)(`behind a real Postfix ${missing ?? ''}`, () => {
  let database: TestDatabase;
  let postfix: Postfix;
  let world: SmtpPeer;
  const doors: MailDoor[] = [];
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const mailboxes = ['lmtp.test', 'smtp.test'].map((domain) => ({
    id: domain,
    address: `help@${domain}`,
    aliases: [],
    addressExtension: '+',
  }));

  beforeAll(async () => {
    database = await startDatabase();
    for (const protocol of ['lmtp', 'smtp'] as const) {
      const listener: Listener = {
        protocol,
        host: '127.0.0.1',
        port: 0,
        hosts: ['127.0.0.1'],
        maxBytes: 1_000_000,
        tls: null,
        verify: false,
        resolver: null,
      };
      doors.push(
        await listenForMail({
          listener,
          mailboxes,
          db: database.db,
          large: largeMails(),
          onStored() {},
          log: quiet,
          now: systemClock,
        }),
      );
    }
    const [lmtp, smtp] = doors;
    world = await startSmtpPeer();
    postfix = await startPostfix({
      routes: {
        'lmtp.test': { protocol: 'lmtp', port: lmtp?.port ?? 0 },
        'smtp.test': { protocol: 'smtp', port: smtp?.port ?? 0 },
      },
      relayPort: world.port,
    });
  }, 90_000);
  beforeEach(() => database.reset());
  afterAll(async () => {
    await postfix?.stop();
    for (const door of doors) await door.close();
    await world?.stop();
    await database?.stop();
  }, 60_000);

  const mail = (token: string) => `From: ann@example.net\r\nSubject: ${token}\r\n\r\n.one\r\n..two\r\n${token}\r\n`;
  const send = (token: string, ...recipients: string[]) =>
    postfix.send(mail(token), { reversePath: 'ann@example.net', recipients });

  for (const domain of ['lmtp.test', 'smtp.test']) {
    test(`a mail for ${domain} is one row, with the envelope Postfix had and the body unchanged`, async () => {
      await send('one', `help+c7.x@${domain}`);
      await postfix.emptied();
      const rows = await storedMails(database.db);
      expect(rows.map((row) => [row.source, row.from, row.to])).toEqual([
        [domain.slice(0, 4), 'ann@example.net', [`help+c7.x@${domain}`]],
      ]);
      expect(rows[0]?.raw.toString()).toMatch(/\r\nSubject: one\r\n[^]*\r\n\r\n\.one\r\n\.\.two\r\none\r\n$/);
    }, 120_000);

    test(`while the database is away Postfix keeps the mail for ${domain}, and brings it once it is back`, async () => {
      await database.postgres.kill9();
      await send('kept', `help@${domain}`);
      await expect
        .poll(async () => (await postfix.queue())[0]?.reasons.join(), { timeout: 40_000 })
        .toContain('cannot store the mail now');
      await database.postgres.start();
      await postfix.flush();
      await postfix.emptied();
      expect((await storedMails(database.db)).length).toBe(1);
    }, 60_000);
  }

  test('one mail to two recipients of one mailbox is one row, whichever answers Postfix waits for', async () => {
    await send('two', 'help@lmtp.test', 'help+other@lmtp.test');
    await postfix.emptied();
    const rows = await storedMails(database.db);
    expect(rows.map((row) => new Set(row.to))).toEqual([new Set(['help@lmtp.test', 'help+other@lmtp.test'])]);
  }, 120_000);

  test('a recipient we do not have comes back to the sender as a report, and the other one is stored', async () => {
    await send('half', 'help@lmtp.test', 'nobody@lmtp.test');
    await world.waitFor((letter) => letter.reversePath === '' && letter.raw.includes('5.1.1'));
    expect((await storedMails(database.db)).map((row) => row.to)).toEqual([['help@lmtp.test']]);
  }, 120_000);
});
