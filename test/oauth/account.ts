// An OAuth2 account as the configuration gives it, for tests.
import type { OAuthAccount } from '../../src/config.ts';
import { secretOf } from '../../src/secret.ts';
import type { TokenServer } from './token-server.ts';

/** The secret that the tokens of these tests are sealed with. */
export const sealing = secretOf('canary-sealing-secret-of-32-letters');

/** An account at this server, with a refresh token that it knows. */
export function anAccount(
  server: Pick<TokenServer, 'url' | 'endpoint'>,
  more: Partial<OAuthAccount> = {},
): OAuthAccount {
  return {
    name: 'office',
    issuer: server.url,
    tokenEndpoint: server.endpoint,
    authorizationEndpoint: `${server.url}/authorize`,
    authorizationExtra: {},
    deviceEndpoint: null,
    clientId: 'casepost',
    clientSecret: secretOf('canary-client-secret'),
    grant: 'refresh-token',
    refreshToken: secretOf('canary-refresh-0'),
    scope: 'mail',
    expires: null,
    ...more,
  };
}
