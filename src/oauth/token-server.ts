// Asks a token server (RFC 6749) and sorts its answers: tokens, a refusal that only a person can mend, or a server that is away and is asked
// again. Everything a server says is shortened and stripped of secrets and addresses before anybody else sees it (TRUST T26, T27).
import * as openid from 'openid-client';
import type { OAuthAccount } from '../config.ts';
import { errorText, withoutAddresses } from '../log.ts';
import { secretOf, type Secret } from '../secret.ts';

/** Limits of asking. */
export const serverLimits = {
  answerSeconds: 15,
  /** Life of an access token when the server does not tell (RFC 6749 5.1 leaves it open; an hour is what most give). */
  lifeSecondsDefault: 3600,
  wordsMax: 300,
} as const;

/** Tokens as they came. `refreshToken` is null when the server gave no new one; `refreshSeconds` how long the refresh token holds, if told. */
export interface Grant {
  accessToken: Secret;
  lifeSeconds: number;
  refreshToken: Secret | null;
  refreshSeconds: number | null;
  scope: string | null;
}

/** An answer of a token server. `refused` ends with what a person can do. */
export type Answer = { answer: 'tokens'; grant: Grant } | { answer: 'refused' | 'away'; error: string };

/** Errors in a server's reply that pass by themselves. */
const passing = ['temporarily_unavailable', 'server_error', 'slow_down'];

/** Asks for an access token with the account's own credentials, or with `refreshToken`. Never rejects. */
export async function askForTokens(account: OAuthAccount, refreshToken: Secret | null): Promise<Answer> {
  const scope = account.scope === null ? {} : { scope: account.scope };
  return answerOf(account, refreshToken, () =>
    refreshToken === null
      ? openid.clientCredentialsGrant(clientOf(account), scope)
      : openid.refreshTokenGrant(clientOf(account), refreshToken.reveal(), scope),
  );
}

/** What an asking came to; `sent` is hidden in the error text besides the account's own secrets. */
export async function answerOf(
  account: OAuthAccount,
  sent: Secret | null,
  ask: () => Promise<openid.TokenEndpointResponse>,
): Promise<Answer> {
  try {
    return { answer: 'tokens', grant: grantOf(await ask()) };
  } catch (error) {
    return failureOf(account, sent, error);
  }
}

/** The account as openid-client knows a client. Clear text is spoken to this machine only: the configuration allows no other. */
export function clientOf(account: OAuthAccount): openid.Configuration {
  const { issuer, authorizationEndpoint, deviceEndpoint, clientSecret } = account;
  const server: openid.ServerMetadata = {
    issuer,
    token_endpoint: account.tokenEndpoint,
    ...(authorizationEndpoint === null ? {} : { authorization_endpoint: authorizationEndpoint }),
    ...(deviceEndpoint === null ? {} : { device_authorization_endpoint: deviceEndpoint }),
  };
  const proof = clientSecret === null ? openid.None() : openid.ClientSecretPost(clientSecret.reveal());
  const client = new openid.Configuration(server, account.clientId, undefined, proof);
  client.timeout = serverLimits.answerSeconds;
  if (account.tokenEndpoint.startsWith('http:')) openid.allowInsecureRequests(client);
  return client;
}

function grantOf(reply: openid.TokenEndpointResponse): Grant {
  // Not in the RFC, but Google and Microsoft say so when a refresh token ends.
  const { refresh_token_expires_in: refreshSeconds } = reply;
  return {
    accessToken: secretOf(reply.access_token),
    lifeSeconds: reply.expires_in ?? serverLimits.lifeSecondsDefault,
    refreshToken: reply.refresh_token === undefined ? null : secretOf(reply.refresh_token),
    refreshSeconds: typeof refreshSeconds === 'number' && refreshSeconds > 0 ? refreshSeconds : null,
    scope: reply.scope ?? null,
  };
}

function failureOf(account: OAuthAccount, sent: Secret | null, error: unknown): Answer {
  const told = (text: string) => shown(text, [account.clientSecret, account.refreshToken, sent]);
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError) {
    const words = told(`${error.error}${error.error_description ? `: ${error.error_description}` : ''}`);
    const hurried = 'status' in error && error.status === 429;
    if (hurried || passing.includes(error.error))
      return { answer: 'away', error: `the token server is busy (${words})` };
    return { answer: 'refused', error: `the token server refused (${words}); ${advice(account, error.error)}` };
  }
  if (error instanceof openid.WWWAuthenticateChallengeError) {
    const text = `the token server refused (HTTP ${error.status}); ${advice(account, 'invalid_client')}`;
    return { answer: 'refused', error: text };
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const why = cause instanceof Response ? `HTTP ${cause.status}` : cause instanceof Error ? errorText(cause) : '';
  const words = told(`${errorText(error)}${why ? `: ${why}` : ''}`);
  return { answer: 'away', error: `the token server gives no usable answer (${words})` };
}

function advice(account: OAuthAccount, code: string): string {
  if (code === 'invalid_client' || code === 'unauthorized_client')
    return `its clientId or clientSecret is wrong or has ended: mend account "${account.name}" in casepost.yaml`;
  if (code === 'invalid_scope')
    return `its scope is not what was registered or consented to: mend account "${account.name}"`;
  if (code === 'access_denied' || code === 'expired_token')
    return `nobody consented, or too late: run "casepost sign-in ${account.name}" again`;
  if (account.grant === 'client-credentials')
    return 'the registration of the application lacks a permission or a consent';
  return `its refresh token has ended or was revoked: run "casepost sign-in ${account.name}"`;
}

/** The server's words as they may be told. The longest secret is taken out first: a shorter one may be the beginning of it. */
function shown(text: string, secrets: (Secret | null)[]): string {
  const revealed = secrets.map((secret) => secret?.reveal() ?? '').filter(Boolean);
  const bare = revealed
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, secret) => left.replaceAll(secret, '[secret]'), text);
  return withoutAddresses(bare)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, serverLimits.wordsMax);
}
