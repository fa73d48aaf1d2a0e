// The floor of the intake measurement as a program: the same mails with the same libraries, and nothing decided. Fetch (or LMTP), simpleParser, one
// transaction of four inserts and one update on four connections, hand over through nodemailer's pool. The way `outbox` sends letters that lie in a table:
// read a row, hand it over, update it. It ends with the process that started it.
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { Pool } from 'pg';
import { SMTPServer } from 'smtp-server';

const [url = '', smtpPort = '', way = '', port = ''] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: 4 });
const smtp = createTransport({
  host: '127.0.0.1',
  port: Number(smtpPort),
  ignoreTLS: true,
  pool: true,
  maxConnections: 4,
  maxMessages: Infinity,
});
const filling = 'We have received your request and will answer it. '.repeat(60);

async function take(raw: Buffer): Promise<void> {
  const mail = await simpleParser(raw);
  const from = mail.from?.value[0]?.address ?? '';
  const client = await pool.connect();
  let number = '';
  try {
    await client.query('begin');
    const kept = await client.query<{ id: string }>('insert into floor_mails (raw) values ($1) returning id', [raw]);
    const opened = await client.query<{ number: string }>(
      'insert into floor_cases (subject, requester) values ($1, $2) returning number',
      [mail.subject ?? '', from],
    );
    number = opened.rows[0]?.number ?? '';
    await client.query('insert into floor_entries (case_number, text) values ($1, $2)', [number, mail.text ?? '']);
    await client.query('insert into floor_letters (case_number, raw) values ($1, $2)', [number, filling]);
    await client.query('update floor_mails set case_number = $1 where id = $2', [number, kept.rows[0]?.id]);
    await client.query('commit');
  } finally {
    client.release();
  }
  await smtp.sendMail({
    from: 'support@desk.test',
    to: from,
    subject: `[Case ${number}] received`,
    inReplyTo: mail.messageId,
    text: filling,
  });
}

async function watch(): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: Number(port),
    secure: false,
    auth: { user: 'support', pass: 'secret' },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  console.log('ready');
  for (let last = 0; ;) {
    const found = await client.fetchAll(`${last + 1}:*`, { uid: true, source: true }, { uid: true });
    const fresh = found.filter(({ uid, source }) => uid > last && source);
    await Promise.all(fresh.map(({ source }) => take(source ?? Buffer.alloc(0))));
    last = Math.max(last, ...fresh.map(({ uid }) => uid));
    if (fresh.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function listen(): void {
  const server = new SMTPServer({
    lmtp: true,
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        take(Buffer.concat(chunks)).then(
          () =>
            answer(
              null,
              session.envelope.rcptTo.map(() => 'taken'),
            ),
          (error: Error) => answer(error),
        );
      });
    },
  });
  server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
}

async function send(): Promise<void> {
  const [counted] = (await pool.query<{ count: string }>('select count(*) from floor_outbox')).rows;
  let next = 0;
  console.log('ready');
  const work = async () => {
    while (next < Number(counted?.count)) {
      next += 1;
      const read = await pool.query<{ id: string; recipient: string; raw: Buffer }>(
        'select id, recipient, raw from floor_outbox where id = $1 and sent_at is null',
        [next],
      );
      const [letter] = read.rows;
      if (!letter) continue;
      await smtp.sendMail({ envelope: { from: '', to: [letter.recipient] }, raw: letter.raw });
      await pool.query('update floor_outbox set sent_at = now() where id = $1', [letter.id]);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
}

await pool.query(`
  create table if not exists floor_mails (id bigint generated always as identity primary key, raw bytea not null, case_number bigint, at timestamptz not null default now());
  create table if not exists floor_cases (number bigint generated always as identity primary key, subject text not null, requester text not null);
  create table if not exists floor_entries (id bigint generated always as identity primary key, case_number bigint not null, text text not null);
  create table if not exists floor_letters (id bigint generated always as identity primary key, case_number bigint not null, raw text not null);
`);
process.stdin.on('end', () => process.exit(0)).resume();
if (way === 'imap') await watch();
else if (way === 'outbox') await send();
else listen();
