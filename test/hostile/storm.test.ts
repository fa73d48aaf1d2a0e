// Many mails at once, B49 of TRUST 3: each has its row, most are folded into one case, and hardly anybody is written to.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ines, morning, openHostileDesk, pauseMax, type HostileDesk } from './desk.ts';

const many = 1000;
/** Mails of one text that begin cases before the rest is folded (policy `loops.sameMailsAnHour`). */
const casesMax = 3;
const engineerLettersMax = 20;
let desk: HostileDesk;

beforeAll(async () => {
  desk = await openHostileDesk();
});
afterAll(async () => {
  await desk?.stop();
});

/** Brings a thousand within a minute and counts the dispositions, cases and letters that came of them. */
async function storm(put: (index: number) => Record<string, string>, from = morning) {
  const first = await desk.bring('b49-one-of-many', { put: put(0), now: from });
  const ids: string[] = [];
  for (let index = 1; index < many; index += 1) {
    const now = from.add({ milliseconds: index * 60 });
    ids.push(await desk.store('b49-one-of-many', { put: put(index), now }));
  }
  for (const [index, id] of ids.entries()) await desk.decide(id, from.add({ milliseconds: (index + 1) * 60 }));
  const [counted] = await desk.rows<{ rows: number; cases: number; acks: number; told: number }>(
    `select (select count(*) from inbound where id >= :first and disposition is not null) as rows,
       (select count(distinct case_number) from inbound where id >= :first) as cases,
       (select count(*) from outbox where inbound_id >= :first and recipient <> :ines) as acks,
       (select count(*) from outbox where inbound_id >= :first and recipient = :ines) as told`,
    { first: first.inboundId, ines },
  );
  if (!counted) throw new Error('nothing was counted');
  return counted;
}

test('one mail a thousand times: one case, one acknowledgment, and the copies are copies', async () => {
  const counted = await storm(() => ({ SENDER: 'echo@customer.example', NUMBER: 'same', SUBJECT: 'x' }));
  expect(counted).toEqual({ rows: many, cases: 1, acks: 1, told: 1 });
}, 120_000);

test('one sender’s thousand mails with an id each: a few cases, one acknowledgment', async () => {
  const from = morning.add({ hours: 48 });
  const counted = await storm(
    (index) => ({ SENDER: 'bomb@customer.example', NUMBER: `a${index}`, SUBJECT: `new each time ${index}` }),
    from,
  );
  expect(counted.rows).toBe(many);
  expect(counted.cases).toBeLessThanOrEqual(casesMax);
  expect(counted.acks).toBe(1);
  expect(counted.told).toBeLessThanOrEqual(engineerLettersMax);
}, 120_000);

test('one text from a thousand senders: a few cases and as many acknowledgments', async () => {
  const from = morning.add({ hours: 96 });
  const counted = await storm(
    (index) => ({ SENDER: `s${index}@d${index}.example`, NUMBER: `b${index}`, SUBJECT: `${index}` }),
    from,
  );
  expect(counted.rows).toBe(many);
  expect(counted.cases).toBeLessThanOrEqual(casesMax);
  expect(counted.acks).toBeLessThanOrEqual(casesMax);
  expect(counted.told).toBeLessThanOrEqual(engineerLettersMax);
}, 120_000);

test('a customer’s ordinary mail in the midst of it is answered', async () => {
  const fate = await desk.bring(
    Buffer.from('From: calm@customer.example\nSubject: Mouse\n\nThe mouse does not move.\n'),
    {
      now: morning.add({ hours: 96, minutes: 1 }),
    },
  );
  expect(fate).toMatchObject({ is: 'opened (new-request)', to: ['calm@customer.example'] });
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
