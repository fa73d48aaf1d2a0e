// Signing in by mail, against whoever stands between the letter and its reader: scanners, other browsers, guessers, and the curious.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { claimLetters, recordFailed, recordSent, type ClaimedLetter } from '../../src/store/outbox.ts';
import { insertSignIn } from '../../src/store/sign-ins.ts';
import { freshToken, hashOf } from '../../src/web/session.ts';
import { signInLimits } from '../../src/web/sign-in.ts';
import { whyMissing } from '../servers/programs.ts';
import { admin, customer, serveDesk, type Answer, type ServedDesk, type TestBrowser } from './visitor.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`signing in by mail ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: ServedDesk;
  beforeAll(async () => {
    served = await serveDesk();
  }, 60_000);
  afterAll(() => served?.stop());

  /** A browser that has asked, an hour after the last: nobody's three letters are used up. */
  async function asked(address = admin): Promise<TestBrowser> {
    served.clock.now = served.clock.now.add({ hours: 1, seconds: 1 });
    await rows(served.db, 'delete from outbox');
    const browser = await served.browser();
    expect(await browser.post('/sign-in', { address })).toMatchObject({ code: 303, to: '/sign-in/code' });
    return browser;
  }
  const isIn = async (browser: TestBrowser) => (await browser.get('/account')).code === 200;

  it('the link shows a button, and the button lets in', async () => {
    const browser = await asked();
    const { path, token } = await served.letter(admin);
    const page = await browser.get(path);
    expect(page.text).toContain('<button autofocus>Sign in</button>');
    expect(await isIn(browser)).toBe(false);
    expect(await browser.post('/sign-in/link', { token }, path)).toMatchObject({ code: 303, to: '/' });
    expect((await browser.get('/account')).text).toContain(admin);
  });

  it('the code lets in, however it is typed, and only once', async () => {
    const browser = await asked(customer);
    const { code } = await served.letter(customer);
    const other = await served.browser();
    other.cookies.set('casepost-asked', browser.cookies.get('casepost-asked') ?? '');
    const typed = ` ${code.toLowerCase().replace('-', ' ')} `;
    expect(await browser.post('/sign-in/code', { code: typed })).toMatchObject({ code: 303 });
    expect((await browser.get('/account')).text).toContain('customer');
    expect((await other.post('/sign-in/code', { code })).code).toBe(403);
  });

  it('a scanner that opens, heads, prefetches, presses and guesses uses nothing up', async () => {
    const browser = await asked();
    const { path, token } = await served.letter(admin);
    await browser.post('/sign-in', { address: admin });
    const { code } = await served.letter(admin, 2);
    const phone = await served.browser();
    phone.cookies.set('casepost-asked', browser.cookies.get('casepost-asked') ?? '');
    const scanner = await served.browser();
    await scanner.get(path);
    await scanner.send('HEAD', path, null);
    await scanner.get(path, { 'sec-purpose': 'prefetch' });
    expect((await scanner.post('/sign-in/link', { token })).code).toBe(403);
    for (let tries = 0; tries < signInLimits.tries; tries++) await scanner.post('/sign-in/code', { code: 'AAAA-AAAA' });
    expect(await isIn(scanner)).toBe(false);
    expect((await browser.post('/sign-in/link', { token }, path)).code).toBe(303);
    expect((await phone.post('/sign-in/code', { code })).code).toBe(303);
  });

  it('another browser is told to go back, and gets in neither by link nor by code', async () => {
    const browser = await asked();
    const { path, token, code } = await served.letter(admin);
    const other = await asked(customer);
    expect((await (await served.browser()).get(path)).text).toContain('another browser');
    expect((await other.post('/sign-in/link', { token })).code).toBe(403);
    expect((await other.post('/sign-in/code', { code })).code).toBe(403);
    expect(await isIn(other)).toBe(false);
    expect(await isIn(browser)).toBe(false);
  });

  it('a link works once', async () => {
    const browser = await asked();
    const { token } = await served.letter(admin);
    expect((await browser.post('/sign-in/link', { token })).code).toBe(303);
    const asking = [...browser.cookies.keys()];
    expect(asking).not.toContain('casepost-asked');
    const again = await served.browser();
    expect((await again.post('/sign-in/link', { token })).code).toBe(403);
  });

  it('a link that was used holds no second time in the same browser, cookie and all', async () => {
    const browser = await asked();
    const cookie = browser.cookies.get('casepost-asked')!;
    const { token, code } = await served.letter(admin);
    await browser.post('/sign-in/link', { token });
    const replay = await served.browser();
    replay.cookies.set('casepost-asked', cookie);
    expect((await replay.post('/sign-in/link', { token })).code).toBe(403);
    expect((await replay.post('/sign-in/code', { code })).code).toBe(403);
  });

  it('nothing works after its minutes', async () => {
    const browser = await asked();
    const { token, code } = await served.letter(admin);
    served.clock.now = served.clock.now.add({ minutes: signInLimits.minutes });
    expect((await browser.post('/sign-in/link', { token })).code).toBe(403);
    expect((await browser.post('/sign-in/code', { code })).code).toBe(403);
  });

  it('a code is tried a few times, and the right one comes too late', async () => {
    const browser = await asked();
    const { token, code } = await served.letter(admin);
    for (let tries = 0; tries < signInLimits.tries; tries++)
      expect((await browser.post('/sign-in/code', { code: 'AAAA-AAAA' })).code).toBe(403);
    expect((await browser.post('/sign-in/code', { code })).code).toBe(403);
    // Who has the letter has its link still.
    expect((await browser.post('/sign-in/link', { token })).code).toBe(303);
  });

  it('many codes at once are counted one by one', async () => {
    const browser = await asked();
    const { code } = await served.letter(admin);
    await Promise.all(
      Array.from({ length: signInLimits.tries }, () => browser.post('/sign-in/code', { code: 'AAAA-AAAA' })),
    );
    expect((await browser.post('/sign-in/code', { code })).code).toBe(403);
  });

  it('asked twice in a hurry, both letters work', async () => {
    const browser = await asked();
    const first = await served.letter(admin);
    await browser.post('/sign-in', { address: admin });
    await served.letter(admin, 2);
    expect((await browser.post('/sign-in/link', { token: first.token })).code).toBe(303);
  });

  it('known and unknown addresses get the same answer, byte for byte, also when there are no more letters', async () => {
    const bare = ({ code, text, to, headers }: Answer) => ({
      code,
      to,
      text: text.replaceAll(/value="[^"]*"|content="[^"]*"/g, ''),
      headers: [...headers].filter(([name]) => !/^(date|set-cookie|x-ratelimit-.*)$/.test(name)),
      cookies: headers.getSetCookie().map((line) => line.replace(/=[^;]*/, '')),
    });
    const answers = async (address: string) => {
      const browser = await asked(address);
      const all: Answer[] = [];
      for (let count = 0; count <= signInLimits.lettersAnHour; count++)
        all.push(await browser.post('/sign-in', { address }));
      all.push(await browser.get('/sign-in/code'), await browser.post('/sign-in/code', { code: 'AAAA-AAAA' }));
      // Past the limit, a second browser keeps its cookie or gets another: a limit that only the known had would show.
      const late = await served.browser();
      const kept: boolean[] = [];
      for (let count = 0; count < 3; count++) {
        const before = late.cookies.get('casepost-asked');
        all.push(await late.post('/sign-in', { address }));
        kept.push(late.cookies.get('casepost-asked') === before);
      }
      return { answers: all.map(bare), kept };
    };
    const known = await answers(admin);
    await served.letter(admin, signInLimits.lettersAnHour);
    const unknown = await answers('eve@nowhere.example');
    expect(unknown).toEqual(known);
    expect(await rows(served.db, `select 1 from outbox where kind = 'sign-in'`)).toHaveLength(0);
  });

  it('three letters an hour go to an address, whoever asks', async () => {
    const browser = await asked();
    const others = await Promise.all([1, 2, 3, 4].map(() => served.browser()));
    await Promise.all([browser, ...others].map((one) => one.post('/sign-in', { address: admin })));
    await served.letter(admin, signInLimits.lettersAnHour);
    const left = await rows(served.db, 'select 1 from sign_ins where address = :admin', { admin });
    expect(left).toHaveLength(signInLimits.lettersAnHour);
  });

  it('asking at once counts each other, in every gateway', async () => {
    const now = served.clock.now;
    const limit = { most: signInLimits.lettersAnHour, since: now.subtract({ hours: 1 }) };
    const row = () => {
      const [browserHash, linkHash, codeHash] = [freshToken(), freshToken(), freshToken()].map(hashOf) as [
        Buffer,
        Buffer,
        Buffer,
      ];
      return { address: 'crowd@help.example', browserHash, linkHash, codeHash, returnTo: '/', endsAt: now };
    };
    const crowd = Array.from({ length: 8 }, () => served.db.transaction((trx) => insertSignIn(trx, row(), limit, now)));
    expect((await Promise.all(crowd)).filter((id) => id !== null)).toHaveLength(signInLimits.lettersAnHour);
  });

  it('a network may ask so often and no oftener, whatever it calls itself', async () => {
    const direct = await serveDesk({ proxies: '[]' });
    const asks = async (at: ServedDesk, count: number) => {
      const browser = await at.browser();
      const codes: number[] = [];
      for (let asking = 1; asking <= count; asking++) {
        browser.network = `192.0.2.${200 + (at === direct ? asking : 0)}`;
        codes.push((await browser.post('/sign-in', { address: 'x' })).code);
      }
      return codes.slice(-2);
    };
    try {
      expect(await asks(served, signInLimits.asksAnHour + 1)).toEqual([422, 429]);
      // Nobody stands in front of this one, so what a request says of where it comes from is its own invention (TRUST B62).
      expect(await asks(direct, signInLimits.asksAnHour + 1)).toEqual([422, 429]);
    } finally {
      await direct.stop();
    }
  });

  it('goes on to the page that was asked for, and never to another host', async () => {
    const check = async (to: string, ends: string) => {
      const browser = await asked();
      await browser.post('/sign-in', { address: admin, to });
      const { token } = await served.letter(admin, 2);
      expect([to, (await browser.post('/sign-in/link', { token })).to]).toEqual([to, ends]);
    };
    await check('/alarms?a=1', '/alarms?a=1');
    for (const bad of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example/',
      '/\t/evil.example',
      '/sign-in/link/x',
    ])
      await check(bad, '/');
  });

  it('the desk’s own addresses sign nobody in', async () => {
    const ours = 'support@help.example';
    await rows(served.db, 'insert into contacts (address) values (:ours)', { ours });
    await asked(ours);
    const browser = await asked();
    await served.letter(admin);
    expect(await rows(served.db, `select 1 from outbox where recipient = 'support@help.example'`)).toHaveLength(0);
    expect(await isIn(browser)).toBe(false);
  });

  it('neither the outbox nor the log shows link or code', async () => {
    await asked();
    const { token, code } = await served.letter(admin);
    const [row] = await rows<{ shown: string }>(
      served.db,
      `select subject || text || html || because || key || message_id as shown from outbox`,
    );
    expect(row?.shown).toContain('(hidden)');
    for (const secret of [token, code]) expect(row?.shown).not.toContain(secret);
    const logged = served.logged.join('\n');
    for (const secret of [token, code, admin]) expect(logged).not.toContain(secret);
    const kept = await rows<{ all: string }>(served.db, 'select sign_ins::text as all from sign_ins');
    for (const secret of [token, code]) expect(JSON.stringify(kept)).not.toContain(secret);
    // Eight letters are guessed from their bare hash within the hour.
    const bare = [code, code.replace('-', '')].map((text) => hashOf(text).toString('hex'));
    for (const hash of bare) expect(JSON.stringify(kept)).not.toContain(hash);
  });

  it('once it has left, the outbox does not have its bytes either', async () => {
    const check = async (settle: (letter: ClaimedLetter) => Promise<void>) => {
      await asked();
      await served.letter(admin);
      const now = served.clock.now;
      const [letter] = await claimLetters(served.db, { owner: 'test', limit: 1, leaseSeconds: 60 }, now);
      expect(letter?.raw?.length).toBeGreaterThan(500);
      await settle(letter!);
      expect(await rows(served.db, `select length(raw)::integer as length from outbox where kind = 'sign-in'`)).toEqual(
        [{ length: 0 }],
      );
    };
    await check((letter) => recordSent(served.db, [{ letter, response: '250 ok', at: served.clock.now }]));
    await check((letter) => recordFailed(served.db, letter, { error: '550 no', unknown: false }));
  });

  it('says what is no address', async () => {
    const browser = await served.browser();
    const answer = await browser.post('/sign-in', { address: 'a@b@c' });
    expect(answer).toMatchObject({ code: 422 });
    expect(answer.text).toContain('no mail address');
  });
});
