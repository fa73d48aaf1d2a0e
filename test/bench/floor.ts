// The floor under our figures: what the same mails cost on the same servers when nothing is decided. Parse, one transaction of four inserts
// (mail, case, entry, letter), hand over, one update; no rules, no templates, no caps, no threads. Nobody can be faster and durable.
import { simpleParser } from 'mailparser';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Client } from 'pg';

/** The floor at work on one database connection and, when a port is given, one SMTP connection. */
export interface Floor {
  /** Parses and commits one mail; with an SMTP port the letter is handed over and marked. */
  take(raw: Buffer): Promise<void>;
  stop(): Promise<void>;
}

const tables = `
  create table if not exists floor_mails (id bigint generated always as identity primary key, raw bytea not null, at timestamptz not null default now());
  create table if not exists floor_cases (number bigint generated always as identity primary key, subject text not null, requester text not null);
  create table if not exists floor_entries (id bigint generated always as identity primary key, case_number bigint not null, text text not null);
  create table if not exists floor_letters (id bigint generated always as identity primary key, case_number bigint not null, raw bytea not null, sent_at timestamptz);
`;

/** Starts the floor on `databaseUrl`; `smtpPort` null leaves the letters lying. */
export async function startFloor(databaseUrl: string, smtpPort: number | null): Promise<Floor> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(tables);
  const smtp = smtpPort === null ? null : await signedOn(smtpPort);
  return {
    async take(raw) {
      const mail = await simpleParser(raw);
      const requester = mail.from?.value[0]?.address ?? '';
      await client.query('begin');
      await client.query('insert into floor_mails (raw) values ($1)', [raw]);
      const opened = await client.query<{ number: string }>(
        'insert into floor_cases (subject, requester) values ($1, $2) returning number',
        [mail.subject ?? '', requester],
      );
      const number = opened.rows[0]?.number ?? '';
      await client.query('insert into floor_entries (case_number, text) values ($1, $2)', [number, mail.text ?? '']);
      const letter = Buffer.from(letterText(number, requester, mail.messageId ?? ''));
      const stored = await client.query<{ id: string }>(
        'insert into floor_letters (case_number, raw) values ($1, $2) returning id',
        [number, letter],
      );
      await client.query('commit');
      if (!smtp) return;
      await handOver(smtp, requester, letter);
      await client.query('update floor_letters set sent_at = now() where id = $1', [stored.rows[0]?.id]);
    },
    async stop() {
      smtp?.quit();
      await client.end();
    },
  };
}

function letterText(number: string, requester: string, messageId: string): string {
  const filling = 'We have received your request and will answer it. '.repeat(60);
  return `From: support@desk.test\r\nTo: ${requester}\r\nSubject: [Case ${number}] received\r\nIn-Reply-To: ${messageId}\r\n\r\n${filling}\r\n`;
}

async function signedOn(port: number): Promise<SMTPConnection> {
  const smtp = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true });
  await new Promise<void>((connected, failed) => {
    smtp.once('error', failed);
    smtp.connect(() => connected());
  });
  return smtp;
}

function handOver(smtp: SMTPConnection, to: string, letter: Buffer): Promise<void> {
  return new Promise((taken, failed) => {
    smtp.send({ from: '', to: [to] }, letter, (error) => (error ? failed(error) : taken()));
  });
}
