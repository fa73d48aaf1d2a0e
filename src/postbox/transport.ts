// One SMTP or LMTP session, and what became of each letter in it, as a closed list. nodemailer's own pool is not used: it sends a letter
// again by itself when a connection breaks (maxRequeues), and it cannot tell a peer that never answered from a letter whose fate is unknown.
// Its connection class can, with the letter given as a stream: what fails before MAIL FROM is the peer's trouble, what fails after it is the
// letter's, and only from its first byte on may the peer have taken it.
import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { SmtpTarget } from '../config.ts';
import { errorText } from '../log.ts';
import { signInWith, type Proof } from '../oauth/login.ts';
import { presentToken, tokenMethod } from './xoauth2.ts';

/** Limits of one session. A reply may take `replySeconds` (RFC 5321 4.5.3.2.6 would have 10 min; a peer that slow is asked again). */
export const transportLimits = {
  connectSeconds: 30,
  /** From the first packet to the end of the login, however slowly each reply drips. */
  openSeconds: 90,
  /** From MAIL FROM until the peer wants the letter: nothing has been sent that could arrive, so a dead connection is given up early (TRUST P13). */
  envelopeSeconds: 45,
  replySeconds: 300,
  /** One letter from MAIL FROM to the last reply, however slowly its bytes drip. */
  sendSeconds: 600,
  replyBytesMax: 64 * 1024,
  /** Letters after which a session is ended; many servers end it themselves at 100. */
  lettersPerSession: 100,
} as const;

/**
 * What became of a letter. `transient` (4xx) goes out again with the same bytes, and so does one that was `cut` off before its first byte;
 * `unknown` (no reply after it was begun, RFC 1047) once more, `permanent` (5xx) never. `unavailable`: the peer wants no letter at all now (greeting, TLS, login); `withheld`: we
 * ourselves must not send it any more. In these two it was not tried.
 */
export type Outcome =
  | { outcome: 'sent'; response: string }
  | { outcome: 'transient' | 'cut' | 'permanent' | 'unknown' | 'withheld'; error: string }
  | { outcome: 'unavailable'; error: string; login: boolean };

/** The exact bytes of a letter and its envelope: one recipient, `reversePath` '' for the null one. */
export interface Posting {
  reversePath: string;
  recipient: string;
  raw: Buffer;
}

/** An open session; `usable` is false after anything but `sent`. */
export interface Session {
  /** `ours` is asked right before the first byte: with false, or when it rejects, nothing is sent. */
  send(posting: Posting, ours?: () => Promise<boolean>): Promise<Outcome>;
  usable(): boolean;
  /** Says QUIT, or with `now` just hangs up. */
  end(now?: boolean): void;
}

/** Replies after which the login or TLS must be mended before anything is sent (RFC 4954 6, RFC 3207 4). */
const loginReplies = [530, 534, 535, 538];

/** Connects, secures and signs in. Never falls back to clear text: `starttls` and `tls` fail when the peer offers none (TRUST T28). */
export async function openSession(target: SmtpTarget): Promise<Session | (Outcome & { outcome: 'unavailable' })> {
  const { user } = target;
  try {
    if (user === null) return sessionOver(await connected(target, null));
    return await signInWith(target, loginRefused, async (proof) =>
      sessionOver(await connected(target, { user, proof })),
    );
  } catch (error) {
    return { outcome: 'unavailable', error: errorText(error), login: loginRefused(error) };
  }
}

async function connected(target: SmtpTarget, login: { user: string; proof: Proof } | null): Promise<SMTPConnection> {
  const connection = new SMTPConnection({
    host: target.host,
    port: target.port,
    secure: target.security === 'tls',
    requireTLS: target.security === 'starttls',
    ignoreTLS: target.security === 'none',
    lmtp: target.protocol === 'lmtp',
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(target.ca === null ? {} : { ca: target.ca }) },
    connectionTimeout: transportLimits.connectSeconds * 1000,
    greetingTimeout: transportLimits.connectSeconds * 1000,
    dnsTimeout: transportLimits.connectSeconds * 1000,
    socketTimeout: transportLimits.replySeconds * 1000,
    maxResponseSize: transportLimits.replyBytesMax,
    customAuth: { [tokenMethod]: presentToken },
    logger: false,
  });
  // Its steps hear of an error themselves; unheard between them it would end the process.
  connection.on('error', () => {});
  const late = setTimeout(() => connection.close(), transportLimits.openSeconds * 1000);
  try {
    await answered<void>(connection, (done) => connection.connect((error) => done(error ?? null, undefined)));
    if (login) await signIn(connection, login);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function sessionOver(connection: SMTPConnection): Session {
  let broken = false;
  connection.on('error', () => (broken = true));
  connection.on('end', () => (broken = true));
  let posted = 0;
  return {
    async send(posting, ours = async () => true) {
      posted += 1;
      const outcome = await post(connection, posting, ours);
      if (outcome.outcome !== 'sent') {
        broken = true;
        connection.close();
      }
      return outcome;
    },
    usable: () => !broken && posted < transportLimits.lettersPerSession,
    end(now = false) {
      if (now || broken) connection.close();
      else connection.quit();
    },
  };
}

async function signIn(connection: SMTPConnection, { user, proof }: { user: string; proof: Proof }): Promise<void> {
  if (!connection.allowsAuth) {
    throw Object.assign(new Error('the server offers no login; we do not send without the configured one'), {
      code: 'EAUTH',
    });
  }
  await answered<unknown>(connection, (done) =>
    connection.login(
      'pass' in proof
        ? { type: 'LOGIN', user, credentials: { user, pass: proof.pass } }
        : { method: tokenMethod, user, credentials: { user, pass: proof.accessToken } },
      (error) => done(error ?? null, undefined),
    ),
  );
}

async function post(connection: SMTPConnection, posting: Posting, ours: () => Promise<boolean>): Promise<Outcome> {
  const deadline = setTimeout(() => connection.close(), transportLimits.sendSeconds * 1000);
  const prelude = setTimeout(() => connection.close(), transportLimits.envelopeSeconds * 1000);
  let begun = false;
  let withheld: string | null = null;
  async function begin(letter: Readable): Promise<void> {
    clearTimeout(prelude);
    withheld = await ours().then((still) => (still ? null : 'it is in other hands by now'), errorText);
    if (withheld !== null) return void letter.destroy(new Error(withheld));
    begun = true;
    letter.push(posting.raw);
    letter.push(null);
  }
  const letter = new Readable({ read: () => void begin(letter) });
  const envelope = { from: posting.reversePath, to: [posting.recipient], size: posting.raw.length };
  try {
    const info = await answered<SMTPConnectionSendInfo>(connection, (done) =>
      connection.send(
        // Letters are composed in 7 bits; one that is not says so in its envelope (RFC 6152).
        { ...envelope, ...(isAscii(posting.raw) ? {} : { use8BitMime: true }) },
        letter,
        (error, result) => done(error ?? null, result),
      ),
    );
    // Over LMTP a refusal after the dot comes as a success that accepted nobody (DEPENDENCIES 3).
    const refused = info.rejectedErrors?.[0];
    return refused ? fateOf(refused, begun) : { outcome: 'sent', response: info.response ?? '' };
  } catch (error) {
    return withheld === null ? fateOf(error, begun) : { outcome: 'withheld', error: withheld };
  } finally {
    clearTimeout(deadline);
    clearTimeout(prelude);
  }
}

/** Sorts what a send failed with. Only a reply proves anything; codes nodemailer gives before it said a word are faults of the letter itself. */
function fateOf(failure: unknown, begun: boolean): Outcome {
  const { responseCode, code } = failure as { responseCode?: number; code?: string };
  const error = errorText(failure);
  if (responseCode === undefined) {
    if (code === 'EENVELOPE' || code === 'EMESSAGE') return { outcome: 'permanent', error };
    return { outcome: begun ? 'unknown' : 'cut', error };
  }
  if (loginReplies.includes(responseCode)) return { outcome: 'unavailable', error, login: true };
  return { outcome: responseCode >= 500 ? 'permanent' : 'transient', error };
}

function loginRefused(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  return code === 'EAUTH' || code === 'ENOAUTH' || (responseCode !== undefined && loginReplies.includes(responseCode));
}

/** A step of the connection as a promise. A broken connection speaks through events when no callback is left to tell. */
function answered<T>(
  connection: SMTPConnection,
  step: (done: (error: Error | null, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const closed = Object.assign(new Error('the connection was closed'), { code: 'ECONNECTION' });
    // After a 421 the connection ends first and its callback, which has the reply, comes in the same tick.
    const ended = () => setImmediate(() => settle(closed));
    const settle = (error: Error | null, value?: T) => {
      connection.off('error', settle);
      connection.off('end', ended);
      if (error) reject(error);
      else resolve(value as T);
    };
    connection.once('error', settle);
    connection.once('end', ended);
    step(settle);
  });
}
