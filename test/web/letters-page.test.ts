// The letters page shows hostile letters without running or fetching anything, on a phone and by keyboard.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headersOf, lettersPage, lettersShownMax } from '../../src/web/letters-page.ts';
import type { ShownLetter } from '../../src/web/letters-page.ts';
import { startChromium } from '../servers/chromium.ts';
import type { TestBrowser } from '../servers/chromium.ts';
import { whyMissing } from '../servers/programs.ts';

const attack = '<img src=x onerror="document.title=1"><script>document.title=2</script>"\'&';

function aLetter(changes: Partial<ShownLetter> = {}): ShownLetter {
  return {
    id: '1',
    at: '2026-03-02T09:00:00Z',
    kind: 'follow-up',
    caseNumber: 7,
    to: `ada@customer.example ${attack}`,
    subject: `[Case 00000007] ${attack}`,
    because: `Because ${attack}`,
    text: `Text ${attack}`,
    html: `<!doctype html><title>body</title><p>Body</p>${attack}<img src="http://127.0.0.1:9/p"><a href="javascript:alert(1)">x</a>`,
    raw: Buffer.from(`Subject: a\r\n b\r\nX-Attack: ${attack}\r\n\r\nbody\r\n`),
    ...changes,
  };
}

let shown: ShownLetter[] = [];
let page: Awaited<ReturnType<typeof lettersPage>>;
beforeAll(async () => {
  page = await lettersPage({ letters: () => Promise.resolve(shown), host: '127.0.0.1', port: 0 });
});
afterAll(() => page.close());

async function fetched(
  path: string,
  letters = [aLetter()],
): Promise<{ status: number; headers: Headers; text: string }> {
  shown = letters;
  const response = await fetch(page.url + path);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test.each(['/', '/letters/1'])('nothing of a letter becomes markup on %s', async (path) => {
  const { text, headers } = await fetched(path);
  expect(text).toContain('&lt;img src&#x3D;x onerror');
  expect(text).not.toMatch(/<img|<script|onerror="/);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; frame-src 'self';/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
});
test('the html part stands alone under a policy that allows only its own style', async () => {
  const { text, headers } = await fetched('/letters/1/body');
  expect(text).toBe(aLetter().html);
  const policy = headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'", 'sandbox']) {
    expect(policy).toContain(part);
  }
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});
test('the source is downloaded byte for byte', async () => {
  shown = [aLetter()];
  const response = await fetch(`${page.url}/letters/1/source.eml`);
  expect(Buffer.from(await response.arrayBuffer()).equals(aLetter().raw)).toBe(true);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="case-00000007-follow-up.eml"');
  expect(response.headers.get('content-type')).toBe('message/rfc822');
});
test.each(['/letters/2', '/letters/2/body', '/letters/2/source.eml', '/nothing', '/letters/%2e%2e%2fletters.css'])(
  '%s is not there',
  async (path) => {
    expect(await fetched(path)).toMatchObject({
      status: 404,
      text: 'There is no such letter. The list of all is at /\n',
    });
  },
);
test('a page opened under another name is not answered, so no website can read it', async () => {
  const { request } = await import('node:http');
  const status = await new Promise<number | undefined>((resolve) => {
    request(page.url, { headers: { host: 'evil.example' } }, (response) => resolve(response.resume().statusCode)).end();
  });
  expect(status).toBe(421);
});
test('cases stand newest first, their letters in the order they were written', async () => {
  const letters = [
    aLetter({ id: 'b', caseNumber: 1, at: '2026-03-02T10:00:00Z' }),
    aLetter({ id: 'c', caseNumber: 2, at: '2026-03-02T11:00:00Z' }),
    aLetter({ id: 'a', caseNumber: 1, at: '2026-03-02T09:00:00Z' }),
  ];
  const { text } = await fetched('/', letters);
  expect([...text.matchAll(/href="\/letters\/(\w)"/g)].map((match) => match[1])).toEqual(['c', 'a', 'b']);
  expect(text).toContain('3 letters in 2 cases');
});
test('with no letter the page says what to do', async () => {
  expect((await fetched('/', [])).text).toContain('No letter has been written yet.');
});
test('more letters than the page shows are counted', async () => {
  const many = Array.from({ length: lettersShownMax + 1 }, (_, index) => aLetter({ id: String(index) }));
  expect((await fetched('/', many)).text).toContain('501 letters in 1 case, the newest 500 of 501 are shown');
});
test('folded headers are shown in one line', () => {
  expect(headersOf(Buffer.from('A: 1\r\n 2\r\nB: x:y\r\n\r\nC: 3'))).toEqual([
    { name: 'A', value: '1 2' },
    { name: 'B', value: 'x:y' },
  ]);
});

const missing = whyMissing('chromium');
describe.skipIf(missing)(`in a browser${missing ? ` (${missing})` : ''}`, () => {
  let chromium: TestBrowser;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium?.stop());

  test.each([390, 1280])(
    'at %i px nothing runs, nothing is fetched from elsewhere, nothing sticks out',
    async (width) => {
      shown = [aLetter({ to: `${'long'.repeat(40)}@customer.example`, subject: 'x'.repeat(255) })];
      const tab = await chromium.page({ width });
      const answered = new Set<string>();
      tab.on('response', (response) => answered.add(new URL(response.url()).pathname));
      for (const path of ['/', '/letters/1']) {
        await tab.goto(page.url + path);
        expect(await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
          0,
        );
      }
      const frame = tab.frames().find((each) => each.url().endsWith('/body'));
      expect(await frame?.title()).toBe('body');
      expect(await frame?.locator('p').textContent()).toBe('Body');
      expect([...answered].toSorted()).toEqual(['/', '/letters.css', '/letters/1', '/letters/1/body']);
      await tab.context().close();
    },
  );

  test('a letter is reached by keyboard alone', async () => {
    shown = [aLetter()];
    const tab = await chromium.page();
    await tab.goto(page.url);
    for (const _ of ['skip link', 'home', 'letter']) await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    await tab.waitForURL('**/letters/1');
    expect(await tab.locator('h1').textContent()).toContain('[Case 00000007]');
    await tab.context().close();
  });
});
