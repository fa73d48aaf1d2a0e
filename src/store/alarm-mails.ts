// The mails that tell people of alarms. They have a small outbox of their own: the letters' one may be what is in trouble. Which alarms a mail
// tells of is noted in the transaction that stores its bytes, so that several gateways tell once.
import type { Instant } from '../clock.ts';
import { flapMinutes } from './alarms.ts';
import { rows, type Db } from './db.ts';

/** An alarm to be told of: that it is open (`over` false), or that it is over. */
export interface Telling {
  id: string;
  key: string;
  text: string;
  since: Instant;
  /** When it was told before; null the first time. */
  toldAt: Instant | null;
  clearedAt: Instant | null;
  over: boolean;
}

/** A mail to one person. */
export interface AlarmMail {
  messageId: string;
  recipient: string;
  raw: Buffer;
}

/** Limits of telling. */
export const tellingLimits = {
  /** An alarm that stays open is told again so often. */
  againHours: 24,
  /** It is over when it stayed so: what flaps is told once. */
  settledMinutes: 10,
  /** All alarms that are due go into one mail, and no person gets more of these. */
  mailsPerHour: 6,
  /** Tried so long; what is still open is told again anyway. */
  tryHours: 24,
  leaseSeconds: 120,
} as const;

/** Any number, the same in every gateway: who holds it decides what is told. */
const tellingLock = 5_117_328;

/**
 * Stores the mails that `compose` makes of everything that is to be told now; none while earlier ones still wait or the hour is full: what is
 * left goes into the next. Returns how many alarms were told.
 */
export async function tellOnce(
  db: Db,
  compose: (tellings: Telling[]) => Promise<AlarmMail[]>,
  now: Instant,
): Promise<number> {
  return db.transaction(async (trx) => {
    await rows(trx, 'select pg_advisory_xact_lock(:tellingLock)', { tellingLock });
    await rows(trx, `update alarm_mails set state = 'failed' where state = 'waiting' and created_at < :oldest`, {
      oldest: now.subtract({ hours: tellingLimits.tryHours }),
    });
    const [lately] = await rows<{ waiting: number; mails: number }>(
      trx,
      `select count(*) filter (where state = 'waiting') as waiting,
         count(distinct created_at) filter (where created_at > :hourAgo) as mails from alarm_mails
       where state = 'waiting' or created_at > :hourAgo`,
      { hourAgo: now.subtract({ hours: 1 }) },
    );
    if (!lately || lately.waiting > 0 || lately.mails >= tellingLimits.mailsPerHour) return 0;
    const tellings = await rows<Telling>(
      trx,
      `select id::text, key, text, since, told_at as "toldAt", cleared_at as "clearedAt", cleared_at is not null as over from alarms
       where (cleared_at is null and (told_at is null or told_at <= :again))
          or (cleared_at <= :settled and told_at is not null and over_told_at is null)
       order by since, alarms.id`,
      {
        again: now.subtract({ hours: tellingLimits.againHours }),
        settled: now.subtract({ minutes: tellingLimits.settledMinutes }),
      },
    );
    if (tellings.length === 0) return 0;
    for (const mail of await compose(tellings)) {
      await rows(
        trx,
        `insert into alarm_mails (message_id, recipient, raw, created_at) values (:messageId, :recipient, :raw, :now)`,
        { ...mail, now },
      );
    }
    await rows(
      trx,
      `update alarms set told_at = case when cleared_at is null then :now else told_at end,
         over_told_at = case when cleared_at is null then null else cast(:now as timestamptz) end
       where id = any(cast(:ids as bigint[]))`,
      { ids: tellings.map(({ id }) => id), now },
    );
    return tellings.length;
  });
}

/** A claimed mail; only its claim may say what became of it. */
export interface ClaimedMail extends AlarmMail {
  id: string;
  claim: string;
}

/** Claims the oldest mail that waits and nobody has in hand; null when there is none. `claim` is new each time. */
export async function claimAlarmMail(db: Db, claim: string): Promise<ClaimedMail | null> {
  const [claimed] = await rows<ClaimedMail>(
    db,
    `update alarm_mails set claim = :claim, lease_until = clock_timestamp() + make_interval(secs => ${tellingLimits.leaseSeconds})
     where id = (select id from alarm_mails where state = 'waiting' and (lease_until is null or lease_until < clock_timestamp())
                 order by alarm_mails.id limit 1 for update skip locked)
     returning id::text, message_id as "messageId", recipient, raw, claim`,
    { claim },
  );
  return claimed ?? null;
}

/** It was sent, was refused for good, or waits on (for the lease to run out: a minute or two). */
export async function settleAlarmMail(db: Db, mail: ClaimedMail, state: 'waiting' | 'sent' | 'failed'): Promise<void> {
  await rows(db, `update alarm_mails set state = :state where id = :id and claim = :claim and state = 'waiting'`, {
    id: mail.id,
    claim: mail.claim,
    state,
  });
}

/** This alarm has been told already, by a way around the database. */
export async function noteTold(db: Db, key: string, now: Instant): Promise<void> {
  await rows(
    db,
    `update alarms set told_at = :now where key = :key and told_at is null
       and (cleared_at is null or cleared_at > :flapped)`,
    { key, now, flapped: now.subtract({ minutes: flapMinutes }) },
  );
}
