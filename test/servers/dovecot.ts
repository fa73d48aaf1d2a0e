// A real Dovecot of our own for a test: IMAP and LMTP on free loopback ports, mail in a temp folder, users of the test's choosing.
// What IDLE, UIDVALIDITY, MOVE and a server restart really do to us is only seen against a real server.
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import { createTransport } from 'nodemailer';
import type { Certificate } from './certificate.ts';
import { dovecotConfiguration, dovecotUsers } from './dovecot-configuration.ts';
import { type Guard, type ServerProcess, guardedFolder, logTail, serverUser } from './guard.ts';
import { greets, comesUp, freePorts } from './ports.ts';
import { programPath } from './programs.ts';

const startSecondsMax = 20;
const startAttemptsMax = 3;
// Dovecot itself waits 6 s for a login process that was caught while it started; the mail is on disk by then.
const endSecondsMax = 2;

/** Users by name with their passwords; mailboxes made at the first login; TLS (STARTTLS and its own port) with a certificate. */
export type DovecotOptions = {
  users?: Record<string, string>;
  mailboxes?: string[];
  certificate?: Certificate;
  /** Lines added to the end of dovecot.conf, e.g. a quota or a connection limit. */
  extra?: string;
};

/** The ports of a running server; `imaps` answers only when a certificate was given. */
export type DovecotPorts = { imap: number; imaps: number; lmtp: number };

/** A running Dovecot. Mail for `support` and for `support+anything` goes to the user `support`, whatever the domain. */
export type Dovecot = {
  ports: DovecotPorts;
  folder: string;
  pid(): number;
  /** The Maildir of `user`, to break UIDVALIDITY or files by hand. */
  maildir(user?: string): string;
  /** Hands a mail over by LMTP, as an MTA would; throws unless Dovecot took it. */
  deliver(raw: string | Buffer, user?: string, reversePath?: string): Promise<void>;
  /** Appends to `mailbox` by IMAP, as a mail client would; returns the UID. */
  append(raw: string | Buffer, mailbox?: string, user?: string): Promise<number>;
  /** A signed-in imapflow client; the caller logs it out. */
  client(user?: string, options?: Partial<ImapFlowOptions>): Promise<ImapFlow>;
  /** Ends the server in order and starts it on the same ports and folders. */
  restart(): Promise<void>;
  /** SIGKILL to the master and its children, as a power cut would; `start` brings it back. */
  kill9(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

const usersDefault = { support: 'secret' };

/** Starts a Dovecot; the default user is `support` with the password `secret`. Throws with the tail of its log when it does not come up. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const program = programPath('dovecot');
  for (let attempt = 1; ; attempt += 1) {
    const guard = await guardedFolder('dovecot');
    try {
      return await serverIn(guard, program, options);
    } catch (error) {
      // A port may have been taken between asking and binding.
      await guard.release();
      if (attempt === startAttemptsMax) throw error;
    }
  }
}

async function serverIn(guard: Guard, program: string, options: DovecotOptions): Promise<Dovecot> {
  const users: Record<string, string> = options.users ?? usersDefault;
  const [imap, imaps, lmtp] = (await freePorts(3)) as [number, number, number];
  const ports = { imap, imaps, lmtp };
  const configuration = join(guard.folder, 'dovecot.conf');
  await writeFiles(guard.folder, configuration, { ...options, users }, ports);
  let server: ServerProcess;

  async function start(): Promise<void> {
    server = guard.start(program, ['-F', '-c', configuration], { endSignal: 'SIGTERM' });
    const up = await comesUp(
      async () => (await greets(imap)) && (await greets(lmtp)),
      () => server.running(),
      startSecondsMax,
    );
    if (up) return;
    await server.end('SIGTERM');
    const log = `${await logTail(guard.folder)}\n${await logTail(guard.folder, 'dovecot.log')}`;
    throw new Error(`Dovecot did not come up on 127.0.0.1:${imap} and ${lmtp}; its log ends:\n${log}`);
  }
  async function client(user = 'support', more: Partial<ImapFlowOptions> = {}): Promise<ImapFlow> {
    const auth = { user, pass: users[user] ?? '' };
    const base = { host: '127.0.0.1', port: imap, secure: false, doSTARTTLS: false, logger: false as const };
    const flow = new ImapFlow({ ...base, auth, ...more });
    // A server we kill under a client must not end the test process by an unheard 'error'.
    flow.on('error', () => {});
    await flow.connect();
    return flow;
  }
  await start();
  return {
    ports,
    folder: guard.folder,
    pid: () => server.pid,
    maildir: (user = 'support') => join(guard.folder, 'mail', user),
    deliver: (raw, user = 'support', reversePath = 'sender@example.test') => overLmtp(lmtp, raw, { user, reversePath }),
    async append(raw, mailbox = 'INBOX', user = 'support') {
      const flow = await client(user);
      const result = await flow.append(mailbox, Buffer.from(raw));
      await flow.logout();
      if (!result || !result.uid) throw new Error(`Dovecot did not take the mail into ${mailbox} of ${user}`);
      return result.uid;
    },
    client,
    async restart() {
      await server.end('SIGTERM', endSecondsMax);
      await start();
    },
    kill9: () => server.end('SIGKILL'),
    start,
    async stop() {
      await server.end('SIGKILL');
      await guard.release();
    },
  };
}

async function writeFiles(
  folder: string,
  configuration: string,
  options: DovecotOptions & { users: Record<string, string> },
  ports: DovecotPorts,
): Promise<void> {
  const user = serverUser();
  for (const name of ['run', 'state', 'mail']) {
    await mkdir(join(folder, name));
    if (user.drop) await chown(join(folder, name), user.uid, user.gid);
  }
  await writeFile(join(folder, 'users'), dovecotUsers(options.users));
  if (options.certificate) {
    await writeFile(join(folder, 'key.pem'), options.certificate.key);
    await writeFile(join(folder, 'cert.pem'), options.certificate.cert);
  }
  await writeFile(
    configuration,
    dovecotConfiguration({
      folder,
      user,
      ports,
      mailboxes: options.mailboxes ?? ['Processed'],
      tls: options.certificate !== undefined,
      extra: options.extra ?? '',
    }),
  );
}

async function overLmtp(
  port: number,
  raw: string | Buffer,
  envelope: { user: string; reversePath: string },
): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true });
  const to = envelope.user.includes('@') ? envelope.user : `${envelope.user}@localhost`;
  try {
    // nodemailer over LMTP resolves even when the server refused after the dot: only `accepted` tells.
    const sent = await transport.sendMail({ envelope: { from: envelope.reversePath, to: [to] }, raw });
    if (sent.accepted.length !== 1) throw new Error(`Dovecot refused the mail for ${to}: ${sent.response}`);
  } finally {
    transport.close();
  }
}
