// Decides where a copied header block ("From: … Sent: … Subject: …") or a divider ("-----Original Message-----") begins.
// A new language is one row here and one fixture. The labels are what mail programs print, so they are compared whole.
import type { Line } from './reply-text-line.ts';

type Field = 'from' | 'date' | 'to' | 'subject' | 'cc';

/** What the copied header fields are called, by language: from, date, to, subject, copy. */
const labels: Record<string, Record<Field, string>> = {
  en: {
    from: 'from',
    date: 'sent|date|sent at|sent on',
    to: 'to',
    subject: 'subject',
    cc: 'cc|bcc|reply-to|importance',
  },
  de: {
    from: 'von',
    date: 'gesendet|datum|gesendet am',
    to: 'an',
    subject: 'betreff',
    cc: 'kopie|antwort an|wichtigkeit',
  },
  fr: {
    from: 'de|expéditeur',
    date: 'envoyé|date|envoyé le|message du|date d’envoi',
    to: 'à|a|pour',
    subject: 'objet|sujet',
    cc: 'copie à|copie|répondre à',
  },
  es: {
    from: 'de|remitente',
    date: 'enviado|fecha|enviado el|fecha de envío',
    to: 'para|a',
    subject: 'asunto',
    cc: 'responder a|copia',
  },
  it: { from: 'da|mittente', date: 'inviato|data|inviato il', to: 'a|per', subject: 'oggetto', cc: 'rispondi a' },
  pt: { from: 'de', date: 'enviado em|enviada em|enviada|data', to: 'para', subject: 'assunto', cc: 'responder para' },
  nl: { from: 'van', date: 'verzonden|datum|verstuurd', to: 'aan', subject: 'onderwerp', cc: 'antwoorden aan' },
  pl: { from: 'od', date: 'wysłano|wysłane|data|data wysłania', to: 'do', subject: 'temat', cc: 'dw|kopia' },
  sv: { from: 'från', date: 'skickat|datum', to: 'till', subject: 'ämne', cc: 'kopia' },
  da: { from: 'fra', date: 'sendt|dato', to: 'til', subject: 'emne', cc: 'kopi' },
  fi: { from: 'lähettäjä', date: 'lähetetty|päivämäärä|päiväys', to: 'vastaanottaja', subject: 'aihe', cc: 'kopio' },
  cs: { from: 'od|odesílatel', date: 'odesláno|datum', to: 'komu|pro', subject: 'předmět', cc: 'kopie' },
  sk: { from: 'odosielateľ', date: 'odoslané|dátum', to: 'komu', subject: 'predmet', cc: 'kópia' },
  tr: {
    from: 'kimden|gönderen',
    date: 'gönderilme tarihi|gönderme|tarih|gönderildi',
    to: 'kime|alıcı',
    subject: 'konu',
    cc: 'bilgi',
  },
  ru: { from: 'от|от кого', date: 'отправлено|дата|послано', to: 'кому', subject: 'тема', cc: 'копия' },
  uk: { from: 'від|від кого', date: 'надіслано|дата', to: 'кому', subject: 'тема', cc: 'копія' },
  hu: { from: 'feladó', date: 'küldve|elküldve|dátum', to: 'címzett', subject: 'tárgy', cc: 'másolat' },
  ro: { from: 'de la|expeditor', date: 'trimis|data|trimis la', to: 'către', subject: 'subiect', cc: 'copie' },
  hr: { from: 'šalje|pošiljatelj', date: 'poslano|datum', to: 'prima|za', subject: 'naslov', cc: 'kopija' },
  el: { from: 'από', date: 'στάλθηκε|ημερομηνία', to: 'προς', subject: 'θέμα', cc: 'κοιν' },
  he: { from: 'מאת', date: 'נשלח|תאריך', to: 'אל', subject: 'נושא', cc: 'עותק' },
  ar: { from: 'من', date: 'تاريخ الإرسال|التاريخ|تم الإرسال', to: 'إلى', subject: 'الموضوع', cc: 'نسخة' },
  vi: { from: 'từ', date: 'đã gửi|ngày', to: 'đến|tới', subject: 'chủ đề', cc: 'đồng gửi' },
  zh: {
    from: '发件人|寄件者|寄件人',
    date: '发送时间|发送日期|日期|寄件日期|時間|时间|傳送日期',
    to: '收件人|收件者',
    subject: '主题|主旨|主題',
    cc: '抄送|副本',
  },
  ja: { from: '差出人|送信者|from', date: '送信日時|日時|日付', to: '宛先', subject: '件名', cc: 'コピー' },
  ko: {
    from: '보낸 사람|보낸사람',
    date: '보낸 날짜|날짜|보낸날짜',
    to: '받는 사람|받는사람',
    subject: '제목',
    cc: '참조',
  },
};

const fieldOf = new Map<string, Field>();
for (const row of Object.values(labels)) {
  for (const [field, words] of Object.entries(row)) {
    for (const word of words.split('|')) if (!fieldOf.has(word)) fieldOf.set(word, field as Field);
  }
}

const labelCharsMax = 24;
const blockLinesMax = 14;
/** A wrapped recipient list is the longest thing between two labels. */
const unlabelledLinesMax = 3;
const address = /[^\s<>@]@[^\s<>@]/;
const dateLike = /\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|[年월月일日]/u;

function labelled(heading: string): { field: Field; value: string } | null {
  const bare = heading.slice(0, labelCharsMax + 8).replace(/[*_]/g, '');
  const colon = bare.search(/[:：]/);
  if (colon < 1 || colon > labelCharsMax) return null;
  const field = fieldOf.get(bare.slice(0, colon).trim().toLowerCase().replace(/'/g, '’'));
  return field ? { field, value: heading.slice(heading.search(/[:：]/) + 1).replace(/^[*_ ]+/, '') } : null;
}

/**
 * Whether a copied header block begins at line `start`. It needs three different fields, or two that can hardly be prose
 * (an author with an address, a date with digits): "From: version 11 / To: version 12" is a customer's own text.
 */
export function headerBlockAt(lines: Line[], start: number): boolean {
  const first = labelled(lines[start]?.heading ?? '');
  if (!first || first.field === 'cc') return false;
  // Most lines end here: the same label twice is a list, and only an author or a date opens a block that has a gap.
  const second = labelled(lines[start + 1]?.heading ?? '');
  if (second?.field === first.field || (second === null && first.field !== 'from' && first.field !== 'date'))
    return false;
  const found = new Map<Field, string>();
  let unlabelled = 0;
  for (
    let index = start;
    index < Math.min(lines.length, start + blockLinesMax) && unlabelled <= unlabelledLinesMax;
    index++
  ) {
    const entry = labelled(lines[index]?.heading ?? '');
    if (!entry) {
      unlabelled++;
      // The address of an author is often wrapped to the line below its label.
      if (found.size === 1 && found.has('from'))
        found.set('from', `${found.get('from') ?? ''} ${lines[index]?.text.slice(0, 200) ?? ''}`);
      continue;
    }
    unlabelled = 0;
    if (!found.has(entry.field)) found.set(entry.field, entry.value);
  }
  const { from, date, to, subject } = {
    from: found.get('from'),
    date: found.get('date'),
    to: found.get('to'),
    subject: found.get('subject'),
  };
  const dated = date !== undefined && dateLike.test(date);
  const authored = from !== undefined && address.test(from);
  if (authored && (date ?? to ?? subject) !== undefined) return true;
  if (from !== undefined && dated) return true;
  if (dated && to !== undefined && (address.test(to) || subject !== undefined)) return true;
  return first.field === 'from' && to !== undefined && subject !== undefined && found.size >= 3;
}

/** What stands between the dashes of a divider above an answered mail, by language. */
const answeredPhrases = [
  'original message|original mail|original email|reply message|original appointment|reply above this line',
  'ursprüngliche nachricht|originalnachricht|original-nachricht|antwort nachricht|ursprüngliche mail',
  'message d’origine|message original|message initial|courriel original',
  'mensaje original|mensaje de respuesta|correo original',
  'messaggio originale|messaggio di risposta',
  'mensagem original|mensagem de resposta',
  'oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|antwoord bericht',
  'wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna',
  'ursprungligt meddelande|originalmeddelande|svarsmeddelande',
  'oprindelig meddelelse|original besked|oprindelig besked|opprinnelig melding|original melding',
  'alkuperäinen viesti|původní zpráva|původní e-mail|pôvodná správa|eredeti üzenet|mesaj original|izvorna poruka',
  'orijinal mesaj|özgün ileti|orijinal ileti|исходное сообщение|оригинальное сообщение|первоначальное сообщение|оригінальне повідомлення',
  'αρχικό μήνυμα|הודעה מקורית|الرسالة الأصلية|tin nhắn gốc|thư gốc',
  '原始邮件|原始郵件|原始信件|原邮件|元のメッセージ|original メッセージ|オリジナルメッセージ|원본 메시지|원본 메일',
];
const forwardedPhrases = [
  'forwarded message|begin forwarded message|forwarded by|forwarded mail|forwarded email|original message forwarded',
  'weitergeleitete nachricht|anfang der weitergeleiteten nachricht|weitergeleitete mail|beginn der weitergeleiteten nachricht',
  'message transféré|début du message transféré|début du message réexpédié|message réexpédié|message transmis',
  'mensaje reenviado|inicio del mensaje reenviado|mensaje enviado adelante',
  'messaggio inoltrato|inizio messaggio inoltrato|mensagem encaminhada|início da mensagem encaminhada|mensagem reenviada',
  'doorgestuurd bericht|begin doorgestuurd bericht|wiadomość przekazana|przekazana wiadomość|początek przekazywanej wiadomości|forwarded wiadomość',
  'vidarebefordrat meddelande|vidarebefordrat brev|videresendt meddelelse|videresendt besked|videresendt melding|start på videresendt meddelelse|videresendt',
  'välitetty viesti|edelleenlähetetty viesti|přeposlaná zpráva|preposlaná správa|továbbított üzenet|mesaj redirecționat',
  'iletilmiş mesaj|yönlendirilen mesaj|iletilen ileti|пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения|переслане повідомлення',
  'προωθημένο μήνυμα|הודעה שהועברה|الرسالة المعاد توجيهها|tin nhắn đã chuyển tiếp|thư được chuyển tiếp',
  '转发的邮件|转发邮件|轉寄郵件|轉寄的郵件|已转发邮件|転送メッセージ|転送されたメッセージ|전달된 메일|전달된 메시지',
];
/** The phrase and the dashes round it, which some programs draw over the whole width. */
const dividerCharsMax = 200;
const phraseKind = new Map<string, 'answered' | 'forwarded'>();
for (const phrase of answeredPhrases.flatMap((row) => row.split('|'))) phraseKind.set(phrase, 'answered');
for (const phrase of forwardedPhrases.flatMap((row) => row.split('|'))) phraseKind.set(phrase, 'forwarded');

/** Which kind of message a divider line announces, or null. Without dashes the phrase must end in a colon, as Apple Mail writes it. */
export function dividerKind(heading: string): 'answered' | 'forwarded' | null {
  if (heading.length < 3 || heading.length > dividerCharsMax) return null;
  const line = heading.toLowerCase().replace(/'/g, '’').normalize('NFC');
  const inside = line.replace(/^[-_=*~+—–# ]{1,80}/, '').replace(/[-_=*~+—–#: ]{1,80}$/, '');
  if (inside.length < 3 || inside.length > 60) return null;
  const dashed = /^[*_ ]{0,3}(?:[-_=~+#]{2}|[—–])/.test(line);
  const kind = phraseKind.get(inside) ?? (dashed && inside.startsWith('forwarded by ') ? 'forwarded' : null);
  if (kind === null) return null;
  return dashed || line.endsWith(':') ? kind : null;
}

/** Whether a line is nothing but a rule of at least `least` dashes, underscores, stars or the like. */
export function ruleLine(heading: string, least: number): boolean {
  if (heading.length < least || /[\p{L}\p{N}]/u.test(heading[0] ?? '')) return false;
  const line = heading.replaceAll(' ', '');
  return line.length >= least && /^[-_=*~#—–─]+$/.test(line);
}
