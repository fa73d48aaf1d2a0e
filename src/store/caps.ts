// Keeps the caps of TRUST 4.3.4 exact when many decide at once: whoever counts the letters of an address, a domain or all unproven addresses
// does so while nobody else is between counting them and committing one more.
import type { SharedCaps } from '../cases/budget.ts';
import type { Budget } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import { poolOf, rows, type Transaction } from './db.ts';
import { countUnproven, farBelow, togetherMax } from './unproven.ts';

/** Any numbers, the same in every gateway: the first half of the locks on addresses and on domains, and the breaker's lock. */
const [addressLock, domainLock, breakerLock] = [5_117_328, 5_117_330, 5_117_331];

/** A budget as it is read by one statement, before the letters to all unproven addresses are counted. */
export type Known = Omit<Budget, 'unprovenHour' | 'unprovenWeek'> & { proven: boolean; lastLetter: number };

/** Waits until nobody else decides about this address. */
export async function lockAddress(trx: Transaction, address: string): Promise<void> {
  await rows(trx, 'select pg_advisory_xact_lock(:addressLock, hashtext(:address))', { addressLock, address });
}

/** How many letters still fitted under the breaker's cap when this gateway last asked, by its pool. */
const rooms = new WeakMap<object, number>();

/**
 * What `read` gives and the counts of the breaker, with nobody between it and the commit who could fill a cap that it counts for: of an unproven
 * address's domain nobody, of the breaker's letters no more than still fit under it. Only near the breaker's cap is everybody alone.
 */
export async function countAlone<Read extends Known>(
  trx: Transaction,
  { address, domain, caps }: { address: string; domain: string; caps: SharedCaps },
  read: () => Promise<Read>,
  now: Instant,
): Promise<Read & Budget> {
  const pool = poolOf(trx);
  const count = async () => {
    const known = await read();
    // A proven address counts for neither cap.
    if (known.proven) return { ...known, unprovenHour: 0, unprovenWeek: 0 };
    const counts = { ...known, ...(await countUnproven(trx, known.lastLetter, caps, now)) };
    rooms.set(pool, room(counts));
    return counts;
  };
  const room = (counts: Budget) => caps.breakerAbove(counts) - counts.unprovenHour;
  // A proven address needs no count, and what is full stays so for this decision.
  const settled = (counts: Read & Budget) => counts.proven || counts.domainHour >= caps.domainHour || room(counts) < 0;
  // Far from the cap when last asked, nobody looks before they lock.
  const far = (rooms.get(pool) ?? 0) >= 2 * farBelow;
  const first = far ? null : await count();
  if (first && settled(first)) return first;
  const near = first !== null && room(first) < farBelow;
  const alone = rows(
    trx,
    `select pg_advisory_xact_lock(:domainLock, hashtext(:domain)), pg_advisory_xact_lock${near ? '' : '_shared'}(:breakerLock)
     where not (${provenAddress})`,
    { domainLock, domain, breakerLock, address },
  );
  const [counted] = await Promise.all([count(), alone]);
  if (near || settled(counted) || room(counted) >= togetherMax) return counted;
  // While we waited for the domain it came near. Two who do this at once deadlock, and one of them decides anew.
  await rows(trx, 'select pg_advisory_xact_lock(:breakerLock)', { breakerLock });
  return count();
}

/** SQL: whether :address is known to read what we send it. */
export const provenAddress = `exists (select 1 from contacts where address = :address and proven_at is not null)
  or exists (select 1 from cases where requester = :address and first_response_at is not null)`;
