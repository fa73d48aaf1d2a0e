// What a monitor is told: the pure answer, and the server itself on a port, with the database there, away and silent.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfig, type Config } from '../../src/config.ts';
import type { Log } from '../../src/log.ts';
import { raiseAlarm } from '../../src/store/alarms.ts';
import { openDatabase, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { healthOf, healthRoutes, type DoorHealth, type Health } from '../../src/web/health.ts';
import { startWeb } from '../../src/web/server.ts';
import { monday } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const config = defaultConfig({}) as Config;
const doors = (changes: Partial<DoorHealth> = {}): DoorHealth => ({
  mailboxes: [{ id: 'support', lastLookAt: monday, error: null }],
  postbox: { error: null },
  lastTickAt: monday,
  startedAt: monday,
  ...changes,
});
const heard = {
  standing: {
    letters: { waiting: 2, oldestDueAt: monday.subtract({ minutes: 7 }), lastSentAt: null, held: 1 },
    mails: { waiting: 0, oldestStoredAt: null },
    parked: { lastDay: 0, newest: null },
    oldestDueStepAt: null,
    looks: {},
  },
  alarms: [],
};
const away = { since: monday, error: 'ECONNREFUSED' };

describe('health', () => {
  const check = (changes: Partial<DoorHealth>, broken: string[], database: typeof heard | null = heard) =>
    expect(healthOf(doors(changes), database, monday).broken).toEqual(broken);
  it('is good while everything works, with the numbers of what waits', () => {
    expect(healthOf(doors(), heard, monday)).toMatchObject({
      status: 'ok',
      postbox: { paused: false, waiting: 2, oldestWaitingMinutes: 7, held: 1 },
      mails: { waiting: 0, oldestWaitingMinutes: null },
    });
  });
  it('names what is broken', () => {
    check({}, ['database'], null);
    check({ mailboxes: [{ id: 'support', lastLookAt: null, error: away }] }, ['mailbox support']);
    check({ postbox: { error: away } }, ['postbox']);
    check({ lastTickAt: monday.subtract({ minutes: 5 }) }, ['tick']);
    check({ lastTickAt: null, startedAt: monday.subtract({ minutes: 5 }) }, ['tick']);
    check({ lastTickAt: null }, []);
  });
});

/** Far from the ten seconds that a connection to the database may take. */
const answerMs = 5000;

const missing = whyMissing('postgres');
describe.skipIf(missing)(`the health page ${missing ?? ''}`, { timeout: 120_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await sharedDatabase('health');
    database = await openDatabase(own.url);
    await migrate(database.db);
  }, 90_000);
  afterAll(async () => {
    await database?.close();
    await own?.drop();
  });

  async function served<T>(db: Database, ask: (url: string) => Promise<T>): Promise<T> {
    const desk = { config };
    const routes = [healthRoutes({ db: db.db, desk, doors: () => doors(), now: () => monday })];
    const web = await startWeb({ host: '127.0.0.1', port: 0, routes, log: silent });
    try {
      return await ask(web.url);
    } finally {
      await web.close();
    }
  }

  it('answers 200 and JSON while all is well, and shows alarms with nothing of theirs left unescaped', async () => {
    await raiseAlarm(database.db, { key: 'oauth:<b>office</b>', text: 'refused <script>alert(1)</script>' }, monday);
    await served(database, async (url) => {
      const answer = await fetch(`${url}/health`);
      expect(answer.status).toBe(200);
      const health = (await answer.json()) as Health;
      expect(health).toMatchObject({ status: 'ok', database: 'ok' });
      expect(health.alarms.map(({ key }) => key)).toEqual(['oauth:<b>office</b>']);
      const page = await fetch(`${url}/alarms`);
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';style-src 'self'/);
      const html = await page.text();
      expect(html).toContain('&lt;script&gt;');
      expect(html).not.toMatch(/<script|<b>/);
      expect((await fetch(`${url}/page.css`)).headers.get('content-type')).toContain('text/css');
      expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    });
  });

  it('answers only who names this machine while it is bound to it', async () => {
    await served(database, async (url) => {
      const { status } = await import('node:http').then(
        ({ get }) =>
          new Promise<{ status: number }>((resolve) =>
            get(`${url}/health`, { headers: { host: 'evil.example' } }, (answer) =>
              resolve({ status: answer.statusCode ?? 0 }),
            ),
          ),
      );
      expect(status).toBe(421);
    });
  });

  it('says 503 and when to ask again within two seconds when the database never answers', async () => {
    const held = new Set<Socket>();
    const blackhole = createServer((socket) => held.add(socket.on('error', () => {})));
    await new Promise<void>((listening) => blackhole.listen(0, '127.0.0.1', listening));
    const port = (blackhole.address() as AddressInfo).port;
    const dead = await openDatabase(`postgres://casepost@127.0.0.1:${port}/casepost`);
    try {
      await served(dead, async (url) => {
        for (const path of ['/health', '/alarms']) {
          const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(answerMs) });
          expect(answer.status).toBe(503);
          expect(answer.headers.get('retry-after')).toBe('30');
          expect(await answer.text()).toMatch(/away|does not answer/);
        }
      });
    } finally {
      blackhole.close();
      for (const socket of held) socket.destroy();
      await dead.close();
    }
  });
});
