// Brings a policy that somebody applied into every running gateway, without a restart: the newest version of the database is looked for every
// few seconds. One that this program can not read (a newer program wrote it) is said and not taken; the one in force stays.
import { pause } from './bell.ts';
import type { Clock } from './clock.ts';
import type { Desk } from './desk.ts';
import { errorText, type Log } from './log.ts';
import { newerPolicy } from './rules.ts';
import { clearAlarm, raiseAlarm } from './store/alarms.ts';
import { worldFailed, type Db } from './store/db.ts';

/** How long a new version may take to reach a gateway. */
export const policySeconds = 3;

const alarmKey = 'policy:unreadable';

/** Watches until `signal` aborts; never rejects. Changes `desk` in one step: who decides takes a copy of it for each transaction. */
export async function watchPolicy(options: {
  db: Db;
  desk: Desk;
  now: Clock;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { db, desk, now, log, signal } = options;
  let knownId: number | null = null;
  while (!signal.aborted) {
    try {
      const newer = await newerPolicy(db, knownId, desk);
      if (newer && 'problems' in newer) {
        const [first = ''] = newer.problems;
        const text = `policy ${newer.id} can not be read by this program (${first}); version ${desk.policyVersion} stays in force`;
        log.error({ policy: newer.id, problems: newer.problems }, text);
        await raiseAlarm(db, { key: alarmKey, text }, now());
      } else if (newer) {
        const { policy, policyVersion } = newer;
        if (policyVersion !== desk.policyVersion) {
          const company = desk.config.company ?? policy.company;
          Object.assign(desk, { policy, policyVersion, company } satisfies Partial<Desk>);
          log.info({ policy: newer.id, version: policyVersion }, `policy ${policyVersion} is in force`);
        }
        // Also when the old one rules again, or a newer program took the place of the one that could not read it.
        await clearAlarm(db, alarmKey, now());
      }
      knownId = newer?.id ?? knownId;
    } catch (error) {
      // A database that is away is told by those who carry mail.
      if (!worldFailed(error)) log.error({ error: errorText(error) }, 'the policy could not be looked for');
    }
    await pause(policySeconds * 1000, signal);
  }
}
