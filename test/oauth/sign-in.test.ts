// Signing a person in, against a local token server: in a browser that is led back here, with its address pasted, or by a code.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OAuthAccount } from '../../src/config.ts';
import { meet, type Invitation } from '../../src/oauth/sign-in.ts';
import type { Answer } from '../../src/oauth/token-server.ts';
import { anAccount } from './account.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

let server: TokenServer;
beforeEach(async () => void (server = await startTokenServer()));
afterEach(() => server.stop());

/** Signs in; `person` is what they do when they are invited, and may paste an address. */
async function signIn(
  account: OAuthAccount,
  person: (invitation: Invitation, paste: (line: string) => void) => unknown,
): Promise<Answer> {
  const lines = Promise.withResolvers<string>();
  async function* pasted() {
    yield 'no address at all';
    yield await lines.promise;
  }
  return meet(account, { invite: (invitation) => void person(invitation, lines.resolve), pasted: pasted(), port: 0 });
}

test('a browser that comes back brings a refresh token, with PKCE and what the provider wants besides', async () => {
  const account = anAccount(server, { authorizationExtra: { access_type: 'offline' } });
  let opened: URL | undefined;
  const answer = await signIn(account, async ({ open, code }) => {
    opened = new URL(open);
    expect(code).toBeNull();
    await fetch(open);
  });
  expect(
    answer.answer === 'tokens' &&
      answer.grant.refreshToken &&
      server.refreshTokens.has(answer.grant.refreshToken.reveal()),
  ).toBe(true);
  expect(Object.fromEntries(opened?.searchParams ?? [])).toMatchObject({
    client_id: 'casepost',
    response_type: 'code',
    scope: 'mail',
    access_type: 'offline',
    code_challenge_method: 'S256',
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) as unknown,
  });
  expect(server.asked).toEqual([
    expect.objectContaining({
      grant_type: 'authorization_code',
      code_verifier: expect.stringMatching(/^.{43,}$/) as unknown,
    }),
  ]);
});

test('a browser on another machine: its last address is pasted', async () => {
  const answer = await signIn(anAccount(server), async ({ open }, paste) => {
    const page = await fetch(open, { redirect: 'manual' });
    paste(`  ${page.headers.get('location')}\n`);
  });
  expect(answer.answer).toBe('tokens');
});

test('who comes without our state is sent away, and the person is waited for', async () => {
  const answer = await signIn(anAccount(server), async ({ open }) => {
    const back = new URL(open).searchParams.get('redirect_uri') ?? '';
    for (const forged of ['?code=stolen', '?code=stolen&state=guessed', 'elsewhere?state=x'])
      expect((await fetch(`${back}${forged}`)).status).toBe(404);
    await fetch(open);
  });
  expect(answer.answer).toBe('tokens');
  expect(server.asked).toHaveLength(1);
});

test('a person who says no is told what the server said', async () => {
  const answer = await signIn(anAccount(server), async ({ open }) => {
    const { searchParams } = new URL(open);
    await fetch(`${searchParams.get('redirect_uri')}?error=access_denied&state=${searchParams.get('state')}`);
  });
  expect(answer).toEqual({
    answer: 'refused',
    error: expect.stringMatching(/\(access_denied\); nobody consented, or too late/) as unknown,
  });
});

test('a code is typed anywhere, and waited for', async () => {
  let asked = 0;
  const device = {
    device_code: 'canary-device',
    user_code: 'WXYZ-1234',
    verification_uri: 'https://example.com/device',
    expires_in: 900,
    interval: 0.01,
  };
  server.route('/device', () => ({ statusCode: 200, body: device }));
  server.route('/device-token', ({ device_code: code }) => {
    asked += 1;
    expect(code).toBe('canary-device');
    if (asked < 3) return { statusCode: 400, body: { error: 'authorization_pending' } };
    return { statusCode: 200, body: { access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' } };
  });
  const account = anAccount(server, {
    deviceEndpoint: `${server.url}/device`,
    tokenEndpoint: `${server.url}/device-token`,
  });
  const invitations: Invitation[] = [];
  const answer = await signIn(account, (invitation) => invitations.push(invitation));
  expect(invitations).toEqual([{ open: 'https://example.com/device', code: 'WXYZ-1234' }]);
  expect(answer.answer === 'tokens' && answer.grant.refreshToken?.reveal()).toBe('r');
  expect(asked).toBe(3);
});
