// Which engineers are away just now, by their own word at a shell; days known long before stand in the policy.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** An engineer who is away; `until`: the instant they are back, null while nobody knows. */
export interface Away {
  address: string;
  since: Instant;
  until: Instant | null;
}

/** Whether somebody who is recorded as away was so at an instant; what happened at the very instant they said so came before. */
export function awayAt({ since, until }: Away, at: Instant): boolean {
  return Temporal.Instant.compare(since, at) < 0 && (until === null || Temporal.Instant.compare(until, at) > 0);
}

/** Everybody who is away at `now`, by address. */
export async function readAway(db: Db, now: Instant): Promise<Away[]> {
  return rows<Away>(
    db,
    'select address, since, until from engineers_away where until is null or until > :now order by address',
    { now },
  );
}

/** Everybody who said that they are away and not yet that they are back, whenever that was. */
export async function recordedAway(db: Db): Promise<Away[]> {
  return rows<Away>(db, 'select address, since, until from engineers_away order by address');
}

/** Addresses of those who are away at `now`, as decisions take them. */
export async function readAwayAddresses(db: Db, now: Instant): Promise<string[]> {
  return (await readAway(db, now)).map(({ address }) => address);
}

/** The engineer is away from `now` on; said again, only the end changes. */
export async function goAway(db: Db, away: { address: string; until: Instant | null }, now: Instant): Promise<void> {
  await rows(
    db,
    `insert into engineers_away (address, since, until) values (:address, :now, :until)
     on conflict (address) do update set until = excluded.until,
       since = case when engineers_away.until <= :now then excluded.since else engineers_away.since end`,
    { ...away, now },
  );
}

/** The engineer is back; false when they were not away. */
export async function comeBack(db: Db, address: string, now: Instant): Promise<boolean> {
  const back = await rows<{ away: boolean }>(
    db,
    `delete from engineers_away where address = :address returning (until is null or until > :now) as away`,
    { address, now },
  );
  return back[0]?.away ?? false;
}
