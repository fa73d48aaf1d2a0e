// Attributions and copied header blocks, one line a language or program: a new language is a row in the source and a line here.
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
