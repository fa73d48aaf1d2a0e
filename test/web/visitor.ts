// A desk with its pages on a real port and a real PostgreSQL, and browsers that keep cookies and send forms as a person's would, without being one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { openDesk, type Desk } from '../../src/desk.ts';
import { openChecker } from '../../src/letters/checker.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { insertSession } from '../../src/store/sessions.ts';
import type { Access } from '../../src/web/access.ts';
import { rooms } from '../../src/web/rooms.ts';
import { startWeb, type Routes } from '../../src/web/server.ts';
import { cookiesOf, freshToken, hashOf } from '../../src/web/session.ts';
import { freePorts } from '../servers/ports.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { until } from '../story/until.ts';

export const admin = 'ada@help.example';
export const engineer = 'grace@help.example';
export const customer = 'ann@customer.example';

/** A desk whose pages are served. */
export interface ServedDesk {
  url: string;
  db: Db;
  desk: Desk;
  clock: { now: Temporal.Instant };
  /** Its casepost.yaml. */
  file: string;
  /** Every route there is, and whom it is for. */
  routes: { method: string; path: string; access: Access | undefined }[];
  /** What the log was told, one text a line. */
  logged: string[];
  /** A browser of its own, in a network of its own, signed in as `address` unless null. */
  browser(address?: string | null): Promise<TestBrowser>;
  /** Waits for the newest sign-in letter to this address: its link's path and its code. */
  letter(address: string, count?: number): Promise<{ path: string; token: string; code: string }>;
  stop(): Promise<void>;
}

/** An answer as a browser sees it. */
export interface Answer {
  code: number;
  text: string;
  headers: Headers;
  to: string | null;
}

export interface TestBrowser {
  cookies: Map<string, string>;
  /** Where a proxy says that it comes from. */
  network: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form with the token of the page at `from`. */
  post(path: string, fields?: Record<string, string>, from?: string): Promise<Answer>;
  /** Sends whatever is given, and no token. */
  send(method: string, path: string, body: string | null, headers?: Record<string, string>): Promise<Answer>;
}

const policy = `
engineers:
  - { name: Grace, address: ${engineer}, lines: [corporate, mobility] }
escalation: { address: lead@help.example }
`;

/** Serves all the rooms of a gateway; `extra` stands in casepost.yaml, `proxies` in its trustProxy. */
export async function serveDesk({
  extra = '',
  proxies = "[127.0.0.1, '::1']",
}: { extra?: string; proxies?: string } = {}): Promise<ServedDesk> {
  const own = await sharedDatabase('web');
  const [port = 0] = await freePorts(1);
  const url = `http://localhost:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'casepost-test-web-'));
  writeFileSync(join(folder, 'policy.yaml'), policy);
  writeFileSync(
    join(folder, 'casepost.yaml'),
    `database: ${own.url}\npolicy: ./policy.yaml\npublicUrl: ${url}\nadmins: [${admin}]\nsmtp: { host: 127.0.0.1, port: 9, security: none }
web: { port: ${port}, trustProxy: ${proxies} }
mailboxes: [{ id: support, address: support@help.example, line: corporate }]\n${extra}`,
  );
  const config = readConfig(join(folder, 'casepost.yaml'), {});
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  const database = await openDatabase(own.url);
  const { db } = database;
  await migrate(db);
  await rows(db, `insert into contacts (address, name) values (:customer, 'Ann') on conflict do nothing`, { customer });
  const clock = { now: Temporal.Instant.from('2026-03-02T09:00Z') };
  const now = () => clock.now;
  const desk = await openDesk(config, db, clock.now);
  const logged: string[] = [];
  const note = (fields: object, text: string) => logged.push(`${text} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note, error: note };
  const checker = openChecker();
  const doors = () => ({ mailboxes: [], postbox: null, lastTickAt: null, startedAt: clock.now });
  const routes: ServedDesk['routes'] = [];
  const listing: Routes = (server) => {
    server.addHook('onRoute', ({ method, url: path, config: { access } = {} }) => {
      for (const one of [method].flat()) routes.push({ method: one, path, access });
    });
  };
  const web = await startWeb({
    host: 'localhost',
    port,
    log,
    publicUrl: url,
    trustProxy: config.web?.trustProxy ?? [],
    routes: [listing, ...rooms({ db, desk, checker, doors, log, now, onLetter() {} })],
  });
  let networks = 0;
  return {
    url,
    db,
    desk,
    clock,
    file: join(folder, 'casepost.yaml'),
    routes,
    logged,
    async browser(address = null) {
      networks += 1;
      const browser = testBrowser(url, `192.0.2.${networks}`);
      if (address !== null) browser.cookies.set(...(await signedIn(db, address, clock.now)));
      return browser;
    },
    async letter(address, count = 1) {
      const read = () =>
        rows<{ raw: Buffer }>(
          db,
          `select raw from outbox where kind = 'sign-in' and recipient = :address order by id desc`,
          { address },
        );
      await until(`${count} sign-in letters`, async () => (await read()).length >= count);
      const [newest] = await read();
      const { text } = await parseMail(newest!.raw);
      const path = /http:\/\/localhost:[0-9]+(\/sign-in\/link\/([\w-]+))/.exec(text);
      const code = /\b[A-Z2-9]{4}-[A-Z2-9]{4}\b/.exec(text);
      return { path: path?.[1] ?? '', token: path?.[2] ?? '', code: code?.[0] ?? '' };
    },
    async stop() {
      await web.close();
      await checker.close();
      await database.close();
      await own.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A session as the server makes one: the cookie's name and value. The role is what configuration, policy and contacts say of the address. */
export async function signedIn(db: Db, address: string, now: Temporal.Instant): Promise<[string, string]> {
  const token = freshToken();
  const endsAt = now.add({ hours: 12 });
  const session = { id: freshToken().slice(0, 12), address, way: 'link', browser: 'Firefox on Linux', endsAt } as const;
  await insertSession(db, { ...session, hash: hashOf(token) }, now);
  return [cookiesOf({ secure: false }).session, token];
}

/** A browser of its own, in the network of this address, on the pages at `url`. */
export function testBrowser(url: string, network: string): TestBrowser {
  const cookies = new Map<string, string>();
  const cookieText = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  let page = { token: '', cookies: 'none yet' };
  async function send(method: string, path: string, body: string | null, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'accept-language': 'en-GB,en;q=0.8',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'x-forwarded-for': browser.network,
        cookie: cookieText(),
        ...headers,
      },
      ...(body === null ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return {
      code: response.status,
      text: await response.text(),
      headers: response.headers,
      to: response.headers.get('location'),
    };
  }
  const get = (path: string, headers?: Record<string, string>) => send('GET', path, null, headers);
  const browser: TestBrowser = {
    cookies,
    network,
    get,
    send,
    async post(path, fields = {}, from = '/sign-in') {
      // A token holds as long as its cookie and its session.
      if (page.cookies !== cookieText()) {
        const token = /name="_csrf" value="([^"]+)"/.exec((await get(from)).text)?.[1] ?? '';
        page = { token, cookies: cookieText() };
      }
      return send('POST', path, new URLSearchParams({ ...fields, _csrf: page.token }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        origin: url,
      });
    },
  };
  return browser;
}
