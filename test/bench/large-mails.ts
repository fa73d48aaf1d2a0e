// What a gateway holds and how long others wait while mails of 25 MB come: by LMTP four at once, and in an IMAP folder as fast as it reads them.
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../servers/ports.ts';
import type { Postgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { senderOf } from './generated-mails.ts';
import { lettersAfter, policy } from './intake-speed.ts';
import { handOverByLmtp } from './lmtp-client.ts';
import { peakMb, residentMb } from './processor-time.ts';
import { quantile } from './quantile.ts';
import { newMail } from './support-mails.ts';

const largeBytes = 25_000_000;
const connections = 4;
/** Between two ordinary mails that are sent meanwhile. */
const ordinaryMilliseconds = 500;

/** Megabytes of the gateway; milliseconds from an ordinary mail, sent meanwhile, to its acknowledgment. */
export interface Large {
  mails: number;
  startedMb: number;
  mb: number;
  peakMb: number;
  mailsPerSecond: number;
  ordinary: { mails: number; median: number; longest: number };
}

/** One way in, on a gateway and a database of its own. */
export async function measureLarge(postgres: Postgres, mails: number, way: 'lmtp' | 'imap'): Promise<Large> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase(`large_${way}`);
  const listen = `  lmtp: { port: ${lmtpPort} }`;
  const desk = await aDesk({ databaseUrl, policy, listen, imap: way === 'imap' });
  const gateway = await startCasepost(['start', '-c', desk.config]);
  try {
    const startedMb = residentMb(gateway.pid);
    const file = largeFile();
    const put = way === 'lmtp' ? byLmtp(lmtpPort, mails, file) : intoFolder(desk, mails, file);
    const done = new AbortController();
    const meanwhile = ordinaryMails(desk, lmtpPort, done.signal);
    const seconds = await lettersAfter(desk, put, mails).finally(() => done.abort());
    const taken = await meanwhile;
    const ordinary = { mails: taken.length, median: quantile(taken, 0.5), longest: Math.max(...taken) };
    const [mb, most] = [residentMb(gateway.pid), peakMb(gateway.pid)];
    return { mails, startedMb, mb, peakMb: most, mailsPerSecond: mails / seconds, ordinary };
  } finally {
    await gateway.stop();
    await desk.stop();
  }
}

function byLmtp(port: number, mails: number, file: string): () => Promise<void> {
  return async () => {
    // A few at a time: the sender's memory is none of the measurement, and must not fill the machine.
    for (let first = 1; first <= mails; first += connections) {
      const few = Array.from({ length: Math.min(connections, mails + 1 - first) }, (_, at) => ({
        from: senderOf(first + at),
        to: 'support@desk.test',
        raw: largeMail(first + at, file),
      }));
      await handOverByLmtp(port, few, connections);
    }
  };
}

function intoFolder({ dovecot }: Desk, mails: number, file: string): () => Promise<void> {
  return async () => {
    const folder = dovecot.maildir('support');
    // Dovecot makes it, with the rights it needs, when the gateway has signed in.
    await until('the folder is there', () => existsSync(join(folder, 'new')));
    for (let index = 1; index <= mails; index += 1) {
      const name = `${1_700_000_000 + index}.M${index}P1.bench`;
      await writeFile(join(folder, 'tmp', name), largeMail(index, file), { mode: 0o666 });
      await rename(join(folder, 'tmp', name), join(folder, 'new', name));
    }
  };
}

/** How long each of them took, one after another until `signal` aborts; at least one. */
async function ordinaryMails(desk: Desk, port: number, signal: AbortSignal): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 1; index === 1 || !signal.aborted; index += 1) {
    const from = `ordinary${index}@meanwhile${index}.test`;
    const raw = Buffer.from(newMail(index).toString('latin1').replaceAll(senderOf(index), from), 'latin1');
    const arrived = desk.peer.waitFor(({ recipients }) => recipients.includes(from), { ms: 120_000 });
    const began = performance.now();
    await Promise.all([handOverByLmtp(port, [{ from, to: 'support@desk.test', raw }], 1), arrived]);
    taken.push(performance.now() - began);
    await pause(ordinaryMilliseconds);
  }
  return taken;
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
