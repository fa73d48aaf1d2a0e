// The contract of mail.ts as a question: what of a read mail is not as the contract has it. Whatever the bytes were, the answer must be nothing.
import { limits, type Mail } from '../../src/mail/mail.ts';

const controlsOfLines = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\r]/;
const controls = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
const addrSpecCharsMax = 254;
const idCharsMax = 996;
const nameCharsMax = 1000;

/** Everything that breaks the contract, one line each. */
export function shapeFaults(mail: Mail): string[] {
  const faults: string[] = [];
  const say = (wrong: boolean, what: string): void => {
    if (wrong) faults.push(what);
  };
  const line = (text: string, what: string, charsMax: number): void => {
    say(
      controls.test(text) || !text.isWellFormed(),
      `${what} holds controls or half characters: ${JSON.stringify(text.slice(0, 80))}`,
    );
    say(text.length > charsMax, `${what} has ${text.length} characters, ${charsMax} are allowed`);
  };
  const lines = (text: string, what: string, charsMax: number): void => {
    say(controlsOfLines.test(text) || !text.isWellFormed(), `${what} holds controls or half characters`);
    say(text.length > charsMax, `${what} has ${text.length} characters, ${charsMax} are allowed`);
  };
  const id = (text: string, what: string): void => {
    say(!/^[!-;=?-~]+$/.test(text) || text.length > idCharsMax, `${what} "${text.slice(0, 80)}" is no Message-ID`);
  };

  line(mail.subject, 'subject', limits.subjectCharsMax * 2);
  say(Array.from(mail.subject).length > limits.subjectCharsMax, 'the subject is too long');
  line(mail.fromText, 'fromText', nameCharsMax);
  lines(mail.text, 'text', limits.textCharsMax);
  lines(mail.html ?? '', 'html', limits.htmlCharsMax);
  lines(mail.reply, 'reply', limits.textCharsMax);
  for (const [what, list] of Object.entries({
    from: mail.from ? [mail.from] : [],
    to: mail.to,
    cc: mail.cc,
    replyTo: mail.replyTo,
  })) {
    say(list.length > limits.addressesMax, `${what} has ${list.length} addresses`);
    for (const { displayName, addrSpec } of list) {
      line(displayName, `${what}.displayName`, Number.POSITIVE_INFINITY);
      line(addrSpec, `${what}.addrSpec`, addrSpecCharsMax);
      say(
        !/^[^@].*@(?:[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?|\[[^\]]*\])$/u.test(addrSpec),
        `${what} "${addrSpec}" is no addr-spec`,
      );
      say(addrSpec !== addrSpec.toLowerCase(), `${what} "${addrSpec}" is not lower case`);
    }
  }
  if (mail.messageId !== null) id(mail.messageId, 'messageId');
  for (const one of [...mail.inReplyTo, ...mail.references, ...mail.returned.messageIds]) id(one, 'a reference');
  say(mail.references.length > limits.referencesMax, `${mail.references.length} references`);
  say(mail.inReplyTo.length > limits.referencesMax, `${mail.inReplyTo.length} ids in In-Reply-To`);
  say(mail.date !== null && Number.isNaN(Date.parse(mail.date)), `the date ${mail.date} is none`);
  say(mail.attachments.length > limits.attachmentsMax, `${mail.attachments.length} attachments`);
  for (const [index, file] of mail.attachments.entries()) {
    say(file.index !== index, `attachment ${index} says it is ${file.index}`);
    line(file.name, 'an attachment name', 255);
    line(file.contentId ?? '', 'a Content-ID', Number.POSITIVE_INFINITY);
    say(!/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(file.type), `"${file.type}" is no media type`);
    say(!Number.isSafeInteger(file.size) || file.size < 0, `a file of ${file.size} bytes`);
  }
  say(mail.headers.length > limits.headersMax, `${mail.headers.length} headers`);
  for (const { name, value } of mail.headers) {
    say(!/^[!-9;-~]+$/.test(name) || name !== name.toLowerCase(), `"${name}" is no field name`);
    lines(value, `the value of ${name}`, Number.POSITIVE_INFINITY);
  }
  for (const report of mail.deliveryReports) lines(JSON.stringify(report), 'a report', Number.POSITIVE_INFINITY);
  for (const { detail } of mail.defects) lines(detail, 'a defect', Number.POSITIVE_INFINITY);
  lines(mail.automatic?.because ?? '', 'automatic', Number.POSITIVE_INFINITY);
  return faults;
}
