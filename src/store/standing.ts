// How the whole desk stands, in numbers and instants, for health and alarms: what waits and since when. No text and no address is read.
import type { Instant } from '../clock.ts';
import { stillWaiting, unasked } from './outbox.ts';
import { rows, type Db } from './db.ts';

/** What the database says of the work in hand. Instants are those of the oldest; null when nothing waits. */
export interface Standing {
  letters: {
    waiting: number;
    /** Since when the oldest letter could leave, that no earlier one to the same person holds up. */
    oldestDueAt: Instant | null;
    lastSentAt: Instant | null;
    held: number;
  };
  mails: { waiting: number; oldestStoredAt: Instant | null };
  /** Mails parked as `unparsed` in the last day, and the newest of their numbers. */
  parked: { lastDay: number; newest: string | null };
  /** When the oldest step that waits was due. */
  oldestDueStepAt: Instant | null;
  /** When each source was last looked at, by whichever gateway. */
  looks: Record<string, Instant>;
}

/** What a source's heartbeat is called. */
export function lookName(source: string): string {
  return `look:${source}`;
}

/** Reads it all. Every count stops at `countMax`, so that a backlog costs no more than its beginning. */
export async function readStanding(db: Db, now: Instant): Promise<Standing> {
  const [found] = await rows<{
    waiting: number;
    held: number;
    oldestDueAt: Instant | null;
    lastSentAt: Instant | null;
    mails: number;
    oldestStoredAt: Instant | null;
    parked: number;
    newestParked: string | null;
    oldestDueStepAt: Instant | null;
  }>(
    db,
    `select
       (select count(*) from (select 1 from outbox where state = 'waiting' limit ${countMax}) few) as waiting,
       (select count(*) from (select 1 from outbox where state = 'held' limit ${countMax}) few) as held,
       -- by turn: each has its oldest at hand, and of both together all would have to be put in order
       (select min(next_at) from (values (false), (true)) turn (unasked) cross join lateral (
          select next_at from outbox waiting where state = 'waiting' and ${unasked('waiting.kind')} = turn.unasked and next_at <= :now and not exists (
            select 1 from outbox earlier where ${stillWaiting('earlier')} and earlier.case_number = waiting.case_number
              and earlier.recipient = waiting.recipient and earlier.id < waiting.id)
          order by waiting.id limit 1) oldest) as "oldestDueAt",
       (select max(sent_at) from outbox where state = 'sent') as "lastSentAt",
       (select count(*) from (select 1 from inbound where disposition is null limit ${countMax}) few) as mails,
       (select stored_at from inbound where disposition is null order by inbound.id limit 1) as "oldestStoredAt",
       (select count(*) from inbound where disposition = 'unparsed' and decided_at > :dayAgo) as parked,
       (select max(id)::text from inbound where disposition = 'unparsed' and decided_at > :dayAgo) as "newestParked",
       (select min(due_at) from due where state = 'waiting' and due_at <= :now) as "oldestDueStepAt"`,
    { now, dayAgo: now.subtract({ hours: 24 }) },
  );
  if (!found) throw new Error('the database gave no answer');
  const beats = await rows<{ name: string; at: Instant }>(
    db,
    `select name, at from heartbeats where starts_with(name, :prefix)`,
    { prefix: lookName('') },
  );
  return {
    letters: {
      waiting: found.waiting,
      oldestDueAt: found.oldestDueAt,
      lastSentAt: found.lastSentAt,
      held: found.held,
    },
    mails: { waiting: found.mails, oldestStoredAt: found.oldestStoredAt },
    parked: { lastDay: found.parked, newest: found.newestParked },
    oldestDueStepAt: found.oldestDueStepAt,
    looks: Object.fromEntries(beats.map(({ name, at }) => [name.slice(lookName('').length), at])),
  };
}

/** Counted up to here; more is "at least so many". */
export const countMax = 100_000;
