// Signing in by a company's own sign-on, against a real server of the kind, and against answers that are not meant for this browser.
import { Events, OAuth2Server, type MutableResponse } from 'oauth2-mock-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { admin, customer, serveDesk, type ServedDesk, type TestBrowser } from './visitor.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`single sign-on ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: ServedDesk;
  const server = new OAuth2Server();
  let claims: Record<string, unknown>;
  beforeAll(async () => {
    await server.issuer.keys.generate('RS256');
    await server.start(0, '127.0.0.1');
    const issuer = `http://127.0.0.1:${server.address().port}`;
    server.issuer.url = issuer;
    server.service.on(Events.BeforeTokenSigning, (token: { payload: Record<string, unknown> }) => {
      Object.assign(token.payload, claims);
    });
    served = await serveDesk({
      extra: `oidc: { issuer: "${issuer}", clientId: casepost, clientSecret: "a secret of the tests" }\n`,
    });
  }, 60_000);
  beforeEach(() => {
    claims = { email: admin, email_verified: true };
  });
  afterAll(async () => {
    await served?.stop();
    await server.stop();
  });

  /** The path that the other server sends this browser back to. */
  async function wentThere(browser: TestBrowser, to = '/'): Promise<string> {
    const { code, to: there } = await browser.get(`/sign-in/single?to=${encodeURIComponent(to)}`);
    expect(code).toBe(303);
    const answer = await fetch(there ?? '', { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.origin).toBe(served.url);
    return `${back.pathname}${back.search}`;
  }
  const isIn = async (browser: TestBrowser) => (await browser.get('/account')).code === 200;
  const comesBack = async () => {
    const browser = await served.browser();
    const { code, text } = await browser.get(await wentThere(browser));
    return { code, text, isIn: await isIn(browser) };
  };

  it('is offered, signs in whom the desk knows, and goes on to the page', async () => {
    const browser = await served.browser();
    expect((await browser.get('/sign-in')).text).toContain('/sign-in/single');
    expect(await browser.get(await wentThere(browser, '/alarms'))).toMatchObject({ code: 303, to: '/alarms' });
    expect((await browser.get('/account')).text).toMatch(/ada@help\.example[^]*by single sign-on/);
    claims = { email: 'Ann@Customer.Example', email_verified: true };
    expect(await comesBack()).toMatchObject({ code: 303, isIn: true });
  });

  it('takes no address that is not verified, none at all, and no stranger’s', async () => {
    for (const said of [
      { email: customer, email_verified: false },
      { email: customer, email_verified: 'true' },
      { email: customer },
      { email_verified: true },
      { email: 'eve@nowhere.example', email_verified: true },
    ]) {
      claims = said;
      expect([said, await comesBack()]).toMatchObject([said, { code: 403, isIn: false }]);
    }
  });

  it('takes no answer that another browser fetched, and none twice', async () => {
    const [eve, victim] = [await served.browser(), await served.browser()];
    const path = await wentThere(eve);
    expect((await victim.get(path)).code).toBe(403);
    // Also when the victim is under way itself.
    await wentThere(victim);
    expect((await victim.get(path)).code).toBe(502);
    expect(await isIn(victim)).toBe(false);
    const cookie = eve.cookies.get('casepost-single')!;
    expect((await eve.get(path)).code).toBe(303);
    const again = await served.browser();
    again.cookies.set('casepost-single', cookie);
    expect((await again.get(path)).code).toBe(502);
  });

  it('takes no answer for another client, of another journey, or none', async () => {
    claims = { email: admin, email_verified: true, aud: 'another' };
    expect(await comesBack()).toMatchObject({ code: 502, isIn: false });
    claims = { email: admin, email_verified: true, nonce: 'another' };
    expect(await comesBack()).toMatchObject({ code: 502, isIn: false });
    const browser = await served.browser();
    await wentThere(browser);
    expect((await browser.get('/sign-in/single/back?error=access_denied&state=x')).code).toBe(502);
    expect(await isIn(browser)).toBe(false);
  });

  it('names no address and no secret in the log when the other server fails', async () => {
    server.service.once(Events.BeforeResponse, (response: MutableResponse) => {
      response.statusCode = 500;
      response.body = { error: 'server_error', error_description: `no ${admin} today` };
    });
    expect(await comesBack()).toMatchObject({ code: 502, isIn: false });
    expect(served.logged.join('\n')).toContain('single sign-on failed');
    for (const secret of [admin, 'a secret of the tests']) expect(served.logged.join('\n')).not.toContain(secret);
  });
});
