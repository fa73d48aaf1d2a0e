// How long it takes from IMAP APPEND until the acknowledgment has reached the SMTP peer, one mail after the other with a quiet moment between,
// as support mail comes; beside the floor: an IDLE connection of its own that fetches, parses, commits and hands over without deciding
// anything. A Dovecot process gathers changes for half a second (compiled in) before it tells an IDLE client, whoever it is; where it may hibernate
// idle clients (imap_hibernate_timeout) the one that watches for them tells at once. Both are measured, and the same mails by LMTP.
import { setTimeout as pause } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { freePorts } from '../servers/ports.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { startFloor } from './floor.ts';
import { generatedMail, senderOf } from './generated-mails.ts';
import { quantile } from './quantile.ts';

const warmUpMails = 3;
const letterSecondsMax = 30;
/** Between two mails: longer than the pauses after which imapflow and Dovecot are in IDLE again, and the client hibernates. */
const quietMilliseconds = { lmtp: 300, awake: 800, hibernating: 1800 };
type Quiet = keyof typeof quietMilliseconds;

/** Idle clients are put to sleep after the shortest time that can be set, and woken by the first change (Dovecot 2.3, imap_hibernate_timeout). */
const hibernates = `
imap_hibernate_timeout = 1s
service imap {
  unix_listener imap-master {
    mode = 0600
  }
}
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0600
  }
}`;

/** Milliseconds from handing over to the final dot at the peer. */
export interface Waits {
  median: number;
  p95: number;
  p99: number;
}

/** By IMAP with clients that hibernate (ours and the floor's) and without, and by LMTP. */
export interface Latency {
  mails: number;
  imap: Waits;
  imapFloor: Waits;
  awake: Waits;
  awakeFloor: Waits;
  lmtp: Waits;
}

/** Measures `mails` each through the gateway's IMAP and LMTP doors and through the floor; of a Dovecot that does not hibernate clients a fifth. */
export async function measureLatency(mails: number): Promise<Latency> {
  const postgres = await startPostgres();
  try {
    const lmtp = await onDesk(postgres, '', (desk, port) => throughGateway(desk, byLmtp(port), mails, 'lmtp'));
    const few = Math.ceil(mails / 5);
    const [imap, imapFloor] = await onDesk(postgres, hibernates, (desk) => throughBoth(desk, mails, 'hibernating'));
    const [awake, awakeFloor] = await onDesk(postgres, '', (desk) => throughBoth(desk, few, 'awake'));
    return { mails, imap, imapFloor, awake, awakeFloor, lmtp };
  } finally {
    await postgres.stop();
  }
}

/** Hands over mail `index`. */
type Put = (index: number) => Promise<unknown>;

async function onDesk<Result>(
  postgres: Postgres,
  dovecot: string,
  measure: (desk: Desk, lmtpPort: number) => Promise<Result>,
): Promise<Result> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase(`latency${lmtpPort}`);
  const desk = await aDesk({ databaseUrl, listen: `  lmtp: { port: ${lmtpPort} }`, dovecot });
  try {
    return await measure(desk, lmtpPort);
  } finally {
    await desk.stop();
  }
}

async function throughBoth(desk: Desk, mails: number, quiet: Quiet): Promise<[Waits, Waits]> {
  const client = await desk.dovecot.client();
  const append: Put = (index) => client.append('INBOX', generatedMail(index));
  try {
    const ours = await throughGateway(desk, append, mails, quiet);
    const floor = await watchFloor(desk);
    try {
      return [ours, await series(desk, append, { first: 1 + warmUpMails + mails, mails, quiet })];
    } finally {
      await floor.stop();
    }
  } finally {
    await client.logout();
  }
}

async function throughGateway(desk: Desk, put: Put, mails: number, quiet: Quiet): Promise<Waits> {
  const gateway = await startCasepost(['start', '-c', desk.config]);
  try {
    return await series(desk, put, { first: 1, mails, quiet });
  } finally {
    await gateway.stop();
  }
}

function byLmtp(port: number): Put {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    lmtp: true,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
  });
  return (index) =>
    transport.sendMail({ envelope: { from: senderOf(index), to: ['support@desk.test'] }, raw: generatedMail(index) });
}

/** Sends `mails` one by one, numbered from `first`, and a few before them to warm up. */
async function series(
  desk: Desk,
  put: Put,
  { first, mails, quiet }: { first: number; mails: number; quiet: Quiet },
): Promise<Waits> {
  const taken: number[] = [];
  for (let index = first; index < first + warmUpMails + mails; index += 1) {
    const sender = senderOf(index);
    const arrived = desk.peer.waitFor(({ recipients }) => recipients.includes(sender), { ms: letterSecondsMax * 1000 });
    const began = performance.now();
    await Promise.all([put(index), arrived]);
    taken.push(performance.now() - began);
    await pause(quietMilliseconds[quiet]);
  }
  const counted = taken.slice(warmUpMails);
  return { median: quantile(counted, 0.5), p95: quantile(counted, 0.95), p99: quantile(counted, 0.99) };
}

async function watchFloor(desk: Desk): Promise<{ stop(): Promise<void> }> {
  const floor = await startFloor(desk.databaseUrl, desk.peer.port);
  const client = await desk.dovecot.client('support', { autoIdleDelay: 500 });
  const mailbox = await client.mailboxOpen('INBOX');
  let next = mailbox.uidNext;
  let turn: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    for (const message of await client.fetchAll(`${next}:*`, { source: true }, { uid: true })) {
      if (message.uid < next || !message.source) continue;
      next = message.uid + 1;
      await floor.take(message.source);
      await seen(client, message.uid);
    }
  };
  client.on('exists', () => {
    turn = turn.then(read);
  });
  return {
    async stop() {
      await turn;
      await client.logout();
      await floor.stop();
    },
  };
}

async function seen(client: ImapFlow, uid: number): Promise<void> {
  await client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
}
