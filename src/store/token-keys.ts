// The keys that reply tokens are signed with: in the database, so that every gateway of a desk believes the same tokens.
import type { Instant } from '../clock.ts';
import type { TokenKey } from '../mail/reply-token.ts';
import { rows, type Db } from './db.ts';

/** The keys, newest first: the first signs, all are believed. */
export async function readTokenKeys(db: Db): Promise<TokenKey[]> {
  return rows(db, 'select id, secret from token_keys order by created_at desc, id');
}

/** Adds a signing key when there is none yet; two gateways at once agree on one. */
export async function ensureTokenKey(db: Db, fresh: TokenKey, now: Instant): Promise<void> {
  await rows(
    db,
    `insert into token_keys (id, secret, created_at) select :id, :secret, :now
     where not exists (select 1 from token_keys) on conflict (id) do nothing`,
    { ...fresh, now },
  );
}
