// How mails get to the doors: by IMAP APPEND as a mail client or the mail server puts them there, and by LMTP as an MTA hands them over. Both try
// until it is taken; an attempt whose answer was lost is written down, since the mail may be there.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import type { World } from './world.ts';

const retryMilliseconds = 400;
const attemptsMax = 600;
const refusalsMax = 3;
const lmtpSecondsMax = 20;

/** A mail on its way. */
export interface Parcel {
  token: string;
  mailbox: string;
  raw: Buffer;
  seen?: boolean;
}

/** The roads in. Each resolves with whether the mail was taken; false when the door refused it for good, or `signal` aborted. */
export interface Roads {
  imap(parcel: Parcel): Promise<boolean>;
  lmtp(parcel: Parcel): Promise<boolean>;
  /** Appends, and another client expunges it at once. */
  fleeting(parcel: Parcel): Promise<boolean>;
  end(): Promise<void>;
}

/** Opens the roads into a world. */
export function openRoads(world: World, signal: AbortSignal): Roads {
  const { journal, dovecot, dice } = world;
  const clients = new Map<string, ImapFlow>();
  const turns = new Map<string, Promise<unknown>>();

  function wrote(parcel: Parcel, door: 'imap' | 'lmtp', result: 'taken' | 'unknown'): void {
    const sha256 = createHash('sha256').update(parcel.raw).digest('hex');
    const { token, mailbox } = parcel;
    journal.write({ what: 'mail', at: journal.seconds(), token, door, mailbox, result, sha256 });
  }
  /** One command after the other on the client of a mailbox. */
  function inTurn<T>(mailbox: string, action: () => Promise<T>): Promise<T> {
    const done = (turns.get(mailbox) ?? Promise.resolve()).then(action);
    turns.set(
      mailbox,
      done.catch(() => {}),
    );
    return done;
  }
  async function client(mailbox: string): Promise<ImapFlow> {
    const open = clients.get(mailbox);
    if (open?.usable) return open;
    const made = await dovecot.client(mailbox);
    clients.set(mailbox, made);
    return made;
  }
  async function append(parcel: Parcel): Promise<number> {
    return inTurn(parcel.mailbox, async () => {
      const flow = await client(parcel.mailbox);
      const put = await flow.append('INBOX', parcel.raw, parcel.seen ? ['\\Seen'] : []);
      if (!put) throw new Error('not taken');
      return put.uid ?? 0;
    });
  }
  async function again(
    parcel: Parcel,
    door: 'imap' | 'lmtp',
    attempt: (count: number) => Promise<void>,
  ): Promise<boolean> {
    let refusals = 0;
    for (let count = 0; count < attemptsMax && !signal.aborted; count += 1) {
      try {
        await attempt(count);
        wrote(parcel, door, 'taken');
        return true;
      } catch (error) {
        const { responseStatus, responseCode } = error as { responseStatus?: string; responseCode?: number };
        if (responseStatus === 'NO' || responseStatus === 'BAD' || (responseCode ?? 0) >= 500) refusals += 1;
        else wrote(parcel, door, 'unknown');
        if (refusals >= refusalsMax) break;
      }
      await pause(retryMilliseconds);
    }
    journal.write({ what: 'note', at: journal.seconds(), words: `${parcel.token} was not handed over by ${door}` });
    return false;
  }
  return {
    imap: (parcel) => again(parcel, 'imap', async () => void (await append(parcel))),
    fleeting: (parcel) =>
      again(parcel, 'imap', async () => {
        const uid = await append(parcel);
        await inTurn(parcel.mailbox, async () => {
          const flow = await client(parcel.mailbox);
          await flow.mailboxOpen('INBOX');
          await flow.messageDelete(String(uid), { uid: true });
        });
      }),
    lmtp(parcel) {
      const first = dice.below(world.gateways.length);
      return again(parcel, 'lmtp', async (count) => {
        const gateway = world.gateways[(first + count) % world.gateways.length]!;
        await overLmtp(gateway.lmtpPort, parcel);
      });
    },
    async end() {
      for (const flow of clients.values()) flow.close();
    },
  };
}

async function overLmtp(port: number, parcel: Parcel): Promise<void> {
  const milliseconds = lmtpSecondsMax * 1000;
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    lmtp: true,
    ignoreTLS: true,
    connectionTimeout: milliseconds,
    greetingTimeout: milliseconds,
    socketTimeout: milliseconds,
  });
  try {
    const envelope = { from: 'ada@envelope.test', to: [`${parcel.mailbox}@desk.test`] };
    const sent = await transport.sendMail({ envelope, raw: parcel.raw });
    if (sent.accepted.length === 1) return;
    throw sent.rejectedErrors?.[0] ?? new Error('refused');
  } finally {
    transport.close();
  }
}
