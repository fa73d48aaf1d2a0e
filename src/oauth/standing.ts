// What a stored row of tokens means at a moment: whether it can be used, is due, or is paused. Pure but for the sealing: what tokens.ts does follows
// from it, before and after it holds the claim.
import type { Instant } from '../clock.ts';
import type { OAuthAccount } from '../config.ts';
import type { Sealer } from '../secret-seal.ts';
import type { Secret } from '../secret.ts';
import type { StoredTokens } from '../store/oauth-tokens.ts';

/** Limits of keeping tokens. */
export const tokenLimits = {
  /** Part of its life after which a token is renewed, up to `jitterShare` of it earlier by chance. */
  renewShare: 0.8,
  jitterShare: 0.1,
  /** A token that ends sooner is not used for a login any more. */
  usableSeconds: 30,
  /** A token that a mail server refuses is renewed at once, unless it is younger: then a newer one would fare no better. */
  youngSeconds: 300,
  /** After a refusal the token server is left alone so long, unless the configuration changes or a person signs in or asks. */
  refusedMinutes: 15,
  /** Pauses while the token server is away; a minute after it is back, mail flows again (TRUST P13). */
  awaySecondsMin: 2,
  awaySecondsMax: 15,
  /** It may be away so long before the admin hears of it. */
  awayAlarmMinutes: 2,
  /** Longer than any asking; another gateway takes over after it. */
  leaseSeconds: 50,
  /** How long a login waits for another gateway's asking. */
  waitSeconds: 20,
  /** How long new tokens are kept trying to be stored while the database is away. */
  storeSeconds: 120,
} as const;

/** A usable access token. `trouble` says why it could not be renewed although it is time; `refreshUntil` when its refresh token ends, if known. */
export interface AccessToken {
  secret: Secret;
  validUntil: Instant;
  scope: string | null;
  refreshUntil: Instant | null;
  trouble: string | null;
}

/** No token can be had: `refused` until a person mends it, or the token server (or the database) is `away`. */
export class TokenTrouble extends Error {
  override name = 'TokenTrouble';
  readonly kind: 'refused' | 'away';
  constructor(kind: 'refused' | 'away', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How a token is wanted: another than `distrusted`; `asked` for by a person who waits, so that no pause is kept. */
export interface Wish {
  distrusted?: Secret;
  asked?: boolean;
}

/** A row at a moment. `young`: obtained a moment ago. */
export interface Standing {
  usable: AccessToken | null;
  due: boolean;
  young: boolean;
  /** Set while the token server is left alone. */
  trouble: TokenTrouble | null;
  refreshToken: Secret | null;
  refreshUntil: Instant | null;
  /** A refresh token is stored, but for another client or server, or sealed with another secret. */
  foreign: boolean;
}

/** What the stored row means at `now`. Tokens of another client or server are none; a changed configuration ends every pause. */
export function standingOf(
  sealer: Sealer,
  account: OAuthAccount,
  row: StoredTokens | null,
  wish: Wish,
  now: Instant,
): Standing {
  const names = namesOf(sealer, account);
  const stored = row?.origin === names.origin ? row : null;
  const same = row?.settings === names.settings;
  const opened = (sealed: Buffer | null | undefined, what: string) =>
    sealed ? sealer.open(sealed, `${account.name} ${what}`) : null;
  const before = (one: Instant, other: Instant) => Temporal.Instant.compare(one, other) < 0;
  const secret = opened(stored?.accessToken, 'access');
  const refreshToken = opened(stored?.refreshToken, 'refresh');
  const { validUntil = null, renewAt = null, obtainedAt = null } = stored ?? {};
  const holds = validUntil !== null && before(now.add({ seconds: tokenLimits.usableSeconds }), validUntil);
  const trusted = secret !== null && secret.reveal() !== wish.distrusted?.reveal();
  const paused = same && !wish.asked && row.trouble !== null && row.nextAt !== null && before(now, row.nextAt);
  const refreshUntil = stored?.refreshUntil ?? null;
  const trouble = (same && row.troubleText) || null;
  return {
    usable: holds && trusted ? { secret, validUntil, scope: stored?.scope ?? null, refreshUntil, trouble } : null,
    due: !same || row.trouble !== null || renewAt === null || !before(now, renewAt),
    young:
      obtainedAt !== null &&
      !before(now, obtainedAt) &&
      before(now, obtainedAt.add({ seconds: tokenLimits.youngSeconds })),
    trouble: paused
      ? new TokenTrouble(
          row.trouble ?? 'away',
          `OAuth2 account "${account.name}": ${trouble}; asked again at ${row.nextAt?.toString() ?? ''}`,
        )
      : null,
    refreshToken,
    refreshUntil,
    foreign: Boolean(row?.refreshToken) && refreshToken === null,
  };
}

/** `origin`: whose tokens these are; `settings`: all that an answer may depend on. */
export function namesOf(sealer: Sealer, account: OAuthAccount): { name: string; origin: string; settings: string } {
  const { name, tokenEndpoint, clientId, refreshToken, clientSecret, grant, scope } = account;
  const whose = [tokenEndpoint, clientId, grant, refreshToken?.reveal() ?? null];
  const { fingerprint } = sealer;
  return { name, origin: fingerprint(whose), settings: fingerprint([...whose, clientSecret?.reveal() ?? null, scope]) };
}
