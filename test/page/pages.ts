// `npm run pages`: a picture of every page at a desktop's and a phone's width, light and dark, in .casepost/pages. For people to look at after a change of
// anything that is seen; no test compares them.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChromium } from '../servers/chromium.ts';
import { admin, signedIn } from '../web/visitor.ts';
import { watched } from './browser.ts';
import { lettersDesk } from './letters.ts';

const folder = fileURLToPath(new URL('../../.casepost/pages/', import.meta.url));

/** The pages by the name of their picture; `null` in front: as nobody. */
const pages: [name: string, path: string, as: 'admin' | 'nobody'][] = [
  ['sign-in', '/sign-in', 'nobody'],
  ['sign-in-code', '/sign-in/code', 'nobody'],
  ['account', '/account', 'admin'],
  ['nothing-here', '/nothing', 'admin'],
  ['letters', '/templates', 'admin'],
  ['editor', '/templates/de/follow-up', 'admin'],
  ['editor-partial', '/templates/fr/_timeline', 'admin'],
  ['history', '/templates/de/follow-up/history', 'admin'],
  ['compare', '/templates/de/follow-up/compare?from=shipped&to=now', 'admin'],
];

mkdirSync(folder, { recursive: true });
const desk = await lettersDesk();
const chromium = await startChromium();
try {
  await desk.published('de', 'follow-up', (source) => source.replace('ist', 'ist wirklich'), admin, 'clearer question');
  await desk.published(
    'de',
    'follow-up',
    (source) => source.replace('wirklich', 'jetzt'),
    'bea@help.example',
    'warmer',
  );
  const cookie = await signedIn(desk.db, admin, desk.clock.now);
  for (const dark of [false, true]) {
    for (const width of [1280, 390]) {
      for (const [name, path, as] of pages) {
        const { page, strays, close } = await watched(chromium, desk.url, as === 'admin' ? cookie : null, {
          width,
          dark,
        });
        await page.goto(desk.url + path, { waitUntil: 'networkidle' });
        // A frame that was never in sight is not painted.
        await page
          .locator('iframe')
          .scrollIntoViewIfNeeded({ timeout: 1000 })
          .catch(() => {});
        await page.screenshot({ path: `${folder}${name}-${width}-${dark ? 'dark' : 'light'}.png`, fullPage: true });
        for (const stray of strays) console.log(`${name} at ${width}: ${stray}`);
        await close();
      }
    }
  }
  console.log(`${pages.length * 4} pictures in ${folder}`);
} finally {
  await chromium.stop();
  await desk.stop();
}
