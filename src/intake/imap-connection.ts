// A signed-in IMAP connection with one folder open, and a deadline on everything said over it: imapflow's own watchdog counts silence only,
// so that a server that drips a byte every ten seconds (TRUST F21) or an IDLE that died without a word (F22) would hold us for minutes.
import { ImapFlow } from 'imapflow';
import type { MailboxObject } from 'imapflow';
import type { ImapAccount } from '../config.ts';
import { errorText } from '../log.ts';

/** Limits of a connection. */
export const imapLimits = {
  connectSeconds: 30,
  /** Any command but the fetching of a mail. */
  commandSeconds: 45,
  /** Slowest transfer we wait for, besides `commandSeconds`. */
  bytesPerSecondMin: 20_000,
  /** Silence after which imapflow gives the socket up (twice this while in IDLE). */
  silenceSeconds: 60,
  /** Pause after our last command before IDLE begins. */
  idleAfterSeconds: 0.05,
  /** Most of one mail that is taken; of a larger one its beginning (it is `oversize` to the desk either way). */
  rawBytesMax: 64 * 1024 * 1024,
  /** A response line: a SEARCH over some two million UIDs. */
  lineBytesMax: 16 * 1024 * 1024,
  endSeconds: 3,
} as const;

/** An open folder. Every call goes through `run`, which ends the connection when the deadline passes. */
export interface ImapConnection {
  client: ImapFlow;
  folder: MailboxObject;
  /** RFC 3501 UIDVALIDITY, as text. */
  uidValidity: string;
  /** Runs one command; rejects with what failed and, after `seconds`, that no answer came. `what` is said in the error. */
  run<T>(what: string, action: () => Promise<T>, seconds?: number): Promise<T>;
  /** Signs out; never rejects. */
  end(): Promise<void>;
}

/**
 * Connects, verifies TLS, signs in and opens the account's folder. Rejects with an error for `imapErrorText`; `loginRefused` tells a wrong
 * password from a server that is away. Aborting `signal` gives up at once. There is no fall-back to clear text (TRUST T28).
 */
export async function connectImap(
  account: ImapAccount,
  options: { readOnly?: boolean; signal?: AbortSignal } = {},
): Promise<ImapConnection> {
  const client = new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.security === 'tls',
    doSTARTTLS: account.security === 'starttls',
    auth: { user: account.user, pass: account.password.reveal() },
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(account.ca === null ? {} : { ca: account.ca }) },
    logger: false,
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
  const hangUp = () => client.close();
  options.signal?.addEventListener('abort', hangUp, { once: true });
  try {
    await within(client, 'signing in', imapLimits.connectSeconds, () => client.connect());
    const folder = await within(client, `opening ${account.folder}`, imapLimits.commandSeconds, () =>
      client.mailboxOpen(account.folder, { readOnly: options.readOnly ?? false }),
    );
    return connection(client, folder);
  } catch (error) {
    client.close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
  }
}

function connection(client: ImapFlow, folder: MailboxObject): ImapConnection {
  return {
    client,
    folder,
    uidValidity: String(folder.uidValidity),
    async run(what, action, seconds = imapLimits.commandSeconds) {
      // imapflow answers "nothing" where no folder is open any more; that must not look like an empty folder.
      checkOpen(client, folder, what);
      const result = await within(client, what, seconds, action);
      checkOpen(client, folder, what);
      return result;
    },
    async end() {
      await within(client, 'signing out', imapLimits.endSeconds, () => client.logout()).catch(() => {});
      client.close();
    },
  };
}

/** Whether the server said no to the user name or password (or the account is locked): then it is not asked again soon. */
export function loginRefused(error: unknown): boolean {
  return error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
}

/** What an IMAP failure says to a person: the server's own words where it gave some. */
export function imapErrorText(error: unknown): string {
  const said = error instanceof Error && 'responseText' in error ? error.responseText : undefined;
  const text = errorText(error);
  const words = typeof said === 'string' && said !== '' && !text.includes(said) ? `${text} (${errorText(said)})` : text;
  return loginRefused(error) ? `login refused: ${words}` : words;
}

/** Whether the server itself answered NO or BAD: the connection is fine, the thing asked for is not. */
export function refusedByServer(error: unknown): boolean {
  return (
    error instanceof Error &&
    'responseStatus' in error &&
    (error.responseStatus === 'NO' || error.responseStatus === 'BAD')
  );
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
