// Who may use the HTTP API: named tokens, of which only the SHA-256 is kept.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** A token as it is listed. */
export interface ApiToken {
  name: string;
  createdAt: Instant;
  revokedAt: Instant | null;
}

/** Keeps a token of a name that was never used; false when it was. */
export async function insertApiToken(db: Db, token: { name: string; hash: Buffer }, now: Instant): Promise<boolean> {
  const added = await rows(
    db,
    `insert into api_tokens (name, hash, created_at) values (:name, :hash, :now) on conflict (name) do nothing returning name`,
    { ...token, now },
  );
  return added.length > 0;
}

/** Every token that was ever made, oldest first. */
export async function apiTokens(db: Db): Promise<ApiToken[]> {
  return rows(
    db,
    'select name, created_at as "createdAt", revoked_at as "revokedAt" from api_tokens order by created_at, name',
  );
}

/** Ends a token; false when there is none of this name that still holds. */
export async function revokeApiToken(db: Db, name: string, now: Instant): Promise<boolean> {
  const ended = await rows(
    db,
    'update api_tokens set revoked_at = :now where name = :name and revoked_at is null returning name',
    { name, now },
  );
  return ended.length > 0;
}

/** The hashes of the tokens that hold. */
export async function apiTokenHashes(db: Db): Promise<{ name: string; hash: Buffer }[]> {
  return rows(db, 'select name, hash from api_tokens where revoked_at is null');
}
