// What people and their mail programs put on the wire: a first mail, and answers to a letter the way Gmail, Outlook and Apple Mail build them
// (subject, In-Reply-To and References, quoting in text and html). The letters are read with mailparser, not with our own reader.
import { randomBytes } from 'node:crypto';
import { type ParsedMail, simpleParser } from 'mailparser';

/** A mail program whose answers we can write. */
export type MailProgram = 'gmail' | 'outlook' | 'apple';

/** A first mail. `from` is "Name <address>" or an address; `headers` are added (or, with the same name, put in the place of ours). */
export interface FirstMail {
  from: string;
  to?: string;
  subject: string;
  text: string;
  headers?: Record<string, string>;
}

/** A mail as a plain program writes it, with CRLF, a Message-ID of its own and the date of now. */
export function firstMail(mail: FirstMail): string {
  const headers: Record<string, string> = {
    From: mail.from,
    To: mail.to ?? 'support@desk.test',
    Subject: mail.subject,
    Date: dateNow(),
    'Message-ID': freshId(mail.from),
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...mail.headers,
  };
  return crlf(`${headerLines(headers)}\n\n${mail.text}\n`);
}

/** An answer to `letter` by `from`. `to`, `subject` and `headers` replace what the mail program would write. */
export interface Answer {
  from: string;
  text: string;
  to?: string;
  cc?: string;
  subject?: string;
  headers?: Record<string, string>;
}

/** The bytes of an answer to the letter with these bytes, as the program named writes it. */
export async function answerAs(program: MailProgram, letter: Buffer, answer: Answer): Promise<string> {
  const read = await simpleParser(letter);
  const id = read.messageId ?? '';
  const prefix = program === 'outlook' ? 'RE: ' : 'Re: ';
  const subject = /^re:/i.test(read.subject ?? '') ? (read.subject ?? '') : `${prefix}${read.subject ?? ''}`;
  const headers: Record<string, string> = {
    From: answer.from,
    To: answer.to ?? answerAddress(read),
    ...(answer.cc === undefined ? {} : { Cc: answer.cc }),
    Subject: answer.subject ?? subject,
    Date: dateNow(),
    'Message-ID': freshId(answer.from),
    'In-Reply-To': id,
    References: [...referencesOf(read), id].join('\n '),
    'MIME-Version': '1.0',
    ...(program === 'outlook'
      ? { 'Thread-Topic': read.subject ?? '', 'Thread-Index': randomBytes(22).toString('base64') }
      : {}),
    ...answer.headers,
  };
  const boundary = `=_${randomBytes(12).toString('hex')}`;
  const { text, html } = quoting[program](read, answer.text);
  const parts = [
    `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${base64(text)}`,
    `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${base64(html)}`,
  ];
  const type = `Content-Type: multipart/alternative; boundary="${boundary}"`;
  const body = parts.map((part) => `--${boundary}\n${part}\n`).join('');
  return crlf(`${headerLines(headers)}\n${type}\n\n${body}--${boundary}--\n`);
}

/** Where a mail program sends an answer: Reply-To, else From. */
export function answerAddress(read: ParsedMail): string {
  return (read.replyTo ?? read.from)?.value[0]?.address ?? '';
}

/** The ids of a letter's References header, with brackets. */
export function referencesOf(read: ParsedMail): string[] {
  return [read.references ?? []].flat();
}

const quoting: Record<MailProgram, (read: ParsedMail, words: string) => { text: string; html: string }> = {
  gmail(read, words) {
    const line = `On Mon, Mar 2, 2026 at 9:00 AM ${read.from?.text ?? ''} wrote:`;
    return {
      text: `${words}\n\n${line}\n\n${quoted(read)}\n`,
      html:
        `<div dir="ltr">${paragraphs(words, 'div')}</div><br><div class="gmail_quote gmail_quote_container">` +
        `<div dir="ltr" class="gmail_attr">${escaped(line)}<br></div><blockquote class="gmail_quote" ` +
        `style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">${bodyOf(read)}</blockquote></div>`,
    };
  },
  outlook(read, words) {
    const head = [
      ['From', read.from?.text ?? ''],
      ['Sent', 'Monday, March 2, 2026 9:00 AM'],
      [
        'To',
        [read.to ?? []]
          .flat()
          .map(({ text }) => text)
          .join('; '),
      ],
      ['Subject', read.subject ?? ''],
    ];
    const lines = head.map(([name, value]) => `${name}: ${value}`).join('\n');
    const bold = head.map(([name, value]) => `<b>${name}:</b> ${escaped(value ?? '')}`).join('<br>\n');
    return {
      text: `${words}\n\n________________________________\n${lines}\n\n${read.text ?? ''}\n`,
      html:
        `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body dir="ltr">` +
        paragraphs(words, 'div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt;"') +
        `<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">` +
        `<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">${bold}</font>` +
        `<div>&nbsp;</div></div><div>${bodyOf(read)}</div></body></html>`,
    };
  },
  apple(read, words) {
    const line = `On 2. Mar 2026, at 09:00, ${read.from?.text ?? ''} wrote:`;
    return {
      text: `${words}\n\n> ${line}\n> \n${quoted(read)}\n`,
      html:
        `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>` +
        `<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">${paragraphs(words, 'div')}` +
        `<div><br><blockquote type="cite"><div>${escaped(line)}</div><br class="Apple-interchange-newline"><div>${bodyOf(read)}</div>` +
        `</blockquote></div><br></body></html>`,
    };
  },
};

function quoted(read: ParsedMail): string {
  return (read.text ?? '')
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function bodyOf(read: ParsedMail): string {
  const html = read.html || escaped(read.text ?? '');
  return /<body[^>]*>([\s\S]*)<\/body>/i.exec(html)?.[1] ?? html;
}

function paragraphs(words: string, element: string): string {
  const name = element.split(' ')[0];
  return words
    .split('\n')
    .map((line) => `<${element}>${line === '' ? '<br>' : escaped(line)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function base64(text: string): string {
  return Buffer.from(text.replaceAll('\n', '\r\n')).toString('base64').replaceAll(/.{76}/g, '$&\n');
}

function crlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

function freshId(from: string): string {
  return `<${randomBytes(10).toString('hex')}@${/@([^>\s]+)/.exec(from)?.[1] ?? 'nowhere.test'}>`;
}

function dateNow(): string {
  return new Date().toUTCString().replace('GMT', '+0000');
}
