import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { automatic, robotAddress, type Automatic } from '../../src/mail/automatic.ts';
import { parseMail } from '../../src/mail/parse.ts';

const fixtures = new URL('../../fixtures/mail/', import.meta.url);

describe('who wrote the mail', () => {
  const check = (file: string, kind: Automatic['kind'] | 'a person'): void => {
    test(`${file} is from ${kind}`, async () => {
      const mail = await parseMail(readFileSync(new URL(`${file}.eml`, fixtures)));
      expect(mail.automatic?.kind ?? 'a person').toBe(kind);
    });
  };
  check('vacation-rfc3834', 'auto-replied');
  check('vacation-outlook', 'auto-replied');
  check('vacation-precedence', 'auto-replied');
  check('vacation-without-headers-en', 'auto-replied');
  check('vacation-without-headers-de', 'auto-replied');
  check('vacation-without-headers-ja', 'auto-replied');
  check('vacation-without-headers-bare', 'auto-replied');
  check('mailing-list', 'list');
  check('read-receipt', 'read-receipt');
  check('complaint', 'complaint');
  check('dmarc-report', 'auto-generated');
  check('robot-no-reply', 'robot');
  check('robot-helpdesk', 'robot');
  check('robot-postmaster-precedence', 'robot');
  check('dsn-failed-5.1.1', 'delivery-report');
  check('dsn-delivered', 'delivery-report');
  check('report-qmail', 'delivery-report');
  check('plain', 'a person');
  check('person-about-vacation', 'a person');
  check('person-replies-to-vacation', 'a person');
  check('person-root', 'a person');
  check('person-forwards-a-bounce', 'a person');
  check('person-attaches-a-bounce', 'a person');
  check('person-complains-of-delivery-failure', 'a person');
});

describe('one header alone', () => {
  const check = (name: string, value: string, kind: Automatic['kind'] | 'a person'): void => {
    test(`${name}: ${value} is from ${kind}`, () => {
      const facts = {
        from: { displayName: '', addrSpec: 'anna@customer.example' },
        subject: 'Printer',
        text: 'It burns.',
        types: ['text/plain'],
        reported: false,
      };
      expect(automatic({ ...facts, headers: [{ name, value }] })?.kind ?? 'a person').toBe(kind);
    });
  };
  check('auto-submitted', 'no', 'a person');
  check('auto-submitted', 'No (a person)', 'a person');
  check('auto-submitted', 'Auto-Replied; owner-email="x"', 'auto-replied');
  check('auto-submitted', 'auto-notified', 'auto-generated');
  check('auto-submitted', 'auto-generated', 'auto-generated');
  check('precedence', 'bulk', 'auto-generated');
  check('precedence', 'list', 'list');
  check('precedence', 'first-class', 'a person');
  check('list-unsubscribe', '<https://shop.example/x>', 'list');
  check('x-auto-response-suppress', 'DR, RN, NRN, OOF, AutoReply', 'auto-generated');
  check('x-auto-response-suppress', 'DR, RN', 'a person');
  check('x-autoreply', 'yes', 'auto-replied');
  check('x-apple-action', 'VACATION', 'auto-replied');
  check('x-autoreply', 'no', 'a person');
  check('x-loop', 'helpdesk', 'robot');
  check('x-fc-machinegenerated', 'true', 'auto-generated');
  check('feedback-id', '1:2:campaign:shop', 'auto-generated');
  check('return-path', '<>', 'auto-generated');
  check('return-path', '<anna@customer.example>', 'a person');
  check('x-mailer', 'Apple Mail (2.3445)', 'a person');
  check('importance', 'high', 'a person');
});

describe('a subject and a text without any header', () => {
  const check = (subject: string, text: string, automatically: boolean): void => {
    test(`"${subject}" / "${text}" is from a ${automatically ? 'machine' : 'person'}`, () => {
      const facts = {
        headers: [],
        from: { displayName: '', addrSpec: 'anna@customer.example' },
        types: ['text/plain'],
        reported: false,
      };
      expect(automatic({ ...facts, subject, text }) !== null).toBe(automatically);
    });
  };
  check('Automatic reply: Printer', 'I am out of the office.', true);
  check('Out of Office: Printer', 'I am on annual leave until Monday.', true);
  check('Automatische Antwort: Drucker', 'Ich bin im Urlaub.', true);
  check('Réponse automatique : Imprimante', 'Je suis absente du bureau.', true);
  check('Respuesta automática: Impresora', 'Estoy de vacaciones.', true);
  check('Risposta automatica: Stampante', 'Sono in ferie.', true);
  check('Automatisch antwoord: Printer', 'Ik ben met vakantie.', true);
  check('Autosvar: Skrivare', 'Jag har semester.', true);
  check('Automatyczna odpowiedź: Drukarka', 'Jestem na urlopie.', true);
  check('Автоматический ответ: Принтер', 'Я в отпуске.', true);
  check('自动回复: 打印机', '我正在休假。', true);
  check('자동 회신: 프린터', '휴가 중입니다.', true);
  check('Otomatik yanıt: Yazıcı', 'İzinde olacağım, ofis dışında.', true);
  check('Automatic reply: Printer', 'How do I switch these off?', false);
  check('RE: Automatic reply: Printer', 'You are out of the office, I see.', false);
  check('Fwd: Out of Office: Printer', 'He is on leave.', false);
  check('Out of office calendar does not sync', 'When I am out of the office it stays empty.', false);
  check('Printer', 'I am out of the office on Friday, please call before.', false);
  check('Auto: Frage zur Versicherung', 'Wir sind im Urlaub liegen geblieben.', false);
  check('Vacation rental', 'We are on vacation in June.', false);
});

describe('an address that is never written to', () => {
  const check = (addrSpec: string, robot: boolean): void => {
    test(`${addrSpec} ${robot ? 'is' : 'is not'}`, () => expect(robotAddress(addrSpec)).toBe(robot));
  };
  for (const name of [
    'mailer-daemon',
    'MAILER-DAEMON',
    'postmaster',
    'no-reply',
    'noreply',
    'noreply-dmarc',
    'donotreply',
    'do_not_reply',
    'account-noreply',
  ])
    check(`${name}@x.example`, true);
  for (const name of ['owner-users', 'users-request', 'users-bounces', 'bounce+12', 'bounces', 'root', 'abuse'])
    check(`${name}@x.example`, true);
  for (const name of ['anna', 'rebound', 'norep', 'request', 'owner', 'support', 'info', 'rootbeer', 'noreen'])
    check(`${name}@x.example`, false);
});
