// What telling an engineer needs to know, in whatever the clock's door decides on.
import type { TellingFacts } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import { signingKey, type Desk } from '../desk.ts';
import type { Transaction } from '../store/db.ts';
import { readAwayAddresses } from '../store/engineers.ts';
import { readNotices } from '../store/lately.ts';

/** The letters that each engineer has had lately, and who is away. */
export async function tellingFacts(trx: Transaction, desk: Desk, now: Instant): Promise<TellingFacts> {
  const [noticesThisHour, away] = await Promise.all([readNotices(trx, now), readAwayAddresses(trx, now)]);
  return { key: signingKey(desk), noticesThisHour, away };
}
