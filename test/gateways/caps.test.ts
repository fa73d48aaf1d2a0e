// The caps of TRUST 4.3.4 are exact however many decide at once: fifty transactions together, as several gateways have them, over one domain's
// last letters of the hour and over the breaker's.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { mailText, startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');
const gateways = 5;
const workersEach = 10;
const mails = 90;

describe.skipIf(missing)(`fifty decisions at once ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let test: TestDesk;
  const databases: Database[] = [];
  beforeAll(async () => {
    test = await startDesk();
    for (let gateway = 0; gateway < gateways; gateway += 1) databases.push(await openDatabase(test.url));
  }, 60_000);
  beforeEach(() => rows(test.db, 'truncate inbound, outbox, entries, cases cascade'));
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await test?.stop();
  });

  /** Puts in mails of one sender each, decides on all of them together, and counts the acknowledgments by state. */
  async function acknowledged(desk: Desk, sender: (index: number) => string): Promise<Record<string, number>> {
    for (let index = 0; index < mails; index += 1) {
      const text = `The restore of volume ${index} stops with ${'abcdefghij'[index % 10]}${index * 7919}.`;
      await test.store(mailText({ From: sender(index), Subject: `Restore ${index} of ${index * 31}` }, text));
    }
    const work = async ({ db }: Database) => {
      while (await receiveNext({ db, desk, parser: test.parser, now: () => test.clock.now }));
    };
    await Promise.all(databases.flatMap((database) => Array.from({ length: workersEach }, () => work(database))));
    const found = await rows<{ state: string; count: number }>(
      test.db,
      `select state, count(*) from outbox where kind = 'acknowledgment' group by state`,
    );
    return Object.fromEntries(found.map(({ state, count }) => [state, count]));
  }
  const withLoops = (changes: Partial<Desk['policy']['loops']>): Desk => ({
    ...test.desk,
    policy: { ...test.desk.policy, loops: { ...test.desk.policy.loops, ...changes } },
  });

  it('give a domain as many letters as its hour has, and not one more', async () => {
    const cap = test.desk.policy.loops.lettersPerDomainAnHour;
    expect(await acknowledged(test.desk, (index) => `person${index}@shared.example`)).toEqual({ waiting: cap });
    expect((await rows(test.db, 'select 1 from cases')).length).toBe(mails);
  });

  it('open the breaker at the same letter as one decision after the other would', async () => {
    const breakerLettersAnHour = 40;
    const letters = await acknowledged(withLoops({ breakerLettersAnHour }), (index) => `ann@place${index}.example`);
    expect(letters).toEqual({ waiting: breakerLettersAnHour + 1, held: mails - breakerLettersAnHour - 1 });
  });
});
