// How long it takes from IMAP APPEND until the acknowledgment has reached the SMTP peer, one mail after the other with a quiet moment between,
// as support mail comes; beside the floor: an IDLE connection of its own that fetches, parses, commits and hands over without deciding
// anything. Dovecot itself gathers changes for half a second (compiled in) before it tells an IDLE client, whoever it is: so a client of our own
// listens for EXISTS too, the time from there stands beside the whole, and so do the same mails by LMTP.
import { setTimeout as pause } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import type { Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { startFloor } from './floor.ts';
import { generatedMail, senderOf } from './generated-mails.ts';
import { quantile } from './quantile.ts';

const warmUpMails = 3;
const letterSecondsMax = 30;
/** Longer than the pause after which imapflow and Dovecot are in IDLE again. */
const quietMilliseconds = 800;

/** Milliseconds from the APPEND command to the final dot at the peer. */
export interface Latency {
  mails: number;
  median: number;
  p95: number;
  /** From Dovecot's EXISTS to the acknowledgment. */
  toldMedian: number;
  toldP95: number;
  floorMedian: number;
  floorP95: number;
  lmtpMedian: number;
  lmtpP95: number;
}

/** Measures `count` mails each through the gateway's IMAP and LMTP doors and through the floor; mails from number `first` on are used. */
export async function measureLatency(desk: Desk, count: number, first: number, lmtpPort: number): Promise<Latency> {
  const each = warmUpMails + count;
  const client = await desk.dovecot.client();
  const lmtp = createTransport({
    host: '127.0.0.1',
    port: lmtpPort,
    lmtp: true,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
  });
  const append = async (index: number) => void (await client.append('INBOX', generatedMail(index)));
  const handOver = async (index: number) =>
    void (await lmtp.sendMail({
      envelope: { from: senderOf(index), to: ['support@desk.test'] },
      raw: generatedMail(index),
    }));
  try {
    const gateway = await startCasepost(['start', '-c', desk.config]);
    const listener = await listenForMail(desk);
    const byImap = await series(desk, append, first, each);
    const told = listener.told.map((at, index) => (byImap.ended[index] ?? 0) - at).slice(warmUpMails);
    await listener.stop();
    const byLmtp = await series(desk, handOver, first + each, each);
    await gateway.stop();
    const floor = await watchFloor(desk);
    const least = await series(desk, append, first + 2 * each, each);
    await floor.stop();
    return {
      mails: count,
      median: quantile(byImap.taken, 0.5),
      p95: quantile(byImap.taken, 0.95),
      toldMedian: quantile(told, 0.5),
      toldP95: quantile(told, 0.95),
      floorMedian: quantile(least.taken, 0.5),
      floorP95: quantile(least.taken, 0.95),
      lmtpMedian: quantile(byLmtp.taken, 0.5),
      lmtpP95: quantile(byLmtp.taken, 0.95),
    };
  } finally {
    lmtp.close();
    await client.logout();
  }
}

/** Sends mails one by one; how long each took, without those to warm up, and when each had arrived. */
async function series(
  desk: Desk,
  put: (index: number) => Promise<void>,
  first: number,
  count: number,
): Promise<{ taken: number[]; ended: number[] }> {
  const taken: number[] = [];
  const ended: number[] = [];
  for (let index = first; index < first + count; index += 1) {
    const sender = senderOf(index);
    const arrived = desk.peer.waitFor(({ recipients }) => recipients.includes(sender), { ms: letterSecondsMax * 1000 });
    const began = performance.now();
    await Promise.all([put(index), arrived]);
    ended.push(performance.now());
    taken.push(performance.now() - began);
    await pause(quietMilliseconds);
  }
  return { taken: taken.slice(warmUpMails), ended };
}

/** When Dovecot told of each mail, as it tells a client in IDLE. */
async function listenForMail(desk: Desk): Promise<{ told: number[]; stop(): Promise<void> }> {
  const client = await desk.dovecot.client('support', { autoIdleDelay: 100 });
  await client.mailboxOpen('INBOX');
  const told: number[] = [];
  client.on('exists', () => told.push(performance.now()));
  await pause(quietMilliseconds);
  return { told, stop: () => client.logout() };
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
