import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reportFormats } from '../../src/mail/delivery-report-formats.ts';
import { statusOf } from '../../src/mail/delivery-report-words.ts';
import { deliveryStatuses } from '../../src/mail/delivery-status.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { noticeOf } from '../../src/mail/returned-message.ts';

const fixtures = new URL('../../fixtures/mail/', import.meta.url);
const anna = 'anna@customer.example';
const bert = 'bert@customer.example';

/** `said`: one entry a recipient, as `recipient action status`. */
function check(file: string, said: string[], returned?: string): void {
  test(`${file} tells of ${said.join(' and of ') || 'no failure'}`, async () => {
    const mail = await parseMail(readFileSync(new URL(`${file}.eml`, fixtures)));
    expect(mail.deliveryReports.map(({ recipient, action, status }) => `${recipient} ${action} ${status}`)).toEqual(
      said,
    );
    for (const report of mail.deliveryReports) expect(report.permanent).toBe(report.status.startsWith('5'));
    if (returned) expect(mail.returned.messageIds).toContain(returned);
    expect(mail.automatic?.kind).toBe('delivery-report');
  });
}

describe('a report after RFC 3464', () => {
  check('dsn-failed-5.1.1', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('dsn-delayed-4.4.1', [`${anna} delayed 4.4.1`], 'letter-7@desk.example');
  check('dsn-returned-headers-only', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('dsn-delivered', []);
  check('dsn-two-recipients', [`${anna} failed 5.2.2`, `${bert} failed 4.4.2`]);
  check('dsn-groups-without-blank-lines', [`${anna} failed 5.1.1`, `${bert} failed 5.2.2`]);
  check('dsn-vague-status-exact-diagnostic', [`${anna} failed 5.2.2`]);
  check('dsn-only-original-recipient', [`${anna} failed 5.7.1`]);
  check('report-fields-in-the-text', [`${anna} failed 5.2.1`]);
});

describe('a report in prose', () => {
  check('report-qmail', [`${anna} failed 5.1.1`, `${bert} failed 4.4.1`], 'letter-7@desk.example');
  check('report-exim', [`${anna} failed 5.7.1`], 'letter-7@desk.example');
  check('report-exim-retry-timeout', [`${anna} failed 4.4.7`]);
  check('report-exim-delay', [`${anna} delayed 4.4.7`]);
  check('report-exim-local-part-only', [`${anna} failed 5.7.0`]);
  check('report-postfix-plain', [`${anna} failed 5.1.1`]);
  check('report-sendmail-old', [`${anna} failed 5.0.0`], 'letter-7@desk.example');
  check('report-gmail-plain', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('report-gmail-delay', [`${anna} delayed 4.4.7`]);
  check('report-google-groups', ['users@googlegroups.example failed 5.0.0'], 'letter-8@desk.example');
  check('report-yahoo', [`${anna} failed 5.2.2`], 'letter-7@desk.example');
  check('report-exchange-2003', [`${anna} failed 5.1.1`]);
  check('report-exchange-text', [`${anna} failed 5.1.10`]);
  check('report-domino', [`${anna} failed 5.1.1`]);
  check('report-dragonfly', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('report-opensmtpd', [`${anna} failed 5.2.2`, `${bert} failed 5.1.2`], 'letter-7@desk.example');
  check('report-opensmtpd-delay', [`${anna} delayed 4.4.1`]);
  check('report-courier', [`${anna} failed 5.1.1`]);
  check('report-imail', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('report-mailfoundry', [`${anna} failed 5.0.0`]);
  check('report-mailmarshal', [`${anna} failed 5.1.1`]);
  check('report-m-filter', [`${anna} failed 5.4.1`]);
  check('report-mcafee', [`${anna} failed 5.1.1`]);
  check('report-ezweb', [`${anna} failed 5.2.1`]);
  check('report-verizon', ['5550000000@mobile.example failed 5.0.0']);
  check('report-james', [`${anna} failed 5.0.0`]);
  check('report-surfcontrol', [`${anna} failed 5.0.0`]);
  check('report-bounce-notification', [`${anna} failed 5.2.2`], 'letter-7@desk.example');
  check('report-address-in-quotes', [`${anna} failed 5.2.2`]);
  check('report-notes', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('report-kddi', [`${anna} failed 5.2.2`]);
  check('report-interscan', [`${anna} failed 5.1.1`]);
  check('report-rejecting-server', [`${anna} failed 5.1.1`]);
  check('report-fml', ['list@lists.example failed 5.0.0'], 'letter-7@desk.example');
  check('report-powermta', [`${anna} failed 5.1.1`]);
  check('report-qmail-descendant', [`${anna} failed 5.1.1`], 'letter-7@desk.example');
  check('report-ses', [`${anna} failed 5.0.0`]);
  check('report-zoho', [`${anna} delayed 4.0.0`]);
  check('report-subject-only', [`${anna} failed 5.0.0`]);
  check('report-german-subject', [`${anna} failed 5.0.0`]);
});

describe('no report', () => {
  const notOne = (file: string): void => {
    test(`${file} is none`, async () => {
      const mail = await parseMail(readFileSync(new URL(`${file}.eml`, fixtures)));
      expect(mail.deliveryReports).toEqual([]);
      expect(mail.returned).toEqual({ messageIds: [], recipients: [] });
    });
  };
  for (const file of [
    'plain',
    'person-forwards-a-bounce',
    'person-attaches-a-bounce',
    'person-complains-of-delivery-failure',
  ])
    notOne(file);
  for (const file of [
    'vacation-rfc3834',
    'vacation-answers-an-undeliverable-letter',
    'vacation-named-like-a-report',
    'vacation-outlook',
    'mailing-list',
    'read-receipt',
    'complaint',
    'robot-no-reply',
  ])
    notOne(file);
});

test('every plain-text form has a name of its own', () => {
  expect(new Set(reportFormats.map(({ name }) => name)).size).toBe(reportFormats.length);
});

describe('the status', () => {
  const status = (diagnostic: string, declared: string | null, expected: string, delayed = false): void => {
    test(`of ${JSON.stringify(diagnostic)}, declared ${declared}, is ${expected}`, () => {
      expect(statusOf({ diagnostic, declared, around: '', delayed }).status).toBe(expected);
    });
  };
  status('550 5.1.1 nobody', '5.1.1', '5.1.1');
  status('550 5.1.1 nobody', '5.0.0', '5.1.1');
  status('421 4.4.2 line lost', '5.1.2', '5.1.2');
  status('421 4.4.2 line lost', '4.4.7', '4.4.2');
  status('550 nobody', null, '5.0.0');
  status('450 come back', null, '4.0.0');
  status('(#5.5.0)', null, '5.5.0');
  status('host 5.1.1.7 said no', null, '5.0.0');
  status('version 4.14.2 refused', null, '5.0.0');
  status('mailbox full', null, '5.2.2');
  status('connection timed out', null, '5.4.1');
  status('connection timed out', null, '4.4.1', true);
  status('retry timeout exceeded', null, '4.4.7');
  status('', null, '5.0.0');
  status('', null, '4.4.7', true);
});

test('the fields of a recipient are read with types left out, folded, and in any letter case', () => {
  expect(
    deliveryStatuses(
      'FINAL-RECIPIENT: <Anna@Customer.example>\nAction: FAILED\nStatus: 5.1.1 (no such mailbox)\nDiagnostic-Code: X-Postfix; gone\n for good\n',
    ),
  ).toEqual([{ recipient: anna, action: 'failed', status: '5.1.1', diagnostic: 'gone for good' }]);
});

test('words of the returned message are not taken for what the mail system says', () => {
  expect(noticeOf('It failed.\n\n--- Below this line is a copy of the message.\n\nuser unknown')).toBe(
    'It failed.\n\n',
  );
});
