// A support desk as its operator sets it up, on real servers: PostgreSQL with fsync, a Dovecot with two support mailboxes, a recording SMTP
// peer, a policy with two engineers, and one casepost.yaml. A story starts the gateway on it as often as it likes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { Client } from 'pg';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { type SmtpLetter, type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';
import { casepostJson } from './program.ts';
import { type Answer, answerAs, type MailProgram } from './writing.ts';

/** The engineers of every story. */
export const ines = 'ines@engineers.test';
export const tom = 'tom@engineers.test';

const policyText = `
engineers:
  - { name: Ines Castell, address: ${ines}, lines: [corporate] }
  - { name: Tom Okafor, address: ${tom}, lines: [mobility] }
`;

/** What a story may set differently; ports let a proxy stand between, `listen` and `policy` are YAML text added as it is. */
export interface DeskOptions {
  databaseUrl?: string;
  imapPort?: number;
  smtpPort?: number;
  imap?: boolean;
  listen?: string;
  reversePath?: 'verp';
  policy?: string;
  addressExtension?: boolean;
  /** Lines of casepost.yaml besides. */
  more?: string;
  /** Where Dovecot and the peer also listen, and the configuration finds them, when that is not 127.0.0.1. */
  hosts?: { imap: string; smtp: string };
  /** Lines of dovecot.conf besides. */
  dovecot?: string;
}

/** A letter as it came out at the peer, read with mailparser. */
export interface Letter extends SmtpLetter {
  read: ParsedMail;
}

/** The desk. */
export interface Desk {
  config: string;
  folder: string;
  /** Where `rows` asks: a story may set it, so as not to go through its own proxy. */
  databaseUrl: string;
  dovecot: Dovecot;
  peer: SmtpPeer;
  /** Rows of one SQL statement. */
  rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Waits for `count` letters to `recipient` (their subjects fitting, if given) and reads the last of them. */
  letterTo(recipient: string, options?: { subject?: RegExp; count?: number; seconds?: number }): Promise<Letter>;
  /** All letters to `recipient` so far. */
  lettersTo(recipient: string): SmtpLetter[];
  /** Answers a letter as a mail program does, into the mailbox `user` by IMAP. */
  answer(program: MailProgram, letter: { raw: Buffer }, answer: Answer, user?: string): Promise<void>;
  /** How many mails a folder holds, and how many of them are not \\Seen. */
  counted(folder: string, user?: string): Promise<{ messages: number; unseen: number }>;
  /** `casepost case show`, as JSON. */
  caseShown(number: number): Promise<CaseShown>;
  stop(): Promise<void>;
}

/** The part of `case show --json` that stories look at. */
export interface CaseShown {
  number: number;
  status: string;
  closeReason: string | null;
  severity: string;
  owner: string | null;
  linkedFrom: number | null;
  participants: { address: string; role: string; confirmed: boolean }[];
  schedule: { rule: string; step: number; dueAt: string; state: string; because: string }[];
  history: { kind: string; visibility: string; author: string; text: string; reason: string; because: string }[];
  letters: { kind: string; recipient: string; state: string }[];
}

/** Sets a desk up; nothing runs yet but its servers. */
export async function aDesk(options: DeskOptions = {}): Promise<Desk> {
  const database = options.databaseUrl ? null : await sharedDatabase('story');
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const dovecot = await startDovecot({
    users: { support: 'secret', mobility: 'secret' },
    extra: [options.hosts ? `listen = 127.0.0.1, ${options.hosts.imap}` : '', options.dovecot ?? ''].join('\n'),
  });
  const peer = await startSmtpPeer(options.hosts ? { host: options.hosts.smtp } : {});
  const folder = await mkdtemp(join(tmpdir(), 'casepost-story-'));
  const config = join(folder, 'casepost.yaml');
  await writeFile(join(folder, 'policy.yaml'), `${policyText}${options.policy ?? ''}`);
  await writeFile(config, configText({ ...options, databaseUrl }, dovecot, peer));
  const client = () => new Client({ connectionString: desk.databaseUrl });
  const lettersTo = (recipient: string) => peer.accepted().filter((letter) => letter.recipients.includes(recipient));
  const desk: Desk = {
    config,
    folder,
    databaseUrl,
    dovecot,
    peer,
    lettersTo,
    async rows<Row>(sql: string, values: unknown[] = []) {
      const connection = client();
      // A story may end all connections of the database: whoever asks at that moment hears it from the question.
      connection.on('error', () => {});
      await connection.connect();
      try {
        return (await connection.query(sql, values)).rows as Row[];
      } finally {
        await connection.end();
      }
    },
    async letterTo(recipient, { subject = /./, count = 1, seconds = 20 } = {}) {
      const fits = (letter: SmtpLetter) =>
        letter.answer.startsWith('2') && letter.recipients.includes(recipient) && subject.test(subjectOf(letter.raw));
      const found = await peer.waitFor(fits, { count, ms: seconds * 1000 });
      const letter = found.at(-1) ?? found[0];
      return { ...letter, read: await simpleParser(letter.raw) };
    },
    async answer(program, letter, answer, user = 'support') {
      await dovecot.append(await answerAs(program, letter.raw, answer), 'INBOX', user);
    },
    async counted(path, user = 'support') {
      const imap = await dovecot.client(user);
      try {
        const status = await imap.status(path, { messages: true, unseen: true });
        if (!status) throw new Error(`Dovecot did not count ${path} of ${user}`);
        return { messages: status.messages ?? 0, unseen: status.unseen ?? 0 };
      } finally {
        await imap.logout();
      }
    },
    async caseShown(number) {
      const [shown] = await casepostJson(['case', 'show', String(number), '-c', config]);
      return shown as unknown as CaseShown;
    },
    async stop() {
      await Promise.all([dovecot.stop(), peer.stop()]);
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return desk;
}

/** The unfolded subject of a letter; ours are ASCII or the story does not look at the rest. */
export function subjectOf(raw: Buffer): string {
  const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
  return /^subject:((?:.*(?:\r\n[ \t])?)*)/im.exec(head.replaceAll(/\r\n[ \t]+/g, ' '))?.[1]?.trim() ?? '';
}

function configText(options: DeskOptions & { databaseUrl: string }, dovecot: Dovecot, peer: SmtpPeer): string {
  const imap = (user: string) =>
    options.imap === false
      ? ''
      : `, imap: { host: ${options.hosts?.imap ?? '127.0.0.1'}, port: ${options.imapPort ?? dovecot.ports.imap}, security: none${options.hosts ? ', allowInsecure: true' : ''}, user: ${user}, password: secret, processedFolder: Processed, pollSeconds: 5 }`;
  const extension = options.addressExtension === false ? '' : ', addressExtension: +';
  return `company: Example Ltd
database: ${options.databaseUrl}
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@desk.test, name: Example Support, line: corporate${extension}${imap('support')} }
  - { id: mobility, address: mobility@desk.test, name: Example Mobility, line: mobility${extension}${imap('mobility')} }
${options.more ?? ''}${options.listen ? `listen:\n${options.listen}\n` : ''}smtp: { host: ${options.hosts?.smtp ?? '127.0.0.1'}, port: ${options.smtpPort ?? peer.port}, security: none${options.reversePath ? `, reversePath: ${options.reversePath}` : ''} }
`;
}
