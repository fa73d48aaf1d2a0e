// Mail domains that anybody can have an address at: as an account's domain one of them would make strangers customers.

const exact = new Set(
  `gmail.com googlemail.com icloud.com me.com mac.com aol.com msn.com passport.com ymail.com rocketmail.com protonmail.com proton.me pm.me
   tutanota.com tutanota.de tuta.io tuta.com fastmail.com fastmail.fm hey.com mail.com email.com zoho.com zohomail.com hushmail.com mail.ru
   bk.ru inbox.ru list.ru rambler.ru ya.ru qq.com 163.com 126.com sina.com sohu.com foxmail.com naver.com daum.net hanmail.net web.de
   freenet.de t-online.de arcor.de posteo.de mailbox.org orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it
   terra.com.br uol.com.br bol.com.br comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
   btinternet.com virginmedia.com sky.com bluewin.ch seznam.cz wp.pl o2.pl onet.pl interia.pl rediffmail.com mailinator.com`.split(
    /\s+/,
  ),
);

/** Providers with a domain in many countries: yahoo.co.uk, outlook.de. */
const inManyCountries = /^(yahoo|hotmail|outlook|live|gmx|yandex|aol|windowslive)\.[a-z]{2,3}(\.[a-z]{2})?$/;

/** Whether anybody can have an address at the domain (in small letters). */
export function publicMailDomain(domain: string): boolean {
  return exact.has(domain) || inManyCountries.test(domain);
}
