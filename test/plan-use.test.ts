// Plans that are used beyond reasonable limits, on a real PostgreSQL: told to the escalation contact once, and nobody is served otherwise.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rows } from '../src/store/db.ts';
import { tickOnce } from '../src/tick.ts';
import { aPolicy } from './builders.ts';
import { mailText, startDesk, type TestDesk } from './intake/desk.ts';
import { whyMissing } from './servers/programs.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a plan and its reasonable limits ${missing ?? ''}`, () => {
  let test: TestDesk;
  const start = Temporal.Instant.from('2026-03-02T09:00Z');
  const days = (count: number) => start.add({ hours: count * 24 });
  beforeAll(async () => {
    test = await startDesk();
    test.desk.policy = aPolicy('plans: { customer-service: { warnAboveCases: 2 } }');
  }, 90_000);
  beforeEach(async () => {
    await rows(test.db, 'truncate inbound, outbox, entries, participants, due, cases, contacts, chores cascade');
    test.clock.now = start;
  });
  afterAll(() => test?.stop(), 60_000);

  async function cases(count: number, at: Temporal.Instant, from = 'ann@customer.example') {
    test.clock.now = at;
    for (let index = 0; index < count; index += 1) {
      const subject = `Report ${at.epochMilliseconds} ${index} of ${from}`;
      const id = `<${subject.replaceAll(/[ @]/g, '.')}@x.example>`;
      await test.store(mailText({ From: from, Subject: subject, 'Message-ID': id }, `${subject} fails.`));
      await test.decideAll();
    }
  }
  const told = async (now: Temporal.Instant) =>
    (await tickOnce({ db: test.db, desk: test.desk, sends: false }, now))
      .filter(({ rule }) => rule === 'plan')
      .map(({ caseNumber, because }) => `${caseNumber} ${because.slice(0, because.indexOf(','))}`);
  const letters = async () =>
    (await rows<{ recipient: string }>(test.db, `select recipient from outbox where key like 'plan-use:%'`)).map(
      ({ recipient }) => recipient,
    );
  const newest = async () =>
    (await rows<{ number: number }>(test.db, 'select max(number) as number from cases'))[0]?.number;

  it('as many as are reasonable are nobody’s business', async () => {
    await cases(2, start);
    expect(await told(start)).toEqual([]);
  });
  it('one more is told to the escalation contact, once, by whichever of four gateways', async () => {
    await cases(3, start);
    const [first, ...others] = (await Promise.all([1, 2, 3, 4].map(() => told(start)))).flat();
    expect(first).toBe(`${await newest()} ann@customer.example has opened 3 cases under Customer Service in 30 days`);
    expect([others, await letters()]).toEqual([[], ['lead@help.example']]);
    await cases(1, days(2));
    expect([await told(days(3)), await letters()]).toEqual([[], ['lead@help.example']]);
  });
  it('who is above it again, or still, is told of again after the 30 days', async () => {
    await cases(3, start);
    await told(start);
    await cases(3, days(29));
    expect(await told(days(29))).toEqual([]);
    expect(await told(days(31))).toEqual([expect.stringContaining('ann@customer.example has opened 3 cases')]);
  });
  it('spam does not count, nor another’s cases, nor those of longer ago', async () => {
    await cases(2, start);
    await cases(1, start, 'bob@other.example');
    await rows(test.db, `update cases set submitted_at = :old where requester like 'ann%'`, { old: days(-31) });
    await cases(2, start.add({ minutes: 1 }));
    expect(await told(start.add({ minutes: 2 }))).toEqual([]);
    await cases(1, start.add({ minutes: 3 }));
    await rows(
      test.db,
      `update cases set status = 'closed', close_reason = 'spam', closed_at = submitted_at where number = :number`,
      { number: await newest() },
    );
    expect(await told(start.add({ hours: 2 }))).toEqual([]);
  });
});
