// Watches one IMAP folder for as long as the gateway runs: a notice by IDLE, a look by UID every `pollSeconds` whatever IDLE says, and after
// any break a new connection, later and later. An outage is said once when it begins and once when it is over (TRUST F14-F24).
import { randomUUID } from 'node:crypto';
import { backoff, bell, pause } from '../bell.ts';
import type { Backoff, Bell } from '../bell.ts';
import { monotonicMs } from '../clock.ts';
import type { Instant } from '../clock.ts';
import { outage } from '../log.ts';
import type { Outage } from '../log.ts';
import { mailboxAlarms } from './imap-alarm.ts';
import type { MailboxAlarms } from './imap-alarm.ts';
import { connectImap } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';
import { markDecided, prepareProcessed } from './imap-mark.ts';
import { newReading, readNew } from './imap-read.ts';
import type { ReadOptions, Reading } from './imap-read.ts';
import { askedToWait, imapErrorText, loginRefused } from './imap-refusal.ts';
import { untilRetry } from './imap-trouble.ts';
import { storeFailed } from './store-failure.ts';

/** Limits of watching. */
export const watchLimits = {
  /** Never longer: a minute after the server is back, mail flows again (TRUST P13). */
  reconnectSecondsMin: 1,
  reconnectSecondsMax: 45,
  /** A refused login is not repeated sooner: five in ten minutes are banned by fail2ban as it comes, ten lock a Windows account (TRUST F24). */
  loginSecondsMin: 90,
  loginSecondsMax: 600,
  /** A server that asks us to wait and does not say how long; where it says so, that is waited for. */
  busySecondsMin: 15,
  busySecondsMax: 300,
  /** A connection that lived this long was a good one: the next break is waited for shortly again. */
  settledSeconds: 60,
  /** Least time between two looks at the folder. */
  lookMsMin: 100,
  databaseSecondsMin: 1,
  databaseSecondsMax: 30,
  /** How long the command in hand may go on when the gateway stops. */
  stopSeconds: 5,
} as const;

/** How a folder fares. `error` says since when and why it (or the database) is away; `lastLookAt` is when all of it was last read. */
export interface MailboxHealth {
  /** The id of the configured mailbox. */
  mailbox: string;
  source: string;
  lastLookAt: Instant | null;
  error: { since: Instant; error: string } | null;
}

/** A watched folder. */
export interface Watch {
  /** Resolves when the watching has come to rest after its signal. */
  stopped: Promise<void>;
  health(): MailboxHealth;
  /** Something was decided: flag it now rather than at the next look. */
  markNow(): void;
}

interface Watcher extends ReadOptions {
  /** Names this watcher among those of other gateways on the same folder. */
  marker: string;
  reading: Reading;
  doorbell: Bell;
  server: Outage;
  marking: Outage;
  database: Outage;
  alarms: MailboxAlarms;
  waits: { away: Backoff; login: Backoff; busy: Backoff };
  /** The server's last ALERT (RFC 3501 7.1), which a person must see, once. */
  alert: string | null;
  lastLookAt: Instant | null;
}

/** Starts watching. Nothing here rejects: what goes wrong is logged, shown in `health()`, raised as an alarm when it lasts, and tried again. */
export function watchMailbox(options: ReadOptions): Watch {
  const { account, db, log, mailbox, source } = options;
  const name = `IMAP ${account.host}:${account.port} ${account.folder}`;
  const watcher: Watcher = {
    ...options,
    marker: randomUUID(),
    reading: newReading(),
    doorbell: bell(),
    server: outage(log, name),
    marking: outage(log, `${name}: flagging mails`),
    database: outage(log, `${name}: storing mails`),
    alarms: mailboxAlarms(db, { id: mailbox, name }),
    waits: {
      away: backoff(watchLimits.reconnectSecondsMin, watchLimits.reconnectSecondsMax),
      login: backoff(watchLimits.loginSecondsMin, watchLimits.loginSecondsMax),
      busy: backoff(watchLimits.busySecondsMin, watchLimits.busySecondsMax),
    },
    alert: null,
    lastLookAt: null,
  };
  return {
    stopped: watch(watcher),
    markNow: () => watcher.doorbell.ring(),
    health: () => ({
      mailbox,
      source,
      lastLookAt: watcher.lastLookAt,
      error: watcher.server.current() ?? watcher.database.current() ?? watcher.marking.current(),
    }),
  };
}

async function watch(watcher: Watcher): Promise<void> {
  const { account, signal, waits } = watcher;
  const onAlert = (text: string) => sayAlert(watcher, text);
  while (!signal.aborted) {
    const began = monotonicMs();
    try {
      await serve(watcher, await connectImap(account, { signal, onAlert }));
    } catch (error) {
      if (signal.aborted) return;
      if (monotonicMs() - began > watchLimits.settledSeconds * 1000) waits.away.reset();
      await failed(watcher, error);
      await pause(waitAfter(watcher, error), signal);
    }
  }
}

/** Works over one connection until it breaks (rejects) or the gateway stops. */
async function serve(watcher: Watcher, connection: ImapConnection): Promise<void> {
  const { account, log, signal, doorbell } = watcher;
  connection.client.on('exists', () => doorbell.ring());
  connection.client.on('close', () => doorbell.ring());
  const hangUp = () => setTimeout(() => connection.client.close(), watchLimits.stopSeconds * 1000).unref();
  signal.addEventListener('abort', hangUp, { once: true });
  const waits = backoff(watchLimits.databaseSecondsMin, watchLimits.databaseSecondsMax);
  try {
    await prepareProcessed(connection, account.processedFolder, log);
    while (!signal.aborted) {
      const looked = await look(watcher, connection);
      if (looked) {
        waits.reset();
        // Rings in a burst (many decisions, a server that floods us with EXISTS) are answered together.
        await pause(watchLimits.lookMsMin, signal);
        await doorbell.heard(Math.min(account.pollSeconds * 1000, untilRetry(watcher.reading.trouble)), signal);
      } else {
        // A server that went away as well is told, and knocked at, whatever the database does.
        if (!connection.client.usable) throw new Error('the server closed the connection while the database was away');
        await pause(waits.next(), signal);
      }
    }
  } finally {
    signal.removeEventListener('abort', hangUp);
    await connection.end();
  }
}

/** Reads what is new and flags what is decided. False when the database was away: the server was not touched then. */
async function look(watcher: Watcher, connection: ImapConnection): Promise<boolean> {
  const { alarms, marking, now, waits } = watcher;
  try {
    await readNew(connection, watcher.reading, watcher);
    const refused = await markDecided(connection, watcher, watcher.marker);
    if (refused === null) marking.up(now());
    else marking.down(refused, now());
    const stuck = marking.current();
    if (stuck === null) await alarms.works(now());
    else await alarms.failed(stuck, null, now());
  } catch (error) {
    if (!storeFailed(error)) throw error;
    watcher.database.down(error.message, now());
    return false;
  }
  watcher.database.up(now());
  watcher.server.up(now());
  watcher.lastLookAt = now();
  waits.login.reset();
  waits.busy.reset();
  return true;
}

async function failed(watcher: Watcher, error: unknown): Promise<void> {
  const { alarms, database, now, server } = watcher;
  server.down(imapErrorText(error), now());
  try {
    await alarms.failed(server.current() ?? { since: now(), error: imapErrorText(error) }, error, now());
  } catch (unstored) {
    // Without the database no mail could be stored either; the log has said both.
    if (!storeFailed(unstored)) throw unstored;
    database.down(unstored.message, now());
  }
}

/** Milliseconds until the next connection, each kind of failure with its own patience. */
function waitAfter({ waits }: Watcher, error: unknown): number {
  const asked = askedToWait(error);
  if (asked !== null) return Math.max(waits.busy.next(), (asked.toldSeconds ?? 0) * 1000);
  return loginRefused(error) ? waits.login.next() : waits.away.next();
}

function sayAlert(watcher: Watcher, text: string): void {
  if (text === watcher.alert) return;
  const { account, log, source } = watcher;
  log.warn(
    { source, alert: text },
    `IMAP ${account.host}:${account.port}: the server has a word for its users: ${text}`,
  );
  watcher.alert = text;
}
