// How long it takes from IMAP APPEND until the acknowledgment has reached the SMTP peer, one mail after the other, beside the floor: an IDLE
// connection of its own that fetches, parses, commits and hands over without deciding anything.
import type { ImapFlow } from 'imapflow';
import type { Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { startFloor } from './floor.ts';
import { generatedMail, senderOf } from './generated-mails.ts';

const warmUpMails = 5;
const letterSecondsMax = 30;

/** Milliseconds from the APPEND command to the final dot at the peer. */
export interface Latency {
  mails: number;
  median: number;
  p95: number;
  floorMedian: number;
  floorP95: number;
}

/** Measures `count` mails through a running gateway and then through the floor; mails from `from` on are used. */
export async function measureLatency(desk: Desk, count: number, from: number): Promise<Latency> {
  const gateway = await startCasepost(['start', '-c', desk.config]);
  const ours = await series(desk, count, from).finally(() => gateway.stop());
  const floor = await watchFloor(desk);
  const theirs = await series(desk, count, from + count + warmUpMails).finally(() => floor.stop());
  return {
    mails: count,
    median: quantile(ours, 0.5),
    p95: quantile(ours, 0.95),
    floorMedian: quantile(theirs, 0.5),
    floorP95: quantile(theirs, 0.95),
  };
}

async function series(desk: Desk, count: number, from: number): Promise<number[]> {
  const client = await desk.dovecot.client();
  const taken: number[] = [];
  try {
    for (let index = from; index < from + warmUpMails + count; index += 1) {
      const sender = senderOf(index);
      const arrived = desk.peer.waitFor(({ recipients }) => recipients.includes(sender), {
        ms: letterSecondsMax * 1000,
      });
      const began = performance.now();
      await client.append('INBOX', generatedMail(index));
      await arrived;
      if (index >= from + warmUpMails) taken.push(performance.now() - began);
    }
  } finally {
    await client.logout();
  }
  return taken;
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

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
