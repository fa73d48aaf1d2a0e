// The pages of letters in a real browser: for people who see badly or do not point, on a desktop and on a phone, in the light and in the dark, with a
// letter that would like to run and fetch things, and where no script runs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { startChromium, type TestBrowser } from '../servers/chromium.ts';
import { whyMissing } from '../servers/programs.ts';
import { admin, signedIn } from '../web/visitor.ts';
import { expectAccessible, watched, type Watched } from './browser.ts';
import { lettersDesk, other, type LettersDesk } from './letters.ts';

const missing = whyMissing('postgres', 'chromium');
const at = '/templates/es/more-time';

describe.skipIf(missing)(`the editor${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let desk: LettersDesk;
  let chromium: TestBrowser;
  let cookie: [string, string];
  const open: Watched[] = [];
  beforeAll(async () => {
    [desk, chromium] = await Promise.all([lettersDesk(), startChromium()]);
    cookie = await signedIn(desk.db, admin, desk.clock.now);
    await desk.published('es', 'more-time', (source) => `${source}\n`, admin, 'one line');
  }, 120_000);
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await chromium?.stop();
    await desk?.stop();
  });

  async function opened(path: string, view: Parameters<typeof watched>[3] = {}): Promise<Watched & { page: Page }> {
    const one = await watched(chromium, desk.url, cookie, view);
    open.push(one);
    await one.page.goto(desk.url + path);
    return one;
  }
  const text = (page: Page) => page.locator('[data-text]').textContent();
  const says = (page: Page) => page.locator('[data-says]').textContent();
  const choose = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  it.each([
    ['the list', '/templates', false],
    ['the editor', at, true],
    ['the editor of a piece', '/templates/fr/_timeline', false],
    ['the history', `${at}/history`, true],
    ['a comparison', `${at}/compare?from=shipped&to=now`, false],
  ])('%s is for everybody, in the light and in the dark, and fits a phone', async (_, path, darkFirst) => {
    const { page, strays } = await opened(path, { dark: darkFirst });
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: darkFirst ? 'light' : 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(strays).toEqual([]);
  });

  it('by keyboard alone: names are completed, a problem is found, and Tab leads out', async () => {
    const { page } = await opened(at);
    const editor = page.getByRole('textbox', { name: 'Text of More time, Spanish' });
    await editor.focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('{{#each timeline}}{{wh');
    await page.getByRole('option', { name: /^what/ }).waitFor();
    // The list takes Enter only once it has stood for 75 ms; typing on takes longer.
    await page.keyboard.type('at', { delay: 80 });
    await page.keyboard.press('Enter');
    await page.keyboard.type('{{/each}}{{recip');
    await page.getByRole('option', { name: /^recipientName/ }).waitFor();
    await page.keyboard.type('ie', { delay: 80 });
    await page.keyboard.press('Enter');
    expect(await editor.locator('.cm-line').last().textContent()).toBe(
      '{{#each timeline}}{{what}}{{/each}}{{recipientName}}',
    );
    await expect.poll(() => says(page)).toBe('No problem found.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('note');
  });

  it('what is previewed is as wide and as dark as asked, whatever the machine prefers', async () => {
    const { page } = await opened(at, { dark: true });
    const frame = page.frameLocator('iframe');
    const card = () =>
      frame.locator('.card').evaluate((node) => node.ownerDocument.defaultView!.getComputedStyle(node).backgroundColor);
    await frame.locator('.card').waitFor();
    expect(await card()).toBe('rgb(255, 255, 255)');
    await choose(page, 'Dark');
    await expect.poll(card).toBe('rgb(30, 34, 39)');
    const wide = (await page.locator('iframe').boundingBox())!.width;
    await choose(page, 'Phone');
    expect((await page.locator('iframe').boundingBox())!.width).toBeLessThanOrEqual(390);
    expect(wide).toBeGreaterThan(500);
  });

  it('a letter in the preview runs nothing, fetches nothing and leads nowhere', async () => {
    const { page } = await opened(at);
    const frame = page.frameLocator('iframe');
    await frame.locator('.card').waitFor();
    const asked: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      asked.push(request.url);
      response.end();
    });
    await new Promise<void>((listening) => elsewhere.listen(0, '127.0.0.1', listening));
    const there = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const hostile = `<title>quiet</title><p>here</p><script>document.title = 'ran'</script>
      <img src="${there}/x.png" onerror="document.title = 'ran'"><iframe src="${there}/frame"></iframe>
      <style>@import '${there}/x.css'; p { background: url(${there}/y.png) }</style>
      <link rel="stylesheet" href="${there}/z.css"><meta http-equiv="refresh" content="0;url=${there}/refresh">
      <form action="${there}/form"><button id="send">send</button></form><a href="${there}/away" id="link">away</a>`;
    const message = JSON.stringify({ html: hostile, dark: false });
    await page.evaluate(`document.querySelector('iframe').contentWindow.postMessage(${message}, '*')`);
    await frame.getByText('here').waitFor();
    await frame.locator('#send').click();
    await frame.locator('#link').click();
    expect(await frame.locator('title').textContent()).toBe('quiet');
    expect(await frame.getByText('here').isVisible()).toBe(true);
    elsewhere.close();
    expect(asked).toEqual([]);
  });

  it('two at once: the second is shown both texts and has lost nothing', async () => {
    const { page } = await opened('/templates/de/more-time');
    await desk.published('de', 'more-time', (source) => source.replace('{{> hello}}', '{{> hello}}\n\nWorte von Bea.'));
    await page.getByText('{{> hello}}').first().click();
    await page.keyboard.press('End');
    await page.keyboard.insertText('\n\nWorte von Ada.');
    await choose(page, 'Publish');
    await page.getByRole('heading', { name: `${other} published another text while you wrote` }).waitFor();
    expect(await page.locator('.diff .out').textContent()).toContain('Worte von Bea.');
    expect(await page.locator('.diff .in').textContent()).toContain('Worte von Ada.');
    expect(await page.getByRole('textbox', { name: /^Text of/ }).textContent()).toContain('Worte von Ada.');
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
  });

  it('what was typed is not left behind by mistake', async () => {
    const { page } = await opened(at);
    await page.getByRole('textbox', { name: /^Text of/ }).click();
    await page.keyboard.type('x');
    const asked = page.waitForEvent('dialog');
    const leaving = page.getByRole('link', { name: 'History' }).click();
    await (await asked).dismiss();
    await leaving.catch(() => {});
    expect(new URL(page.url()).pathname).toBe(at);
  });

  it('without script it is a form that shows, publishes and restores', async () => {
    const { page, strays } = await opened(at, { script: false });
    const area = page.getByRole('textbox', { name: /^Text of/ });
    const source = await area.inputValue();
    await area.fill(source.replace('{{> hello}}', '{{> hello}}\n\nHola otra vez.'));
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    expect(await text(page)).toContain('Hola otra vez.');
    expect(await says(page)).toBe('No problem found.');
    await page.getByRole('button', { name: 'Show the html below' }).click();
    await page.frameLocator('iframe').locator('.card').waitFor();
    await choose(page, 'Publish');
    await page.getByText('Published.').waitFor();
    await page.getByRole('link', { name: 'What changed since the shipped text' }).click();
    await page.getByRole('button', { name: 'Restore the shipped text' }).click();
    await page.getByText('Published.').waitFor();
    const kept = await rows<{ source: string | null }>(
      desk.db,
      'select source from template_versions order by id desc limit 2',
    );
    expect(kept).toEqual([
      { source: null },
      { source: source.replace('{{> hello}}', '{{> hello}}\n\nHola otra vez.') },
    ]);
    expect(strays).toEqual([]);
  });
});
