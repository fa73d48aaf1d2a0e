// The memory of a gateway: after a start, with mails of the largest size that is read, and idle over hundreds of mailboxes.
import { setTimeout as pause } from 'node:timers/promises';
import { startDovecot } from '../servers/dovecot.ts';
import { freePorts } from '../servers/ports.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { senderOf } from './generated-mails.ts';
import { serverSettings } from './growth-speed.ts';
import { lettersAfter, policy } from './intake-speed.ts';
import { handOverByLmtp } from './lmtp-client.ts';
import { peakMb, processorSeconds, residentMb } from './processor-time.ts';

const largeBytes = 25_000_000;
const largeConnections = 4;

/** Megabytes, and the share of one core that rest costs. */
export interface Memory {
  startedMb: number;
  large: { mails: number; mb: number; peakMb: number; mailsPerSecond: number };
  idle: { mailboxes: number; mb: number; peakMb: number; processorShare: number };
}

/** Measures `large` mails of 25 MB by LMTP and `mailboxes` mailboxes that are idle for so many seconds. */
export async function measureMemory(large: number, mailboxes: number, seconds: number): Promise<Memory> {
  const postgres = await startPostgres({ settings: serverSettings });
  try {
    return { ...(await withLargeMails(postgres, large)), idle: await withMailboxes(postgres, mailboxes, seconds) };
  } finally {
    await postgres.stop();
  }
}

async function withLargeMails(postgres: Postgres, mails: number): Promise<Pick<Memory, 'startedMb' | 'large'>> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase('large');
  const desk = await aDesk({ databaseUrl, policy, listen: `  lmtp: { port: ${lmtpPort} }`, imap: false });
  const gateway = await startCasepost(['start', '-c', desk.config]);
  try {
    const startedMb = residentMb(gateway.pid);
    const file = largeFile();
    const put = async () => {
      // A few at a time: the sender's memory is none of the measurement, and must not fill the machine.
      for (let first = 1; first <= mails; first += largeConnections) {
        const few = Array.from({ length: Math.min(largeConnections, mails + 1 - first) }, (_, at) => ({
          from: senderOf(first + at),
          to: 'support@desk.test',
          raw: largeMail(first + at, file),
        }));
        await handOverByLmtp(lmtpPort, few, largeConnections);
      }
    };
    const seconds = await lettersAfter(desk, put, mails);
    const [mb, most] = [residentMb(gateway.pid), peakMb(gateway.pid)];
    return { startedMb, large: { mails, mb, peakMb: most, mailsPerSecond: mails / seconds } };
  } finally {
    await gateway.stop();
    await desk.stop();
  }
}

/** An attachment as it comes: base64 that nothing compresses. */
function largeFile(): string {
  let state = 1;
  const bytes = Buffer.alloc(Math.floor((largeBytes / 78) * 57));
  for (let at = 0; at < bytes.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
}

function largeMail(index: number, file: string): Buffer {
  const head = [
    `From: Person ${index} <${senderOf(index)}>`,
    'To: Example Support <support@desk.test>',
    `Subject: The log of machine ${index}`,
    `Message-ID: <large-${index}@company${index}.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain',
    '',
    `The nightly backup of machine ${index} fails; its log is with this mail.`,
    '--part',
    'Content-Type: application/octet-stream; name="agent.log.gz"',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  return Buffer.from(`${head}${file}\r\n--part--\r\n`, 'latin1');
}

async function withMailboxes(postgres: Postgres, mailboxes: number, seconds: number): Promise<Memory['idle']> {
  const names = Array.from({ length: Math.max(0, mailboxes - 2) }, (_, at) => `box${at + 1}`);
  const users = Object.fromEntries(['support', 'mobility', ...names].map((name) => [name, 'secret']));
  const limits = 'default_process_limit = 1000\ndefault_client_limit = 4000';
  const dovecot = await startDovecot({ users, extra: limits });
  const more = names.map(
    (name) =>
      `  - { id: ${name}, address: ${name}@desk.test, line: corporate, imap: { host: 127.0.0.1, port: ${dovecot.ports.imap}, security: none, user: ${name}, password: secret } }\n`,
  );
  const databaseUrl = await postgres.createDatabase('idle');
  const desk = await aDesk({ databaseUrl, policy, imapPort: dovecot.ports.imap, more: more.join('') });
  const gateway = await startCasepost(['start', '-c', desk.config]);
  try {
    // As long again before: all folders are read, and their connections rest in IDLE.
    await pause(seconds * 1000);
    const before = processorSeconds([gateway.pid]);
    await pause(seconds * 1000);
    const processorShare = (processorSeconds([gateway.pid]) - before) / seconds;
    return { mailboxes, mb: residentMb(gateway.pid), peakMb: peakMb(gateway.pid), processorShare };
  } finally {
    await gateway.stop();
    await desk.stop();
    await dovecot.stop();
  }
}
