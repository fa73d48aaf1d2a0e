// Starts and stops the doors, in order: what decides before what brings in, and what brings in stops first.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { startAlarms } from './alarm.ts';
import type { Clock, Instant } from './clock.ts';
import type { Desk } from './desk.ts';
import { watchMailbox, type Watch } from './intake/imap.ts';
import { imapSource } from './intake/imap-source.ts';
import { largeMails } from './intake/large.ts';
import { startReceiver } from './intake/receiver.ts';
import { listenForMail, type MailDoor } from './intake/smtp.ts';
import { openChecker } from './letters/checker.ts';
import { prepare } from './letters/render.ts';
import { withoutAddresses, type Log } from './log.ts';
import { createParser } from './mail/parser-pool.ts';
import { keepTokens } from './oauth/keeper.ts';
import { openTokens } from './oauth/tokens.ts';
import { watchPolicy } from './policy-watch.ts';
import { startPostbox } from './postbox/deliver.ts';
import type { Database } from './store/db.ts';
import { reconcileOnSchedule } from './reconcile-chore.ts';
import { watchTemplates } from './template-watch.ts';
import { startTicking, type Ticked } from './tick.ts';
import type { DoorHealth } from './web/health.ts';
import type { startWeb } from './web/server.ts';

/** Mails decided at once by one gateway on a PostgreSQL server: one waits for the server, another for the disk; more than six gain nothing on two cores. */
const workers = 6;

export interface GatewayOptions {
  desk: Desk;
  database: Database;
  now: Clock;
  log: Log;
  /** Left out, what is due is decided each minute; 'when-told', by `tick()` alone, for a clock that is moved by hand. */
  ticks?: 'when-told';
}

/** A running gateway. */
export interface Gateway {
  /** The doors for mail with their real ports. */
  doors: MailDoor[];
  /** Where its pages are; null when no `web:` is configured. */
  web: string | null;
  /** Decides on what is due now, without waiting for the minute. */
  tick(): Promise<Ticked[]>;
  /** Stops taking work, finishes what is in hand, and closes every connection but the database's. */
  stop(): Promise<void>;
}

/** Starts everything the configuration names. Rejects, with nothing left running, when a port or what letters are made with can not be had. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { desk, database, now, log } = options;
  const { db } = database;
  const { config } = desk;
  await prepare(desk.templates, { kind: 'acknowledgment', language: desk.policy.language });
  const intake = new AbortController();
  const inner = new AbortController();
  const parser = createParser();
  const large = largeMails();
  const owner = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const postbox = config.smtp
    ? startPostbox({ db, transport: config.smtp, owner, log, now, signal: inner.signal })
    : null;
  if (!postbox) log.warn({}, 'no smtp: in the configuration; letters are made and wait in the outbox');
  const watched: (Watch & { id: string })[] = [];
  const startedAt = now();
  const receiver = startReceiver({
    db,
    desk,
    parser,
    large,
    now,
    log,
    workers: database.embedded ? 1 : workers,
    signal: inner.signal,
    onDecided() {
      postbox?.wake();
      for (const one of watched) one.markNow();
    },
  });
  const onStored = () => receiver.wake();
  const ticking = startTicking({ db, desk, now, log, ticks: options.ticks, onTicked: () => postbox?.wake() });
  const tokens = openTokens({ db, config, now, signal: inner.signal });
  const keeping = tokens && keepTokens({ tokens, accounts: config.oauth, db, log, now, signal: inner.signal });
  const policy = watchPolicy({ db, desk, now, log, signal: inner.signal });
  const checker = openChecker();
  const texts = watchTemplates({ db, desk, checker, now, log, signal: inner.signal });
  const doors: MailDoor[] = [];
  const health = (): DoorHealth => ({
    mailboxes: watched.map((one) => {
      const { lastLookAt, error } = one.health();
      return { id: one.id, lastLookAt, error: shown(error) };
    }),
    postbox: postbox && { error: shown(postbox.health()) },
    lastTickAt: ticking.lastAt(),
    startedAt,
  });
  const alarms = startAlarms({
    db,
    desk,
    mailboxes: () => watched.map((one) => ({ id: one.id, ...one.health() })),
    postboxError: () => postbox?.health()?.error ?? null,
    now,
    log,
    signal: inner.signal,
  });
  const reconciling = reconcileOnSchedule({
    db,
    config,
    owner,
    away: () =>
      watched.flatMap((one) => {
        const { error } = one.health();
        return error ? [{ id: one.id, since: error.since }] : [];
      }),
    now,
    log,
    signal: inner.signal,
  });
  let web: Awaited<ReturnType<typeof startWeb>> | null = null;
  const stop = async (): Promise<void> => {
    intake.abort();
    await web?.close();
    await Promise.all([...doors.map((door) => door.close()), ...watched.map((one) => one.stopped)]);
    await ticking.stop();
    inner.abort();
    await Promise.all([receiver.stopped, postbox?.stopped, policy, texts, keeping, alarms.stopped, reconciling]);
    await Promise.all([parser.close(), checker.close()]);
  };
  try {
    for (const listener of config.listeners) {
      doors.push(await listenForMail({ listener, mailboxes: config.mailboxes, db, large, onStored, log, now }));
    }
    if (config.web) {
      // A gateway without pages does not carry what they are made with.
      const [{ startWeb }, { rooms }] = await Promise.all([import('./web/server.ts'), import('./web/rooms.ts')]);
      web = await startWeb({
        ...config.web,
        publicUrl: config.publicUrl,
        routes: rooms({ db, desk, checker, doors: health, log, now, onLetter: () => postbox?.wake() }),
        log,
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  for (const mailbox of config.mailboxes) {
    if (!mailbox.imap) continue;
    const source = imapSource(mailbox.imap);
    const watch = watchMailbox({
      account: mailbox.imap,
      mailbox: mailbox.id,
      source,
      db,
      large,
      onStored,
      log,
      now,
      signal: intake.signal,
    });
    watched.push({ ...watch, id: mailbox.id });
  }
  return { doors, web: web?.url ?? null, tick: ticking.tick, stop };
}

/** An error for a page nobody signs in to. */
function shown(error: { since: Instant; error: string } | null): { since: Instant; error: string } | null {
  return error && { since: error.since, error: withoutAddresses(error.error) };
}
