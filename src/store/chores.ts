// Work that one gateway does for all: who has it in hand, when it is due again, and what it found. And the heartbeats of what every gateway does.
import type { Instant } from '../clock.ts';
import { rows, storableJson, type Db } from './db.ts';

/** A claimed chore; `found` is what its last run left. */
export interface Chore<Found> {
  name: string;
  holder: string;
  found: Partial<Found>;
}

/** Claims the chore `name` when it is due at `now` and nobody has it in hand; `first` is when it is due the first time. */
export async function claimChore<Found>(
  db: Db,
  chore: { name: string; holder: string; first: Instant; leaseSeconds: number },
  now: Instant,
): Promise<Chore<Found> | null> {
  const { name, holder, first, leaseSeconds } = chore;
  await rows(db, 'insert into chores (name, due_at) values (:name, :first) on conflict (name) do nothing', {
    name,
    first,
  });
  const [claimed] = await rows<{ found: Partial<Found> }>(
    db,
    `update chores set holder = :holder, lease_until = clock_timestamp() + make_interval(secs => :leaseSeconds)
     where name = :name and due_at <= :now and (holder is null or holder = :holder or lease_until < clock_timestamp())
     returning found`,
    { name, holder, leaseSeconds, now },
  );
  return claimed ? { name, holder, found: claimed.found } : null;
}

/** The chore is done; it is due again at `dueAt`. Nothing changes when somebody else has taken it over. */
export async function settleChore<Found>(
  db: Db,
  chore: Pick<Chore<Found>, 'name' | 'holder'>,
  done: { dueAt: Instant; found: Found },
): Promise<void> {
  await rows(
    db,
    `update chores set due_at = :dueAt, found = :found, holder = null, lease_until = null where name = :name and holder = :holder`,
    { name: chore.name, holder: chore.holder, dueAt: done.dueAt, found: storableJson(done.found) },
  );
}

/** The chore is due at once (or at `dueAt`, when that is earlier than planned). */
export async function hastenChore(db: Db, name: string, dueAt: Instant): Promise<void> {
  await rows(db, 'update chores set due_at = least(due_at, :dueAt) where name = :name', { name, dueAt });
}

/** Notes that each of these was alive at its instant; an older note never replaces a newer one. */
export async function recordHeartbeats(db: Db, beats: { name: string; at: Instant }[]): Promise<void> {
  await rows(
    db,
    `insert into heartbeats (name, at)
     select * from unnest(cast(:names as text[]), cast(:instants as timestamptz[]))
     on conflict (name) do update set at = greatest(heartbeats.at, excluded.at)`,
    { names: beats.map(({ name }) => name), instants: beats.map(({ at }) => at.toString()) },
  );
}
