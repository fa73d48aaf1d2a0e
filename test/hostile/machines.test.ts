// Mail of machines, B46 of TRUST 3, and orders by mail, B43: each kind gets its row and no letter; persons who only write about machines are
// answered; what an engineer's mail orders is text.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ines, morning, openHostileDesk, pauseMax, type HostileDesk } from './desk.ts';

let desk: HostileDesk;
let hours = 0;

beforeAll(async () => {
  desk = await openHostileDesk();
});
afterAll(async () => {
  await desk?.stop();
});

/** Each more than a day after the one before: none is part of a storm, and no daily cap is full. */
function later(): { now: Temporal.Instant } {
  hours += 25;
  return { now: morning.add({ hours }) };
}

describe('B46: machines get no letter, and each of their mails its row', () => {
  const check = (is: string, stems: string[]): void => {
    for (const stem of stems) {
      test(stem, async () => {
        const fate = await desk.bring(stem, later());
        expect({ is: fate.is, to: fate.to }).toEqual({ is, to: [] });
      });
    }
  };
  const answer = 'automatic (automatic-mail)';
  check(answer, [
    'vacation-rfc3834',
    'vacation-outlook',
    'vacation-precedence',
    'vacation-without-headers-en',
    'vacation-without-headers-de',
    'vacation-without-headers-ja',
    'vacation-without-headers-bare',
    'b46-challenge-response',
    'read-receipt',
    'complaint',
  ]);
  check('opened (unanswered-new-request)', [
    'mailing-list',
    'b46-list-unsubscribe',
    'robot-helpdesk',
    'robot-no-reply',
    'dmarc-report',
  ]);
  check('report (delivery-report)', [
    'dsn-failed-5.1.1',
    'dsn-delayed-4.4.1',
    'dsn-two-recipients',
    'dsn-returned-headers-only',
    'report-qmail',
    'report-exim',
    'report-exchange-text',
    'report-postfix-plain',
    'report-gmail-plain',
  ]);
});

describe('B46: a person who writes about machines is a person', () => {
  for (const stem of [
    'person-about-vacation',
    'person-attaches-a-bounce',
    'person-complains-of-delivery-failure',
    'person-forwards-a-bounce',
  ]) {
    test(stem, async () => {
      const fate = await desk.bring(stem, later());
      expect(fate.is).toMatch(/^opened \((new-request|not-a-participant)\)$/);
      expect(fate.to).toHaveLength(1);
    });
  }
});

describe('B43: orders in an engineer’s mail', () => {
  const customer = 'ordered@customer.example';
  let number: number;
  let put: Record<string, string>;
  beforeAll(async () => {
    const fate = await desk.bring(Buffer.from(`From: ${customer}\nSubject: Screen\n\nThe screen is dark.\n`), later());
    const [notification] = await desk.rows<{ id: string; raw: Buffer }>(
      `select message_id as id, raw from outbox where inbound_id = :id and recipient = '${ines}'`,
      { id: fate.inboundId },
    );
    number = fate.caseNumber ?? 0;
    const replyTo = /^reply-to:.*<(.+)>/im.exec(
      notification?.raw.toString('latin1').replaceAll(/\r\n[ \t]+/g, ' ') ?? '',
    )?.[1];
    put = { CASE: String(number).padStart(8, '0'), NOTIFICATION: notification?.id ?? '', REPLYTO: replyTo ?? '' };
  });
  const state = async () =>
    (
      await desk.rows('select status, severity, severity_by as by, owner from cases where number = :number', { number })
    )[0];

  test('no order is carried out: the mail is an answer, every word of it', async () => {
    const before = await state();
    const fate = await desk.bring('b43-orders-of-an-engineer', { put, ...later() });
    expect(fate).toMatchObject({ is: 'joined (engineer-answered)', to: [customer] });
    expect(fate.letters[0]?.text).toContain('#set severity=A severity=B');
    expect(await state()).toEqual({ ...(before as object), status: 'waiting on customer' });
  });

  test('without our notification’s token the same mail goes nowhere, and only the registered address is told', async () => {
    const forged = { ...put, NOTIFICATION: 'x@evil.example', REPLYTO: 'support@desk.example' };
    const fate = await desk.bring('b43-orders-of-an-engineer', { put: forged, ...later() });
    expect(fate).toMatchObject({ is: 'held (engineer-answer-refused)', to: [] });
    expect(fate.toEngineers.map(({ recipient }) => recipient)).toEqual([ines]);
  });
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
