// Where the reading of an old folder begins and how it goes on when the folder is not what it was: a real Dovecot, a real desk that decides.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { serverUids } from '../../src/intake/imap-place.ts';
import type { ImapAccount } from '../../src/config.ts';
import { type Watch, watchMailbox } from '../../src/intake/imap.ts';
import { largeMails } from '../../src/intake/large.ts';
import { secretOf } from '../../src/secret.ts';
import { readCursor } from '../../src/store/cursors.ts';
import { rows } from '../../src/store/db.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDesk, count, mailText, startDesk } from './desk.ts';

const missing = whyMissing('postgres', 'dovecot');

/** Mails in the folder whose UIDVALIDITY changes; IMAP_MAILS=5000 for the figure of the promise. */
const manyMails = Number(process.env['IMAP_MAILS'] ?? 40);

describe.skipIf(missing)(`an old IMAP folder ${missing ?? ''}`, () => {
  let desk: TestDesk;
  let dovecot: Dovecot;
  let user = '';
  let users = 0;
  const running: { watch: Watch; ending: AbortController }[] = [];
  const lines: string[] = [];
  const source = () => `imap:${user}`;

  beforeAll(async () => {
    const names = Array.from({ length: 20 }, (_, n) => [`user${n}`, 'secret']);
    [desk, dovecot] = await Promise.all([startDesk(), startDovecot({ users: Object.fromEntries(names) })]);
  }, 90_000);
  beforeEach(async () => {
    await rows(desk.db, 'truncate inbound, outbox, cursors, entries, cases cascade');
    lines.length = 0;
    user = `user${users}`;
    users += 1;
  });
  afterEach(stop);
  afterAll(async () => {
    await Promise.all([desk?.stop(), dovecot?.stop()]);
  }, 60_000);

  function account(changes: Partial<ImapAccount> = {}): ImapAccount {
    return {
      host: '127.0.0.1',
      port: dovecot.ports.imap,
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

  function watch(changes: Partial<ImapAccount> = {}, mailbox = 'support'): Watch {
    const ending = new AbortController();
    const log = {
      debug() {},
      info: (_: object, text: string) => lines.push(text),
      warn: (_: object, text: string) => lines.push(text),
      error: (_: object, text: string) => lines.push(text),
    };
    const started = watchMailbox({
      account: account(changes),
      mailbox,
      source: `${source()}${changes.folder ?? ''}`,
      db: desk.db,
      large: largeMails(),
      onStored() {},
      log,
      now: systemClock,
      signal: ending.signal,
    });
    running.push({ watch: started, ending });
    return started;
  }

  async function stop(): Promise<void> {
    for (const { watch: one, ending } of running.splice(0)) {
      ending.abort();
      await one.stopped;
    }
  }

  const mail = (token: string, day = new Date()) =>
    mailText(
      {
        Subject: token,
        From: `ann@${token}.example`,
        'Message-ID': `<${token}@customer.example>`,
        Date: day.toUTCString(),
      },
      `About ${token}: it does not work.`,
    ).replaceAll('\n', '\r\n');
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  async function append(token: string, day = new Date(), folder = 'INBOX'): Promise<void> {
    const client = await dovecot.client(user);
    await client.append(folder, Buffer.from(mail(token, day)), [], day);
    await client.logout();
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
  const subjects = async () =>
    (
      await rows<{ subject: string }>(
        desk.db,
        `select substring(convert_from(raw, 'UTF8') from 'Subject: ([^\r]*)') as subject from inbound order by inbound.id`,
      )
    ).map(({ subject }) => subject);
  const eventually = (found: () => Promise<unknown>, expected: unknown, ms = 15_000) =>
    expect.poll(found, { timeout: ms, interval: 50 }).toEqual(expected);
  const looked = (one: Watch) => expect.poll(() => one.health().lastLookAt, { timeout: 40_000 }).not.toBeNull();
  const decideAll = async () => {
    desk.clock.now = systemClock();
    await desk.decideAll(4);
  };
  const outcome = async () => ({
    cases: await count(desk.db, 'cases'),
    acknowledgments: await count(desk.db, `outbox where kind = 'acknowledgment' and recipient not like '%fresh%'`),
    duplicates: await count(desk.db, `inbound where disposition = 'duplicate'`),
    storms: await count(desk.db, `inbound where reason like '%storm%'`),
  });

  /** Gives the folder another UIDVALIDITY, as a server does that was restored or whose indexes were lost. */
  async function renumber(uidValidity: string): Promise<void> {
    const list = join(dovecot.maildir(user), 'dovecot-uidlist');
    const text = await readFile(list, 'utf8');
    await writeFile(list, text.replace(/ V[0-9]+ /, ` V${uidValidity} `));
    for (const index of ['dovecot.index', 'dovecot.index.log', 'dovecot.index.cache'])
      await rm(join(dovecot.maildir(user), index), { force: true });
  }

  /** Fills the folder as a server finds it: files of a Maildir. */
  async function fill(amount: number, day: Date): Promise<void> {
    await asPerson('INBOX', () => Promise.resolve());
    const folder = join(dovecot.maildir(user), 'cur');
    await mkdir(folder, { recursive: true });
    const seconds = Math.floor(day.getTime() / 1000);
    for (let n = 0; n < amount; n += 1)
      await writeFile(join(folder, `${seconds + n}.M${n}.test:2,`), mail(`many${n}`, day));
  }

  test('without since: mail of yesterday and today is read, what came earlier is left alone for good, and reconcile agrees', async () => {
    await append('ancient', daysAgo(400));
    await append('last-week', daysAgo(5));
    await append('yesterday', daysAgo(0.5));
    await append('moved-in-before', daysAgo(300));
    await looked(watch());
    await eventually(subjects, ['yesterday']);
    // What comes later is ours, whatever its date says.
    await append('moved-in-later', daysAgo(200));
    await eventually(subjects, ['yesterday', 'moved-in-later']);
    expect(lines.filter((line) => line.includes('is left alone'))).toHaveLength(1);
    const cursor = await readCursor(desk.db, source());
    expect(await serverUids(account(), cursor, systemClock())).toMatchObject({ mails: 5, uids: [3, 5] });
    await stop();
    // A month later, started anew, beside a gateway on another machine: the same start holds.
    const later = () => systemClock().add({ hours: 24 * 30 });
    expect((await serverUids(account(), cursor, later())).uids).toEqual([3, 5]);
    await Promise.all([looked(watch()), looked(watch())]);
    expect(await subjects()).toEqual(['yesterday', 'moved-in-later']);
    await decideAll();
    // The mail that says of itself that it is 200 days old is a case, and is not acknowledged.
    expect(await outcome()).toEqual({ cases: 2, acknowledgments: 1, duplicates: 0, storms: 0 });
  }, 120_000);

  test('since: beginning takes all, also when it is written only later', async () => {
    await append('ancient', daysAgo(400));
    await append('today');
    await looked(watch());
    await eventually(subjects, ['today']);
    await stop();
    watch({ since: 'beginning' });
    await eventually(subjects, ['today', 'ancient']);
    await stop();
    // Left out again, the last choice stays.
    await append('older', daysAgo(500));
    watch();
    await eventually(subjects, ['today', 'ancient', 'older']);
  }, 120_000);

  test(
    'under a new UIDVALIDITY the start holds, and mails are recognised: no second case, no second acknowledgment, no storm',
    async () => {
      await append('ancient', daysAgo(400));
      await looked(watch());
      await fill(manyMails, daysAgo(0.1));
      const known = async () => count(desk.db, 'inbound');
      await eventually(known, manyMails, 30_000 + 100 * manyMails);
      await decideAll();
      const [before, letters] = [await outcome(), await count(desk.db, 'outbox')];
      expect([before.cases, before.acknowledgments > 0]).toEqual([manyMails, true]);
      await stop();
      await renumber('7654321');
      const again = watch();
      await append('fresh');
      await eventually(known, 2 * manyMails + 1, 30_000 + 100 * manyMails);
      await decideAll();
      expect(await outcome()).toEqual({ ...before, cases: before.cases + 1, duplicates: manyMails });
      const caused = `outbox join inbound on inbound.id = inbound_id where disposition = 'duplicate'`;
      expect(await count(desk.db, caused)).toBe(0);
      // The fresh one's, whatever of them the caps let through.
      expect((await count(desk.db, 'outbox')) - letters).toBeLessThanOrEqual(2);
      expect(lines.filter((line) => line.includes('UIDVALIDITY changed'))).toHaveLength(1);
      expect(await subjects()).not.toContain('ancient');
      expect(again.health().error).toBeNull();
    },
    60_000 + 400 * manyMails,
  );

  test('a mail moved away and back is the same mail under another UID', async () => {
    await append('wanders');
    watch();
    await eventually(subjects, ['wanders']);
    await decideAll();
    await asPerson('INBOX', (client) => client.messageMove('1:*', 'Processed', { uid: true }));
    await asPerson('Processed', (client) => client.messageMove('1:*', 'INBOX', { uid: true }));
    await eventually(subjects, ['wanders', 'wanders']);
    await decideAll();
    expect(await outcome()).toEqual({ cases: 1, acknowledgments: 1, duplicates: 1, storms: 0 });
  }, 120_000);

  test('a mail with two labels is in two folders and is one case', async () => {
    await asPerson('INBOX', (client) => client.mailboxCreate('All Mail'));
    await append('labelled');
    await asPerson('INBOX', (client) => client.messageCopy('1:*', 'All Mail', { uid: true }));
    watch();
    watch({ folder: 'All Mail' }, 'mobility');
    await eventually(subjects, ['labelled', 'labelled']);
    await decideAll();
    expect(await outcome()).toEqual({ cases: 1, acknowledgments: 1, duplicates: 1, storms: 0 });
  }, 120_000);

  test('a folder that is renamed is said with the folders there are, and read on when it is back', async () => {
    await asPerson('INBOX', (client) => client.mailboxCreate('Support'));
    await append('before', new Date(), 'Support');
    const watched = watch({ folder: 'Support' });
    await eventually(subjects, ['before']);
    await stop();
    const [from, to] = ['.Support', '.Elsewhere'].map((name) => join(dovecot.maildir(user), name));
    await rename(from ?? '', to ?? '');
    const missed = watch({ folder: 'Support' });
    await expect
      .poll(() => missed.health().error?.error, { timeout: 40_000 })
      .toMatch(/folder Support cannot be opened .*the account has .*Elsewhere/);
    await rename(to ?? '', from ?? '');
    await append('after', new Date(), 'Support');
    await eventually(subjects, ['before', 'after']);
    expect(watched.health().mailbox).toBe('support');
  }, 120_000);
});
