// The clock's door on a real PostgreSQL: what is due is done once, by whichever gateway; a fault stays with its row.
import { getTasks } from 'node-cron';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideOnRequest, type Request } from '../src/cases/on-request.ts';
import { carryOut, signingKey, type Desk } from '../src/desk.ts';
import type { Log } from '../src/log.ts';
import { lockCase } from '../src/store/cases.ts';
import { rows } from '../src/store/db.ts';
import { claimLetters, recordFailed, recordSent } from '../src/store/outbox.ts';
import { readSchedule } from '../src/store/schedule.ts';
import { startTicking, tickOnce } from '../src/tick.ts';
import { count, mailText, startDesk, type TestDesk } from './intake/desk.ts';
import { whyMissing } from './servers/programs.ts';

const missing = whyMissing('postgres');
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(missing)(`a tick ${missing ?? ''}`, () => {
  let test: TestDesk;
  const start = Temporal.Instant.from('2026-03-02T09:00Z');
  beforeAll(async () => {
    test = await startDesk();
  }, 90_000);
  beforeEach(async () => {
    await rows(test.db, 'truncate inbound, outbox, entries, participants, due, cases, contacts, suppressed cascade');
    test.clock.now = start;
  });
  afterAll(() => test?.stop(), 60_000);

  /** A case of this sender that an engineer has answered at `start`. */
  async function answeredCase(mailbox: string, sender = 'ann@customer.example'): Promise<number> {
    await test.store(mailText({ From: sender, 'Message-ID': `<${sender}>` }, 'The export of reports fails.'), mailbox);
    const [received] = await test.decideAll();
    const number = received?.decision.caseNumber ?? 0;
    await request(number, { request: 'reply', by: 'grace@help.example', text: 'Try this.', key: `answer:${number}` });
    return number;
  }
  async function request(number: number, asked: Request): Promise<void> {
    await test.db.transaction(async (trx) => {
      const placed = await lockCase(trx, number, test.clock.now);
      if (!placed) throw new Error('no case');
      const facts = { key: signingKey(test.desk) };
      const decided = decideOnRequest(asked, placed, facts, test.desk.policy, test.clock.now);
      if ('refused' in decided) throw new Error(decided.refused);
      await carryOut(trx, test.desk, decided, { inboundId: null, mailbox: placed.supportCase.mailbox }, test.clock.now);
    });
  }
  /** Everything waiting leaves at `now`, or is refused with `error`. */
  async function post(now: Temporal.Instant, error: string | null = null): Promise<void> {
    for (;;) {
      const letters = await claimLetters(test.db, { owner: 't', limit: 50, leaseSeconds: 60 }, now);
      if (letters.length === 0) return;
      for (const letter of letters) {
        await (error === null
          ? recordSent(test.db, [{ letter, response: '250', at: now }])
          : recordFailed(test.db, letter, { error, unknown: false }));
      }
    }
  }
  const tick = async (now: Temporal.Instant, desk: Desk = test.desk) =>
    (await tickOnce({ db: test.db, desk, sends: desk.config.smtp !== null }, now)).map(
      ({ rule, step, reason }) => `${rule} ${step} ${reason}`,
    );
  const days = (n: number) => start.add({ hours: 24 * n });

  it.for([undefined, 'when-told'] as const)('comes by the minute unless it is told otherwise: %s', async (ticks) => {
    const before = getTasks().size;
    const { db, desk, clock } = test;
    const ticking = startTicking({ db, desk, now: () => clock.now, log: silent, ticks, onTicked() {} });
    const planned = getTasks().size - before;
    await ticking.stop();
    expect(planned).toBe(ticks === 'when-told' ? 0 : 1);
  });

  it('walks a mobility case to its end, each letter once', async () => {
    const number = await answeredCase('mobility');
    const told: string[] = [];
    for (let day = 0; day <= 12; day += 1) {
      await post(days(day));
      told.push(...(await tick(days(day))).map((line) => `${day}: ${line}`));
      await post(days(day).add({ minutes: 2 }));
    }
    expect(told).toEqual(['3: follow-up 1 follow-up-due', '6: follow-up 2 follow-up-due', '9: close 2 closing-due']);
    expect(
      await rows(test.db, 'select status, close_reason as reason from cases where number = :number', { number }),
    ).toEqual([{ status: 'closed', reason: 'no response' }]);
    expect((await readSchedule(test.db, number)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('while no letter leaves asks nothing, and afterwards asks one whole pause later', async () => {
    await answeredCase('support');
    expect(await tick(days(3))).toEqual(['follow-up 1 postponed']);
    expect(await tick(days(8))).toEqual(['follow-up 1 postponed']);
    await post(days(8));
    expect(await tick(days(9))).toEqual(['follow-up 1 postponed']);
    expect(await tick(days(10))).toEqual([]);
    expect(await tick(days(11))).toEqual(['follow-up 1 follow-up-due']);
    expect(await count(test.db, `outbox where kind = 'follow-up'`)).toBe(1);
  });

  it('after a clock that ran years ahead goes on from now, whether a step was planned or put off by it', async () => {
    const ahead = days(3650);
    test.clock.now = ahead;
    await answeredCase('support', 'planned@ahead.example');
    test.clock.now = start;
    await answeredCase('support', 'put-off@ahead.example');
    expect(await tick(ahead)).toEqual(['follow-up 1 postponed']);
    await post(ahead);
    expect(await tick(start)).toEqual(['follow-up 1 postponed', 'follow-up 1 postponed']);
    expect(await tick(start.add({ hours: 71 }))).toEqual([]);
    expect(await tick(days(3))).toEqual(['follow-up 1 follow-up-due', 'follow-up 1 follow-up-due']);
    // The follow-ups leave late, and a letter that left years ahead does not hide it.
    await post(days(5));
    expect(await tick(days(6))).toEqual(['follow-up 2 postponed', 'follow-up 2 postponed']);
    expect(await tick(days(8))).toEqual(['follow-up 2 follow-up-due', 'follow-up 2 follow-up-due']);
  });

  it('of 4 gateways at once does each step once', async () => {
    for (let n = 0; n < 6; n += 1) await answeredCase('support', `p${n}@d${n}.example`);
    await post(start);
    const done = await Promise.all(
      [1, 2, 3, 4].map(() => tickOnce({ db: test.db, desk: test.desk, sends: false }, days(3))),
    );
    expect(done.flat().map(({ reason }) => reason)).toEqual(Array(6).fill('follow-up-due'));
    expect(await count(test.db, `outbox where kind = 'follow-up'`)).toBe(6);
  });

  it('with a fault in one row goes on with the others, and comes back to it in an hour', async () => {
    await answeredCase('support');
    await answeredCase('mobility', 'bob@other.example');
    await post(start);
    const { policy } = test.desk;
    const failing: Desk = { ...test.desk, policy: { ...policy, lines: { ...policy.lines, corporate: null as never } } };
    expect(await tick(days(3), failing)).toEqual(['follow-up 1 fault', 'follow-up 1 follow-up-due']);
    expect(await tick(days(3))).toEqual([]);
    expect(await tick(days(3).add({ minutes: 60 }))).toEqual(['follow-up 1 follow-up-due']);
  });

  it('tells of a letter that the mail server refused, ends its follow-ups and suppresses the address, once', async () => {
    const number = await answeredCase('support');
    await post(start, '550 5.1.1 no such user');
    expect(await tick(start)).toContain('letter 0 letter-failed');
    expect(await tick(start)).toEqual([]);
    expect((await readSchedule(test.db, number)).map(({ state }) => state)).toEqual(['cancelled']);
    expect(await count(test.db, `suppressed where address = 'ann@customer.example'`)).toBe(1);
    expect(await tick(days(3))).toEqual([]);
  });

  it('with a fault over one refused letter tells of those behind it, and tries that one again', async () => {
    await answeredCase('support');
    await answeredCase('mobility', 'bob@other.example');
    await post(start, '550 5.1.1 no such user');
    const { policy } = test.desk;
    const failing: Desk = { ...test.desk, policy: { ...policy, lines: { ...policy.lines, corporate: null as never } } };
    const told = await tick(start, failing);
    expect(told).toContain('letter 0 fault');
    expect(told).toContain('letter 0 letter-failed');
    expect(await tick(start)).toContain('letter 0 letter-failed');
    expect(await tick(start)).toEqual([]);
  });
});
