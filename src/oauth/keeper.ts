// Looks after the tokens while the gateway runs: renews them ahead of time although no door asks, says once when an account is in trouble and once
// when it is well again, and warns of a secret or refresh token whose end is known (issue 4, line 5).
import { pause } from '../bell.ts';
import type { Clock, Instant } from '../clock.ts';
import type { OAuthAccount } from '../config.ts';
import { errorText, outage, type Log } from '../log.ts';
import { clearAlarm, openAlarms, raiseAlarm } from '../store/alarms.ts';
import type { Db } from '../store/db.ts';
import type { AccessToken } from './standing.ts';
import { alarmKey, type Tokens } from './tokens.ts';

/** Limits of looking after tokens. */
export const keeperLimits = {
  lookSeconds: 10,
  /** An end that is known is told so long before. */
  warnDays: 14,
} as const;

export interface KeeperOptions {
  tokens: Tokens;
  accounts: OAuthAccount[];
  db: Db;
  log: Log;
  now: Clock;
  signal: AbortSignal;
}

/** Keeps the tokens until the signal; never rejects. */
export async function keepTokens(options: KeeperOptions): Promise<void> {
  const { tokens, accounts, db, log, now, signal } = options;
  const kept = accounts.map((account) => ({
    account,
    outage: outage(log, `OAuth2 account ${account.name}`),
    ending: undefined as string | null | undefined,
  }));
  const database = outage(log, 'OAuth2 accounts: their alarms');
  let first = true;
  while (!signal.aborted) {
    try {
      if (first) await forgetOthers(db, accounts, now());
      first = false;
      for (const one of kept) {
        const token = await tokens.current(one.account).catch((error: unknown) => errorText(error));
        const trouble = typeof token === 'string' ? token : token.trouble;
        if (trouble === null) one.outage.up(now());
        else one.outage.down(trouble, now());
        // While no token can be had, what was known of its end still holds.
        const ending =
          typeof token === 'string' && one.ending
            ? one.ending
            : endingOf(one.account, typeof token === 'string' ? null : token, now());
        if (ending !== one.ending) await tellEnding(db, one.account, ending, now());
        one.ending = ending;
      }
      database.up(now());
    } catch (error) {
      database.down(errorText(error), now());
    }
    await pause(keeperLimits.lookSeconds * 1000, signal);
  }
}

/** The text of what ends within `warnDays`, or has ended; null when nothing does. */
export function endingOf(account: OAuthAccount, token: AccessToken | null, now: Instant): string | null {
  const day = now.toZonedDateTimeISO('UTC').toPlainDate().add({ days: keeperLimits.warnDays });
  const ends = [
    { what: 'what its "expires" in casepost.yaml stands for', on: account.expires },
    { what: 'its refresh token', on: token?.refreshUntil?.toString().slice(0, 10) ?? null },
  ];
  const told = ends.flatMap(({ what, on }) =>
    on !== null && Temporal.PlainDate.compare(on, day) <= 0 ? [`${what} ends on ${on}`] : [],
  );
  if (told.length === 0) return null;
  const mend =
    account.grant === 'client-credentials'
      ? 'put a new client secret and its date into casepost.yaml'
      : `run "casepost sign-in ${account.name}", or put a new client secret and its date into casepost.yaml`;
  return `OAuth2 account "${account.name}": ${told.join(' and ')}; from then on no mail is fetched and no letter sent with it: ${mend}.`;
}

async function tellEnding(db: Db, account: OAuthAccount, ending: string | null, now: Instant): Promise<void> {
  const key = `oauth-end:${account.name}`;
  if (ending === null) await clearAlarm(db, key, now);
  else await raiseAlarm(db, { key, text: ending }, now);
}

/** Ends the alarms of accounts that are no longer configured: nobody else would. */
async function forgetOthers(db: Db, accounts: OAuthAccount[], now: Instant): Promise<void> {
  const keys = new Set(accounts.flatMap((account) => [alarmKey(account), `oauth-end:${account.name}`]));
  for (const { key } of await openAlarms(db)) {
    if (/^oauth(-end)?:/.test(key) && !keys.has(key)) await clearAlarm(db, key, now);
  }
}
