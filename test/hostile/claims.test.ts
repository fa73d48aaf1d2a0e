// What a mail claims of itself, B13, B14, B31 to B36 and B45 of TRUST 3: ids, dates, recipients, subjects and verdicts that anybody can write are
// taken as far as they go and believed in nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { morning, openHostileDesk, pauseMax, type Arriving, type HostileDesk } from './desk.ts';

const opened = 'opened (new-request)';
let desk: HostileDesk;
let count = 0;

beforeAll(async () => {
  desk = await openHostileDesk();
});
afterAll(async () => {
  await desk?.stop();
});
beforeEach(() => {
  count += 1;
});

async function mail(head: string, text: string, arriving?: Arriving) {
  return desk.bring(
    Buffer.from(`${head}\nDate: Mon, 2 Mar 2026 08:59:00 +0000\n\nQuagga ${count}: ${text}\n`),
    arriving,
  );
}

describe('what a mail says of itself', () => {
  test('B13: of two Subjects, ids and dates the first counts, and it is said', async () => {
    const fate = await desk.bring('b13-everything-twice');
    expect(fate.is).toBe(opened);
    expect(fate.defects).toEqual(expect.arrayContaining(['two-subjects', 'two-message-ids', 'two-dates']));
    const [row] = await desk.rows('select subject, message_id as id from inbound where id = :id', {
      id: fate.inboundId,
    });
    expect(row).toEqual({ subject: 'First Quagga', id: 'b13-first@mail.example' });
  });

  for (const [number, [fact, id]] of [
    ['nothing between its brackets', '<>'],
    ['5 kB of it', `<${'a'.repeat(5000)}@x.example>`],
    ['spaces and quotes', '<"a b" c@x.example>'],
    ['letters beyond ASCII', '<jürgen@x.example>'],
    ['no id at all', ''],
  ].entries()) {
    test(`B14: a Message-ID of ${fact} is no key: another mail with it is another mail, the same mail is a copy`, async () => {
      const put = { IDENTITY: Buffer.from(id ?? '').toString('latin1'), NUMBER: `${number} one` };
      const first = await desk.bring('b14-unusable-id', { put });
      const other = await desk.bring('b14-unusable-id', { put: { ...put, NUMBER: `${number} two` } });
      const again = await desk.bring('b14-unusable-id', { put });
      expect([first, other, again].map(({ is }) => is)).toEqual([
        expect.stringMatching(/^(opened|joined) /),
        expect.stringMatching(/^(opened|joined) /),
        'duplicate (same-mail-again)',
      ]);
    });
  }

  test('B33: no date is believed: a case is as old as its mail’s receipt', async () => {
    const dates = [
      'Thu, 1 Jan 1970 00:00:00 +0000',
      'Tue, 1 Jan 2099 00:00:00 +0000',
      'Mon, 2 Mar 2026 09:00:00 +9999',
      'yesterday',
      '',
    ];
    for (const [number, date] of dates.entries()) {
      const put = { WHEN: date, NUMBER: `${number}` };
      const fate = await desk.bring('b33-any-date', { put });
      const [row] = await desk.rows<{ at: Temporal.Instant }>(
        'select submitted_at as at from cases where number = :number',
        {
          number: fate.caseNumber,
        },
      );
      expect(row?.at.toString()).toBe(morning.toString());
    }
  });

  test('B34: a mail that 80 servers passed on is held', async () => {
    const head = `${'Received: from a.example by b.example; Mon, 2 Mar 2026 08:00:00 +0000\n'.repeat(80)}From: hops@customer.example`;
    const fate = await mail(head, 'in circles');
    expect(fate).toMatchObject({ is: 'held (too-many-hops)', to: [] });
  });

  test('B36: of 5,000 in copy 50 are kept for an engineer’s yes, and none is written to', async () => {
    const people = Array.from({ length: 5000 }, (_, index) => `person${index}@corp.example`).join(',\n ');
    const fate = await mail(`From: crowd@customer.example\nTo: ${people}\nCc: ${people}`, 'to all of you');
    expect(fate.is).toBe(opened);
    expect(fate.to).toEqual(['crowd@customer.example']);
    const [row] = await desk.rows(
      `select count(*) from participants where case_number = :number and role = 'cc' and not confirmed`,
      { number: fate.caseNumber },
    );
    expect(row).toEqual({ count: 50 });
    expect(await desk.rows(`select * from participants where role = 'cc' and confirmed`)).toEqual([]);
  });

  for (const [fact, subject] of [
    ['50 kB', 'Quagga '.repeat(7000)],
    ['nothing but Re: 500 times', 'Re: '.repeat(500)],
    ['faces only', '\u{1f600}'.repeat(2000)],
    ['tabs and folds', 'Quagga\t\tand\n \t more\t'],
    ['half an encoded character', '=?utf-8?B?8J+Y?='],
  ] as const) {
    test(`B45: a subject of ${fact} is cut to 255 characters for use`, async () => {
      const fate = await mail(`From: subject${count}@customer.example\nSubject: ${subject}`, fact);
      expect(fate.is).toBe(opened);
      const [row] = await desk.rows<{ subject: string }>('select subject from cases where number = :number', {
        number: fate.caseNumber,
      });
      expect(Array.from(row?.subject ?? '').length).toBeLessThanOrEqual(255);
      expect(row?.subject).toBe(row?.subject.toWellFormed());
      expect(row?.subject).not.toMatch(/[\t\n\r]/);
    });
  }
});

describe('who vouches for a mail', () => {
  const put = (verdict: string) => ({ put: { VERDICT: verdict } });
  test('B32: the topmost word of our own server counts, and no one below it', async () => {
    const failed = await desk.bring('b32-forged-results', put('fail'));
    expect(failed).toMatchObject({ is: opened, to: [] });
    const [row] = await desk.rows<{ count: number }>(
      `select count(*) from contacts where address = 'forged@customer.example' and proven_at is not null`,
    );
    expect(row?.count).toBe(0);
  });

  test('B31: a signature over a part of the body proves nobody', async () => {
    const fate = await desk.bring('b31-signed-in-part');
    expect(fate.is).toBe(opened);
    const rows = await desk.rows(`select proven from outbox where recipient = 'signed@customer.example'`);
    expect(rows).toEqual([{ proven: false }]);
  });
});

describe('mail between mailboxes', () => {
  test('B35: to two of our mailboxes: one case', async () => {
    const first = await desk.bring('b35-to-two-of-our-mailboxes');
    const second = await desk.bring('b35-to-two-of-our-mailboxes', { mailbox: 'mobility' });
    expect([first.is, second.is]).toEqual([opened, 'duplicate (same-mail-again)']);
    expect(second.caseNumber).toBe(first.caseNumber);
  });

  test('B35: from one of our mailboxes to another: kept for a person, and never answered', async () => {
    const fate = await desk.bring('b35-from-one-mailbox-to-another');
    expect(fate.to).toEqual([]);
    expect(fate.caseNumber).not.toBeNull();
  });

  test('B35: who wrote to us in blind copy gets their case', async () => {
    const fate = await desk.bring('b35-only-in-bcc', { envelopeTo: ['support@desk.example'] });
    expect(fate).toMatchObject({ is: opened, to: ['hidden@customer.example'] });
  });
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
