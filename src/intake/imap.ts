// Watches one IMAP folder for as long as the gateway runs: a notice by IDLE, a look by UID every `pollSeconds` whatever IDLE says, and after
// any break a new connection, later and later. An outage is said once when it begins and once when it is over (TRUST F14-F24).
import { randomUUID } from 'node:crypto';
import { backoff, bell, pause } from '../bell.ts';
import type { Bell } from '../bell.ts';
import { monotonicMs } from '../clock.ts';
import type { Instant } from '../clock.ts';
import type { ImapAccount } from '../config.ts';
import { outage } from '../log.ts';
import type { Outage } from '../log.ts';
import { connectImap, imapErrorText, loginRefused } from './imap-connection.ts';
import type { ImapConnection } from './imap-connection.ts';
import { markDecided, prepareProcessed } from './imap-mark.ts';
import { newReading, readNew, search, storeFailed, uidBefore, untilRetry } from './imap-read.ts';
import type { ReadOptions, Reading } from './imap-read.ts';

/** Limits of watching. */
export const watchLimits = {
  /** Never longer: a minute after the server is back, mail flows again (TRUST P13). */
  reconnectSecondsMin: 1,
  reconnectSecondsMax: 45,
  /** A refused login is not repeated sooner: many tries lock an account (TRUST F24). */
  loginSecondsMin: 30,
  loginSecondsMax: 300,
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
  lastLookAt: Instant | null;
}

/** Starts watching. Nothing here rejects: what goes wrong is logged, shown in `health()`, and tried again. */
export function watchMailbox(options: ReadOptions): Watch {
  const { account, log, source } = options;
  const name = `IMAP ${account.host}:${account.port} ${account.folder}`;
  const watcher: Watcher = {
    ...options,
    marker: randomUUID(),
    reading: newReading(),
    doorbell: bell(),
    server: outage(log, name),
    marking: outage(log, `${name}: flagging mails`),
    database: outage(log, `${name}: storing mails`),
    lastLookAt: null,
  };
  return {
    stopped: watch(watcher),
    markNow: () => watcher.doorbell.ring(),
    health: () => ({
      source,
      lastLookAt: watcher.lastLookAt,
      error: watcher.server.current() ?? watcher.database.current() ?? watcher.marking.current(),
    }),
  };
}

/** What a folder holds now, for `reconcile`: the UIDs that should have a row (with `since`, from its first mail on). Rejects when it cannot be asked. */
export async function serverUids(
  account: ImapAccount,
): Promise<{ folder: string; uidValidity: string; uids: number[] }> {
  const connection = await connectImap(account, { readOnly: true });
  try {
    const before = await uidBefore(connection, account.since);
    const uids = (await search(connection, { all: true })).filter((uid) => uid > before);
    return { folder: account.folder, uidValidity: connection.uidValidity, uids };
  } finally {
    await connection.end();
  }
}

async function watch(watcher: Watcher): Promise<void> {
  const { account, signal, now } = watcher;
  const waits = backoff(watchLimits.reconnectSecondsMin, watchLimits.reconnectSecondsMax);
  const loginWaits = backoff(watchLimits.loginSecondsMin, watchLimits.loginSecondsMax);
  while (!signal.aborted) {
    const began = monotonicMs();
    let login = false;
    try {
      const connection = await connectImap(account, { signal });
      await serve(watcher, connection);
    } catch (error) {
      if (signal.aborted) return;
      login = loginRefused(error);
      watcher.server.down(imapErrorText(error), now());
    }
    if (!login) loginWaits.reset();
    if (monotonicMs() - began > watchLimits.settledSeconds * 1000) waits.reset();
    await pause(login ? loginWaits.next() : waits.next(), signal);
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
        await doorbell.heard(Math.min(account.pollSeconds * 1000, untilRetry(watcher.reading)), signal);
      } else {
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
  const { now } = watcher;
  try {
    await readNew(connection, watcher.reading, watcher);
    const refused = await markDecided(connection, watcher, watcher.marker);
    if (refused === null) watcher.marking.up(now());
    else watcher.marking.down(refused, now());
  } catch (error) {
    if (!storeFailed(error)) throw error;
    watcher.database.down(error.message, now());
    return false;
  }
  watcher.database.up(now());
  watcher.server.up(now());
  watcher.lastLookAt = now();
  return true;
}
