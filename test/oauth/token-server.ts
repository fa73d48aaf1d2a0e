// The token server of these tests: oauth2-mock-server, taught what real ones do: it knows its client's secret, uses up a refresh token when it
// rotates them, refuses in the words of RFC 6749, and tells Dovecot by introspection (RFC 7662) whose a token is and whether it still holds.
import { randomUUID } from 'node:crypto';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import type { MutableResponse, TokenRequestIncomingMessage } from 'oauth2-mock-server';

/** What was asked at the token endpoint. */
export type Asked = Record<string, string | undefined>;
/** An answer in place of the usual one. */
export type Refusal = { statusCode: number; body: Record<string, unknown> };

/** A running token server; every field may be changed while it runs. */
export interface TokenServer {
  url: string;
  endpoint: string;
  asked: Asked[];
  clientSecret: string;
  lifeSeconds: number;
  rotates: boolean;
  /** Refresh tokens that are good. */
  refreshTokens: Set<string>;
  /** Access tokens that are good, oldest first; take one out and it is revoked. */
  accessTokens: string[];
  /** Whose mailbox the access tokens open. */
  user: string;
  /** Decides on an answer; undefined is the usual one. */
  behave(script?: (asked: Asked) => Refusal | undefined): void;
  /** Answers POST at another path, with a status and a JSON body. */
  route(path: string, answer: (asked: Asked) => Refusal): void;
  /** Ends listening and cuts everybody off; `back` listens again where it was. */
  away(): Promise<void>;
  back(): Promise<void>;
  stop(): Promise<void>;
}

const invalidGrant: Refusal = { statusCode: 400, body: { error: 'invalid_grant' } };

export async function startTokenServer(): Promise<TokenServer> {
  const mock = new OAuth2Server();
  await mock.issuer.keys.generate('ES256');
  await mock.start(0, '127.0.0.1');
  const { port } = mock.address();
  const url = `http://127.0.0.1:${port}`;
  mock.issuer.url = url;
  let script: ((asked: Asked) => Refusal | undefined) | undefined;
  let running = true;
  const server: TokenServer = {
    url,
    endpoint: `${url}/token`,
    asked: [],
    clientSecret: 'canary-client-secret',
    lifeSeconds: 3600,
    rotates: false,
    refreshTokens: new Set(['canary-refresh-0']),
    accessTokens: [],
    user: 'support',
    behave: (next) => void (script = next),
    route: (path, answer) =>
      mock.service.addRoute('POST', path, (request, response) => {
        const { statusCode, body } = answer(request.body as Asked);
        response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }),
    async away() {
      running = false;
      await mock.stop();
    },
    async back() {
      await mock.start(port, '127.0.0.1');
      running = true;
    },
    stop: () => (running ? mock.stop() : Promise.resolve()),
  };
  // Every token differs, also two of one second.
  mock.service.on(Events.BeforeTokenSigning, (token: { payload: Record<string, unknown> }) => {
    token.payload['jti'] = `canary-access-${randomUUID()}`;
  });
  mock.service.on(Events.BeforeResponse, (response: MutableResponse, request: TokenRequestIncomingMessage) => {
    const asked = { ...request.body } as unknown as Asked;
    server.asked.push(asked);
    const other = script?.(asked) ?? refusalOf(server, asked);
    if (other) {
      Object.assign(response, other);
      return;
    }
    const body = response.body as Record<string, unknown>;
    delete body['id_token'];
    server.accessTokens.push(String(body['access_token']));
    body['expires_in'] = server.lifeSeconds;
    delete body['refresh_token'];
    if (asked['grant_type'] === 'client_credentials') return;
    if (server.rotates || asked['grant_type'] === 'authorization_code') {
      if (asked['refresh_token']) server.refreshTokens.delete(asked['refresh_token']);
      const fresh = `canary-refresh-0-${randomUUID()}`;
      server.refreshTokens.add(fresh);
      body['refresh_token'] = fresh;
    }
  });
  mock.service.addRoute('POST', '/tell', (request, response) => {
    const { token } = request.body as { token: string };
    const active = server.accessTokens.includes(token);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(active ? { active, email: server.user } : { active }));
  });
  return server;
}

function refusalOf(server: TokenServer, asked: Asked): Refusal | undefined {
  if (asked['client_secret'] !== server.clientSecret) return { statusCode: 401, body: { error: 'invalid_client' } };
  const used = asked['refresh_token'];
  if (asked['grant_type'] === 'refresh_token' && !server.refreshTokens.has(used ?? '')) return invalidGrant;
  return undefined;
}
