// A browser for the stories of pages: signed in, watched for anything that leaves this machine or that the page's own policy refuses, and asked by axe
// what people who do not see or point would stumble over.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { TestBrowser as Chromium, View } from '../servers/chromium.ts';

const axeScript = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page and what was seen of it. */
export interface Watched {
  page: Page;
  /** Requests to another host than the desk's, and refusals of the content security policy: both stay empty. */
  strays: string[];
  close(): Promise<void>;
}

/** Opens a page that carries `cookie` (name and value) to the desk at `url`. */
export async function watched(
  chromium: Chromium,
  url: string,
  cookie: [string, string] | null,
  view: View = {},
): Promise<Watched> {
  const page = await chromium.page(view);
  const strays: string[] = [];
  const host = new URL(url).host;
  const context = page.context();
  if (cookie) await context.addCookies([{ name: cookie[0], value: cookie[1], url }]);
  // Before the page's own scripts, and past its policy, which would not let axe in.
  await context.addInitScript(axeScript);
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol !== 'about:' && to.host !== host) strays.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') strays.push(message.text());
  });
  page.on('pageerror', (error) => strays.push(error.message));
  return { page, strays, close: () => context.close() };
}

/** Expects that axe finds nothing to say about the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const found = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>('axe.run()');
  expect(
    found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    ),
  ).toEqual([]);
}
