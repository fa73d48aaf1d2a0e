// Access tokens that are valid when a door needs one: renewed ahead of time, by one gateway for all (a claim in the database), a rotated refresh
// token stored before anything uses its access token. A refusal is not repeated before a pause, and the admin hears of it while the token in
// hand still holds (issue 4, line 5).
import { randomUUID } from 'node:crypto';
import { backoff, pause } from '../bell.ts';
import { monotonicMs, type Clock } from '../clock.ts';
import type { Config, OAuthAccount } from '../config.ts';
import { errorText } from '../log.ts';
import { sealer, type Sealer } from '../secret-seal.ts';
import type { Secret } from '../secret.ts';
import { clearAlarm, raiseAlarm } from '../store/alarms.ts';
import { worldFailed, type Db } from '../store/db.ts';
import { claimTokens, readTokens, recordTrouble, releaseTokens, saveTokens } from '../store/oauth-tokens.ts';
import type { NewTokens, StoredTokens } from '../store/oauth-tokens.ts';
import { namesOf, standingOf, tokenLimits, TokenTrouble } from './standing.ts';
import type { AccessToken, Standing, Wish } from './standing.ts';
import { askForTokens, type Answer, type Grant } from './token-server.ts';

/** The tokens of the configured accounts. */
export interface Tokens {
  /** A usable token, from the database or the token server. Rejects with TokenTrouble. */
  current(account: OAuthAccount, wish?: Wish): Promise<AccessToken>;
  /** A newer one after a mail server refused `refused`; null when that one was fresh. Rejects with TokenTrouble. */
  instead(account: OAuthAccount, refused: Secret): Promise<AccessToken | null>;
  /** Stores what a person's sign-in brought; it takes the place of everything before. */
  adopt(account: OAuthAccount, grant: Grant): Promise<AccessToken>;
}

/** `now` is the real time also in a command with `--now`: tokens end by the world's clock. Storing gives up when `signal` aborts. */
export interface TokenOptions {
  db: Db;
  config: Pick<Config, 'oauth' | 'secret'>;
  now: Clock;
  signal?: AbortSignal;
}

interface Room extends TokenOptions {
  sealer: Sealer;
}

/** The tokens of a configuration; null when it has no OAuth2 account. */
export function openTokens(options: TokenOptions): Tokens | null {
  const { oauth, secret } = options.config;
  if (oauth.length === 0 || secret === null) return null;
  const room: Room = { ...options, sealer: sealer(secret, 'oauth') };
  return {
    current: (account, wish = {}) => withDatabase(account, () => current(room, account, wish)),
    async instead(account, refused) {
      return withDatabase(account, async () => {
        const stored = standingOf(room.sealer, account, await readTokens(room.db, account.name), {}, room.now());
        const same = stored.usable?.secret.reveal() === refused.reveal();
        if (same && stored.young) return null;
        return current(room, account, { distrusted: refused });
      });
    },
    adopt: (account, grant) => withDatabase(account, () => store(room, account, grant, null, null)),
  };
}

/** The key of an account's alarm. */
export function alarmKey(account: OAuthAccount): string {
  return `oauth:${account.name}`;
}

async function current(room: Room, account: OAuthAccount, wish: Wish): Promise<AccessToken> {
  const deadline = monotonicMs() + tokenLimits.waitSeconds * 1000;
  const waits = backoff(0.1, 1);
  for (;;) {
    const standing = standingOf(room.sealer, account, await readTokens(room.db, account.name), wish, room.now());
    if (standing.usable && !standing.due) return standing.usable;
    if (standing.trouble) return standing.usable ?? raise(standing.trouble);
    const claim = randomUUID();
    const claimed = await claimTokens(room.db, namesOf(room.sealer, account), claim, tokenLimits.leaseSeconds);
    if (claimed) return renew(room, account, { claim, stored: claimed }, wish);
    if (standing.usable) return standing.usable;
    if (monotonicMs() > deadline)
      throw new TokenTrouble(
        'away',
        `OAuth2 account "${account.name}": another gateway has been asking for tokens for ${tokenLimits.waitSeconds} s`,
      );
    await pause(waits.next(), room.signal ?? new AbortController().signal);
  }
}

interface Held {
  claim: string;
  stored: StoredTokens;
}

async function renew(room: Room, account: OAuthAccount, held: Held, wish: Wish): Promise<AccessToken> {
  const standing = standingOf(room.sealer, account, held.stored, wish, room.now());
  // Another gateway may have been faster between our look and our claim.
  if ((standing.usable && !standing.due) || standing.trouble) {
    await releaseTokens(room.db, account.name, held.claim);
    return standing.usable ?? raise(standing.trouble);
  }
  const answer = await ask(account, standing);
  if (answer.answer === 'tokens') return store(room, account, answer.grant, standing, held.claim);
  const now = room.now();
  const names = namesOf(room.sealer, account);
  const failures = (held.stored.settings === names.settings ? held.stored.failures : 0) + 1;
  const { refusedMinutes, awaySecondsMin, awaySecondsMax, awayAlarmMinutes } = tokenLimits;
  const seconds =
    answer.answer === 'refused'
      ? refusedMinutes * 60
      : Math.min(awaySecondsMin * 2 ** Math.min(failures - 1, 10), awaySecondsMax);
  const trouble = { trouble: answer.answer, text: answer.error, failures, nextAt: now.add({ seconds }) };
  const since = await recordTrouble(room.db, names, trouble, held.claim, now);
  const loud =
    answer.answer === 'refused' || Temporal.Instant.compare(since.add({ minutes: awayAlarmMinutes }), now) <= 0;
  if (loud)
    await raiseAlarm(room.db, { key: alarmKey(account), text: alarmText(account, answer.error, standing) }, now);
  if (standing.usable) return { ...standing.usable, trouble: answer.error };
  throw new TokenTrouble(answer.answer, `OAuth2 account "${account.name}": ${answer.error}`);
}

function ask(account: OAuthAccount, standing: Standing): Promise<Answer> {
  if (account.grant === 'client-credentials') return askForTokens(account, null);
  const refreshToken = standing.refreshToken ?? account.refreshToken;
  if (refreshToken) return askForTokens(account, refreshToken);
  const found = standing.foreign
    ? 'its stored refresh token belongs to another client, server or secret than casepost.yaml names now'
    : 'it has no refresh token yet';
  return Promise.resolve({ answer: 'refused', error: `${found}: run "casepost sign-in ${account.name}"` });
}

/** Stores what came before anybody uses it: a rotated refresh token that is forgotten can not be had again. */
async function store(
  room: Room,
  account: OAuthAccount,
  grant: Grant,
  standing: Standing | null,
  claim: string | null,
): Promise<AccessToken> {
  const now = room.now();
  const life = grant.lifeSeconds;
  const share = tokenLimits.renewShare - Math.random() * tokenLimits.jitterShare;
  const refreshToken = grant.refreshToken ?? standing?.refreshToken ?? null;
  const after = (seconds: number) => now.add({ milliseconds: Math.round(seconds * 1000) });
  const keptUntil = grant.refreshToken ? null : (standing?.refreshUntil ?? null);
  const tokens: NewTokens = {
    ...namesOf(room.sealer, account),
    accessToken: room.sealer.seal(grant.accessToken, `${account.name} access`),
    refreshToken: refreshToken && room.sealer.seal(refreshToken, `${account.name} refresh`),
    scope: grant.scope,
    obtainedAt: now,
    renewAt: after(life * share),
    validUntil: after(life),
    refreshUntil: grant.refreshSeconds === null ? keptUntil : after(grant.refreshSeconds),
  };
  const deadline = monotonicMs() + tokenLimits.storeSeconds * 1000;
  const waits = backoff(0.2, 5);
  for (;;) {
    try {
      await saveTokens(room.db, account.name, tokens, claim);
      await clearAlarm(room.db, alarmKey(account), now);
      break;
    } catch (error) {
      if (!worldFailed(error) || room.signal?.aborted || monotonicMs() > deadline) throw error;
      await pause(waits.next(), room.signal ?? new AbortController().signal);
    }
  }
  const { scope, refreshUntil } = tokens;
  return { secret: grant.accessToken, validUntil: after(life), scope, refreshUntil, trouble: null };
}

function alarmText(account: OAuthAccount, error: string, { usable }: Standing): string {
  const holds = usable
    ? `The token in hand holds until ${usable.validUntil.toString({ smallestUnit: 'minute' })}; after that`
    : 'Until that is mended';
  return `OAuth2 account "${account.name}": ${error}. ${holds} no mail is fetched and no letter sent with it; they wait and nothing is lost.`;
}

function raise(trouble: TokenTrouble | null): never {
  throw trouble ?? new Error('no token and no trouble');
}

async function withDatabase<T>(account: OAuthAccount, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TokenTrouble) throw error;
    const text = `OAuth2 account "${account.name}": its tokens can not be read or stored (${errorText(error)})`;
    throw new TokenTrouble('away', text, { cause: error });
  }
}
