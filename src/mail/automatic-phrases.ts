// How automatic answers begin, language by language. The subject pattern is anchored: a person who replies to or forwards such an answer writes
// `Re:` or `Fwd:` before it. The text pattern tells of an absence, or says that a machine answers. Only both together count (automatic.ts).

/** The words of one language. `subject` is tried on the whole subject, `text` on the first lines. */
export interface AutomaticPhrases {
  language: string;
  subject: RegExp;
  text: RegExp;
}

/** One row a language. */
export const automaticPhrases: readonly AutomaticPhrases[] = [
  {
    language: 'en',
    subject:
      /^\s*\[?(?:automatic (?:reply|response|answer)|auto(?:matic|mated)?[- ]?(?:reply|response|responder|message)|out[- ]of[- ](?:the[- ])?office(?: auto-?reply| message| reply)?\]?\s*(?::|$|-|re:)|away from (?:my|the) (?:office|desk|mail|e-?mail)\s*:|vacation (?:reply|message|response)|on (?:vacation|leave|holiday)\s*:)/i,
    text: /\b(?:out of (?:the |my )?office|on (?:annual |parental |maternity |sick )?leave\b|on (?:vacation|holidays?)\b|away from (?:the|my) (?:office|desk|e-?mail)|(?:limited|no|intermittent|without) access to (?:my |e-?)?mail|automat(?:ed|ic) (?:reply|response|message|answer)|auto-?reply|(?:am|be) (?:currently )?(?:away|absent|unavailable)|upon my return|will respond (?:when|as soon as) i (?:return|get back)|do not (?:reply|respond) to this (?:e-?mail|message)|no longer (?:works?|with|employed))/i,
  },
  {
    language: 'de',
    subject:
      /^\s*(?:automatische (?:antwort|r[üu]ckantwort|mitteilung)|abwesenheit(?:s(?:notiz|nachricht|meldung|assistent|agent|info))?\s*(?::|$)|auto(?:matische)?[- ]?antwort|nicht im (?:b[üu]ro|haus)\s*(?::|$)|urlaubsmeldung)/i,
    text: /(?:nicht (?:im (?:b[üu]ro|haus)|erreichbar|anwesend|am arbeitsplatz)|(?:im|in) urlaub|abwesend|abwesenheit|au(?:ß|ss)er haus|automatisch (?:generiert|erstellt|erzeugt|versendet)|automatische (?:antwort|nachricht|e-?mail)|ab dem .{1,20} wieder|wieder (?:im b[üu]ro|erreichbar|f[üu]r sie da))/i,
  },
  {
    language: 'fr',
    subject:
      /^\s*(?:r[ée]ponse automatique|absence(?: du bureau)?\s*:|absent(?:e)? du bureau|message d['’]absence|auto-?r[ée]ponse)/i,
    text: /(?:absent|en cong[ée]|hors du bureau|de retour le|r[ée]ponse automatique|message automatique|ne suis pas (?:au bureau|disponible|joignable)|indisponible)/i,
  },
  {
    language: 'es',
    subject:
      /^\s*(?:respuesta autom[áa]tica|fuera de (?:la )?oficina|ausencia(?: de la oficina)?\s*:|auto-?respuesta)/i,
    text: /(?:fuera de (?:la|mi) oficina|de vacaciones|ausente|respuesta autom[áa]tica|mensaje autom[áa]tico|no estar[ée] disponible|regres(?:o|ar[ée]))/i,
  },
  {
    language: 'pt',
    subject: /^\s*(?:resposta autom[áa]tica|fora do escrit[óo]rio|aus[êe]ncia(?: tempor[áa]ria)?\s*:|auto-?resposta)/i,
    text: /(?:fora do escrit[óo]rio|de f[ée]rias|ausente|resposta autom[áa]tica|mensagem autom[áa]tica|estarei de volta|retornarei)/i,
  },
  {
    language: 'it',
    subject:
      /^\s*(?:risposta automatica|fuori (?:sede|ufficio)\s*(?::|$)|assenza(?: dall['’]ufficio)?\s*:|auto-?risposta)/i,
    text: /(?:fuori (?:sede|ufficio)|in ferie|assente|risposta automatica|messaggio automatico|rientr(?:o|er[òo])|non (?:sono|sar[òo]) (?:in ufficio|raggiungibile))/i,
  },
  {
    language: 'nl',
    subject:
      /^\s*(?:automatisch (?:antwoord|bericht)|automatische reactie|afwezig(?:heid)?\s*(?::|$)|afwezigheidsassistent|niet (?:aanwezig|op kantoor)\s*(?::|$))/i,
    text: /(?:afwezig|niet (?:op kantoor|aanwezig|bereikbaar)|met (?:vakantie|verlof)|op vakantie|automatisch (?:antwoord|bericht|gegenereerd)|weer (?:aanwezig|bereikbaar|terug))/i,
  },
  {
    language: 'da',
    subject: /^\s*(?:automatisk svar|autosvar|ikke til stede|fravær(?:sbesked|sassistent)?\s*(?::|$)|ude af kontoret)/i,
    text: /(?:ikke (?:på kontoret|til stede|at træffe)|på ferie|holder ferie|ude af kontoret|fraværende|automatisk (?:svar|besked)|er tilbage)/i,
  },
  {
    language: 'sv',
    subject:
      /^\s*(?:automatiskt svar|autosvar|frånvaro(?:meddelande|assistent)?\s*(?::|$)|autosvarsmeddelande|ej på kontoret)/i,
    text: /(?:inte på (?:kontoret|plats)|på semester|har semester|frånvarande|automatiskt (?:svar|meddelande)|är tillbaka|åter (?:på|den))/i,
  },
  {
    language: 'no',
    subject:
      /^\s*(?:automatisk svar|autosvar|fravær(?:smelding|sassistent)?\s*(?::|$)|ikke til stede|borte fra kontoret)/i,
    text: /(?:ikke (?:på kontoret|til stede|tilgjengelig)|på ferie|har ferie|borte fra kontoret|fraværende|automatisk (?:svar|melding)|tilbake (?:på|den|igjen))/i,
  },
  {
    language: 'fi',
    subject: /^\s*(?:automaattinen vastaus|poissa(?: toimistosta)?\s*(?::|$)|poissaoloilmoitus|lomavastaus)/i,
    text: /(?:poissa|lomalla|automaattinen vastaus|palaan|tavoitettavissa)/i,
  },
  {
    language: 'pl',
    subject:
      /^\s*(?:autom(?:atyczna)? odpowied[źz]|odpowied[źz] automatyczna|nieobecno[śs][ćc]\s*(?::|$)|poza biurem|autoodpowied[źz]|automatyczna odpowiedź)/i,
    text: /(?:nieobecn|poza biurem|na urlopie|urlop|wiadomo[śs][ćc] automatyczn|automatyczna odpowied|wracam|b[ęe]d[ęe] dost[ęe]pn)/i,
  },
  {
    language: 'cs, sk',
    subject:
      /^\s*(?:automatick[áa] odpov[ěe][ďd]|nep[řr][íi]tomnos[tť]\s*(?::|$)|mimo kancel[áa][řr]|automatick[áa] odpoveď)/i,
    text: /(?:mimo kancel|nep[řr][íi]tom|dovolen(?:[ée]|ou|ke)|automatick[áa] odpov|budu zp[ěe]t|nebudem)/i,
  },
  {
    language: 'hu',
    subject: /^\s*(?:automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|szabads[áa]gon\s*(?::|$))/i,
    text: /(?:szabads[áa]gon|irod[áa]n k[íi]v[üu]l|nem vagyok el[ée]rhet[őo]|automatikus v[áa]lasz|visszat[ée]r)/i,
  },
  {
    language: 'ro',
    subject: /^\s*(?:r[ăa]spuns automat|[îi]n afara biroului|absen[țt][ăa]\s*:)/i,
    text: /(?:[îi]n (?:concediu|afara biroului)|r[ăa]spuns automat|mesaj automat|voi reveni|lipsesc)/i,
  },
  {
    language: 'ru, uk, bg',
    subject:
      /^\s*(?:автоматический ответ|автоответ|автоматична(?:я)? відповідь|автоматичен отговор|отсутствие на рабочем месте|вне офиса|нет на месте)/i,
    text: /(?:в отпуске|отсутству|вне офиса|автоматическ|автоответ|у відпустці|відсутн|в отпуск|извън офиса|буду (?:недоступ|доступ|на месте)|вернусь)/i,
  },
  {
    language: 'el',
    subject: /^\s*(?:αυτόματη απάντηση|εκτός γραφείου|απουσία\s*:)/i,
    text: /(?:εκτός γραφείου|σε άδεια|απουσιάζω|αυτόματη απάντηση|θα επιστρέψω)/i,
  },
  {
    language: 'tr',
    subject: /^\s*(?:otomatik (?:yanıt|cevap)|ofis dışında)/i,
    text: /(?:ofis dışında|izinde|izinli|otomatik (?:yanıt|cevap|mesaj)|döneceğim)/i,
  },
  {
    language: 'lv, lt, et',
    subject:
      /^\s*(?:atvaļinājum[sāu]|automātisk[āa] atbilde|automatinis atsakymas|automaatvastus|prombūtn|kontorist väljas)/i,
    text: /(?:atva[ļl]in[āa]jum|prombūtn|automātisk|automatinis|atostog|puhkus|automaat)/i,
  },
  {
    language: 'ja',
    subject: /^\s*(?:自動応答|自動返信|【自動(?:返信|応答|配信)|不在(?:通知|のお知らせ|連絡|にしております))/,
    text: /(?:自動(?:返信|応答|送信|配信|的に)|不在|休暇|外出し|返信できません)/,
  },
  {
    language: 'zh',
    subject: /^\s*(?:自动(?:回复|答复|回應)|自動(?:回覆|回复|答覆)|外出(?:自动)?回复|休假)/,
    text: /(?:自动(?:回复|答复)|自動(?:回覆|回复)|不在办公室|不在辦公室|外出|休假|出差|尽快回复|盡快回覆)/,
  },
  {
    language: 'ko',
    subject: /^\s*(?:자동 ?(?:회신|응답|답장)|부재중)/,
    text: /(?:자동 ?(?:회신|응답|답장)|부재|휴가|출장)/,
  },
  {
    language: 'ar, he, fa',
    subject: /^\s*(?:رد تلقائي|رد آلي|خارج المكتب|מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד|پاسخ خودکار)/,
    text: /(?:رد تلقائي|خارج المكتب|إجازة|مענה|אוטומטי|מחוץ למשרד|בחופשה|خودکار|مرخصی)/,
  },
];
