// The sealed tokens of each OAuth2 account. Who asks the token server holds a claim, by the database's clock: a refresh token that two gateways
// use at once is revoked by many servers. What is sealed here is opened only in src/oauth.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** What is stored of an account; the tokens are sealed. `trouble`: why the last asking brought none, and when it is asked again. */
export interface StoredTokens {
  origin: string;
  settings: string;
  accessToken: Buffer | null;
  refreshToken: Buffer | null;
  scope: string | null;
  obtainedAt: Instant | null;
  renewAt: Instant | null;
  validUntil: Instant | null;
  refreshUntil: Instant | null;
  trouble: 'refused' | 'away' | null;
  troubleText: string | null;
  troubleSince: Instant | null;
  failures: number;
  nextAt: Instant | null;
}

/** New tokens as they are stored. */
export type NewTokens = Omit<StoredTokens, 'trouble' | 'troubleText' | 'troubleSince' | 'failures' | 'nextAt'>;

const columns = `origin, settings, access_token as "accessToken", refresh_token as "refreshToken", scope, obtained_at as "obtainedAt",
  renew_at as "renewAt", valid_until as "validUntil", refresh_until as "refreshUntil", trouble, trouble_text as "troubleText",
  trouble_since as "troubleSince", failures, next_at as "nextAt"`;

/** The tokens of an account; null before the first asking. */
export async function readTokens(db: Db, account: string): Promise<StoredTokens | null> {
  const [stored] = await rows<StoredTokens>(db, `select ${columns} from oauth_tokens where account = :account`, {
    account,
  });
  return stored ?? null;
}

/** Takes the asking for an account's tokens upon `claim`; gives what is stored then, or null when somebody else is asking. */
export async function claimTokens(
  db: Db,
  account: { name: string; origin: string; settings: string },
  claim: string,
  leaseSeconds: number,
): Promise<StoredTokens | null> {
  const [stored] = await rows<StoredTokens>(
    db,
    `insert into oauth_tokens (account, origin, settings, claim, lease_until)
     values (:name, :origin, :settings, :claim, clock_timestamp() + make_interval(secs => :leaseSeconds))
     on conflict (account) do update set claim = excluded.claim, lease_until = excluded.lease_until
     where oauth_tokens.lease_until is null or oauth_tokens.lease_until < clock_timestamp()
     returning ${columns}`,
    { ...account, claim, leaseSeconds },
  );
  return stored ?? null;
}

/** Gives a claim back: others may ask. */
export async function releaseTokens(db: Db, account: string, claim: string): Promise<void> {
  await rows(db, 'update oauth_tokens set lease_until = null where account = :account and claim = :claim', {
    account,
    claim,
  });
}

/**
 * Stores new tokens and ends the claim and every trouble. With `claim` null (a person signed in) they take the place of whatever is there;
 * else only when the claim still holds.
 */
export async function saveTokens(db: Db, account: string, tokens: NewTokens, claim: string | null): Promise<void> {
  await rows(
    db,
    `insert into oauth_tokens as stored (account, origin, settings, access_token, refresh_token, scope, obtained_at, renew_at, valid_until, refresh_until)
     values (:account, :origin, :settings, :accessToken, :refreshToken, :scope, :obtainedAt, :renewAt, :validUntil, :refreshUntil)
     on conflict (account) do update set origin = excluded.origin, settings = excluded.settings, access_token = excluded.access_token,
       refresh_token = excluded.refresh_token, scope = excluded.scope, obtained_at = excluded.obtained_at, renew_at = excluded.renew_at,
       valid_until = excluded.valid_until, refresh_until = excluded.refresh_until, trouble = null, trouble_text = null, trouble_since = null,
       failures = 0, next_at = null, claim = null, lease_until = null
     where cast(:claim as text) is null or stored.claim = :claim`,
    { account, ...tokens, claim },
  );
}

/** Notes why no tokens came and ends the claim. Gives since when that has been so. */
export async function recordTrouble(
  db: Db,
  account: { name: string; settings: string },
  trouble: { trouble: 'refused' | 'away'; text: string; failures: number; nextAt: Instant },
  claim: string,
  now: Instant,
): Promise<Instant> {
  const [noted] = await rows<{ since: Instant }>(
    db,
    `update oauth_tokens set settings = :settings, trouble = :trouble, trouble_text = :text, failures = :failures, next_at = :nextAt,
       trouble_since = coalesce(trouble_since, :now), lease_until = null
     where account = :name and claim = :claim returning trouble_since as since`,
    { ...account, ...trouble, claim, now },
  );
  return noted?.since ?? now;
}
