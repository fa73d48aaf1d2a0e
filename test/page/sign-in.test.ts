// A person signs in, in a real browser: by the link and by the code, with the keyboard, without script, on a phone; and what pages of other sites can
// make that browser do.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChromium, type TestBrowser as Chromium } from '../servers/chromium.ts';
import { whyMissing } from '../servers/programs.ts';
import { rows } from '../../src/store/db.ts';
import { admin, customer, serveDesk, signedIn, type ServedDesk } from '../web/visitor.ts';
import { expectAccessible, watched } from './browser.ts';

const missing = whyMissing('postgres', 'chromium');

describe.skipIf(missing)(`signing in with a browser ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: ServedDesk;
  let chromium: Chromium;
  beforeAll(async () => {
    [served, chromium] = await Promise.all([serveDesk(), startChromium()]);
  }, 60_000);
  beforeEach(async () => {
    await rows(served.db, 'delete from sign_ins');
    await rows(served.db, 'delete from outbox');
  });
  afterAll(async () => {
    await chromium?.stop();
    await served?.stop();
  });

  async function ask(page: Page, address: string): Promise<void> {
    await page.getByLabel('Mail address').fill(address);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign-in/code');
  }

  it('by the link, from the page that was asked for and back to it', async () => {
    const { page, strays, close } = await watched(chromium, served.url, null);
    await page.goto(`${served.url}/alarms`);
    await expectAccessible(page);
    await ask(page, admin);
    await expectAccessible(page);
    const { path } = await served.letter(admin);
    await page.goto(served.url + path);
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/alarms');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'My account' }).click();
    await expectAccessible(page);
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    expect(strays).toEqual([]);
    await close();
  });

  it('by the code, without script, on a phone in the dark', async () => {
    const { page, strays, close } = await watched(chromium, served.url, null, {
      width: 390,
      dark: true,
      script: false,
    });
    await page.goto(`${served.url}/sign-in`);
    await ask(page, customer);
    const { code } = await served.letter(customer);
    await page.getByLabel('Code').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This code does not work').waitFor();
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/account');
    expect(await page.getByRole('main').innerText()).toContain(customer);
    expect(strays.filter((stray) => !stray.includes('403'))).toEqual([]);
    await close();
  });

  describe('while a person is signed in', () => {
    let evil: Server;
    let evilUrl: string;
    beforeAll(async () => {
      evil = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(
          `<form method="post" action="${served.url}/account/sign-out-everywhere"><button>A cat</button></form>` +
            `<iframe src="${served.url}/account"></iframe>`,
        );
      });
      await new Promise<void>((listening) => evil.listen(0, '127.0.0.1', listening));
      evilUrl = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`;
    });
    afterAll(() => new Promise((closed) => evil.close(closed)));

    it('a page of another site can neither sign them out nor frame their page', async () => {
      const { page, close } = await watched(chromium, served.url, await signedIn(served.db, admin, served.clock.now));
      await page.goto(evilUrl);
      expect(await page.frameLocator('iframe').locator('body').innerText()).not.toContain('Casepost');
      await page.getByRole('button', { name: 'A cat' }).click();
      await page.waitForURL(`${served.url}/**`);
      await page.goto(`${served.url}/account`);
      expect(await page.getByRole('main').innerText()).toContain(admin);
      await close();
    });

    it('a link from another site finds them signed in', async () => {
      const { page, close } = await watched(chromium, served.url, await signedIn(served.db, admin, served.clock.now));
      await page.goto(evilUrl);
      await page.evaluate(`location.assign('${served.url}/account')`);
      await page.waitForURL('**/account');
      expect(await page.getByRole('main').innerText()).toContain(admin);
      await close();
    });
  });
});
