// What is wrong with the gateway itself: one open alarm a key (a unique index says so), whoever raises it and however often.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** An alarm; `key` is `kind:subject`. `toldAt`: when a person was last told of it; `clearedAt`: null while it is open. */
export interface Alarm {
  key: string;
  text: string;
  since: Instant;
  toldAt: Instant | null;
  clearedAt: Instant | null;
}

/** An alarm that comes back so soon after it was over is the same one: what flaps is told once. */
export const flapMinutes = 60;

/**
 * Raises the alarm of `key`; one open alarm a key, a second raise only renews its text. The text says what is wrong, what was done and what
 * to do. Rejects when the database is away.
 */
export async function raiseAlarm(db: Db, alarm: { key: string; text: string }, now: Instant): Promise<void> {
  const { key, text } = alarm;
  const reopened = await rows(
    db,
    `update alarms set text = :text, cleared_at = null
     where id = (select id from alarms where key = :key and (cleared_at is null or (cleared_at > :flapped and over_told_at is null))
                 order by cleared_at desc nulls first limit 1)
     returning id`,
    { key, text, flapped: now.subtract({ minutes: flapMinutes }) },
  );
  if (reopened.length > 0) return;
  await rows(
    db,
    `insert into alarms (key, text, since) values (:key, :text, :now)
     on conflict (key) where cleared_at is null do update set text = excluded.text`,
    { key, text, now },
  );
}

/** It is over; no-op when no alarm of `key` is open. */
export async function clearAlarm(db: Db, key: string, now: Instant): Promise<void> {
  await rows(db, 'update alarms set cleared_at = :now where key = :key and cleared_at is null', { key, now });
}

/** Every open alarm, oldest first. */
export async function openAlarms(db: Db): Promise<Alarm[]> {
  return rows(
    db,
    `select key, text, since, told_at as "toldAt", cleared_at as "clearedAt" from alarms where cleared_at is null order by since, id`,
  );
}
