// How long it takes from IMAP APPEND until the acknowledgment has reached the SMTP peer, one mail after the other with a quiet moment between,
// as support mail comes; beside the floor: an IDLE connection of its own that fetches, parses, commits and hands over without deciding
// anything. Dovecot itself gathers changes for half a second before it tells an IDLE client, so the same mails by LMTP stand beside it.
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
    const byImap = await series(desk, append, first, each);
    const byLmtp = await series(desk, handOver, first + each, each);
    await gateway.stop();
    const floor = await watchFloor(desk);
    const least = await series(desk, append, first + 2 * each, each);
    await floor.stop();
    return {
      mails: count,
      median: quantile(byImap, 0.5),
      p95: quantile(byImap, 0.95),
      floorMedian: quantile(least, 0.5),
      floorP95: quantile(least, 0.95),
      lmtpMedian: quantile(byLmtp, 0.5),
      lmtpP95: quantile(byLmtp, 0.95),
    };
  } finally {
    lmtp.close();
    await client.logout();
  }
}

async function series(
  desk: Desk,
  put: (index: number) => Promise<void>,
  first: number,
  count: number,
): Promise<number[]> {
  const taken: number[] = [];
  for (let index = first; index < first + count; index += 1) {
    const sender = senderOf(index);
    const arrived = desk.peer.waitFor(({ recipients }) => recipients.includes(sender), { ms: letterSecondsMax * 1000 });
    const began = performance.now();
    await Promise.all([put(index), arrived]);
    taken.push(performance.now() - began);
    await pause(quietMilliseconds);
  }
  return taken.slice(warmUpMails);
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
