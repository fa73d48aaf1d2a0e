// `casepost explain`: how we read a mail, one JSON line a file, without a database. Never fails on a file: what goes wrong is said in `error`.
import { mailFiles } from './intake/files.ts';
import { defaultKeywordWords, keyword } from './mail/keyword.ts';
import { whyNobody, type Mail } from './mail/mail.ts';
import { createParser } from './mail/parser-pool.ts';
import { caseNumbers } from './mail/subject.ts';

/** Mails read at the same time; more only cost memory. */
const readAheadMax = 16;

/** Reads every mail under `paths` (files, folders, mbox, Maildir) and hands `write` one line of JSON for each, in order. */
export async function explainPaths(paths: readonly string[], write: (line: string) => void): Promise<void> {
  const parser = createParser();
  const waiting: Promise<string>[] = [];
  try {
    for await (const item of mailFiles(paths)) {
      waiting.push(
        item.raw ? lineOf(item.file, parser.parse(item.raw)) : Promise.resolve(errorLine(item.file, item.error)),
      );
      if (waiting.length >= readAheadMax) write((await waiting.shift()) ?? '');
    }
    for (const line of waiting) write(await line);
  } finally {
    await parser.close();
  }
}

async function lineOf(file: string, reading: Promise<Mail>): Promise<string> {
  try {
    return JSON.stringify({ file, ...explanation(await reading) });
  } catch (error) {
    return errorLine(file, error instanceof Error ? error.message : String(error));
  }
}

function errorLine(file: string, error: string): string {
  return JSON.stringify({ file, error });
}

/** What is shown of a mail. The names are part of the stable command line. */
function explanation(mail: Mail): Record<string, unknown> {
  const reported = mail.deliveryReports.length > 0;
  // What no person wrote says nothing about a case, whichever words are in it.
  const word =
    mail.automatic || reported ? null : keyword(mail.reply, defaultKeywordWords, mail.from?.displayName ?? '');
  return {
    messageId: mail.messageId,
    from: mail.from?.addrSpec ?? mail.fromText,
    sender: mail.from,
    to: mail.to,
    subject: mail.subject,
    date: mail.date,
    text: mail.text,
    reply: mail.reply,
    keyword: word?.word ?? null,
    caseNumber: caseNumbers(mail.subject)[0] ?? null,
    automatic: reported ? null : mail.automatic,
    deliveryReport: reported ? mail.deliveryReports : null,
    returned: reported ? mail.returned : null,
    attachments: mail.attachments.map(({ name, type, size }) => ({ name, type, size })),
    defects: mail.defects,
    because: {
      from: whyNobody(mail) ?? 'one author, read alike by two readers',
      reply: mail.replyBecause,
      keyword: word?.because ?? null,
      automatic: mail.automatic?.because ?? null,
    },
  };
}
