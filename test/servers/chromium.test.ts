// The test browser shows our own pages, tells dark from light, and reaches nothing but this machine.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium, type TestBrowser } from './chromium.ts';
import { whyMissing } from './programs.ts';

const missing = whyMissing('chromium');
const html = `<!doctype html><style>@media (prefers-color-scheme: dark) { body { background: #000 } }</style>
<h1>Case 1042</h1><img src="http://example.test/pixel.png" onerror="document.title = 'refused'">`;

describe.skipIf(missing)(`a Chromium of our own${missing ? ` (${missing})` : ''}`, () => {
  let chromium: TestBrowser;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium?.stop();
    server.close();
  });

  it('shows a page of this machine and refuses the rest of the world', async () => {
    const page = await chromium.page();
    await page.goto(url);
    expect(await page.textContent('h1')).toBe('Case 1042');
    await expect.poll(() => page.title()).toBe('refused');
    await page.context().close();
  });

  it('tells dark from light', async () => {
    const page = await chromium.page({ dark: true });
    await page.goto(url);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(0, 0, 0)');
    await page.context().close();
  });

  it('saves a screenshot of the asked width', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'casepost-shot-'));
    const path = join(folder, 'phone', 'case.png');
    await chromium.screenshot(url, path, 390);
    const png = await readFile(path);
    // The IHDR chunk holds width and height at bytes 16 and 20.
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(390);
    await rm(folder, { recursive: true });
  });
});
