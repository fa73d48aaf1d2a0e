// Which alarms the facts of this minute call for. Pure: the same facts and the same `now` give the same alarms in every gateway, so that raising
// and clearing is the difference to what is open. Texts hold ids, numbers and our own words, never an address or a subject (TRUST T27): they stand
// in mails, in the log and on a page.
import type { Instant } from './clock.ts';
import { withoutAddresses } from './log.ts';
import type { Standing } from './store/standing.ts';

/** When waiting becomes trouble. All are well beyond what a restart, a greylisting or a busy hour takes. */
export const alarmLimits = {
  outboxMinutes: 30,
  undecidedMinutes: 10,
  tickMinutes: 5,
  lookMinutes: 15,
} as const;

/** What an alarm is judged by: the database's standing, the watched mailboxes, and how the doors of this gateway fare. */
export interface AlarmFacts {
  standing: Standing;
  /** The mailboxes that are watched, by their sources. */
  mailboxes: { id: string; source: string; error: string | null }[];
  /** Alarms that are open already, whoever raised them. */
  open: string[];
  /** Letters are sent by some gateway: `smtp:` is configured. */
  sends: boolean;
  /** Why the mail server takes nothing, as this gateway was told. */
  postboxError: string | null;
}

/** An alarm that should be open. */
export interface CalledFor {
  key: string;
  text: string;
}

/** The alarms that are judged here: one that is open and not called for is over. Others are their raisers' to clear. */
export const judgedKeys =
  /^(?:outbox:(?:stuck|held)|mail:(?:undecided|unparsed)|tick:late|imap-away:.*|database:(?:disk-full|read-only|away))$/;

/** The alarms that should be open at `now`. */
export function alarmsFor(facts: AlarmFacts, now: Instant): CalledFor[] {
  const { standing } = facts;
  return [
    ...outbox(facts, now),
    ...(olderThan(standing.mails.oldestStoredAt, alarmLimits.undecidedMinutes, now)
      ? [
          {
            key: 'mail:undecided',
            text: `${counted(standing.mails.waiting, 'mail waits', 'mails wait')} for a decision, the oldest for ${ageText(standing.mails.oldestStoredAt, now)}. They are stored and not lost, but nobody is answered. Look for errors of "receiving mail" in the log of the gateways; /health shows what is away.`,
          },
        ]
      : []),
    ...(standing.parked.lastDay > 0
      ? [
          {
            key: 'mail:unparsed',
            text: `${counted(standing.parked.lastDay, 'mail', 'mails')} of the last day could not be read; each has a case for a person and its raw bytes are kept ("casepost case mail ${standing.parked.newest ?? ''}" prints the newest). Read them by hand, and send them to whoever maintains Casepost. This ends a day after the last one.`,
          },
        ]
      : []),
    ...(olderThan(standing.oldestDueStepAt, alarmLimits.tickMinutes, now)
      ? [
          {
            key: 'tick:late',
            text: `a follow-up or closing has been due for ${ageText(standing.oldestDueStepAt, now)}; allowed are ${alarmLimits.tickMinutes} minutes. Nothing is lost: every step that is due happens once. Look for "tick failed" in the log of the gateways.`,
          },
        ]
      : []),
    ...facts.mailboxes.flatMap((mailbox) => away(mailbox, facts, now)),
    ...facts.mailboxes.flatMap(({ error }) => (error === null ? [] : refusedWrite(error))).slice(0, 1),
  ];
}

/**
 * The alarm of a database that takes no rows, by what it answered; null when it is another error. SQLSTATE 53100 is disk full, 25006 read-only.
 */
export function refusedWrite(error: string): CalledFor[] {
  if (/\b53100\b|No space left on device|ENOSPC/.test(error)) {
    return [
      {
        key: 'database:disk-full',
        text: 'the disk of the database is full (SQLSTATE 53100): no mail can be stored. Mails stay on their servers, untouched, and come in by themselves when there is room. Free space on the disk of PostgreSQL, data and WAL.',
      },
    ];
  }
  if (/\b25006\b/.test(error)) {
    return [
      {
        key: 'database:read-only',
        text: 'the database is read-only (SQLSTATE 25006): no mail can be stored. Mails stay on their servers, untouched. Has it failed over, and does the URL name the new primary? Is default_transaction_read_only on?',
      },
    ];
  }
  return [];
}

function outbox({ standing: { letters }, sends, postboxError }: AlarmFacts, now: Instant): CalledFor[] {
  const found: CalledFor[] = [];
  const moved = letters.lastSentAt !== null && !olderThan(letters.lastSentAt, alarmLimits.outboxMinutes, now);
  if (sends && !moved && olderThan(letters.oldestDueAt, alarmLimits.outboxMinutes, now)) {
    const why =
      postboxError === null ? '' : ` The mail server, as this gateway was told: ${withoutAddresses(postboxError)}.`;
    found.push({
      key: 'outbox:stuck',
      text: `${counted(letters.waiting, 'letter waits', 'letters wait')} to leave, the oldest for ${ageText(letters.oldestDueAt, now)}, and none has left.${why} They are kept in their order and leave by themselves once the mail server takes them. Look at smtp: in casepost.yaml and at the mail server; "casepost doctor" asks it.`,
    });
  }
  if (letters.held > 0) {
    found.push({
      key: 'outbox:held',
      text: `${counted(letters.held, 'letter is', 'letters are')} held back: by the breaker against ack storms, or because they may have left before a failover or a restored backup lost their rows. "casepost send --release" lets them go when they should.`,
    });
  }
  return found;
}

/** A mailbox that no gateway has looked at, unless its own watcher has said why: then it is told already (intake/imap-alarm.ts). */
function away(
  { id, source, error }: AlarmFacts['mailboxes'][number],
  { standing, open }: AlarmFacts,
  now: Instant,
): CalledFor[] {
  if (open.includes(`imap:${id}`) || open.includes(`imap-login:${id}`)) return [];
  const looked = standing.looks[source] ?? null;
  if (!olderThan(looked, alarmLimits.lookMinutes, now)) return [];
  const why = error === null ? '' : `: ${withoutAddresses(error)}`;
  return [
    {
      key: `imap-away:${id}`,
      text: `mailbox ${id} has not been read for ${ageText(looked, now)}${why}. Its mails wait on the server and come in by themselves when it answers again. "casepost doctor" asks it.`,
    },
  ];
}

function olderThan(instant: Instant | null, minutes: number, now: Instant): boolean {
  return instant !== null && Temporal.Instant.compare(instant, now.subtract({ minutes })) < 0;
}

/** "40 minutes", "3 hours", "2 days": coarse, so that the text of an alarm does not change each minute. */
function ageText(instant: Instant | null, now: Instant): string {
  const minutes = instant === null ? 0 : Math.floor((now.epochMilliseconds - instant.epochMilliseconds) / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / (24 * 60))} days`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
