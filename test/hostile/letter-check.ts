// What must be true of every letter we write, whatever the mail before it said: read from the bytes by our own reader and by mailparser, which
// share no code, and from the bytes themselves (TRUST B7, B8, B25, T9, T16, T17).
import { domainToASCII } from 'node:url';
import { simpleParser } from 'mailparser';
import { parseMail } from '../../src/mail/parse.ts';
import { caseNumbers } from '../../src/mail/subject.ts';

/** A letter of the outbox. */
interface Written {
  kind: string;
  caseNumber: number;
  recipient: string;
  subject: string;
  raw: Buffer;
}

/** Longest line of a mail, RFC 5322 section 2.1.1. */
const lineOctetsMax = 998;
const onceAtMost = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
];
const never = ['cc', 'bcc', 'sender', 'resent-to', 'resent-from', 'return-path'];
/** Kinds that repeat nothing of what was written to us (TRUST T9). */
const withoutTheirWords = ['acknowledgment', 'linked-case'];
const canaryWord = /quagga/i;

/** What is wrong with a letter, or null. */
export async function whatIsWrong(letter: Written): Promise<string | null> {
  const text = letter.raw.toString('latin1');
  if (/(?<!\r)\n|\r(?!\n)/.test(text)) return 'has a line end that is not CRLF';
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)) return 'has control characters';
  const tooLong = text.split('\r\n').find((line) => line.length > lineOctetsMax);
  if (tooLong) return `has a line of ${tooLong.length} octets`;
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  const names = [...head.matchAll(/^([^\s:]+):/gm)].map(([, name = '']) => name.toLowerCase());
  const repeated = onceAtMost.find((name) => names.filter((one) => one === name).length > 1);
  if (repeated) return `has two ${repeated} headers`;
  const foreign = never.find((name) => names.includes(name));
  if (foreign) return `has a ${foreign} header`;

  const ours = await parseMail(letter.raw);
  const theirs = await simpleParser(letter.raw);
  const theirTo = [theirs.to ?? []].flat().flatMap(({ value }) => value.map(({ address }) => asWritten(address ?? '')));
  if (ours.to.map(({ addrSpec }) => addrSpec).join() !== letter.recipient)
    return `reads as to ${JSON.stringify(ours.to)}`;
  if (theirTo.join() !== letter.recipient) return `is read by mailparser as to ${JSON.stringify(theirTo)}`;
  if (ours.subject !== letter.subject || theirs.subject !== letter.subject) {
    return `has the subject "${letter.subject}", which we read as "${ours.subject}" and mailparser as "${theirs.subject}"`;
  }
  const numbers = caseNumbers(letter.subject);
  if (numbers.join() !== String(letter.caseNumber)) return `names the cases ${numbers.join()} in its subject`;
  if (withoutTheirWords.includes(letter.kind)) {
    const said = [text, letter.subject, theirs.text ?? '', theirs.html || '', ...names].find((part) =>
      canaryWord.test(part),
    );
    if (said !== undefined) return 'repeats what the mail said';
  }
  return null;
}

/** mailparser shows A-labels as the letters they stand for. */
function asWritten(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
}
