// Reconciles every mailbox on a schedule: one gateway does it for all, each `everyHours` at a minute of its own, and soon after a long outage. A
// difference is an alarm when a second look finds the same again: mail that is in flight at the first is there at the second.
import { pause } from './bell.ts';
import type { Clock, Instant } from './clock.ts';
import type { Config, MailboxConfig } from './config.ts';
import { imapErrorText } from './intake/imap-refusal.ts';
import { imapSource } from './intake/imap-source.ts';
import { sourceKeyOf } from './intake/imap-read.ts';
import { withoutAddresses, type Log } from './log.ts';
import { differenceLines, differenceOf, type Difference, type FolderUids } from './reconcile.ts';
import { clearAlarm, raiseAlarm } from './store/alarms.ts';
import { claimChore, hastenChore, settleChore } from './store/chores.ts';
import { worldFailed, type Db } from './store/db.ts';

/** Limits of the schedule. */
export const choreLimits = {
  askSeconds: 60,
  /** The first look of a new mailbox comes within so long of the start, and never at once: its mails are just being read. */
  firstMinutes: 60,
  secondLookMinutes: 10,
  /** A server that can not be asked is asked again. */
  retryMinutes: 30,
  /** A comparison of hundreds of thousands of mails may take so long. */
  leaseSeconds: 1800,
  /** A mailbox that was away so long is reconciled soon after. */
  outageMinutes: 30,
  /** Mails of a difference that the second look is compared with. */
  rememberedMax: 1000,
} as const;

/** What one look leaves for the next. */
export interface Found {
  /** Mails without a row; those that the next look finds again are an alarm. */
  without: string[];
  archived: { uidValidity: string; uid: number } | null;
}

export interface ChoreOptions {
  db: Db;
  config: Config;
  /** Names this gateway. */
  owner: string;
  /** The mailboxes that are away now, by id. */
  away: () => { id: string; since: Instant }[];
  now: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * Looks each minute for a mailbox that is due. Resolves when its signal aborts, also in the midst of a long comparison, which changes nothing
 * and is done anew; nothing rejects.
 */
export async function reconcileOnSchedule(options: ChoreOptions): Promise<void> {
  const { signal } = options;
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([askForEver(options), aborted]);
}

async function askForEver(options: ChoreOptions): Promise<void> {
  const { config, log, signal } = options;
  const outages = new Map<string, Instant>();
  for (;;) {
    await pause(choreLimits.askSeconds * 1000, signal);
    if (signal.aborted) return;
    try {
      await hastenAfterOutages(options, outages);
      for (const mailbox of config.mailboxes) if (!signal.aborted) await reconcileWhenDue(options, mailbox);
    } catch (error) {
      const text = withoutAddresses(imapErrorText(error));
      if (signal.aborted) return;
      if (worldFailed(error)) log.debug({ error: text }, `reconcile: the database is away (${text}); it is done later`);
      else log.error({ error: text }, `reconcile failed (${text}); it is tried again`);
    }
  }
}

/** Reconciles one mailbox if it is due and nobody else has it in hand. Gives the difference, or null. Rejects when the database is away. */
export async function reconcileWhenDue(
  { db, config, owner, now, log }: ChoreOptions,
  mailbox: MailboxConfig,
): Promise<Difference | null> {
  if (!mailbox.imap) return null;
  const source = imapSource(mailbox.imap);
  const name = choreName(source);
  const first = now().add({ minutes: Math.ceil((1 - Math.random()) * choreLimits.firstMinutes) });
  const chore = await claimChore<Found>(
    db,
    { name, holder: owner, first, leaseSeconds: choreLimits.leaseSeconds },
    now(),
  );
  if (!chore) return null;
  const found: Found = { without: chore.found.without ?? [], archived: chore.found.archived ?? null };
  let difference: Difference;
  try {
    difference = await differenceOf(db, mailbox.imap, { archived: found.archived, archivedSince: null }, now());
  } catch (error) {
    await settleChore(db, chore, { dueAt: now().add({ minutes: choreLimits.retryMinutes }), found });
    if (worldFailed(error)) throw error;
    const text = withoutAddresses(imapErrorText(error));
    log.warn({ mailbox: mailbox.id, error: text }, `reconcile of ${mailbox.id}: ${text}; it is tried again later`);
    return null;
  }
  const without = withoutRow(difference);
  const again = new Set(found.without);
  const confirmed = without.filter((key) => again.has(key));
  const hours = config.reconcile.everyHours;
  const quiet = without.length === 0 && difference.unmarked === 0 && difference.changed.length === 0;
  const settled = {
    dueAt:
      without.length > 0 && confirmed.length === 0
        ? now().add({ minutes: choreLimits.secondLookMinutes })
        : jittered(now(), hours),
    found: {
      without: without.slice(0, choreLimits.rememberedMax),
      // Lost mails stay in sight until they have a row.
      archived: difference.lost?.uids.length ? found.archived : difference.archivedUpTo,
    },
  };
  if (quiet) await clearAlarm(db, name, now());
  else if (confirmed.length > 0 || difference.unmarked > 0 || difference.changed.length > 0)
    await raiseAlarm(db, { key: name, text: alarmText(difference) }, now());
  await settleChore(db, chore, settled);
  log.info(
    { mailbox: mailbox.id, server: difference.server, without: without.length, sampled: difference.sampled },
    `reconcile of ${mailbox.id}: ${difference.server} mails on the server, ${without.length} without a row`,
  );
  return difference;
}

/** The name of the chore, and of its alarm. */
export function choreName(source: string): string {
  return `reconcile:${source}`;
}

function alarmText(difference: Difference): string {
  const lines = differenceLines(difference);
  const shown = lines.slice(0, 5).map((line) => line.replace(difference.source, 'the mailbox'));
  const more = lines.length > 5 ? `; and ${lines.length - 5} lines more` : '';
  return `server and rows differ: ${shown.join('; ')}${more}. "casepost reconcile" prints all of it; "casepost restore-check" reads again what was moved and has no row.`;
}

function withoutRow({ missing, lost }: Difference): string[] {
  const keys = ({ folder, uidValidity, uids }: FolderUids) =>
    uids.map((uid) => `${folder} ${sourceKeyOf(uidValidity, uid)}`);
  return [...keys(missing), ...(lost ? keys(lost) : [])];
}

/** About `hours` from now, never two mailboxes at the same minute. */
function jittered(now: Instant, hours: number): Instant {
  return now.add({ minutes: Math.round(hours * 60 * (1 - Math.random() / 20)) });
}

async function hastenAfterOutages(
  { db, config, away, now }: ChoreOptions,
  outages: Map<string, Instant>,
): Promise<void> {
  const gone = new Map(away().map(({ id, since }) => [id, since]));
  for (const mailbox of config.mailboxes) {
    const since = outages.get(mailbox.id);
    const is = gone.get(mailbox.id);
    if (is) outages.set(mailbox.id, is);
    else outages.delete(mailbox.id);
    if (!since || is || !mailbox.imap) continue;
    const long = Temporal.Instant.compare(since.add({ minutes: choreLimits.outageMinutes }), now()) <= 0;
    if (long) await hastenChore(db, choreName(imapSource(mailbox.imap)), now());
  }
}
