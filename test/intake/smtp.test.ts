import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Listener } from '../../src/config.ts';
import { type MailDoor, listenForMail } from '../../src/intake/smtp.ts';
import { mailboxOf } from '../../src/intake/recipient.ts';
import { clientCheck } from '../../src/intake/client.ts';
import { largeMails } from '../../src/intake/large.ts';
import { secretOf } from '../../src/secret.ts';
import { selfSigned } from '../servers/certificate.ts';
import { whyMissing } from '../servers/programs.ts';
import { type TestDatabase, startDatabase, storedMails } from './database.ts';

const mailboxes = [
  { id: 'help', address: 'help@example.com', aliases: ['support@example.com'], addressExtension: '+' },
  { id: 'cars', address: 'cars@example.com', aliases: [], addressExtension: null },
];

describe('recipients', () => {
  function check(recipient: string, expected: string | null): void {
    expect(mailboxOf(mailboxes, recipient)?.id ?? null).toBe(expected);
  }
  test('an address in any letter case is ours', () => check('HELP@Example.COM', 'help'));
  test('an alias is ours', () => check('support@example.com', 'help'));
  test('a detail after the extension sign is ours', () => check('support+c12.a1@example.com', 'help'));
  test('a detail is not ours where no extension is configured', () => check('cars+x@example.com', null));
  test('another domain is not ours', () => check('help@example.org', null));
  test('a longer domain is not ours', () => check('help@example.com.evil.test', null));
  test('a route through us is not ours', () => check('help%evil.test@example.com', null));
});

describe('clients', () => {
  function check(hosts: string[] | null, client: string, expected: boolean): void {
    expect(clientCheck(hosts)(client)).toBe(expected);
  }
  test('everyone may connect when nobody is named', () => check(null, '203.0.113.9', true));
  test('a named address may connect', () => check(['192.0.2.1'], '192.0.2.1', true));
  test('an address of a named network may connect, also written as IPv6', () =>
    check(['192.0.2.0/24'], '::ffff:192.0.2.77', true));
  test('an address outside may not', () => check(['192.0.2.0/24', '2001:db8::/32'], '198.51.100.1', false));
  test('an IPv6 network works', () => check(['2001:db8::/32'], '2001:db8::25', true));
});

const missing = whyMissing('postgres');

describe.skipIf(missing)(`the SMTP and LMTP doors ${missing ?? ''}`, () => {
  let database: TestDatabase;
  const doors: MailDoor[] = [];
  const clients: { close(): void }[] = [];
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };

  beforeAll(async () => {
    database = await startDatabase();
  }, 60_000);
  beforeEach(() => database.reset());
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const door of doors) await door.close();
    await database.stop();
  }, 60_000);

  async function open(changes: Partial<Listener> = {}, onStored = () => {}): Promise<MailDoor> {
    const listener: Listener = {
      protocol: 'smtp',
      host: '127.0.0.1',
      port: 0,
      hosts: null,
      maxBytes: 100_000,
      tls: null,
      verify: false,
      resolver: null,
      ...changes,
    };
    const options = {
      listener,
      mailboxes,
      db: database.db,
      large: largeMails(),
      onStored,
      log: quiet,
      now: systemClock,
    };
    const door = await listenForMail(options);
    doors.push(door);
    return door;
  }

  async function send(door: MailDoor, to: string[], raw: string, changes: { lmtp?: boolean; from?: string } = {}) {
    const transport = createTransport({
      host: '127.0.0.1',
      port: door.port,
      secure: false,
      ignoreTLS: true,
      lmtp: changes.lmtp ?? false,
    });
    clients.push(transport);
    return transport.sendMail({ envelope: { from: changes.from ?? 'ann@example.net', to }, raw });
  }

  const mail = 'From: ann@example.net\r\nSubject: one\r\n\r\n.dot first\r\n..two\r\nend\r\n';

  test('a mail is in the database, byte for byte with its envelope, when 250 is said', async () => {
    let stored = 0;
    const door = await open({}, () => (stored += 1));
    const { response } = await send(door, ['help+c1@example.com'], mail);
    const [row] = await storedMails(database.db);
    expect(response).toBe(`250 2.0.0 stored as ${row?.id}`);
    expect({ ...row, raw: row?.raw.toString() }).toMatchObject({
      source: 'smtp',
      mailbox: 'help',
      raw: mail,
      from: 'ann@example.net',
      to: ['help+c1@example.com'],
    });
    expect(stored).toBe(1);
  });

  test('a null reverse path is kept as the empty address', async () => {
    await send(await open(), ['help@example.com'], mail, { from: '' });
    expect((await storedMails(database.db))[0]?.from).toBe('');
  });

  test('a recipient elsewhere is refused with 550 before the mail is sent, and nothing is stored', async () => {
    const sent = send(await open(), ['bob@example.org'], mail);
    await expect(sent).rejects.toMatchObject({ responseCode: 550, command: 'RCPT TO' });
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('the same bytes sent again after a lost 250 are the same row', async () => {
    let stored = 0;
    const door = await open({}, () => (stored += 1));
    await send(door, ['help@example.com'], mail);
    await send(door, ['help@example.com'], mail);
    expect([(await storedMails(database.db)).length, stored]).toEqual([1, 1]);
  });

  test('two recipients in one mailbox are one row, in two mailboxes one row each', async () => {
    await send(await open(), ['help@example.com', 'support+x@example.com', 'cars@example.com'], mail);
    const rows = await storedMails(database.db);
    expect(rows.map((row) => [row.mailbox, row.to])).toEqual([
      ['help', ['help@example.com', 'support+x@example.com']],
      ['cars', ['cars@example.com']],
    ]);
  });

  test('a mail over the limit is refused with 552 and nothing is stored', async () => {
    const door = await open({ maxBytes: 2000 });
    // Said without SIZE, so that the bytes themselves are counted.
    const said = await talk(door, [
      'EHLO x',
      'MAIL FROM:<>',
      'RCPT TO:<help@example.com>',
      'DATA',
      `${`${'x'.repeat(70)}\r\n`.repeat(50)}.`,
      'QUIT',
    ]);
    expect(said.at(-2)).toMatch(/^552 /);
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('a dot between bare line feeds ends nothing: no second mail is smuggled', async () => {
    const smuggled =
      'Subject: a\n\ntext\n.\nMAIL FROM:<evil@example.net>\nRCPT TO:<help@example.com>\nDATA\nSubject: b\n\n\r\n.';
    await talk(await open(), ['EHLO x', 'MAIL FROM:<>', 'RCPT TO:<help@example.com>', 'DATA', smuggled, 'QUIT']);
    const rows = await storedMails(database.db);
    expect(rows.map((row) => row.raw.toString())).toEqual([smuggled.slice(0, -1)]);
  });

  test('a peer cut off before the final dot leaves nothing behind', async () => {
    const door = await open();
    await talk(
      door,
      ['EHLO x', 'MAIL FROM:<>', 'RCPT TO:<help@example.com>', 'DATA'],
      'Subject: half\r\n\r\nhalf of it',
    );
    await door.close();
    expect(await storedMails(database.db)).toEqual([]);
  });

  test('signing in and STARTTLS are not offered without a certificate', async () => {
    const [, hello = ''] = await talk(await open(), ['EHLO x', 'QUIT']);
    expect(hello).toMatch(/SIZE 100000/);
    expect(hello).not.toMatch(/AUTH|STARTTLS/);
  });

  test('with a certificate STARTTLS is offered, and a mail comes in over it', async () => {
    const certificate = await selfSigned();
    const door = await open({ tls: { cert: certificate.cert, key: secretOf(certificate.key) } });
    const transport = createTransport({
      host: 'localhost',
      port: door.port,
      requireTLS: true,
      tls: { ca: certificate.cert },
    });
    clients.push(transport);
    await transport.sendMail({ envelope: { from: '', to: ['help@example.com'] }, raw: mail });
    expect((await storedMails(database.db)).length).toBe(1);
  });

  test('many peers at once: each mail is stored once, and every 250 has its row', async () => {
    const door = await open();
    const transport = createTransport({
      host: '127.0.0.1',
      port: door.port,
      ignoreTLS: true,
      pool: true,
      maxConnections: 8,
    });
    clients.push(transport);
    const sending = Array.from({ length: 100 }, (_, n) =>
      transport.sendMail({ envelope: { from: '', to: ['help@example.com'] }, raw: `Subject: ${n}\r\n\r\n${n}\r\n` }),
    );
    const said = (await Promise.all(sending)).map((sent) => sent.response);
    const ids = (await storedMails(database.db)).map((row) => `250 2.0.0 stored as ${row.id}`);
    expect(new Set(said)).toEqual(new Set(ids));
    expect(ids.length).toBe(100);
  });

  test('a client that is not named is turned away at the greeting', async () => {
    const [greeting] = await talk(await open({ hosts: ['192.0.2.1'] }), []);
    expect(greeting).toMatch(/^554 5\.7\.1 /);
  });

  test('LMTP answers for each recipient, the refused one too', async () => {
    const door = await open({ protocol: 'lmtp' });
    const sent = await send(door, ['help@example.com', 'nobody@example.com', 'cars@example.com'], mail, { lmtp: true });
    expect([sent.accepted, sent.rejected]).toEqual([['help@example.com', 'cars@example.com'], ['nobody@example.com']]);
    expect((await storedMails(database.db)).map((row) => [row.source, row.mailbox])).toEqual([
      ['lmtp', 'help'],
      ['lmtp', 'cars'],
    ]);
  });

  test('an LMTP recipient named twice gets two answers, so that the peer is not left waiting', async () => {
    const door = await open({ protocol: 'lmtp' });
    const rcpt = 'RCPT TO:<help@example.com>';
    const said = await talk(door, ['LHLO x', 'MAIL FROM:<>', rcpt, rcpt, 'DATA', 'Subject: x\r\n\r\n.', 'QUIT']);
    expect(said.slice(3, 7).map((line) => line.slice(0, 3))).toEqual(['250', '452', '354', '250']);
  });

  test('while the database is away the peer hears 451, and the mail comes in later', async () => {
    const door = await open();
    await database.postgres.kill9();
    await expect(send(door, ['help@example.com'], mail)).rejects.toMatchObject({ responseCode: 451 });
    await database.postgres.start();
    await expect
      .poll(
        () =>
          send(door, ['help@example.com'], mail).then(
            (sent) => sent.response,
            () => '',
          ),
        { timeout: 20_000 },
      )
      .toMatch(/^250/);
    expect((await storedMails(database.db)).length).toBe(1);
  }, 60_000);

  test('a port that is taken is told with its host and number', async () => {
    const door = await open();
    await expect(open({ port: door.port })).rejects.toThrow(
      `SMTP door 127.0.0.1:${door.port} cannot be opened: EADDRINUSE`,
    );
  });
});

/** Says each line after the answer to the one before; gives the answers. `last` is sent without a line end and the connection cut. */
async function talk(door: MailDoor, lines: string[], last: string | null = null): Promise<string[]> {
  const socket = connect(door.port, '127.0.0.1');
  socket.setEncoding('utf8');
  const answers: string[] = [];
  let pending = '';
  const left = [...lines];
  for await (const chunk of socket as AsyncIterable<string>) {
    pending += chunk;
    if (!/^[0-9]{3} [^\n]*\n$/m.test(pending) || !pending.endsWith('\n')) continue;
    answers.push(pending.trim());
    pending = '';
    const next = left.shift();
    if (next !== undefined) socket.write(`${next}\r\n`);
    else if (last !== null) socket.end(last);
  }
  return answers;
}
