// Watches over the gateway itself: each minute the facts are judged, alarms are raised and cleared, logged, and told to people by mail. While the
// database is away there is no row to raise: this gateway then remembers by itself, and mails once when it lasts (TRUST P13, F7).
import { randomUUID } from 'node:crypto';
import { composeAlarmMails, routesOf, sendAlarmMail } from './alarm-mail.ts';
import { alarmsFor, judgedKeys, refusedWrite, type AlarmFacts } from './alarm-rules.ts';
import { pause } from './bell.ts';
import type { Clock, Instant } from './clock.ts';
import type { Desk } from './desk.ts';
import { errorText, outage, withoutAddresses, type Log, type Outage } from './log.ts';
import { claimAlarmMail, noteTold, settleAlarmMail, tellOnce, type AlarmMail } from './store/alarm-mails.ts';
import { clearAlarm, openAlarms, raiseAlarm } from './store/alarms.ts';
import { recordHeartbeats } from './store/chores.ts';
import { worldFailed, type Db } from './store/db.ts';
import { lookName, readStanding } from './store/standing.ts';

/** Limits of watching. */
export const alarmLoopLimits = {
  lookSeconds: 60,
  /** What waited while no gateway ran has so long to go on before it is judged. */
  firstLookSeconds: 15,
  /** A database that is away so long is told by mail, past the database. */
  databaseAwayMinutes: 10,
  /** Mails sent after one look. */
  mailsPerLook: 20,
} as const;

/** A watched mailbox as this gateway sees it. */
export interface WatchedMailbox {
  id: string;
  source: string;
  lastLookAt: Instant | null;
  error: { since: Instant; error: string } | null;
}

export interface AlarmOptions {
  db: Db;
  desk: Pick<Desk, 'config' | 'company' | 'instance'>;
  mailboxes: () => WatchedMailbox[];
  /** Why the mail server takes nothing; null while it does. */
  postboxError: () => string | null;
  now: Clock;
  log: Log;
  signal: AbortSignal;
}

interface Watch extends AlarmOptions {
  database: Outage;
  /** What was told past the database; null when nothing was. */
  toldAside: { key: string; text: string; since: Instant; at: Instant } | null;
  /** The open alarms of the last look, by key. */
  known: Map<string, string>;
  unsent: string | null;
}

/** Looks each minute until the signal aborts. `look` does it at once; neither rejects. */
export function startAlarms(options: AlarmOptions): { look(): Promise<void>; stopped: Promise<void> } {
  const watch: Watch = {
    ...options,
    database: outage(options.log, 'watching over the desk'),
    toldAside: null,
    known: new Map(),
    unsent: null,
  };
  const look = () => lookOnce(watch).catch((error: unknown) => failed(watch, error));
  const { signal } = options;
  const lookForEver = async () => {
    await pause(alarmLoopLimits.firstLookSeconds * 1000, signal);
    while (!signal.aborted) {
      await look();
      await pause(alarmLoopLimits.lookSeconds * 1000, signal);
    }
  };
  // A look in hand may hang at a dead database: nothing is lost when it is not waited for.
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return { look, stopped: Promise.race([lookForEver(), aborted]) };
}

async function lookOnce(watch: Watch): Promise<void> {
  const { db, now } = watch;
  try {
    const mailboxes = watch.mailboxes();
    await beat(db, mailboxes, now());
    const standing = await readStanding(db, now());
    await firstBeats(db, mailboxes, standing.looks, now());
    if (watch.toldAside) await tellTheRows(watch, watch.toldAside);
    await settle(watch, {
      standing,
      open: (await openAlarms(db)).map(({ key }) => key),
      mailboxes: mailboxes.map(({ id, source, error }) => ({ id, source, error: error?.error ?? null })),
      sends: watch.desk.config.smtp !== null,
      postboxError: watch.postboxError(),
    });
    watch.database.up(now());
    if (watch.desk.config.alarms !== null) await tell(watch);
  } catch (error) {
    if (!worldFailed(error)) throw error;
    await databaseAway(watch, errorText(error));
  }
}

function failed({ log, signal }: Watch, error: unknown): void {
  if (signal.aborted) return;
  const text = errorText(error);
  log.error({ error: text }, `watching over the desk failed (${text}); it is tried again in a minute`);
}

/** Raises what the facts call for, clears what they no longer do, and logs what has changed since the last look. */
async function settle(watch: Watch, facts: AlarmFacts): Promise<void> {
  const { db, log, now } = watch;
  const wanted = alarmsFor(facts, now());
  for (const alarm of wanted) await raiseAlarm(db, alarm, now());
  const keys = new Set(wanted.map(({ key }) => key));
  for (const { key } of await openAlarms(db))
    if (judgedKeys.test(key) && !keys.has(key)) await clearAlarm(db, key, now());
  const open = new Map((await openAlarms(db)).map(({ key, text }) => [key, text]));
  for (const [key, text] of open)
    if (!watch.known.has(key)) log.error({ alarm: key }, `alarm ${key}: ${withoutAddresses(text)}`);
  for (const key of watch.known.keys()) if (!open.has(key)) log.info({ alarm: key }, `alarm ${key} is over`);
  watch.known = open;
}

async function beat(db: Db, mailboxes: WatchedMailbox[], now: Instant): Promise<void> {
  const looks = mailboxes.flatMap(({ source, lastLookAt }) =>
    lastLookAt === null ? [] : [{ name: lookName(source), at: lastLookAt }],
  );
  // The gateway's own beat is also what shows that the database takes rows.
  await recordHeartbeats(db, [{ name: 'gateway', at: now }, ...looks]);
}

/** A mailbox that was never looked at is away from the moment it was met. */
async function firstBeats(
  db: Db,
  mailboxes: WatchedMailbox[],
  looks: Record<string, Instant>,
  now: Instant,
): Promise<void> {
  const unmet = mailboxes.filter(({ source }) => looks[source] === undefined);
  if (unmet.length > 0) {
    await recordHeartbeats(
      db,
      unmet.map(({ source }) => ({ name: lookName(source), at: now })),
    );
  }
}

async function tell(watch: Watch): Promise<void> {
  const { db, desk, now } = watch;
  const at = now();
  await tellOnce(db, (tellings) => composeAlarmMails(desk, tellings, at), at);
  for (let sent = 0; sent < alarmLoopLimits.mailsPerLook && !watch.signal.aborted; sent += 1) {
    const mail = await claimAlarmMail(db, randomUUID());
    if (!mail) return;
    const fate = await send(watch, mail);
    await settleAlarmMail(db, mail, fate);
    if (fate === 'waiting') return;
  }
}

async function send(watch: Watch, mail: AlarmMail): Promise<'sent' | 'failed' | 'waiting'> {
  const { log } = watch;
  const fate = await Promise.race([sendAlarmMail(routesOf(watch.desk.config), mail), stopping(watch.signal)]);
  const error = fate.state === 'sent' ? null : withoutAddresses(fate.error);
  if (error !== null && error !== watch.unsent)
    log.error(
      { error },
      `a mail that tells of alarms was not taken: ${error}; "alarms:" in casepost.yaml names its way`,
    );
  if (fate.state === 'sent') log.info({}, 'a mail that tells of alarms was taken by the mail server');
  watch.unsent = error;
  return fate.state;
}

function stopping(signal: AbortSignal): Promise<{ state: 'waiting'; error: string }> {
  const answer = { state: 'waiting', error: 'the gateway stopped meanwhile' } as const;
  return new Promise((resolve) => {
    if (signal.aborted) resolve(answer);
    signal.addEventListener('abort', () => resolve(answer), { once: true });
  });
}

/** No row can be raised: the log says so, and after `databaseAwayMinutes` people are told past the database, once. */
async function databaseAway(watch: Watch, error: string): Promise<void> {
  const { desk, now, database } = watch;
  database.down(error, now());
  const since = database.current()?.since ?? now();
  const late = Temporal.Instant.compare(since.add({ minutes: alarmLoopLimits.databaseAwayMinutes }), now()) <= 0;
  if (!late || watch.toldAside !== null || desk.config.alarms === null) return;
  const [refused] = refusedWrite(error);
  const away = {
    key: 'database:away',
    text: `the database can not be used (${withoutAddresses(error)}). Mails stay on their servers, untouched; letters wait. Everything goes on by itself when it is back. This mail comes from one gateway's own memory; others may tell the same.`,
  };
  const alarm = { ...(refused ?? away), since };
  const at = now();
  const mails = await composeAlarmMails(desk, [{ ...alarm, toldAt: null, clearedAt: null, over: false }], at);
  const fates: string[] = [];
  for (const mail of mails) fates.push(await send(watch, mail));
  if (fates.includes('sent')) watch.toldAside = { ...alarm, at };
}

/** The database is back: what was told past it becomes a row, so that its end is told too. */
async function tellTheRows(watch: Watch, { key, text, since, at }: NonNullable<Watch['toldAside']>): Promise<void> {
  await raiseAlarm(watch.db, { key, text }, since);
  await noteTold(watch.db, key, at);
  watch.toldAside = null;
}
