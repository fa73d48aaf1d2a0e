// The browser our pages are tried in: the system's Chromium, driven by playwright-core, which brings no browser of its own.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { programPath } from './programs.ts';

const heightDefault = 900;

/** How a page is looked at; width and height in CSS pixels. */
export type View = { width?: number; height?: number; dark?: boolean; script?: boolean };

/** A running browser. Pages live in contexts of their own: no cookie is shared unless a test shares the page. */
export type TestBrowser = {
  browser: Browser;
  /** A fresh page without cookies; requests to anything but loopback are refused, so a test cannot lean on the internet. */
  page(view?: View): Promise<Page>;
  /** Opens `url`, waits until it is loaded and saves the whole page as PNG at `path`. Width 1280 unless said. */
  screenshot(url: string, path: string, width?: number): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a headless Chromium; throws with the package to install when there is none. */
export async function startChromium(): Promise<TestBrowser> {
  // Root may not use Chromium's sandbox; /dev/shm is small in containers.
  const args = ['--disable-dev-shm-usage', '--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  const browser = await chromium.launch({ executablePath: programPath('chromium'), args, headless: true });

  async function page({ width = 1280, height = heightDefault, dark = false, script = true }: View = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: script,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    await context.route(
      (url) => !onLoopback(url),
      (route) => route.abort(),
    );
    return context.newPage();
  }
  return {
    browser,
    page,
    async screenshot(url, path, width = 1280) {
      await mkdir(dirname(path), { recursive: true });
      const opened = await page({ width });
      await opened.goto(url);
      await opened.screenshot({ path, fullPage: true });
      await opened.context().close();
    },
    stop: () => browser.close(),
  };
}

function onLoopback(url: URL): boolean {
  return (
    ['data:', 'blob:', 'file:', 'about:'].includes(url.protocol) || ['127.0.0.1', 'localhost'].includes(url.hostname)
  );
}
