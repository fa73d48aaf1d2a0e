// The SMTP or LMTP door, for a mail server that hands mail over (RFC 5321, RFC 2033). It takes mail for our mailboxes only, and says 250
// only after the raw bytes are committed; when they cannot be, it says 451 and the peer keeps the mail (TRUST P1, P5).
// Smuggling: smtp-server 3.21 ends a message at CRLF . CRLF only, so a bare-LF dot stays text and starts no second mail (tried); bare LFs
// are stored as they came. A peer cut off before the final dot leaves nothing behind.
import { createHash } from 'node:crypto';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerError, SMTPServerSession } from 'smtp-server';
import type { Clock } from '../clock.ts';
import type { Listener } from '../config.ts';
import { errorText, outage } from '../log.ts';
import type { Log, Outage } from '../log.ts';
import type { Db } from '../store/db.ts';
import type { SenderVerdict } from '../store/inbound.ts';
import { clientCheck } from './client.ts';
import { tiesOf } from './conversation.ts';
import type { Arriving, LargeMails } from './large.ts';
import { mailboxOf } from './recipient.ts';
import type { AddressedMailbox } from './recipient.ts';
import { storeTogether } from './store-together.ts';
import type { verifyAtDoor } from './verify.ts';

/** Limits of this door. */
export const smtpLimits = {
  clientsMax: 100,
  recipientsMax: 100,
  idleSeconds: 60,
  /** A whole connection, however slowly it drips (TRUST F21); a mail server comes back. */
  sessionSeconds: 900,
  /** How long a large mail waits for room in the middle of its coming (less than `idleSeconds`); then its peer is told to come again. */
  roomSeconds: 45,
  closeSeconds: 5,
} as const;

/** `onStored` is called after each commit, so that the mail is decided on at once. */
export interface ListenOptions {
  listener: Listener;
  mailboxes: readonly AddressedMailbox[];
  db: Db;
  large: LargeMails;
  onStored: () => void;
  log: Log;
  now: Clock;
}

/** An open door: its real port (0 in the configuration lets the system choose), and how to shut it. */
export interface MailDoor {
  port: number;
  /** Takes no new mail, lets running sessions end for `closeSeconds`, and waits for what is being stored. */
  close(): Promise<void>;
}

interface Door extends ListenOptions {
  /** Null where another server has verified the sender: what it takes is not loaded then. */
  verify: typeof verifyAtDoor | null;
  save: ReturnType<typeof storeTogether>;
  storing: Set<Promise<void>>;
  database: Outage;
}

/** A refusal for the peer: smtp-server reads `responseCode`; the text says what to do, and nothing about us. */
function refusal(responseCode: number, text: string): SMTPServerError & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode });
}

/** Opens the door. Rejects when the port cannot be had, with the host and port in the text. */
export async function listenForMail(options: ListenOptions): Promise<MailDoor> {
  const { listener, log, now } = options;
  const name = `${listener.protocol.toUpperCase()} door ${listener.host}:${listener.port}`;
  const door: Door = {
    ...options,
    verify: listener.verify ? (await import('./verify.ts')).verifyAtDoor : null,
    save: storeTogether(options.db, now),
    storing: new Set(),
    database: outage(log, `${name}: storing mail`),
  };
  const allowed = clientCheck(listener.hosts);
  const deadlines = new Map<string, NodeJS.Timeout>();
  const server = new SMTPServer({
    lmtp: listener.protocol === 'lmtp',
    banner: 'Casepost',
    size: listener.maxBytes,
    rejectOversized: true,
    ...(listener.tls ? { cert: listener.tls.cert, key: listener.tls.key.reveal() } : {}),
    // Nobody signs in here: there is nothing to gain, since only our own mailboxes can be written to.
    disabledCommands: listener.tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    maxClients: smtpLimits.clientsMax,
    maxRecipients: smtpLimits.recipientsMax,
    socketTimeout: smtpLimits.idleSeconds * 1000,
    closeTimeout: smtpLimits.closeSeconds * 1000,
    logger: false,
    onConnect(session, answer) {
      if (!allowed(session.remoteAddress)) {
        log.warn(
          { client: session.remoteAddress },
          `${name}: refused ${session.remoteAddress}, which is not in listen.${listener.protocol}.hosts`,
        );
        return answer(refusal(554, '5.7.1 this host does not take mail from you'));
      }
      deadlines.set(
        session.id,
        setTimeout(() => hangUp(server, session.id), smtpLimits.sessionSeconds * 1000),
      );
      answer();
    },
    onClose(session) {
      clearTimeout(deadlines.get(session.id));
      deadlines.delete(session.id);
    },
    onRcptTo: (recipient, session, answer) => answer(refusedRecipient(door, recipient.address, session)),
    onData(stream, session, answer) {
      const arriving = door.large.arriving();
      const storing = receiveMail(door, stream, session, arriving).then(
        (results) => (listener.protocol === 'lmtp' ? answer(null, results) : answer(...oneAnswer(results))),
        (error: unknown) =>
          answer(
            error instanceof Error && 'responseCode' in error
              ? error
              : refusal(451, '4.3.0 the mail did not arrive whole, send it again'),
          ),
      );
      door.storing.add(storing);
      void storing.finally(() => {
        arriving.leave();
        door.storing.delete(storing);
      });
    },
  });
  await new Promise<void>((open, failed) => {
    server.once('error', (error) =>
      failed(new Error(`${name} cannot be opened: ${errorText(error)}; nothing listens there`)),
    );
    server.listen(listener.port, listener.host, open);
  });
  server.removeAllListeners('error');
  server.on('error', (error) => log.debug({ error: errorText(error) }, `${name}: a connection failed`));
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listener.port;
  log.info({ port, at: now().toString() }, `${name}: open on port ${port}`);
  return {
    port,
    async close() {
      await new Promise<void>((closed) => server.close(() => closed()));
      for (const deadline of deadlines.values()) clearTimeout(deadline);
      await Promise.allSettled(door.storing);
    },
  };
}

/** Why a recipient is not taken, or null: only our mailboxes and their details, so that this is no open relay. */
function refusedRecipient(door: Door, address: string, session: SMTPServerSession): Error | null {
  if (!mailboxOf(door.mailboxes, address)) return refusal(550, '5.1.1 no such mailbox here');
  const named = session.envelope.rcptTo.some((earlier) => earlier.address.toLowerCase() === address.toLowerCase());
  // smtp-server keeps one of two equal recipients, but an LMTP client awaits a reply for each: the second comes again by itself.
  if (named && door.listener.protocol === 'lmtp')
    return refusal(452, '4.5.3 recipient named twice, send the second again');
  return null;
}

/** Reads the mail and stores it once for each mailbox among the recipients. Gives one answer per recipient, in their order (RFC 2033 4.2). */
async function receiveMail(
  door: Door,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  arriving: Arriving,
): Promise<(string | Error)[]> {
  // The session is reset for the next mail when the stream ends, so the envelope is taken before the first wait.
  const { mailFrom, rcptTo } = session.envelope;
  const recipients = rcptTo.map((recipient) => recipient.address);
  const raw = await wholeMail(stream, arriving);
  const reversePath = mailFrom ? mailFrom.address : '';
  const peer = { address: session.remoteAddress, helo: session.hostNameAppearsAs, reversePath };
  const verdict = await door.verify?.(door.listener, raw, peer);
  const answers = new Map<string, string | Error>();
  for (const box of new Set(recipients.map((recipient) => mailboxOf(door.mailboxes, recipient)))) {
    if (!box) continue;
    const envelopeTo = recipients.filter((recipient) => mailboxOf(door.mailboxes, recipient) === box);
    answers.set(
      box.id,
      await store(door, {
        raw,
        mailbox: box.id,
        envelopeFrom: mailFrom ? mailFrom.address : null,
        envelopeTo,
        ...(verdict ? { verdict } : {}),
      }),
    );
  }
  return recipients.map(
    (recipient) =>
      answers.get(mailboxOf(door.mailboxes, recipient)?.id ?? '') ?? refusal(550, '5.1.1 no such mailbox here'),
  );
}

/** The bytes between DATA and the final dot. Throws when the peer was cut off, or when a large mail found no room. */
async function wholeMail(stream: SMTPServerDataStream, arriving: Arriving): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let crowded = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // What we can not take is read to its end: only then does the peer hear an answer. smtp-server gives it where the mail is oversize.
    if (!stream.sizeExceeded && !crowded && (await arriving.hold(chunk.length, smtpLimits.roomSeconds))) {
      chunks.push(chunk);
      continue;
    }
    crowded ||= !stream.sizeExceeded;
    chunks.length = 0;
    arriving.leave();
  }
  if (crowded) throw refusal(452, '4.3.1 too much mail at once, send it again later');
  if (stream.sizeExceeded) throw refusal(552, '5.3.4 the mail is larger than we take');
  return Buffer.concat(chunks);
}

interface Taken {
  raw: Buffer;
  mailbox: string;
  envelopeFrom: string | null;
  envelopeTo: string[];
  verdict?: SenderVerdict;
}

/**
 * Stores one arrival. The key is the mail's own content and its mailbox: when our 250 was lost the peer sends the same bytes again (RFC 1047),
 * and that is the same row, not a second mail. A mail sent twice by its author differs in Date or Received.
 */
async function store(door: Door, taken: Taken): Promise<string | Error> {
  const now = door.now();
  const sourceKey = createHash('sha256').update(`${taken.mailbox}\n`).update(taken.raw).digest('hex');
  try {
    const arrival = { ...taken, ...tiesOf(taken.raw), source: door.listener.protocol, sourceKey, receivedAt: now };
    const saved = await door.large.stored(taken.raw.length, () => door.save(arrival));
    door.database.up(now);
    if (saved.fresh) door.onStored();
    return `2.0.0 stored as ${saved.id}`;
  } catch (error) {
    door.database.down(errorText(error), now);
    return refusal(451, '4.3.0 cannot store the mail now, send it again later');
  }
}

/** SMTP has one answer for all recipients: any mailbox that could not be stored makes the peer send again, and the stored ones are known then. */
function oneAnswer(answers: (string | Error)[]): [Error | null, string?] {
  const refused = answers.find((answer) => answer instanceof Error);
  return refused ? [refused] : [null, answers.join('; ')];
}

function hangUp(server: SMTPServer, sessionId: string): void {
  for (const connection of server.connections) if (connection.id === sessionId) connection.close();
}
