// Who gets through which route, and what a foreign page can send: every route there is, against everybody there is.
import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { Access } from '../../src/web/access.ts';
import { startWeb } from '../../src/web/server.ts';
import { whyMissing } from '../servers/programs.ts';
import { admin, customer, engineer, serveDesk, type Answer, type ServedDesk } from './visitor.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`the walls ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: ServedDesk;
  beforeAll(async () => {
    served = await serveDesk();
  }, 60_000);
  afterAll(() => served?.stop());

  const people = { nobody: null, customer, engineer, admin } as const;
  const rolesOf = { nobody: [], customer: ['customer'], engineer: ['engineer'], admin: ['admin'] } as const;
  const open: { method: string; path: string; access: Access | undefined }[] = [];

  it('every route lets in whom it names and nobody else', async () => {
    const guarded = served.routes.filter(({ access }) => Array.isArray(access));
    expect(guarded.map(({ path }) => path)).toEqual(expect.arrayContaining(['/', '/account', '/alarms']));
    for (const [who, address] of Object.entries(people) as [keyof typeof people, string | null][]) {
      for (const { method, path, access } of guarded) {
        const browser = await served.browser(address);
        const real = path.replaceAll(/:\w+|\*/g, 'x');
        const { code, to } = await browser.send(method, real, null, { origin: served.url });
        const outside = to?.startsWith('/sign-in?') ? 'to sign-in' : String(code);
        const entered = rolesOf[who].some((role) => access?.includes(role));
        // Whoever may enter is stopped by the missing token of the form only.
        const refused = who === 'nobody' ? (method === 'GET' ? ['to sign-in'] : ['401']) : ['403'];
        const what = `${who} ${method} ${real}`;
        if (!entered) expect([what, refused]).toEqual([what, [outside]]);
        else if (method === 'GET' || method === 'HEAD')
          expect(`${what} ${outside}`).not.toMatch(/ (401|403|to sign-in)$/);
        else expect([what, outside]).toEqual([what, '403']);
      }
    }
  });

  it('what is open to anybody is a short list', () => {
    for (const route of served.routes) if (!Array.isArray(route.access) && route.method !== 'HEAD') open.push(route);
    const list = open.map(({ method, path, access }) => `${String(access)} ${method} ${path}`).sort();
    expect(list).toEqual(expect.arrayContaining(['anyone POST /sign-in', 'open GET /health', 'open GET /page.css']));
    const known =
      /^(anyone (GET|POST) \/sign-in|open GET \/(health|templates\/frame|[\w/.-]+\.(css|js))$|token [A-Z]+ \/api\/v1\/)/;
    expect(list.filter((line) => !known.test(line))).toEqual([]);
  });

  it('a route that does not say whom it is for is not served', async () => {
    const log = pino({ level: 'silent' });
    const routes = [(server: { get: (path: string, answer: () => string) => void }) => server.get('/x', () => 'x')];
    await expect(startWeb({ host: '127.0.0.1', port: 0, routes, log })).rejects.toThrow(/GET \/x does not say/);
  });

  it('a route for roles stays shut where nobody can sign in', async () => {
    const log = pino({ level: 'silent' });
    const access = { config: { access: ['admin'] as const } };
    const web = await startWeb({
      host: '127.0.0.1',
      port: 0,
      routes: [(server) => void server.get('/x', access, () => 'x')],
      log,
    });
    try {
      expect((await fetch(`${web.url}/x`, { redirect: 'manual' })).status).toBe(303);
    } finally {
      await web.close();
    }
  });

  describe('what a page of another site can send', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const tokenIn = ({ text }: Answer) => /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const stillIn = async (browser: { get: (path: string) => Promise<Answer> }) =>
      (await browser.get('/account')).code === 200;

    it('does nothing without the token, with another’s, or with one of before the sign-in', async () => {
      const browser = await served.browser(admin);
      const other = tokenIn(await (await served.browser(customer)).get('/account'));
      const anonymous = await served.browser();
      const before = tokenIn(await anonymous.get('/sign-in'));
      browser.cookies.set('casepost-form', anonymous.cookies.get('casepost-form') ?? '');
      for (const body of ['', '_csrf=', `_csrf=${other}`, `_csrf=${before}`, `_csrf=${before}&_csrf=${before}`]) {
        const answer = await browser.send('POST', '/account/sign-out', body, { ...form, origin: served.url });
        expect([body, answer.code]).toEqual([body, 403]);
      }
      expect(await stillIn(browser)).toBe(true);
    });

    it('does nothing from a foreign origin, a sandbox or a sibling, token or not', async () => {
      const browser = await served.browser(admin);
      const body = `_csrf=${tokenIn(await browser.get('/account'))}`;
      const foreign = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ];
      for (const headers of foreign)
        expect([
          headers,
          (await browser.send('POST', '/account/sign-out', body, { ...form, ...(headers as Record<string, string>) }))
            .code,
        ]).toEqual([headers, 403]);
      expect(await stillIn(browser)).toBe(true);
      expect((await browser.send('POST', '/account/sign-out', body, { ...form, origin: served.url })).code).toBe(303);
    });

    it('does nothing as text, as JSON without the token, or by GET', async () => {
      const browser = await served.browser(admin);
      const token = tokenIn(await browser.get('/account'));
      const text = { 'content-type': 'text/plain', origin: served.url };
      expect((await browser.send('POST', '/account/sign-out', `_csrf=${token}`, text)).code).toBe(403);
      const json = { 'content-type': 'application/json', origin: served.url };
      expect((await browser.send('POST', '/account/sign-out', '{}', json)).code).toBe(403);
      expect((await browser.get('/account/sign-out')).code).toBe(404);
      expect(await stillIn(browser)).toBe(true);
      expect((await browser.send('POST', '/account/sign-out', '{}', { ...json, 'x-csrf-token': token })).code).toBe(
        303,
      );
    });

    it('does not sign somebody in as another', async () => {
      const victim = await served.browser();
      const answer = await victim.send('POST', '/sign-in', 'address=eve@nowhere.example', form);
      expect(answer.code).toBe(403);
      expect(victim.cookies.has('casepost-asked')).toBe(false);
    });
  });

  it('pages may not be framed, run no script and load nothing from elsewhere', async () => {
    const { headers } = await (await served.browser()).get('/sign-in');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('another host is no address of these pages', async () => {
    const { port } = new URL(served.url);
    const asked = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = rawRequest({ host: 'localhost', port, path: '/sign-in', headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject).end();
      });
    expect(await asked('evil.example')).toBe(421);
    expect(await asked(`127.0.0.1:${port}`)).toBe(421);
    expect(await asked(`localhost:${port}`)).toBe(200);
  });
});
