// `casepost ingest`: mails from files through the whole pipeline, one by one in the order given, one line a mail. The same road as `start`.
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { MailboxConfig } from '../config.ts';
import type { Desk } from '../desk.ts';
import { tiesOf } from '../intake/conversation.ts';
import { mailFiles } from '../intake/files.ts';
import { attemptsMax, receiveNext } from '../intake/receive.ts';
import { mailboxOf } from '../intake/recipient.ts';
import type { Mail } from '../mail/mail.ts';
import { createParser, type Parser } from '../mail/parser-pool.ts';
import { parseAddressList } from '../mail/address.ts';
import { readHeaderBlock } from '../mail/header-block.ts';
import { caseNumberText } from '../cases/support-case.ts';
import type { Db } from '../store/db.ts';
import { saveArrival } from '../store/inbound.ts';
import { readOutcome, type Outcome } from '../store/outcome.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { openSession, print, type CommonOptions } from './session.ts';

export interface IngestOptions extends CommonOptions {
  mailbox?: string;
}

/** Ingests `paths`; ends with ProblemsFound when a file could not be read. */
export async function ingest(paths: string[], options: IngestOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const session = await openSession(options, env);
  const parser = createParser();
  const counts = new Map<string, number>();
  let unreadable = 0;
  try {
    const { desk, now, database } = session;
    const forced = options.mailbox === undefined ? null : namedMailbox(desk, options.mailbox);
    const reading = { db: database.db, desk, parser: readingAhead(parser), now };
    const finish = async ({ file, stored }: Begun): Promise<void> => {
      const outcome = await decided(reading, file, await stored);
      counts.set(outcome.disposition, (counts.get(outcome.disposition) ?? 0) + 1);
      print(options, { file, ...outcome }, sentenceOf(file, outcome));
    };
    // While one mail is decided, the next is stored and read: the database and the parser work at the same time, the order stays.
    let begun: Begun | null = null;
    for await (const item of mailFiles(paths)) {
      let next: Begun | null = null;
      if (item.raw !== undefined) {
        const mailbox = forced ?? mailboxFor(item.raw, desk.config.mailboxes);
        next = begin(reading, { ...item, mailbox: mailbox.id });
      }
      if (begun) await finish(begun);
      begun = next;
      if (item.raw !== undefined) continue;
      unreadable += 1;
      print(options, { file: item.file, error: item.error }, `${item.file}: ${item.error}`);
    }
    if (begun) await finish(begun);
  } finally {
    await parser.close();
    await session.close();
  }
  if (!options.json) {
    const told = [...counts].map(([disposition, count]) => `${count} ${disposition}`).join(', ');
    process.stdout.write(`${told || 'no mails'}${unreadable ? `, ${unreadable} files unreadable` : ''}\n`);
  }
  if (unreadable > 0) throw new ProblemsFound(`${unreadable} files could not be read; the others were taken in`);
}

interface Reading {
  db: Db;
  desk: Desk;
  parser: Parser & Partial<AheadParser>;
  now: Clock;
}

/** A mail on its way into the store; `stored` resolves with its row. */
interface Begun {
  file: string;
  stored: Promise<string>;
}

/** One mail from a file: stored, decided, and told what became of it. Ingesting the same file again changes nothing. */
export async function ingestOne(
  reading: Reading,
  item: { file: string; raw: Buffer; mailbox: string },
): Promise<Outcome> {
  const { file, stored } = begin(reading, item);
  return decided(reading, file, await stored);
}

function begin({ db, parser, now }: Reading, item: { file: string; raw: Buffer; mailbox: string }): Begun {
  const digest = createHash('sha256').update(item.raw).digest('hex');
  const arrival = {
    source: 'file',
    sourceKey: `${fullPath(item.file)}:${digest.slice(0, 16)}`,
    mailbox: item.mailbox,
    raw: item.raw,
    envelopeFrom: null,
    envelopeTo: [],
    receivedAt: now(),
    ...tiesOf(item.raw),
  };
  parser.ahead?.(item.raw);
  const stored = saveArrival(db, arrival, now()).then(({ id }) => id);
  // It is awaited after the mail before it; until then a failure belongs to nobody.
  stored.catch(() => {});
  return { file: item.file, stored };
}

async function decided(reading: Reading, file: string, id: string): Promise<Outcome> {
  const { db, now } = reading;
  // A fault of ours is retried at once here, with the time that it would have waited put in front of it.
  for (let attempt = 0; attempt <= attemptsMax; attempt += 1) {
    const later = () => now().add({ seconds: attempt * 10 });
    if (await receiveNext({ ...reading, now: attempt === 0 ? now : later, inboundId: id })) break;
    const outcome = await readOutcome(db, id);
    if (outcome) return outcome;
  }
  const outcome = await readOutcome(db, id);
  if (outcome) return outcome;
  throw new Error(`mail ${id} (${file}): it is stored and still waits for a decision; run "casepost ingest" again`);
}

/** A parser that can be told of a mail before it is asked for. */
interface AheadParser extends Parser {
  ahead(raw: Uint8Array): void;
}

/** Mails read ahead that are kept. */
const aheadMax = 4;

function readingAhead(parser: Parser): AheadParser {
  const begun = new Map<string, Promise<Mail>>();
  const nameOf = (raw: Uint8Array) => createHash('sha256').update(raw).digest('hex');
  return {
    ahead(raw) {
      // A mail that turns out to be known is never asked for.
      const [oldest] = begun.keys();
      if (begun.size >= aheadMax && oldest !== undefined) begun.delete(oldest);
      begun.set(nameOf(raw), parser.parse(raw));
    },
    parse(raw) {
      const name = nameOf(raw);
      const mail = begun.get(name) ?? parser.parse(raw);
      begun.delete(name);
      return mail;
    },
    close: () => parser.close(),
  };
}

function fullPath(file: string): string {
  const [path = file, ...part] = file.split(/(?=#\d+$)/);
  return `${realpathSync(path)}${part.join('')}`;
}

function namedMailbox(desk: Desk, id: string): MailboxConfig {
  const found = desk.config.mailboxes.find((mailbox) => mailbox.id === id || mailbox.address === id.toLowerCase());
  if (found) return found;
  const known = desk.config.mailboxes.map((mailbox) => mailbox.id).join(', ');
  throw new UsageError(`--mailbox: "${id}" is not configured; allowed: ${known}`);
}

/** The mailbox a file was for, by its delivery and recipient headers; the first when none of ours is named. */
function mailboxFor(raw: Buffer, mailboxes: MailboxConfig[]): MailboxConfig {
  const { headers } = readHeaderBlock(raw);
  for (const name of ['delivered-to', 'x-original-to', 'envelope-to', 'to', 'cc']) {
    for (const { value } of headers.filter((header) => header.name === name)) {
      for (const { addrSpec } of parseAddressList(value)) {
        const found = mailboxOf(mailboxes, addrSpec);
        if (found) return found;
      }
    }
  }
  const [first] = mailboxes;
  if (!first) throw new UsageError('the configuration has no mailbox');
  return first;
}

function sentenceOf(file: string, outcome: Outcome): string {
  const which = outcome.caseNumber === null ? '' : ` case ${caseNumberText(outcome.caseNumber)}`;
  const letters = outcome.letters.map(({ kind, recipient }) => `\n    ${kind} to ${recipient}`).join('');
  return `${file}: ${outcome.disposition}${which} (${outcome.reason})\n    because ${outcome.because}${letters}`;
}
