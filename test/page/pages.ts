// `npm run pages`: a picture of every page at a desktop's and a phone's width, light and dark, in .casepost/pages; words after
// `--` are the names of those that are wanted. For people to look at after a change of
// anything that is seen; no test compares them.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChromium } from '../servers/chromium.ts';
import { admin, signedIn } from '../web/visitor.ts';
import { watched } from './browser.ts';
import { lettersDesk } from './letters.ts';

const folder = fileURLToPath(new URL('../../.casepost/pages/', import.meta.url));

/** Each page by the name of its picture. */
const all: [name: string, path: string, as: 'admin' | 'nobody'][] = [
  ['sign-in', '/sign-in', 'nobody'],
  ['sign-in-code', '/sign-in/code', 'nobody'],
  ['other-browser', '/sign-in/link/x', 'nobody'],
  ['account', '/account', 'admin'],
  ['alarms', '/alarms', 'admin'],
  ['nothing-here', '/nothing', 'admin'],
  ['letters', '/templates', 'admin'],
  ['editor', '/templates/de/follow-up', 'admin'],
  ['editor-partial', '/templates/fr/_timeline', 'admin'],
  ['history', '/templates/de/follow-up/history', 'admin'],
  ['compare', '/templates/de/follow-up/compare?from=shipped&to=now', 'admin'],
];

/** A picture is no test: a busy machine may take its time. */
const pictureMs = 60_000;

const wanted = process.argv.length > 2 ? all.filter(([name]) => process.argv.includes(name)) : all;

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
      for (const [name, path, as] of wanted) {
        const { page, strays, close } = await watched(chromium, desk.url, as === 'admin' ? cookie : null, {
          width,
          dark,
        });
        page.setDefaultTimeout(pictureMs);
        await page.goto(desk.url + path, { waitUntil: 'networkidle' });
        // A frame that was never in sight is not painted.
        if (name.startsWith('editor')) {
          await page.locator('iframe').scrollIntoViewIfNeeded();
          await page.frameLocator('iframe').locator('.card').waitFor();
        }
        await page.screenshot({ path: `${folder}${name}-${width}-${dark ? 'dark' : 'light'}.png`, fullPage: true });
        for (const stray of strays) console.log(`${name} at ${width}: ${stray}`);
        await close();
      }
    }
  }
  console.log(`${wanted.length * 4} pictures in ${folder}`);
} finally {
  await chromium.stop();
  await desk.stop();
}
