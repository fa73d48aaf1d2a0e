// Decides where a signature, a mail program's advertisement, a list's footer or a disclaimer begins.
// None of it is what the customer has to say, but it is folded only where text stands above it.
import { hasWords, replyLimits } from './reply-text-line.ts';
import type { Line } from './reply-text-line.ts';
import { ruleLine } from './reply-text-headings.ts';

/** How mail programs begin the line that names the device, by language; compared at the beginning of the line. */
const sentFrom = [
  'sent from|sent via|sent with|sent using|sent by|sent on the go|get outlook for|download outlook|from my iphone',
  'gesendet von|gesendet mit|gesendet über|von meinem|diese nachricht wurde von meinem|holen sie sich outlook|outlook für|von unterwegs',
  'envoyé de|envoyé depuis|envoyé à partir|envoyé avec|obtenez outlook|télécharger outlook|provenance :',
  'enviado desde|enviado con|obtener outlook|descargar outlook',
  'inviato da|inviato con|scarica outlook|ottieni outlook',
  'enviado do|enviado de|enviado a partir|enviado pelo|enviado via|obter o outlook|baixar o outlook',
  'verzonden vanaf|verzonden met|verzonden via|verstuurd vanaf|verstuurd met|verzonden door|outlook voor',
  'wysłane z|wysłano z|wysłane za pomocą|pobierz aplikację outlook|pobierz outlook',
  'skickat från|skickat med|hämta outlook|sendt fra|sendt med|sendt via|hent outlook',
  'lähetetty|hae outlook|odesláno z|odesláno pomocí|odoslané z|získejte outlook|elküldve|küldve|trimis de pe|poslano s|poslano iz',
  'отправлено с|отправлено из|получить outlook|надіслано з|відправлено з|изпратено от',
  'στάλθηκε από|נשלח מ|أرسلت من|تم الإرسال من|được gửi từ|gửi từ|iphone’umdan gönderildi|iphone’dan gönderildi|iphone’umdan|samsung mobile tarafından gönderildi|outlook’u edinin',
  '发自我的|发自|从我的|從我的|获取 outlook|取得 outlook|iphoneから送信|私のiphoneから|ipadから送信|outlook for|나의 iphone에서|내 iphone에서|iphone에서 보냄|my iphone|someone from mobile',
]
  .flatMap((row) => row.split('|'))
  .map((word) => word.normalize('NFC'));

/** Beginnings of footers set by lists, scanners and groups. */
const footers = [
  'you received this message because you are subscribed|to unsubscribe from this|to stop receiving|you are receiving this|virus-free|this email has been checked for viruses|this email has been scanned|diese e-mail wurde von avast|l’absence de virus|este correo electrónico ha sido comprobado|scanned by|mailscanner has',
].flatMap((row) => row.split('|'));

/** Beginnings of disclaimers, by language. They count at the head of a paragraph of some length only. */
const disclaimers = [
  'confidentiality notice|confidentiality:|confidential:|disclaimer|legal notice|privileged and confidential|this email and any|this e-mail and any|this email message and any|this message and any|the information contained in this|the information in this e|this communication|this e-mail is confidential|this email is confidential|this email is intended|this e-mail is intended|this message is intended|this message is confidential|this message contains|this email contains|this e-mail contains|this transmission|notice:|important notice|the contents of this e|if you are not the intended recipient|please consider the environment|think before you print',
  'diese e-mail enthält|diese e-mail kann|diese nachricht enthält|diese nachricht ist|der inhalt dieser|vertraulichkeitshinweis|die information in dieser|diese e-mail ist|haftungsausschluss|hinweis: diese|bitte denken sie an die umwelt',
  'ce message et|ce message est|ce courriel|cet e-mail|ce mail|les informations contenues|avis de confidentialité|pensez à l’environnement',
  'este mensaje|este correo|la información contenida|aviso legal|aviso de confidencialidad|en cumplimiento|antes de imprimir',
  'questo messaggio|le informazioni contenute|questa e-mail|ai sensi del|informativa|questo documento',
  'esta mensagem|este e-mail|aviso de confidencialidade|as informações contidas|antes de imprimir',
  'dit bericht|deze e-mail|de informatie in|deze mail is|disclaimer:',
  'ta wiadomość|niniejsza wiadomość|treść tej wiadomości|informacje zawarte w tej|klauzula poufności',
  'detta meddelande|detta e-post|denne e-mail|denne meddelelse|denne e-posten|denne meldingen|tämä viesti|tämä sähköposti|tato zpráva|tento e-mail|toto e-mail|bu e-posta|bu mesaj',
  'настоящее сообщение|данное сообщение|это сообщение и|информация, содержащаяся|конфиденциальн|本邮件|此邮件|本電子郵件|このメール|本メールは|이 메일은|본 메일은',
].flatMap((row) => row.split('|'));
const disclaimerSign =
  /confidential|intended recipient|privileged|disclos|vertraulich|unbefugt|empfänger|confidentiel|destinataire|confidencial|destinatari|riservat|vertrouwelijk|geadresseerde|poufn|adresat|konfident|luottamuk|důvěrn|gizli|конфиденц|адресат|保密|机密|機密|기밀|viruses|environment|umwelt|print/i;

/** Finds a phrase a line begins with; by first letters, since every line of every mail is asked. */
function beginnings(phrases: string[]): (line: string) => string | undefined {
  const byStart = new Map<string, string[]>();
  for (const phrase of phrases) byStart.set(phrase.slice(0, 2), [...(byStart.get(phrase.slice(0, 2)) ?? []), phrase]);
  return (line) => byStart.get(line.slice(0, 2))?.find((phrase) => line.startsWith(phrase));
}
const deviceBeginning = beginnings(sentFrom);
const footerBeginning = beginnings(footers);
const disclaimerBeginning = beginnings(disclaimers);

const excuse = /excus|typo|apolog|brevity|autocorrect|fautes|tippfehler|pardon|short/i;
const deviceWordsMax = 7;
const signatureLinesMax = 12;
const footerLinesMax = 8;
const shortSignatureLinesMax = 6;
const linesLookedAt = 80;
const disclaimerCharsMin = 60;

function folded(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/'/g, '’')
    .normalize('NFC')
    .replace(/^[<([{*_"~‐–—-]{1,6} ?/, '');
}

/** Whether the line is the device line of a mail program. "Sent from my desk, which is easier than the phone." is a sentence. */
export function deviceLine(lines: Line[], index: number): boolean {
  const raw = lines[index]?.text ?? '';
  if (raw.length > replyLimits.headingCharsMax) return false;
  const line = folded(lines[index]?.heading ?? '');
  const begun = deviceBeginning(line);
  const ended = line.length <= 60 && /(?:gönderildi|から送信|에서 보냄|傳送|发送|发送的|lähetetty)[.。)]?$/u.test(line);
  if (begun === undefined) return ended && startsParagraph(lines, index);
  const rest = line.slice(begun.length).replace(/<[^<>]{0,300}>|\([^()]{0,300}\)|https?:\S{1,300}/g, '');
  const words = rest.split(' ').filter((word) => word !== '');
  if (words.length > deviceWordsMax && !excuse.test(rest)) return false;
  if (/[?：:]$/.test(rest)) return false;
  return (
    startsParagraph(lines, index) ||
    (endsText(lines, index) && /^[^\p{L}]*[\p{Lu}\p{Lo}]/u.test(raw) && !/[.…]$/.test(rest))
  );
}

function startsParagraph(lines: Line[], index: number): boolean {
  const before = lines[index - 1];
  return before === undefined || before.heading === '' || before.quoted || ruleLine(before.heading, 2);
}

// The last line above a quotation, a rule or the end.
function endsText(lines: Line[], index: number): boolean {
  const below = lines[index + 1];
  return below === undefined || below.heading === '' || below.quoted || ruleLine(below.heading, 2);
}

/** Whether a signature's delimiter stands at `index`: "-- " (RFC 3676 4.3), or a short dash line with little below it. */
export function signatureDelimiter(lines: Line[], index: number): boolean {
  const raw = lines[index]?.text ?? '';
  if (raw.length > replyLimits.headingCharsMax) return false;
  if (raw === '-- ' || raw === '--\u00a0') return true;
  const line = lines[index]?.heading ?? '';
  if (/^-- ?$/.test(line)) return shownBelow(lines, index, signatureLinesMax);
  if (/^(?:—|––|__|\*\*|ᐧ)$/.test(line)) return shownBelow(lines, index, shortSignatureLinesMax);
  if (/^-{3,}$/.test(line) && startsParagraph(lines, index))
    return shownBelow(lines, index, shortSignatureLinesMax, businessCard);
  return /^_{3,}$/.test(line) && shownBelow(lines, index, footerLinesMax);
}

// A name, a title, an address: short, with a capital, a plus or a link in front, and no sentence.
const businessCard = /^(?=.{1,60}$)(?=[\p{Lu}\p{Lo}+*_|<(]|\S*@|www|http).*[^.?!:;]$/u;

// Only a few lines may follow before a quotation or the end: a rule inside a text is no signature's beginning.
function shownBelow(lines: Line[], index: number, most: number, each = /(?:)/): boolean {
  let shown = 0;
  for (let below = index + 1; below < Math.min(lines.length, index + linesLookedAt); below++) {
    const line = lines[below];
    if (!line || line.quoted) break;
    if (line.heading !== '' && (++shown > most || !each.test(line.heading))) return false;
  }
  return true;
}

/** Whether a list's or scanner's footer or a disclaimer begins at `index`, at the head of a paragraph. */
export function footerAt(lines: Line[], index: number): boolean {
  if (!startsParagraph(lines, index)) return false;
  const line = folded(lines[index]?.heading ?? '');
  if (footerBeginning(line) !== undefined) return true;
  if (disclaimerBeginning(line) === undefined) return false;
  let paragraph = '';
  for (let below = index; below < lines.length && paragraph.length < 2 * replyLimits.headingCharsMax; below++) {
    const text = lines[below]?.text.slice(0, replyLimits.headingCharsMax) ?? '';
    if (!hasWords(text) && below > index + 1) break;
    paragraph += ` ${text}`;
  }
  return paragraph.length >= disclaimerCharsMin && disclaimerSign.test(paragraph);
}
