// An admin's day, in a real browser before a real gateway: she signs in by mail, changes the German follow-up, is shown her mistake, mends it, looks at it
// on a real case, sends it to herself, publishes, sees the next follow-up go out with it, and takes it back.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium, type TestBrowser } from '../servers/chromium.ts';
import { freePorts } from '../servers/ports.ts';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { casepostJson, type Program, startCasepost } from '../story/program.ts';
import { firstMail } from '../story/writing.ts';
import { expectAccessible, watched, type Watched } from './browser.ts';

const missing = whyMissing('postgres', 'dovecot', 'chromium');
const ada = 'ada@desk.test';
const customer = 'jonas@kunde.test';
const shipped = readFileSync(new URL('../../templates/mail/de/follow-up.hbs', import.meta.url), 'utf8');
/** A line of ours, in the text and in the html. */
const line = 'Wir sind auch am Telefon für Sie da.';
const written = (name: string) => shipped.replaceAll('{{> hello}}\n', `{{> hello}}\n\n${line} {{${name}}}\n\n`);

describe.skipIf(missing)(`an admin's day${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let desk: Desk;
  let gateway: Program;
  let chromium: TestBrowser;
  let browser: Watched;
  let page: Page;
  let url: string;
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    url = `http://localhost:${port}`;
    const more = `publicUrl: ${url}\nadmins: [${ada}]\nweb: { host: 127.0.0.1, port: ${port} }\n`;
    [desk, chromium] = await Promise.all([aDesk({ more }), startChromium()]);
    gateway = await startCasepost(['start', '-c', desk.config]);
    browser = await watched(chromium, url, null);
    page = browser.page;
    await imported('accounts', 'id,name,language\nkunde,Kunde GmbH,de\n');
    await imported('contacts', `address,account,name\n${customer},kunde,Jonas Weber\n`);
    const text = 'Guten Tag,\n\nunsere nächtliche Sicherung bricht seit gestern mit einem Fehler ab.\n\nJonas';
    const mail = firstMail({ from: `Jonas Weber <${customer}>`, subject: 'Sicherung bricht ab', text });
    await desk.dovecot.deliver(mail, 'support', customer);
    await desk.letterTo(customer);
    await casepostJson(['case', 'reply', '1', 'Bitte melden Sie sich neu an der Freigabe an.', '-c', desk.config]);
    await desk.letterTo(customer, { count: 2 });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([chromium?.stop(), gateway?.kill9()]);
    await desk?.stop();
  });

  async function imported(kind: string, csv: string) {
    const file = join(desk.folder, `${kind}.csv`);
    writeFileSync(file, csv);
    await casepostJson(['import', kind, file, '-c', desk.config]);
  }
  const editor = () => page.getByRole('textbox', { name: /^Text of/ });
  const says = () => page.locator('[data-says]').textContent();

  /** Lets `days` pass, and gives the customer's newest letter. */
  async function after(days: number, count: number) {
    const now = Temporal.Now.instant()
      .add({ hours: days * 24 + 1 })
      .toString();
    await casepostJson(['tick', '--now', now, '-c', desk.config]);
    await casepostJson(['send', '--now', now, '-c', desk.config]);
    return (await desk.letterTo(customer, { count })).read;
  }

  it('she signs in with the link of a letter, and is where she wanted to go', async () => {
    await page.goto(`${url}/templates`);
    await page.getByLabel('Mail address').fill(ada);
    await page.getByRole('button', { name: 'Send me a letter' }).click();
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
    const { read } = await desk.letterTo(ada);
    await page.goto(/http:\/\/localhost\S+/.exec(read.text ?? '')?.[0] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Letters' }).waitFor();
    await expectAccessible(page);
  });

  it('her mistake is marked while she types, with the name she meant, and is not published', async () => {
    await page.getByLabel('Languages of Follow-up').getByRole('link', { name: 'German' }).click();
    await editor().click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(written('compny'));
    await expect.poll(says).toMatch(/^2 problems: this can not be published yet/);
    expect(await page.locator('.cm-lintRange-error').first().textContent()).toContain('compny');
    expect(await page.locator('[data-problems]').textContent()).toMatch(/"compny" .* did you mean "company"\?/);
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect.poll(says).toMatch(/^2 problems/);
    expect(await desk.rows('select 1 from template_versions')).toEqual([]);
    await expectAccessible(page);
  });

  it('F8 leads her to it, and what she mends is previewed at once', async () => {
    await editor().click();
    for (const _ of ['in the text', 'in the html']) {
      await page.keyboard.press('F8');
      const marked = await page.evaluate<string>('getSelection().toString()');
      await page.keyboard.insertText(marked.replace('compny', 'company'));
    }
    await expect.poll(says).toBe('No problem found.');
    await expect.poll(() => page.locator('[data-text]').textContent()).toContain(`${line} Example Ltd`);
    await expect.poll(() => page.frameLocator('iframe').locator('body').textContent()).toContain(`${line} Example Ltd`);
  });

  it('she looks at it with the facts of case 00000001', async () => {
    await page.getByLabel('or those of case').fill('00000001');
    await page.getByLabel('or those of case').press('Tab');
    await expect.poll(() => page.locator('[data-subject]').textContent()).toBe('[Case 00000001] Sicherung bricht ab');
    await expect.poll(() => page.frameLocator('iframe').locator('body').textContent()).toContain('Sicherung bricht ab');
  });

  it('she sends it to herself, and only to herself', async () => {
    await page.getByRole('button', { name: 'Send to me' }).click();
    const { read, recipients } = await desk.letterTo(ada, { subject: /Test/ });
    expect(recipients).toEqual([ada]);
    expect(read.subject).toBe('[Test] [Case 00000001] Sicherung bricht ab');
    expect(read.text).toContain(line);
    await expect.poll(says).toBe(`On its way to ${ada}.`);
  });

  it('she publishes, and the next follow-up has her words', async () => {
    await page.getByLabel('What did you change').fill('Telefon erwähnt');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Published.').waitFor();
    const { text, html } = await after(3, 3);
    for (const part of [text, html]) expect(part).toContain(`${line} Example Ltd`);
  });

  it('the history says who, why, and how many mails it sent; what was shipped is put back', async () => {
    await page.getByRole('link', { name: 'History' }).click();
    const newest = page.locator('main ol > li').first();
    await expect.poll(() => newest.textContent()).toMatch(/in force.*ada@desk\.test.*Telefon erwähnt.*1 mail sent/s);
    await page.getByRole('link', { name: /^Compare with now, restore.*the shipped text/ }).click();
    expect(await page.locator('.diff .out').allTextContents()).toEqual([]);
    expect((await page.locator('.diff .in').allTextContents()).join('')).toContain(line);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Restore the shipped text' }).click();
    await page.getByText('Published.').waitFor();
    expect(await editor().textContent()).not.toContain(line);
    const { text } = await after(6, 4);
    expect(text).not.toContain(line);
  });

  it('all the while nothing was asked of another server, and no page’s policy was broken', () => {
    // Trying to publish what is wrong is answered with 422, which Chromium writes to its console.
    expect(browser.strays.filter((stray) => !stray.includes('422'))).toEqual([]);
  });
});
