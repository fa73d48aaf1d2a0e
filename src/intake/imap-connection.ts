// A signed-in IMAP connection with one folder open, and a deadline on everything said over it: imapflow's own watchdog counts silence only,
// so that a server that drips a byte every ten seconds (TRUST F21) or an IDLE that died without a word (F22) would hold us for minutes.
import { ImapFlow } from 'imapflow';
import type { Logger, MailboxObject } from 'imapflow';
import type { ImapAccount } from '../config.ts';
import { errorText } from '../log.ts';
import { signInWith, type Proof } from '../oauth/login.ts';
import { askedToWait, imapErrorText, loginRefused, refusedByServer } from './imap-refusal.ts';

/** Limits of a connection. */
export const imapLimits = {
  connectSeconds: 30,
  /** Any command but the fetching of a mail. */
  commandSeconds: 45,
  /** Slowest transfer we wait for, besides `commandSeconds`. */
  bytesPerSecondMin: 20_000,
  /** Silence after which imapflow gives the socket up; in IDLE after twice this, and 120 s are promised (TRUST F22). */
  silenceSeconds: 50,
  /** Pause after our last command before IDLE begins. */
  idleAfterSeconds: 0.05,
  /** Most of one mail that is taken; of a larger one its beginning (it is `oversize` to the desk either way). */
  rawBytesMax: 64 * 1024 * 1024,
  /** A response line: a SEARCH over some two million UIDs. */
  lineBytesMax: 16 * 1024 * 1024,
  endSeconds: 3,
  /** Folders named when the one we want is not there. */
  foldersSaid: 20,
} as const;

/** An open folder. Every call goes through `run`, which ends the connection when the deadline passes. */
export interface ImapConnection {
  client: ImapFlow;
  folder: MailboxObject;
  /** RFC 3501 UIDVALIDITY, as text. */
  uidValidity: string;
  /**
   * Runs one command; rejects with what failed, with the server's refusal where the command would answer false, and, after `seconds`, that no
   * answer came. `what` is said in the error.
   */
  run<T>(what: string, action: () => Promise<T>, seconds?: number): Promise<T>;
  /** Signs out; never rejects. */
  end(): Promise<void>;
}

/**
 * Connects, verifies TLS, signs in and opens the account's folder. Rejects with an error for `imapErrorText`; `loginRefused` tells a wrong
 * password from a server that is away. Aborting `signal` gives up at once. There is no fall-back to clear text (TRUST T28).
 */
export async function connectImap(account: ImapAccount, options: ConnectOptions = {}): Promise<ImapConnection> {
  return signInWith(account, loginRefused, (proof) => connectWith(proof, account, options));
}

interface ConnectOptions {
  readOnly?: boolean;
  signal?: AbortSignal;
  onAlert?: (text: string) => void;
}

async function connectWith(proof: Proof, account: ImapAccount, options: ConnectOptions): Promise<ImapConnection> {
  const refusal: Refusal = { last: null };
  const client = new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.security === 'tls',
    doSTARTTLS: account.security === 'starttls',
    auth: { user: account.user, ...proof },
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(account.ca === null ? {} : { ca: account.ca }) },
    logger: refusalsOnly(refusal),
    clientInfo: { name: 'Casepost' },
    autoIdleDelay: imapLimits.idleAfterSeconds * 1000,
    connectionTimeout: imapLimits.connectSeconds * 1000,
    greetingTimeout: imapLimits.connectSeconds * 1000,
    socketTimeout: imapLimits.silenceSeconds * 1000,
    maxLineLength: imapLimits.lineBytesMax,
    maxLiteralSize: imapLimits.rawBytesMax,
    maxResponseSize: imapLimits.rawBytesMax + imapLimits.lineBytesMax,
  });
  // What breaks between commands is noticed by the next one; unheard it would end the process.
  client.on('error', () => {});
  client.on('alert', ({ message }) => options.onAlert?.(message));
  const hangUp = () => client.close();
  options.signal?.addEventListener('abort', hangUp, { once: true });
  try {
    await within(client, 'signing in', imapLimits.connectSeconds, () => client.connect());
    const folder = await openFolder(client, account.folder, options.readOnly ?? false);
    return connection(client, folder, refusal);
  } catch (error) {
    client.close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
  }
}

/** The last NO or BAD: imapflow answers false to some of them, and says why to its log only. */
interface Refusal {
  last: Error | null;
}

function refusalsOnly(refusal: Refusal): Logger {
  const heard: Pick<Logger, 'warn' | 'error'> = {
    warn({ err }: { err?: unknown }) {
      if (err instanceof Error && refusedByServer(err)) refusal.last = err;
    },
    error() {},
  };
  // Levels that are left out cost nothing; with them every response would be written out as text.
  return heard as Logger;
}

async function openFolder(client: ImapFlow, path: string, readOnly: boolean): Promise<MailboxObject> {
  try {
    const open = () => client.mailboxOpen(path, { readOnly });
    return await within(client, `opening ${path}`, imapLimits.commandSeconds, open);
  } catch (error) {
    if (!refusedByServer(error) || askedToWait(error)) throw error;
    const folders = await within(client, 'LIST', imapLimits.commandSeconds, () => client.list());
    const names = folders.map((folder) => folder.path);
    const more = names.length > imapLimits.foldersSaid ? `, and ${names.length - imapLimits.foldersSaid} more` : '';
    const there = `the account has ${names.slice(0, imapLimits.foldersSaid).join(', ')}${more}`;
    throw new Error(`the folder ${path} cannot be opened (${imapErrorText(error)}); ${there}`, { cause: error });
  }
}

function connection(client: ImapFlow, folder: MailboxObject, refusal: Refusal): ImapConnection {
  return {
    client,
    folder,
    uidValidity: String(folder.uidValidity),
    async run<T>(what: string, action: () => Promise<T>, seconds: number = imapLimits.commandSeconds): Promise<T> {
      // imapflow answers "nothing" where no folder is open any more; that must not look like an empty folder.
      checkOpen(client, folder, what);
      refusal.last = null;
      try {
        const result: unknown = await within(client, what, seconds, action);
        checkOpen(client, folder, what);
        if (result === false && refusal.last !== null) throw refusal.last;
        return result as T;
      } catch (error) {
        // A throttled command is repeated by imapflow until our own deadline: what the server said is the cause.
        throw refusal.last !== null && askedToWait(refusal.last) ? refusal.last : error;
      }
    },
    async end() {
      await within(client, 'signing out', imapLimits.endSeconds, () => client.logout()).catch(() => {});
      client.close();
    },
  };
}

function checkOpen(client: ImapFlow, folder: MailboxObject, what: string): void {
  if (!client.usable || client.mailbox === false) {
    const bye = client.byeReason === undefined ? '' : ` with "${errorText(client.byeReason)}"`;
    throw new Error(`${what}: the server closed the connection${bye}`);
  }
  if (client.mailbox.uidValidity !== folder.uidValidity)
    throw new Error(`${what}: UIDVALIDITY changed, we connect anew`);
}

/** Waits for a command until it answers, the connection breaks (imapflow leaves some commands waiting then), or `seconds` have passed. */
async function within<T>(client: ImapFlow, what: string, seconds: number, action: () => Promise<T>): Promise<T> {
  let cause: Error | null = null;
  const broken = Promise.withResolvers<never>();
  const onError = (error: Error) => (cause = error);
  const onClose = () => setImmediate(() => broken.reject(cause ?? new Error(`${what}: the connection was closed`)));
  const timer = setTimeout(() => {
    cause = new Error(`${what}: no answer within ${Math.round(seconds)} s, the connection was closed`);
    broken.reject(cause);
    client.close();
  }, seconds * 1000);
  client.once('error', onError);
  client.once('close', onClose);
  try {
    return await Promise.race([action(), broken.promise]);
  } catch (error) {
    // "Connection not available" is what a command hears; why it is not was told to the connection.
    throw cause ?? error;
  } finally {
    clearTimeout(timer);
    client.off('error', onError);
    client.off('close', onClose);
    broken.promise.catch(() => {});
  }
}
