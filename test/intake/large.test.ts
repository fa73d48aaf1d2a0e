// Of large mails one gateway holds a little at once, whichever doors they come by; ordinary ones wait for none of it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type LargeMails, largeLimits, largeMails } from '../../src/intake/large.ts';
import { type MailDoor, listenForMail } from '../../src/intake/smtp.ts';
import { rows, type Db } from '../../src/store/db.ts';
import { handOverByLmtp } from '../bench/lmtp-client.ts';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { type TestDatabase, startDatabase, storedMails } from './database.ts';
import { type ScriptedServer, holding, startScriptedImap, watchScripted } from './imap-server.ts';

describe('the allowance of the doors', () => {
  const small = { ordinaryBytesMax: 10, doorBytesMax: 30 };
  /** Whether a mail has got its room, as far as that is known once all else has run. */
  const settled = async (asked: Promise<boolean>) => {
    const turn = new Promise<null>((resolve) => setImmediate(resolve, null));
    return Promise.race([asked, turn]);
  };

  test('is not asked for ordinary mails, however little of it is left', async () => {
    const large = largeMails(small);
    await large.arriving().hold(100);
    expect(await settled(large.arriving().hold(10))).toBe(true);
  });

  test('is shared: who finds no room waits until another has left', async () => {
    const large = largeMails(small);
    const [first, second, third] = [large.arriving(), large.arriving(), large.arriving()];
    await Promise.all([first.hold(15), second.hold(15)]);
    const waiting = third.hold(11);
    expect(await settled(waiting)).toBeNull();
    second.leave();
    expect(await waiting).toBe(true);
  });

  test('lets the first mail go beyond it, so that mails which fill it together come to their end', async () => {
    const large = largeMails(small);
    const [first, second] = [large.arriving(), large.arriving()];
    await Promise.all([first.hold(15), second.hold(15)]);
    const waiting = second.hold(5);
    expect(await settled(first.hold(20))).toBe(true);
    expect(await settled(waiting)).toBeNull();
    first.leave();
    expect(await waiting).toBe(true);
  });

  test('tells who has waited too long', async () => {
    const large = largeMails(small);
    await large.arriving().hold(30);
    expect(await large.arriving().hold(11, 0.001)).toBe(false);
  });
});

test('of large mails one is stored at a time in the order of their asking, and one that fails stops none', async () => {
  const large = largeMails({ ordinaryBytesMax: 10, doorBytesMax: 30 });
  const told: string[] = [];
  const work = (name: string) => async () => {
    told.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    told.push(`${name} ends`);
    if (name === 'first') throw new Error('no room on the disk');
  };
  const all = [large.stored(11, work('first')), large.stored(11, work('second')), large.stored(10, work('ordinary'))];
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(told.filter((line) => !line.startsWith('ordinary'))).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ]);
  expect(told.indexOf('ordinary ends')).toBeLessThan(told.indexOf('second ends'));
});

const missing = whyMissing('postgres');

describe.skipIf(missing)(`while the database takes nothing ${missing ?? ''}`, () => {
  const largeBytes = 2 * largeLimits.ordinaryBytesMax;
  let database: TestDatabase;
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(() => database.reset());
  afterAll(() => database?.stop(), 60_000);

  const mail = (name: string, bytes: number) =>
    `From: ${name}@example.net\r\nSubject: ${name}\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(Math.ceil(bytes / 78))}`;

  /** The shares of a gateway, and what was seen of them: large mails that asked to be stored, and the most that were in hand at once. */
  function watched(): { large: LargeMails; seen: { asked: number; most: number } } {
    const large = largeMails();
    const seen = { asked: 0, most: 0 };
    let inHand = 0;
    const stored: LargeMails['stored'] = (bytes, work) => {
      if (bytes < largeBytes) return large.stored(bytes, work);
      seen.asked += 1;
      return large.stored(bytes, async () => {
        inHand += 1;
        seen.most = Math.max(seen.most, inHand);
        return work().finally(() => (inHand -= 1));
      });
    };
    return { large: { ...large, stored }, seen };
  }

  /** Nothing is stored until `meanwhile` is over. */
  async function whileLocked(db: Db, meanwhile: () => Promise<unknown>): Promise<void> {
    await db.transaction(async (trx) => {
      await rows(trx, 'lock table inbound in exclusive mode');
      await meanwhile();
    });
  }

  test('four large mails at the LMTP door wait, one of them in hand, and are all stored afterwards', async () => {
    const { large, seen } = watched();
    const door: MailDoor = await listenForMail({
      listener: {
        protocol: 'lmtp',
        host: '127.0.0.1',
        port: 0,
        hosts: null,
        maxBytes: 10 * largeBytes,
        tls: null,
        verify: false,
        resolver: null,
      },
      mailboxes: [{ id: 'help', address: 'help@example.com', aliases: [], addressExtension: null }],
      db: database.db,
      large,
      onStored() {},
      log: quiet,
      now: systemClock,
    });
    const handed = ['ann', 'bob', 'eve', 'joe'].map((name) => ({
      from: `${name}@example.net`,
      to: 'help@example.com',
      raw: Buffer.from(mail(name, largeBytes)),
    }));
    try {
      let handing: Promise<void> | undefined;
      await whileLocked(database.db, async () => {
        handing = handOverByLmtp(door.port, handed, 4);
        await until('all have come', async () => seen.asked === 4);
      });
      await handing;
      expect(seen.most).toBe(1);
      expect(await storedMails(database.db)).toHaveLength(4);
    } finally {
      await door.close();
    }
  });

  test('large mails of two folders wait as well, one of them in hand', async () => {
    const { large, seen } = watched();
    const servers: ScriptedServer[] = [];
    for (const name of ['ann', 'bob'])
      servers.push(await startScriptedImap(holding(new Map([[1, mail(name, largeBytes)]]))));
    const watches = servers.map(({ port }, at) => watchScripted(database.db, port, { source: `imap:${at}`, large }));
    try {
      // Only what they store is locked out: they begin by reading their places.
      await whileLocked(database.db, () => until('both have come', async () => seen.asked === 2));
      await until('both are stored', async () => (await storedMails(database.db)).length === 2);
      expect(seen.most).toBe(1);
    } finally {
      for (const one of watches) await one.stop();
      for (const server of servers) await server.stop();
    }
  });

  test('a large mail of a folder for which others leave no room is passed by the mails behind it', async () => {
    const large = largeMails();
    const dripping = large.arriving();
    await dripping.hold(largeLimits.doorBytesMax);
    const mails = new Map([
      [1, mail('ann', largeBytes)],
      [2, mail('bob', 100)],
    ]);
    const server = await startScriptedImap(holding(mails));
    const watch = watchScripted(database.db, server.port, { source: 'imap:crowded', large });
    const authors = async () =>
      (await storedMails(database.db)).map(({ raw }) => /^From: (\w+)/.exec(raw.toString())?.[1]);
    try {
      await until('the small one is stored', async () => (await authors()).includes('bob'), 30);
      expect(await authors()).toEqual(['bob']);
      dripping.leave();
      await until('the large one is stored', async () => (await authors()).includes('ann'), 30);
    } finally {
      await watch.stop();
      await server.stop();
    }
  }, 90_000);
});
