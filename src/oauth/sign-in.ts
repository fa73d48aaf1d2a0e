// How a person gives us a refresh token: by a code typed into any browser where the server offers that (RFC 8628), else in a browser that comes back
// to this machine (RFC 8252, with PKCE). Only then is a person needed; from there on the tokens renew themselves.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as openid from 'openid-client';
import type { OAuthAccount } from '../config.ts';
import { answerOf, clientOf, type Answer } from './token-server.ts';

/** A person has so long to sign in. */
export const signInMinutes = 15;

/** What a person has to open, and the code to type there when there is one. */
export interface Invitation {
  open: string;
  code: string | null;
}

/** How to talk to the person. `pasted` gives addresses they paste, when their browser is on another machine; `port` 0 is any free one. */
export interface Meeting {
  invite(invitation: Invitation): void;
  pasted: AsyncIterable<string>;
  port: number;
}

/** Signs a person in. Ends with `away` when they do not come within `signInMinutes`. Never rejects for what a server answers. */
export function meet(account: OAuthAccount, meeting: Meeting): Promise<Answer> {
  const client = clientOf(account);
  const signal = AbortSignal.timeout(signInMinutes * 60_000);
  const scope: Record<string, string> = account.scope === null ? {} : { scope: account.scope };
  return answerOf(account, null, async () => {
    if (account.deviceEndpoint !== null) {
      const device = await openid.initiateDeviceAuthorization(client, scope);
      meeting.invite({ open: device.verification_uri, code: device.user_code });
      return openid.pollDeviceAuthorizationGrant(client, device, undefined, { signal });
    }
    return inBrowser(client, { ...scope, ...account.authorizationExtra }, meeting, signal);
  });
}

async function inBrowser(
  client: openid.Configuration,
  extra: Record<string, string>,
  { invite, pasted, port }: Meeting,
  signal: AbortSignal,
): Promise<openid.TokenEndpointResponse> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const back = await listen(port, state);
  try {
    const parameters = {
      ...extra,
      redirect_uri: back.address,
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    invite({ open: openid.buildAuthorizationUrl(client, parameters).href, code: null });
    const came = await Promise.race([back.came, firstAddress(pasted, state), lateness(signal)]);
    return await openid.authorizationCodeGrant(client, came, { pkceCodeVerifier: verifier, expectedState: state });
  } finally {
    back.close();
  }
}

interface Back {
  address: string;
  /** The address the browser came back with; only one that knows our `state`. */
  came: Promise<URL>;
  close(): void;
}

async function listen(port: number, state: string): Promise<Back> {
  const came = Promise.withResolvers<URL>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const found = new URL(request.url ?? '/', address);
    const ours = found.pathname === '/' && found.searchParams.get('state') === state;
    response.writeHead(ours ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(ours ? 'Casepost has what it needs; please go back to its window.\n' : 'Nothing is here.\n');
    if (ours) came.resolve(found);
  };
  const server = createServer(answer);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { address, came: came.promise, close: () => void server.close() };
}

async function firstAddress(pasted: AsyncIterable<string>, state: string): Promise<URL> {
  for await (const line of pasted) {
    const found = URL.parse(line.trim());
    if (found?.searchParams.get('state') === state) return found;
  }
  // Nothing is pasted any more (standard input is closed): the browser may still come.
  return new Promise<never>(() => {});
}

function lateness(signal: AbortSignal): Promise<never> {
  return new Promise((_, late) => {
    const tell = () => late(new Error(`nobody came back from the browser within ${signInMinutes} min`));
    signal.addEventListener('abort', tell, { once: true });
  });
}
