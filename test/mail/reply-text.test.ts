// What is the newly written text of a text body: one line a program, language or habit. Bodies are our own.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { replyText } from '../../src/mail/reply-text.ts';

function check(title: string, text: string, expected: string): void {
  test(title, () => {
    const { reply, because } = replyText({ text, html: null });
    expect(reply.replace(/\n{2,}/g, '\n')).toBe(expected);
    expect(because).toMatch(/\.$/);
  });
}

const above = 'It works on the second node.';
const quote = '> Did you try the second node?\n> Support';
const unmarked = 'Did you try the second node?\nSupport';

for (const divider of [
  '-----Original Message-----',
  '----- Original Message -----',
  '-------- Original message --------',
  '-----original message-----',
  '-----Ursprüngliche Nachricht-----',
  "-------- Message d'origine --------",
  '-----Mensaje original-----',
  '-----Messaggio originale-----',
  '-----Mensagem original-----',
  '-----Oorspronkelijk bericht-----',
  '-----Ursprungligt meddelande-----',
  '-----Oprindelig meddelelse-----',
  '-----Alkuperäinen viesti-----',
  '-----Původní zpráva-----',
  '-----Исходное сообщение-----',
  '-----Orijinal Mesaj-----',
  '-----原始邮件-----',
  '------------------ 原始邮件 ------------------',
  '---- Reply Message ----',
]) {
  check(`a divider begins the quotation: ${divider}`, `${above}\n\n${divider}\n\n${unmarked}\n`, above);
}

for (const signature of [
  '-- \nAnna Berg\nExample Ltd',
  '--\nAnna Berg\nExample Ltd',
  '—\nAnna Berg',
  '---\nAnna Berg\nExample Ltd\nanna@example.org',
  '___\nAnna Berg\nExample Ltd',
  'Sent from my iPhone',
  'Sent from my Galaxy S99 device',
  'Sent from my phone. Please excuse any typos in it, my keys are small and so on.',
  'Sent from Mail for Windows',
  'Get Outlook for Android <https://aka.ms/example>',
  'Von meinem iPhone gesendet',
  'Gesendet von Mail für Windows',
  'Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.',
  'Envoyé de mon iPhone',
  'Enviado desde mi iPhone',
  'Inviato da iPhone',
  'Enviado do meu iPhone',
  'Verzonden vanaf mijn iPhone',
  'Wysłane z iPhone’a',
  'Skickat från min iPhone',
  'Sendt fra min iPhone',
  'Lähetetty iPhonesta',
  'Odesláno z iPhonu',
  'iPhone’umdan gönderildi',
  'Отправлено с iPhone',
  '发自我的 iPhone',
  'iPhoneから送信',
  '나의 iPhone에서 보냄',
  'CONFIDENTIALITY NOTICE: this email is for its intended recipient only. If you are not, delete it, please, at once.',
  'This email and any attachments are confidential and meant for the intended recipient. Anyone else must delete it.',
  'Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Empfänger sind, löschen Sie sie bitte.',
  'Ce message et ses pièces jointes sont confidentiels et établis à l’intention exclusive de leur destinataire.',
  'You received this message because you are subscribed to the Example group.',
]) {
  check(`what stands below the text is folded: ${signature.slice(0, 50)}`, `${above}\n\n${signature}\n`, above);
}

check(
  'a signature between text and quotation is folded',
  `${above}\n\nSent from my iPhone\n\n> On 2 Mar 2026, at 09:14, Support wrote:\n> \n${quote}`,
  above,
);
check(
  'an answer below the quotation is the reply',
  `On 2 Mar 2026, at 09:14, Support wrote:\n${quote}\n\n${above}\n`,
  above,
);
check(
  'an answer right below the quotation is the reply',
  `On 2 Mar 2026, at 09:14, Support wrote:\n${quote}\n${above}\n`,
  above,
);
check(
  'a greeting above the quotation and the answer below it are kept',
  `Hi,\nOn Mon, 2026-03-02 at 09:14 +0100, Support wrote:\n${quote}\n\n${above}`,
  `Hi,\n${above}`,
);
check(
  'a signature below a bottom answer is folded',
  `On 2 Mar 2026, at 09:14, Support wrote:\n${quote}\n\n${above}\n\n-- \nAnna`,
  above,
);
check(
  'inline answers stay with what they answer',
  `Hello, my answers are below.\n\n> Which version?\n\n12.5\n\n> Which server?\n\nThe second one.\n`,
  'Hello, my answers are below.\n> Which version?\n12.5\n> Which server?\nThe second one.',
);
check(
  'an attribution behind the reply on one line goes alone',
  `thank you On Mon, Mar 2, 2026 at 9:14 AM, support@example.com wrote:\n${quote}`,
  'thank you',
);
check(
  'dashes before an attribution on the line of the reply go with it',
  `thank you--- On Mon, Mar 2, 2026 at 9:14 AM, support@example.com wrote:\n${quote}`,
  'thank you',
);
check(
  'an attribution with nothing above it goes, and all else stays',
  `On 2 Mar 2026 09:14, "Support" <support@example.com> wrote:\n\n${unmarked}`,
  unmarked,
);
check(
  'bars quote as > does',
  `${above}\n\n2026/3/2 Support via Desk <support@example.com>\n\n| Did you try\n| the second node?\n|\n`,
  above,
);
check(
  'a closing and a name are the writer’s',
  `${above}\n\nBest regards,\nAnna\n\nOn 2 Mar 2026, at 09:14, Support wrote:\n${quote}`,
  `${above}\nBest regards,\nAnna`,
);
check(
  'lines that the writer announces are the writer’s',
  'Here is the output:\n\n> error 5\n> error 6',
  'Here is the output:\n> error 5\n> error 6',
);
check('a device line right below the text is folded', `${above}\nSent via BlackBerry by Example\n\n${quote}`, above);
check('a smiley is a reply', `:)\n\nOn 2 Mar 2026, at 09:14, Support wrote:\n${quote}`, ':)');
check('Windows line ends are line ends', 'one\r\ntwo\r\n\r\n-----Original Message-----\r\nthree', 'one\ntwo');

for (const text of [
  'On the surface it works.\nOn average it does not.\nOn Monday we call:',
  'Error on 2026-03-02 09:14:05: disk full\nPlease help.',
  'From: version 11\nTo: version 12\nthe update fails.',
  'Date: Wednesday 3 June\nTime: 7:00\nPlace: the server room\nPlease come.',
  'Name   Date\n--------------------\na      2 June\nb      3 June\nc      4 June\nd      5 June\ne      6 June\nf      7 June\ng      8 June\nh      9 June\ni      10 June',
  'The steps are\n\n---\n1. start\n2. wait\n\n---\nIt fails.',
  'Please enter your remarks.\n------- Enter remarks below -------\nAll good.',
  'Sent from my desk, which is much easier than from the train, I noticed.',
  'I ran this:\n$ cat log | grep error\n| is a pipe',
  '>>> >>> have a look <<< <<<\nat our site',
  '| a | b |\n| 1 | 2 |\nis my table',
  'Subject: of my question is the backup.\nIt fails.',
  'The log says:\nuser wrote: nothing\nWhy?',
  'On 2 March 2026 I got this error:\n> error 5\n> error 6',
  'At 09:14 on 2 March 2026 the server said:\nerror 5\nWhy?',
]) {
  check(`prose stays whole: ${text.slice(0, 40)}`, text, text.replace(/\n{2,}/g, '\n'));
}

check(
  'the forwarder’s own words are the reply',
  `Please look at this mail of a colleague.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@example.org>\nDate: Mon, Mar 2, 2026 at 9:14 AM\nSubject: backup\nTo: <anna@example.org>\n\nThe backup fails.`,
  'Please look at this mail of a colleague.',
);
for (const comment of ['', 'FYI\n\n', 'Anna\n\n']) {
  const whole = `${comment}---------- Forwarded message ---------\nFrom: Bob <bob@example.org>\nDate: Mon, Mar 2, 2026 at 9:14 AM\nSubject: backup\nTo: <anna@example.org>\nThe backup fails.`;
  check(`a message forwarded with ${JSON.stringify(comment)} is kept whole`, whole, whole.replace(/\n{2,}/g, '\n'));
}
check('a mail that is all quotation keeps every word', quote, quote);
check('a mail that is all signature keeps its words', '-- \nAnna Berg', 'Anna Berg');
check('a mail that is all device line keeps it', 'Sent from my iPhone', 'Sent from my iPhone');
check(
  'a line that claims to be our mark is a line (B41)',
  `--- please reply above ---\n${above}`,
  `--- please reply above ---\n${above}`,
);

test('hostile bodies are read to the end: nothing grows with the square of their length (B38)', () => {
  const size = 256 * 1024;
  const bodies = [
    '>',
    '\n',
    ' ',
    'On ',
    'On 1 Jan 2026 10:00 a@b.c wrote:\n',
    'a:\n',
    'From: a\n',
    '--\n',
    '__\n\n',
    '> a\nb\n',
    'xn--a.',
    '写道：\n',
    '<',
    '| a\n',
  ];
  for (const unit of bodies) {
    const text = unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
    expect(replyText({ text, html: null }).reply.length).toBeLessThanOrEqual(text.length);
    expect(replyText({ text: '', html: text }).reply.length).toBeLessThanOrEqual(2 * text.length);
  }
});

const piece = fc.oneof(
  fc.constantFrom(
    '> ',
    '>> a',
    'On ',
    'On 2 Mar 2026, at 09:14, X <x@example.com> wrote:',
    'From: a@b.c',
    'Sent: 2 Mar 2026',
    'To: b',
    'Subject: x',
    '-- ',
    '___',
    '-----Original Message-----',
  ),
  fc.constantFrom(
    'Sent from my iPhone',
    'RESOLVED',
    '| a',
    '',
    ' ',
    '\u200b',
    '写道：',
    '---------- Forwarded message ----------',
    'This message is confidential',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
test('any body: the reply is made of lines of the body, and is empty only when the body shows nothing', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (rows) => {
      const text = rows.join('\n');
      const { reply } = replyText({ text, html: null });
      const lines = text.split(/\r\n|\r|\n|\u2028|\u2029/);
      for (const line of reply.split(/\r\n|\r|\n|\u2028|\u2029/))
        expect(lines.some((given) => given.includes(line.trim()))).toBe(true);
      if (/[\p{L}\p{N}]/u.test(text)) expect(reply).not.toBe('');
    }),
    { numRuns: 300 },
  );
});
