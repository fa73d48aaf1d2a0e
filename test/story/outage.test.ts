// IMAP, SMTP and database are away when the gateway starts, and again in the middle of its work: each is said once, nothing is lost, and all
// goes on by itself when they are back (TRUST P13, issue 2).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { aDesk, type Desk } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const warning = 40;

describe.skipIf(missing)(`everything around is away${missing ? ` (${missing})` : ''}`, { timeout: 90_000 }, () => {
  let database: TestDatabase;
  let desk: Desk;
  let gateway: Program;
  let proxies: { database: TcpProxy; imap: TcpProxy; smtp: TcpProxy };
  beforeAll(async () => {
    database = await sharedDatabase('outage');
    const target = new URL(database.url);
    // The proxies must stand before the configuration names them, and the servers before the proxies.
    proxies = {
      database: await startTcpProxy(Number(target.port)),
      imap: await startTcpProxy(1),
      smtp: await startTcpProxy(1),
    };
    target.port = String(proxies.database.port);
    desk = await aDesk({ databaseUrl: target.href, imapPort: proxies.imap.port, smtpPort: proxies.smtp.port });
    proxies.imap.repoint(desk.dovecot.ports.imap);
    proxies.smtp.repoint(desk.peer.port);
    desk.databaseUrl = database.url;
  });
  afterAll(async () => {
    await gateway?.kill9();
    await Promise.all(Object.values(proxies ?? {}).map((proxy) => proxy.stop()));
    await desk?.stop();
    await database?.drop();
  });

  function away(...names: (keyof typeof proxies)[]): void {
    for (const name of names) {
      proxies[name].fault({ refuse: true });
      proxies[name].cutAll();
    }
  }
  function back(): void {
    for (const proxy of Object.values(proxies)) proxy.fault({});
  }
  function complaints(about: RegExp): string[] {
    return gateway.log.filter(({ msg, level }) => level >= warning && about.test(msg)).map(({ msg }) => msg);
  }
  async function arrives(word: string): Promise<void> {
    await desk.dovecot.append(firstMail({ from: `${word}@${word}.test`, subject: word, text: `About ${word}.` }));
  }

  it('a database that is away at the start is waited for and said once', async () => {
    away('database', 'imap', 'smtp');
    await arrives('before');
    gateway = await startCasepost(['start', '-c', desk.config], { ready: null });
    const tries = proxies.database.connections();
    await until('the database was tried three times', () => proxies.database.connections() >= tries + 3);
    expect(complaints(/database/)).toHaveLength(1);
    expect(gateway.running()).toBe(true);
    proxies.database.fault({});
    await gateway.says(/casepost is running/, 30);
    await gateway.says(/database: back after/);
  });

  it('an IMAP server away at the start is said once, and read when it is back', async () => {
    const tries = proxies.imap.connections();
    await until('IMAP was tried again and again', () => proxies.imap.connections() >= tries + 3, 30);
    expect(complaints(/^IMAP/)).toHaveLength(2);
    proxies.imap.fault({});
    await until('the mail is a case', async () => (await desk.rows('select 1 from cases')).length === 1, 30);
  });

  it('a letter waits while SMTP is away, said once, and leaves when it is back', async () => {
    await until('the postbox knocked', () => complaints(/SMTP/).length > 0);
    const tries = proxies.smtp.connections();
    await until('SMTP was tried again', () => proxies.smtp.connections() > tries, 30);
    expect(complaints(/SMTP/)).toHaveLength(1);
    expect(desk.peer.letters).toHaveLength(0);
    proxies.smtp.fault({});
    await desk.letterTo('before@before.test', { seconds: 40 });
    await gateway.says(/SMTP.*back after/);
  });

  it('all three away in the middle: nothing is lost, everything goes on by itself', async () => {
    gateway.log.length = 0;
    away('database', 'imap', 'smtp');
    await Promise.all(['one', 'two', 'three'].map(arrives));
    const tries = proxies.imap.connections();
    await until('IMAP was tried again and again', () => proxies.imap.connections() >= tries + 3, 30);
    for (const about of [/^IMAP 127\.0\.0\.1:\d+ INBOX:/, /database|receiving/]) {
      const said = complaints(about).map((msg) => msg.split(':').slice(0, 2).join(':'));
      expect(said.length, said.join('\n')).toBeGreaterThan(0);
      // Two folders, each of which says once that it is away and once that it can not store.
      expect(said.length, complaints(about).join('\n')).toBeLessThanOrEqual(4);
    }
    back();
    for (const word of ['one', 'two', 'three']) await desk.letterTo(`${word}@${word}.test`, { seconds: 60 });
    const dispositions = await desk.rows<{ disposition: string }>('select disposition from inbound order by id');
    expect(dispositions.map(({ disposition }) => disposition)).toEqual(['opened', 'opened', 'opened', 'opened']);
    for (const word of ['one', 'two', 'three']) expect(desk.lettersTo(`${word}@${word}.test`)).toHaveLength(1);
  });

  it('a database that goes and comes alone leaves the IMAP server untouched meanwhile', async () => {
    // Letters are faster than the flagging of their mails.
    await until('the earlier mails are moved', async () => (await desk.counted('INBOX')).messages === 0);
    away('database');
    await arrives('four');
    await gateway.says(/storing mails: /, 30);
    expect(await desk.counted('INBOX')).toEqual({ messages: 1, unseen: 1 });
    back();
    await desk.letterTo('four@four.test', { seconds: 60 });
    expect(gateway.running()).toBe(true);
  });
});
