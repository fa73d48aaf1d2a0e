// How long a session holds, who can end it, and that a planted cookie is worth nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { cookiesOf, sessionLimits } from '../../src/web/session.ts';
import { signInStanding } from '../../src/web/standing.ts';
import { whyMissing } from '../servers/programs.ts';
import { casepost } from '../story/program.ts';
import { admin, customer, engineer, serveDesk, signedIn, type ServedDesk, type TestBrowser } from './visitor.ts';

const missing = whyMissing('postgres');
const sessionCookie = cookiesOf({ secure: false }).session;

describe.skipIf(missing)(`a session ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: ServedDesk;
  beforeAll(async () => {
    served = await serveDesk();
  }, 60_000);
  afterAll(() => served?.stop());

  const isIn = async (browser: TestBrowser) => (await browser.get('/account')).code === 200;
  const later = (seconds: number) => {
    served.clock.now = served.clock.now.add({ seconds });
  };
  const hour = 60 * 60;

  it('ends after quiet hours, and lives on while it is used', async () => {
    const [busy, quiet] = [await served.browser(admin), await served.browser(admin)];
    later(sessionLimits.idleHours * hour - 1);
    expect(await isIn(busy)).toBe(true);
    later(1);
    expect(await isIn(busy)).toBe(true);
    expect(await isIn(quiet)).toBe(false);
  });

  it('ends after its hours, however busy', async () => {
    const browser = await served.browser(admin);
    for (let hours = 1; hours < sessionLimits.hours; hours++) {
      later(hour);
      expect(await isIn(browser)).toBe(true);
    }
    later(hour);
    expect(await isIn(browser)).toBe(false);
  });

  it('gets a new cookie with each sign-in, and the old one ends', async () => {
    const browser = await served.browser(engineer);
    const planted = browser.cookies.get(sessionCookie)!;
    await browser.post('/sign-in', { address: admin });
    const { token } = await served.letter(admin);
    expect((await browser.post('/sign-in/link', { token })).code).toBe(303);
    expect(browser.cookies.get(sessionCookie)).not.toBe(planted);
    expect((await browser.get('/account')).text).toContain(admin);
    const planter = await served.browser();
    planter.cookies.set(sessionCookie, planted);
    expect(await isIn(planter)).toBe(false);
  });

  it('is not made by a cookie somebody invented', async () => {
    const browser = await served.browser();
    const [row] = await rows<{ hash: string; id: string }>(
      served.db,
      `select encode(hash, 'base64') as hash, id from sessions limit 1`,
    );
    for (const cookie of ['x'.repeat(43), row?.hash ?? '', row?.id ?? '', '%', "' or 1=1--"]) {
      browser.cookies.set(sessionCookie, cookie);
      expect([cookie, await isIn(browser)]).toEqual([cookie, false]);
    }
  });

  it('is signed out here, elsewhere, and everywhere; nobody ends another’s', async () => {
    const [here, there, third] = [
      await served.browser(customer),
      await served.browser(customer),
      await served.browser(customer),
    ];
    const ids = async () =>
      [...(await here.get('/account')).text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id ?? '');
    expect(await ids()).toHaveLength(2);
    const stranger = await served.browser(engineer);
    for (const id of await ids()) await stranger.post('/account/end', { id }, '/account');
    expect([await isIn(there), await isIn(third)]).toEqual([true, true]);
    await third.post('/account/sign-out', {}, '/account');
    expect([await isIn(here), await isIn(there), await isIn(third)]).toEqual([true, true, false]);
    expect(third.cookies.has(sessionCookie)).toBe(false);
    const [left = ''] = await ids();
    await here.post('/account/end', { id: left }, '/account');
    expect([await isIn(here), await isIn(there)]).toEqual([true, false]);
    const again = await served.browser(customer);
    expect((await here.post('/account/sign-out-everywhere', {}, '/account')).to).toBe('/sign-in');
    expect([await isIn(here), await isIn(again), await isIn(stranger)]).toEqual([false, false, true]);
  });

  it('is listed and ended from a shell', async () => {
    const now = Temporal.Instant.fromEpochMilliseconds(Math.floor(performance.timeOrigin + performance.now()));
    await rows(served.db, 'delete from sessions');
    for (const address of [admin, admin, engineer]) await signedIn(served.db, address, now);
    const run = async (...words: string[]) =>
      (await casepost(['session', ...words, '--config', served.file, '--json'])).lines();
    const listed = await run('list');
    expect(listed.map(({ address, browser }) => `${String(address)} ${String(browser)}`).toSorted()).toEqual(
      [admin, admin, engineer].map((address) => `${address} Firefox on Linux`),
    );
    expect(JSON.stringify(listed)).not.toContain('hash');
    expect(await run('revoke', admin.toUpperCase())).toEqual([{ revoked: 2 }]);
    const left = await rows(served.db, 'select address from sessions where revoked_at is null');
    expect(left).toEqual([{ address: engineer }]);
  });

  it('is opened by a link from a shell, once, in any browser; a mailed link is not made so by what stands behind it', async () => {
    served.clock.now = Temporal.Instant.fromEpochMilliseconds(Math.floor(performance.timeOrigin + performance.now()));
    const { stdout } = await casepost(['session', 'open', admin, '--config', served.file]);
    const link = new URL(stdout.split('\n')[0] ?? '');
    const token = link.pathname.split('/').at(-1) ?? '';
    const browser = await served.browser();
    browser.cookies.set('casepost-asked', 'something else');
    expect((await browser.get(`${link.pathname}${link.search}`)).text).toContain('<button');
    expect((await browser.post('/sign-in/link', { token })).code).toBe(303);
    expect((await browser.get('/account')).text).toContain(admin);
    expect((await (await served.browser()).post('/sign-in/link', { token })).code).toBe(403);
    await rows(served.db, 'delete from outbox');
    await (await served.browser()).post('/sign-in', { address: admin });
    const mailed = await served.letter(admin);
    const other = await served.browser();
    expect((await other.get(`${mailed.path}?from=shell`)).code).toBe(200);
    expect((await other.post('/sign-in/link', { token: mailed.token })).code).toBe(403);
  });

  it('may no more than its address may now', async () => {
    const address = 'ben@customer.example';
    await rows(served.db, `insert into contacts (address, name) values (:address, 'Ben')`, { address });
    const browser = await served.browser(address);
    expect(await isIn(browser)).toBe(true);
    await rows(served.db, 'delete from contacts where address = :address', { address });
    expect((await browser.get('/account')).to).toMatch(/^\/sign-in/);
  });
});

describe('signing in', () => {
  const smtp = {} as never;
  const check = (publicUrl: string | null, expected: string | RegExp) => {
    const standing = signInStanding({ publicUrl, smtp });
    expect(standing.open ? `${standing.origin} ${standing.secure}` : standing.because).toMatch(expected);
  };
  it('is open over https, or on this machine', () => {
    check('https://help.example.com', /^https:\/\/help\.example\.com true$/);
    check('https://help.example.com/', /^https:\/\/help\.example\.com true$/);
    check('http://localhost:8080', /^http:\/\/localhost:8080 false$/);
    check('http://127.0.0.1:8080', /false$/);
    check('http://[::1]:8080', /false$/);
  });
  it('is closed, and says why, without an address, without https, below a path, or without a way to mail', () => {
    check(null, /publicUrl is not set/);
    check('http://help.example.com', /write https:/);
    check('https://help.example.com/desk', /without a path/);
    expect(signInStanding({ publicUrl: 'https://help.example.com', smtp: null })).toMatchObject({ open: false });
  });
  it('keeps its cookies to this host over https', () => {
    expect(cookiesOf({ secure: true })).toMatchObject({
      session: '__Host-casepost-session',
      options: { path: '/', httpOnly: true, sameSite: 'lax', secure: true },
    });
  });
});
