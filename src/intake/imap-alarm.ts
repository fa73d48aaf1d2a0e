// Tells the admin of a mailbox that no mail comes from: at once when its login is refused, since only a person can mend that; after a quarter
// of an hour when it is away or cannot be flagged. The alarm is over when all of the folder was looked at again.
import type { Instant } from '../clock.ts';
import { clearAlarm, raiseAlarm } from '../store/alarms.ts';
import type { Db } from '../store/db.ts';
import { loginRefused } from './imap-refusal.ts';
import { inStore } from './store-failure.ts';

/** A mailbox that is away so long is an alarm. */
export const awayMinutes = 15;

/** The alarms of one mailbox. Both calls reject with a StoreFailure when the database is away. */
export interface MailboxAlarms {
  /** It failed just now, with `error`, and has since `away.since`. */
  failed(away: { since: Instant; error: string }, error: unknown, now: Instant): Promise<void>;
  works(now: Instant): Promise<void>;
}

/** Keeps the alarms `imap-login:<id>` and `imap:<id>` of the mailbox `id`; `name` says host and folder. */
export function mailboxAlarms(db: Db, { id, name }: { id: string; name: string }): MailboxAlarms {
  // One of an earlier run may be open.
  let open = true;
  return {
    async failed(away, error, now) {
      const long = Temporal.Instant.compare(now, away.since.add({ minutes: awayMinutes })) >= 0;
      const advice = loginRefused(error)
        ? 'we ask ever more rarely, so that the account is not locked; check its password, or what its OAuth2 account may do'
        : 'its mail waits on the server; we keep trying';
      const key = loginRefused(error) ? `imap-login:${id}` : `imap:${id}`;
      if (!loginRefused(error) && !long) return;
      open = true;
      await inStore(
        raiseAlarm(db, { key, text: `${name}: ${away.error}, since ${away.since.toString()}; ${advice}` }, now),
      );
    },
    async works(now) {
      if (!open) return;
      for (const key of [`imap-login:${id}`, `imap:${id}`]) await inStore(clearAlarm(db, key, now));
      open = false;
    },
  };
}
