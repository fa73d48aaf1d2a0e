// What is the newly written text of a text body: one line a program, language or habit. Bodies are our own.
import fc from 'fast-check';
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

/** An attribution above `>` lines and one above bare lines; both must go, whatever the language. */
function attributed(language: string, attribution: string): void {
  check(`${language}: the attribution above a marked quotation goes`, `${above}\n\n${attribution}\n${quote}\n`, above);
  check(
    `${language}: the attribution above a bare quotation goes`,
    `${above}\n\n${attribution}\n\n${unmarked}\n`,
    above,
  );
}

attributed('en Gmail', 'On Mon, Mar 2, 2026 at 9:14 AM Support <support@example.com> wrote:');
attributed('en wrapped', 'On Mon, Mar 2, 2026 at 9:14 AM Example Support Desk <\nsupport@example.com> wrote:');
attributed('en Apple', 'On 2 Mar 2026, at 09:14, Support <support@example.com> wrote:');
attributed('en Thunderbird', 'On 02/03/2026 09:14, Support wrote:');
attributed('en Yahoo', 'On Monday, March 2, 2026 at 09:14:05 AM GMT+1, Support <support@example.com> wrote:');
attributed(
  'en with blank lines',
  'On Mon, Mar 2, 2026 at 9:14 AM Support\n\n<\nmailto:Support <support@example.com>\n> wrote:',
);
attributed('en Zoho', '---- On Mon, 02 Mar 2026 09:14:05 +0100 support@example.com wrote ----');
attributed('en Proton', 'On Monday, March 2nd, 2026 at 09:14, Support <support@example.com> wrote:');
attributed('en Fastmail', 'On Mon, Mar 2, 2026, at 9:14 AM, Support wrote:');
attributed('en Android', '-------- Support wrote --------');
attributed('de', 'Am 02.03.2026 um 09:14 schrieb Support <support@example.com>:');
attributed('de Gmail', 'Am Mo., 2. März 2026 um 09:14 Uhr schrieb Support <support@example.com>:');
attributed(
  'de GMX',
  'Gesendet: Montag, 02. März 2026 um 09:14 Uhr\nVon: "Support" <support@example.com>\nAn: kunde@example.org\nBetreff: Re: Sicherung',
);
attributed('fr', 'Le lun. 2 mars 2026 à 09:14, Support <support@example.com> a écrit :');
attributed('fr wrapped', 'Le lun. 2 mars 2026 à 09:14, Support <support@example.com>\na écrit :');
attributed('fr Apple', 'Le 2 mars 2026 à 09:14, Support <support@example.com> a écrit :');
attributed('es', 'El lun, 2 mar 2026 a las 9:14, Support (<support@example.com>) escribió:');
attributed('it', 'Il giorno lun 2 mar 2026 alle ore 09:14 Support <support@example.com> ha scritto:');
attributed('pt', 'Em seg., 2 de mar. de 2026 às 09:14, Support <support@example.com> escreveu:');
attributed('nl', 'Op ma 2 mrt 2026 om 09:14 schreef Support <support@example.com>:');
attributed('nl Apple', 'Op 2 mrt. 2026 om 09:14 heeft Support <support@example.com> het volgende geschreven:');
attributed('pl', 'pon., 2 mar 2026 o 09:14 Support <support@example.com> napisał(a):');
attributed('pl Thunderbird', 'W dniu 02.03.2026 o 09:14, Support pisze:');
attributed('pl Onet', 'W dniu 2 marca 2026 09:14 użytkownik Support <support@example.com>\nnapisał:');
attributed('sv', 'Den mån 2 mars 2026 kl 09:14 skrev Support <support@example.com>:');
attributed('da', 'Den man. 2. mar. 2026 kl. 09.14 skrev Support <support@example.com>:');
attributed('no', 'man. 2. mars 2026 kl. 09:14 skrev Support <support@example.com>:');
attributed('no Apple', 'På 2. mars 2026 kl. 09:14:05, Support (support@example.com) skrev:');
attributed('fi', 'ma 2. maalisk. 2026 klo 9.14 Support (support@example.com) kirjoitti:');
attributed('cs', 'po 2. 3. 2026 v 9:14 odesílatel Support <support@example.com> napsal:');
attributed('cs Thunderbird', 'Dne 02. 03. 26 v 9:14 Support napsal(a):');
attributed('sk', 'po 2. 3. 2026 o 9:14 Support <support@example.com> napísal(a):');
attributed('tr', 'Support <support@example.com>, 2 Mar 2026 Pzt, 09:14 tarihinde şunu yazdı:');
attributed('ru', 'пн, 2 мар. 2026 г. в 09:14, Support <support@example.com>:');
attributed('ru Thunderbird', '02.03.2026 9:14, Support пишет:');
attributed('ru Mail.ru', 'Понедельник, 2 марта 2026, 9:14 +03:00 от Support <support@example.com>:');
attributed('uk', 'пн, 2 бер. 2026 р. о 09:14 Support <support@example.com> пише:');
attributed('hu', 'Support <support@example.com> ezt írta (időpont: 2026. márc. 2., H, 9:14):');
attributed('ro', 'În lun., 2 mar. 2026 la 09:14, Support <support@example.com> a scris:');
attributed('el', 'Στις Δευ 2 Μαρ 2026 στις 9:14 π.μ., ο χρήστης Support <support@example.com> έγραψε:');
attributed('he', '‫בתאריך יום ב׳, 2 במרץ 2026 ב-9:14 מאת ‪Support‬‏ <‪support@example.com‬‏>:‬');
attributed('vi', 'Vào Th 2, 2 thg 3, 2026 vào lúc 09:14 Support <support@example.com> đã viết:');
attributed('id', 'Pada tanggal Sen, 2 Mar 2026 pukul 09.14 Support <support@example.com> menulis:');
attributed('zh', '在 2026年3月2日，上午9:14，Support <support@example.com> 写道：');
attributed('zh Gmail', 'Support <support@example.com> 于2026年3月2日周一 09:14写道：');
attributed('zh Hant', 'Support <support@example.com> 於 2026年3月2日 週一 上午9:14寫道：');
attributed('ja', '2026年3月2日(月) 9:14 Support <support@example.com>:');
attributed('ja Apple', '2026/03/02 9:14、Support <support@example.com>のメール:');
attributed('ko', '2026년 3월 2일 (월) 오전 9:14, Support <support@example.com>님이 작성:');
attributed('ar', 'في الاثنين، 2 مارس 2026 في 9:14 ص تمت كتابة ما يلي بواسطة Support <support@example.com>:');
attributed('a date in any language', '2 xyz 2026 09:14 Support <support@example.com>:');

/** A copied header block under a rule and without one. */
function headed(language: string, block: string): void {
  check(`${language}: a copied header block begins the quotation`, `${above}\n\n${block}\n\n${unmarked}\n`, above);
  check(
    `${language}: the rule above a header block goes with it`,
    `${above}\n\n________________________________\n${block}\n\n${unmarked}\n`,
    above,
  );
}

headed(
  'en',
  'From: Support <support@example.com>\nSent: Monday, March 2, 2026 9:14 AM\nTo: customer@example.org\nSubject: Re: backup',
);
headed(
  'en bold',
  '*From:* Support <support@example.com>\n*Sent:* Monday, March 2, 2026 9:14 AM\n*To:* customer@example.org\n*Subject:* Re: backup',
);
headed(
  'en bold twice',
  '**From:** Support <support@example.com>\n**Date:** Monday, March 2, 2026 9:14 AM\n**To:** customer@example.org\n**Subject:** Re: backup',
);
headed(
  'en double-spaced',
  'From: Support <support@example.com>\n\nSent: Monday, March 2, 2026 9:14 AM\n\nTo: customer@example.org\n\nSubject: Re: backup',
);
headed('en from a date', 'Date: Mon, 2 Mar 2026 09:14:05 +0100\nTo: customer@example.org\nSubject: Re: backup');
headed(
  'en long recipients',
  'From: Support <support@example.com>\nTo: a@example.org; b@example.org;\n  c@example.org; d@example.org\nCc: e@example.org\nSent: Monday, March 2, 2026 9:14 AM\nSubject: Re: backup',
);
headed(
  'de',
  'Von: Support <support@example.com>\nGesendet: Montag, 2. März 2026 09:14\nAn: Kunde\nBetreff: AW: Sicherung',
);
headed(
  'fr',
  'De : Support <support@example.com>\nEnvoyé : lundi 2 mars 2026 09:14\nÀ : client@example.org\nObjet : RE: sauvegarde',
);
headed(
  'es',
  'De: Support <support@example.com>\nEnviado el: lunes, 2 de marzo de 2026 9:14\nPara: cliente@example.org\nAsunto: RE: copia',
);
headed(
  'it',
  'Da: Support <support@example.com>\nInviato: lunedì 2 marzo 2026 09:14\nA: cliente@example.org\nOggetto: R: copia',
);
headed(
  'pt',
  'De: Support <support@example.com>\nEnviado: segunda-feira, 2 de março de 2026 09:14\nPara: cliente\nAssunto: RES: cópia',
);
headed(
  'nl',
  'Van: Support <support@example.com>\nVerzonden: maandag 2 maart 2026 09:14\nAan: klant@example.org\nOnderwerp: RE: back-up',
);
headed(
  'pl',
  'Od: Support <support@example.com>\nWysłano: poniedziałek, 2 marca 2026 09:14\nDo: klient@example.org\nTemat: RE: kopia',
);
headed(
  'sv',
  'Från: Support <support@example.com>\nSkickat: den 2 mars 2026 09:14\nTill: kund@example.org\nÄmne: SV: kopia',
);
headed('da', 'Fra: Support <support@example.com>\nSendt: 2. marts 2026 09:14\nTil: kunde@example.org\nEmne: SV: kopi');
headed(
  'fi',
  'Lähettäjä: Support <support@example.com>\nLähetetty: maanantai 2. maaliskuuta 2026 9.14\nVastaanottaja: asiakas@example.org\nAihe: VS: kopio',
);
headed(
  'cs',
  'Od: Support <support@example.com>\nOdesláno: pondělí 2. března 2026 9:14\nKomu: zakaznik@example.org\nPředmět: RE: záloha',
);
headed(
  'tr',
  'Kimden: Support <support@example.com>\nGönderilme Tarihi: 2 Mart 2026 Pazartesi 09:14\nKime: musteri@example.org\nKonu: YNT: yedek',
);
headed(
  'ru',
  'От: Support <support@example.com>\nОтправлено: 2 марта 2026 г. 9:14\nКому: client@example.org\nТема: RE: копия',
);
headed(
  'uk',
  'Від: Support <support@example.com>\nНадіслано: 2 березня 2026 р. 9:14\nКому: client@example.org\nТема: RE: копія',
);
headed(
  'hu',
  'Feladó: Support <support@example.com>\nKüldve: 2026. március 2., hétfő 9:14\nCímzett: ugyfel@example.org\nTárgy: RE: mentés',
);
headed(
  'zh',
  '发件人: Support <support@example.com>\n发送时间: 2026年3月2日 9:14\n收件人: client@example.org\n主题: 回复: 备份',
);
headed(
  'ja',
  '差出人: Support <support@example.com>\n送信日時: 2026年3月2日 9:14\n宛先: client@example.org\n件名: Re: バックアップ',
);
headed(
  'ko',
  '보낸 사람: Support <support@example.com>\n보낸 날짜: 2026년 3월 2일 월요일 오전 9:14\n받는 사람: client@example.org\n제목: RE: 백업',
);

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
check('Windows line ends are line ends', 'one\r\ntwo\r\n\r\n-----Original Message-----\r\nthree', 'one\ntwo');

for (const text of [
  'On the surface it works.\nOn average it does not.\nOn Monday we call:',
  'Error on 2026-03-02 09:14:05: disk full\nPlease help.',
  'From: version 11\nTo: version 12\nthe update fails.',
  'Date: Wednesday 3 June\nTime: 7:00\nPlace: the server room\nPlease come.',
  'Name   Date\n--------------------\na      2 June\nb      3 June\nc      4 June\nd      5 June\ne      6 June\nf      7 June\ng      8 June\nh      9 June\ni      10 June',
  'Please enter your remarks.\n------- Enter remarks below -------\nAll good.',
  'Sent from my desk, which is much easier than from the train, I noticed.',
  'I ran this:\n$ cat log | grep error\n| is a pipe',
  '>>> >>> have a look <<< <<<\nat our site',
  '| a | b |\n| 1 | 2 |\nis my table',
  'Subject: of my question is the backup.\nIt fails.',
  'The log says:\nuser wrote: nothing\nWhy?',
]) {
  check(`prose stays whole: ${text.slice(0, 40)}`, text, text);
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
