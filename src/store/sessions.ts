// Who is signed in: one row a browser, found by the hash of its cookie, with two ends (idle and absolute) and a way to end it at once.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** How somebody proved who they are. */
export type SignInWay = 'link' | 'code' | 'oidc';

/** A session as it is listed; `browser` names the program in our own words. */
export interface StoredSession {
  /** Names the session to people; it signs nobody in. */
  id: string;
  address: string;
  way: SignInWay;
  browser: string;
  createdAt: Instant;
  seenAt: Instant;
  endsAt: Instant;
}

const listed = `id, address, way, browser, created_at as "createdAt", seen_at as "seenAt", ends_at as "endsAt"`;
const holds = 'revoked_at is null and ends_at > :now and seen_at > :idleSince';

/** Most sessions that are listed. */
export const sessionsListedMax = 1000;

/** Keeps a new session; `hash` is the SHA-256 of its cookie. */
export async function insertSession(
  db: Db,
  session: Omit<StoredSession, 'createdAt' | 'seenAt'> & { hash: Buffer },
  now: Instant,
): Promise<void> {
  await rows(
    db,
    `insert into sessions (id, hash, address, way, browser, created_at, seen_at, ends_at)
     values (:id, :hash, :address, :way, :browser, :now, :now, :endsAt)`,
    { ...session, now },
  );
}

/** The session of this cookie that still holds: not revoked, not past its end, and seen since `idleSince`. */
export async function findSession(
  db: Db,
  hash: Buffer,
  idleSince: Instant,
  now: Instant,
): Promise<StoredSession | null> {
  const [found] = await rows<StoredSession>(db, `select ${listed} from sessions where hash = :hash and ${holds}`, {
    hash,
    idleSince,
    now,
  });
  return found ?? null;
}

/** It was used. */
export async function touchSession(db: Db, id: string, now: Instant): Promise<void> {
  await rows(db, 'update sessions set seen_at = greatest(seen_at, :now) where id = :id', { id, now });
}

/** The sessions that hold, of one address or (null) of everybody, newest first. */
export async function sessionsOf(
  db: Db,
  address: string | null,
  idleSince: Instant,
  now: Instant,
): Promise<StoredSession[]> {
  return rows<StoredSession>(
    db,
    `select ${listed} from sessions where (cast(:address as text) is null or address = :address) and ${holds}
     order by created_at desc, id limit ${sessionsListedMax}`,
    { address, idleSince, now },
  );
}

/** Ends sessions at once: the one of this id, of this address, or of both. Returns how many held until now. */
export async function revokeSessions(db: Db, which: { id?: string; address?: string }, now: Instant): Promise<number> {
  const { id = null, address = null } = which;
  const ended = await rows(
    db,
    `update sessions set revoked_at = :now
     where revoked_at is null and ends_at > :now and (cast(:id as text) is not null or cast(:address as text) is not null)
       and (cast(:id as text) is null or id = :id) and (cast(:address as text) is null or address = :address) returning 1`,
    { id, address, now },
  );
  return ended.length;
}

/** Takes away what ended before `before`. */
export async function deleteSessions(db: Db, before: Instant): Promise<void> {
  await rows(db, 'delete from sessions where ends_at < :before or revoked_at < :before', { before });
}
