// How many automatic letters went to unproven addresses in the last hour, as exactly as the breaker of TRUST 4.3.4 needs it and no more: this is
// asked for every mail, and counting all letters of an hour each time made a burst of eighteen thousand mails slower with every one of them.
// Far below the cap a bound is enough: what was counted a moment ago, and every id the outbox has given out since. Far above it, that it is above.
import type { SharedCaps } from '../cases/budget.ts';
import type { Budget } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import { poolOf, rows, type Transaction } from './db.ts';
import { within } from './lately.ts';

/** Most decisions under way at once, all gateways together: connections that a PostgreSQL server grants unless told otherwise. */
export const togetherMax = 100;

/** Nearer to its cap than this, the breaker's letters are counted and decided one after the other. */
export const farBelow = 2 * togetherMax;

/** A count is good for so long, by the clock that counted. */
const goodSeconds = 60;

/** A week with fewer letters is counted anew each time; a busier one is what it was a minute ago. */
const weekRemembered = 10_000;

/** What was counted when: `letters` at most in the hour of any instant in the `goodSeconds` after `at`, the outbox's ids being given out up to `lastLetter`. */
interface Counted {
  at: Instant;
  letters: number;
  lastLetter: number;
}

const hours = new WeakMap<object, Counted>();
const weeks = new WeakMap<object, Counted>();

/** The breaker's counts; `lastLetter`: the id that the outbox gave out last. The week is 0 where the breaker can not open. */
export async function countUnproven(
  trx: Transaction,
  lastLetter: number,
  caps: SharedCaps,
  now: Instant,
): Promise<Pick<Budget, 'unprovenHour' | 'unprovenWeek'>> {
  const pool = poolOf(trx);
  const hour = good(hours.get(pool), now);
  if (hour && lastLetter >= hour.lastLetter) {
    const most = hour.letters + lastLetter - hour.lastLetter;
    // Ids are given out before their letters can be counted: as many as are under way may have been missed.
    if (most + farBelow + togetherMax <= caps.breakerFloor) return { unprovenHour: most, unprovenWeek: 0 };
  }
  const counted = await hourOf(trx, caps.breakerFloor + farBelow + 1, now);
  hours.set(pool, { at: now, letters: counted.ever, lastLetter });
  if (counted.hour <= caps.breakerFloor) return { unprovenHour: counted.hour, unprovenWeek: 0 };
  const unprovenWeek = await weekOf(trx, pool, lastLetter, now);
  const above = caps.breakerAbove({ unprovenWeek });
  const again = above > caps.breakerFloor ? await hourOf(trx, Math.ceil(above) + farBelow + 1, now) : counted;
  return { unprovenHour: again.hour, unprovenWeek };
}

/** Letters of the last hour, `max` at most, and with them those of clocks that run ahead, which will count soon (`ever`). */
async function hourOf(trx: Transaction, max: number, now: Instant): Promise<{ hour: number; ever: number }> {
  const [found] = await rows<{ hour: number; ever: number }>(
    trx,
    `select count(*) filter (where ${within('created_at', '1 hour')}) as hour, count(*) as ever
     from (select created_at from outbox where automatic and not proven and created_at >= cast(:now as timestamptz) - interval '1 hour'
       order by created_at limit :max) lately`,
    { max, now },
  );
  return found ?? { hour: 0, ever: 0 };
}

async function weekOf(trx: Transaction, pool: object, lastLetter: number, now: Instant): Promise<number> {
  const known = good(weeks.get(pool), now);
  if (known && known.letters >= weekRemembered) return known.letters;
  const [found] = await rows<{ count: number }>(
    trx,
    `select count(*) from outbox where automatic and not proven and ${within('created_at', '7 days')}`,
    { now },
  );
  const letters = found?.count ?? 0;
  weeks.set(pool, { at: now, letters, lastLetter });
  return letters;
}

function good(counted: Counted | undefined, now: Instant): Counted | null {
  if (!counted) return null;
  const seconds = (now.epochMilliseconds - counted.at.epochMilliseconds) / 1000;
  return seconds >= 0 && seconds < goodSeconds ? counted : null;
}
