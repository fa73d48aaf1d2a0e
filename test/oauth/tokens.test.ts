// Tokens against a real PostgreSQL and a local token server: renewed ahead of time, by one for all, stored before use; a refusal is asked about once.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Config, OAuthAccount } from '../../src/config.ts';
import { withTokens } from '../../src/oauth/login.ts';
import { openTokens, type Tokens } from '../../src/oauth/tokens.ts';
import { secretOf, type Secret } from '../../src/secret.ts';
import { openAlarms } from '../../src/store/alarms.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { at } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { until } from '../story/until.ts';
import { anAccount, sealing } from './account.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

const missing = whyMissing('postgres');
const start = at('2026-03-02T09:00Z');

describe.skipIf(missing)(`tokens${missing ? ` (${missing})` : ''}`, () => {
  let database: TestDatabase;
  let store: Database;
  let server: TokenServer;
  let now = start;
  beforeAll(async () => {
    database = await sharedDatabase('oauth');
    store = await openDatabase(database.url);
    await migrate(store.db);
  });
  beforeEach(async () => {
    await rows(store.db, 'truncate oauth_tokens, alarms');
    server = await startTokenServer();
    now = start;
    return () => server.stop();
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });

  /** The tokens as one gateway (or a restarted one) has them. */
  function gateway(account: OAuthAccount, secret: Secret = sealing): Tokens {
    const tokens = openTokens({ db: store.db, config: { oauth: [account], secret }, now: () => now });
    if (!tokens) throw new Error('no tokens');
    return tokens;
  }
  const later = (minutes: number) => void (now = now.add({ seconds: Math.round(minutes * 60) }));
  const alarms = async () => (await openAlarms(store.db)).map(({ key, text }) => ({ key, text }));
  const troubleOf = (work: Promise<unknown>) =>
    work.then(
      () => 'a token',
      (error: Error) => error.message,
    );

  test('a token is asked for once and serves until it is time', async () => {
    const account = anAccount(server);
    const first = await gateway(account).current(account);
    expect(first.validUntil.toString()).toBe('2026-03-02T10:00:00Z');
    later(40);
    expect((await gateway(account).current(account)).secret.reveal()).toBe(first.secret.reveal());
    expect(server.asked).toEqual([
      expect.objectContaining({ grant_type: 'refresh_token', refresh_token: 'canary-refresh-0', scope: 'mail' }),
    ]);
  });

  test('after 80 % of its life it is renewed, long before it ends', async () => {
    const account = anAccount(server);
    const first = await gateway(account).current(account);
    later(48.1);
    expect((await gateway(account).current(account)).secret.reveal()).not.toBe(first.secret.reveal());
    expect(server.asked).toHaveLength(2);
  });

  test('client credentials need no refresh token and keep none', async () => {
    const account = anAccount(server, { grant: 'client-credentials', refreshToken: null, scope: 'all/.default' });
    await gateway(account).current(account);
    expect(server.asked).toEqual([
      expect.objectContaining({ grant_type: 'client_credentials', scope: 'all/.default' }),
    ]);
    expect(await rows(store.db, 'select refresh_token from oauth_tokens')).toEqual([{ refresh_token: null }]);
  });

  test('a rotated refresh token is the one that is used next, also by another gateway after a restart', async () => {
    const account = anAccount(server);
    server.rotates = true;
    for (let hour = 0; hour < 4; hour += 1) {
      await gateway(account).current(account);
      later(60);
    }
    const used = server.asked.map((asked) => asked['refresh_token']);
    expect(used[0]).toBe('canary-refresh-0');
    expect(new Set(used).size).toBe(4);
    expect(server.refreshTokens.size).toBe(1);
  });

  test('a rotated refresh token is stored before its access token is used', async () => {
    const account = anAccount(server);
    server.rotates = true;
    const tokens = gateway(account);
    await tokens.current(account);
    later(60);
    // Storing new tokens waits for a lock that somebody else holds.
    await rows(
      store.db,
      `create function wait() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(1); return new; end $$`,
    );
    await rows(
      store.db,
      `create trigger slow before update of access_token on oauth_tokens for each row execute function wait()`,
    );
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    try {
      await blocker.query('select pg_advisory_lock(1)');
      let given = false;
      const token = tokens.current(account).then(() => (given = true));
      await until('the new tokens wait to be stored', async () => {
        const waiting = await rows(store.db, `select 1 from pg_locks where locktype = 'advisory' and not granted`);
        return waiting.length > 0;
      });
      expect([server.asked.length, given]).toEqual([2, false]);
      await blocker.query('select pg_advisory_unlock(1)');
      await token;
    } finally {
      await blocker.end();
      await rows(store.db, 'drop function wait cascade');
    }
    later(60);
    await gateway(account).current(account);
    expect(server.asked).toHaveLength(3);
  });

  test('ten logins of each of two gateways ask once', async () => {
    const account = anAccount(server);
    server.rotates = true;
    const both = [gateway(account), gateway(account)];
    const found = await Promise.all(both.flatMap((one) => Array.from({ length: 10 }, () => one.current(account))));
    expect(new Set(found.map(({ secret }) => secret.reveal())).size).toBe(1);
    expect(server.asked).toHaveLength(1);
  });

  test('who died while asking is taken over', async () => {
    const account = anAccount(server);
    await gateway(account).current(account);
    later(61);
    await rows(
      store.db,
      `update oauth_tokens set claim = 'dead', lease_until = clock_timestamp() + interval '1 second'`,
    );
    await gateway(account).current(account);
    expect(server.asked).toHaveLength(2);
  });

  test('a refusal is asked about once, then left alone for a quarter of an hour, and is an alarm', async () => {
    const account = anAccount(server);
    server.refreshTokens.clear();
    const tokens = gateway(account);
    const said = await troubleOf(tokens.current(account));
    expect(said).toBe(
      'OAuth2 account "office": the token server refused (invalid_grant); its refresh token has ended or was revoked: run "casepost sign-in office"',
    );
    for (let minute = 0; minute < 14; minute += 1) {
      later(1);
      expect(await troubleOf(gateway(account).current(account))).toContain('asked again at 2026-03-02T09:15:00Z');
    }
    expect(server.asked).toHaveLength(1);
    expect(await alarms()).toEqual([
      {
        key: 'oauth:office',
        text: 'OAuth2 account "office": the token server refused (invalid_grant); its refresh token has ended or was revoked: run "casepost sign-in office". Until that is mended no mail is fetched and no letter sent with it; they wait and nothing is lost.',
      },
    ]);
    server.refreshTokens.add('canary-refresh-0');
    later(1);
    await tokens.current(account);
    expect(server.asked).toHaveLength(2);
    expect(await alarms()).toEqual([]);
  });

  test('a renewal that is refused is told while the token in hand still holds and is used', async () => {
    const account = anAccount(server);
    const first = await gateway(account).current(account);
    server.refreshTokens.clear();
    later(49);
    const token = await gateway(account).current(account);
    expect(token.secret.reveal()).toBe(first.secret.reveal());
    expect(token.trouble).toContain('refused (invalid_grant)');
    expect((await alarms())[0]?.text).toContain('holds until 2026-03-02T10:00Z; after that no mail is fetched');
    later(1);
    expect((await gateway(account).current(account)).trouble).toContain('refused');
    expect(server.asked).toHaveLength(2);
    later(10);
    expect(await troubleOf(gateway(account).current(account))).toContain('refused (invalid_grant)');
    expect(server.asked).toHaveLength(2);
  });

  test('a mended configuration is tried at once, and keeps the refresh token that was rotated before', async () => {
    const account = anAccount(server);
    server.rotates = true;
    await gateway(account).current(account);
    server.clientSecret = 'another';
    later(61);
    expect(await troubleOf(gateway(account).current(account))).toContain(
      'its clientId or clientSecret is wrong or has ended',
    );
    const mended = { ...account, clientSecret: secretOf('another') };
    await gateway(mended).current(mended);
    expect(server.asked).toHaveLength(3);
    expect(await alarms()).toEqual([]);
  });

  test('another refresh token in the configuration, or another client, is not served with the stored tokens', async () => {
    const account = anAccount(server);
    server.rotates = true;
    await gateway(account).current(account);
    for (const [index, change] of [
      { refreshToken: secretOf('pasted-0') },
      { clientId: 'other', refreshToken: secretOf('pasted-1') },
    ].entries()) {
      server.refreshTokens.add(`pasted-${index}`);
      const changed = { ...account, ...change };
      await gateway(changed).current(changed);
      expect(server.asked.at(-1)).toMatchObject({ refresh_token: `pasted-${index}`, client_id: changed.clientId });
    }
    expect(server.asked).toHaveLength(3);
  });

  test('a person who asks cuts the pause short', async () => {
    const account = anAccount(server);
    server.refreshTokens.clear();
    await troubleOf(gateway(account).current(account));
    server.refreshTokens.add('canary-refresh-0');
    await gateway(account).current(account, { asked: true });
    expect(server.asked).toHaveLength(2);
  });

  test('a token server that is away is an outage: asked again after growing pauses, an alarm only when it lasts', async () => {
    const account = anAccount(server);
    server.behave(() => ({ statusCode: 503, body: {} }));
    const tokens = gateway(account);
    expect(await troubleOf(tokens.current(account))).toMatch(/the token server gives no usable answer \(.*HTTP 503\)$/);
    for (let second = 0; second < 100; second += 1) {
      later(1 / 60);
      await troubleOf(tokens.current(account));
    }
    // 2, 4, 8, then every 15 s
    expect(server.asked).toHaveLength(1 + 3 + 5);
    expect(await alarms()).toEqual([]);
    later(0.5);
    await troubleOf(tokens.current(account));
    expect((await alarms()).map(({ key }) => key)).toEqual(['oauth:office']);
    server.behave();
    later(0.25);
    await tokens.current(account);
    expect(await alarms()).toEqual([]);
  });

  test('a busy or unreachable token server is away, not refusing', async () => {
    const account = anAccount(server);
    for (const refusal of [
      { statusCode: 429, body: { error: 'invalid_request' } },
      { statusCode: 400, body: { error: 'temporarily_unavailable' } },
      { statusCode: 500, body: { error: 'server_error' } },
    ]) {
      server.behave(() => refusal);
      await expect(gateway(account).current(account, { asked: true })).rejects.toMatchObject({ kind: 'away' });
    }
    await server.away();
    await expect(gateway(account).current(account, { asked: true })).rejects.toMatchObject({ kind: 'away' });
    await server.back();
  });

  test('a token that a mail server refuses is renewed once; a fresh one is not', async () => {
    const account = anAccount(server);
    const tokens = gateway(account);
    const first = await tokens.current(account);
    expect(await tokens.instead(account, first.secret)).toBeNull();
    later(6);
    const second = await tokens.instead(account, first.secret);
    expect(second?.secret.reveal()).toBe(server.accessTokens[1]);
    expect(await tokens.instead(account, second?.secret ?? first.secret)).toBeNull();
    // Another door that was refused with the first one takes the second.
    expect((await tokens.instead(account, first.secret))?.secret.reveal()).toBe(second?.secret.reveal());
    expect(server.asked).toHaveLength(2);
  });

  test('a mail server is not asked again with a token it refused while no newer one can be had', async () => {
    const account = anAccount(server);
    const box = { imap: { oauth: account, password: secretOf('') } };
    const tokens = gateway(account);
    const { mailboxes } = withTokens({ mailboxes: [box, box], smtp: null } as unknown as Config, tokens);
    const [refusedHere, fineThere] = mailboxes.map(({ imap }) => imap?.tokens);
    if (!refusedHere || !fineThere) throw new Error('the logins were given no tokens');
    const token = await refusedHere.current();
    server.refreshTokens.clear();
    later(6);
    expect(await troubleOf(refusedHere.instead(token))).toContain('refused (invalid_grant)');
    for (let minute = 0; minute < 10; minute += 1) {
      later(1);
      expect(await troubleOf(refusedHere.current())).toContain('asked again at');
      expect((await fineThere.current()).reveal()).toBe(token.reveal());
    }
    expect(server.asked).toHaveLength(2);
    const grant = {
      accessToken: secretOf('n'),
      lifeSeconds: 3600,
      refreshToken: secretOf('r'),
      refreshSeconds: null,
      scope: null,
    };
    await tokens.adopt(account, grant);
    expect((await refusedHere.current()).reveal()).toBe('n');
  });

  test('what was refused is asked about again after its pause, although the token in hand is not due', async () => {
    const account = anAccount(server);
    const tokens = gateway(account);
    const first = await tokens.current(account);
    server.refreshTokens.clear();
    later(6);
    await troubleOf(tokens.instead(account, first.secret));
    expect(await alarms()).toHaveLength(1);
    server.refreshTokens.add('canary-refresh-0');
    later(14);
    expect((await tokens.current(account)).trouble).toContain('refused (invalid_grant)');
    later(1);
    expect((await tokens.current(account)).trouble).toBeNull();
    expect(await alarms()).toEqual([]);
    expect(server.asked).toHaveLength(3);
  });

  test('without a refresh token the server is not asked, and the text says what to run', async () => {
    const account = anAccount(server, { refreshToken: null });
    expect(await troubleOf(gateway(account).current(account))).toBe(
      'OAuth2 account "office": it has no refresh token yet: run "casepost sign-in office"',
    );
    expect(server.asked).toEqual([]);
  });

  test('tokens sealed with another secret are no tokens, and are said to be', async () => {
    const account = anAccount(server, { refreshToken: null });
    const grant = {
      accessToken: secretOf('a'),
      lifeSeconds: 60,
      refreshToken: secretOf('r'),
      refreshSeconds: null,
      scope: null,
    };
    await gateway(account).adopt(account, grant);
    const changed = gateway(account, secretOf('another secret of the desk'));
    expect(await troubleOf(changed.current(account))).toContain('belongs to another client, server or secret');
    later(2);
    server.refreshTokens.add('r');
    await gateway(account).current(account);
  });

  test('signing in takes the place of everything before and ends a refusal', async () => {
    const account = anAccount(server);
    server.refreshTokens.clear();
    await troubleOf(gateway(account).current(account));
    const grant = {
      accessToken: secretOf('canary-access-new'),
      lifeSeconds: 3600,
      refreshToken: secretOf('canary-refresh-new'),
      refreshSeconds: 604_800,
      scope: 'mail',
    };
    await gateway(account).adopt(account, grant);
    const token = await gateway(account).current(account);
    expect([token.secret.reveal(), token.refreshUntil?.toString()]).toEqual([
      'canary-access-new',
      '2026-03-09T09:00:00Z',
    ]);
    expect(await alarms()).toEqual([]);
    server.refreshTokens.add('canary-refresh-new');
    later(60);
    expect((await gateway(account).current(account)).refreshUntil?.toString()).toBe('2026-03-09T09:00:00Z');
    expect(server.asked.at(-1)).toMatchObject({ refresh_token: 'canary-refresh-new' });
  });

  test('no secret and no address leaves by an error, an alarm or the database', async () => {
    const account = anAccount(server);
    server.rotates = true;
    await gateway(account).current(account);
    later(61);
    server.behave((asked) => ({
      statusCode: 400,
      body: {
        error: 'invalid_grant',
        error_description: `AADSTS700082: ${asked['refresh_token']} of support@example.com with ${asked['client_secret']} has expired\r\n`,
      },
    }));
    const said = await troubleOf(gateway(account).current(account));
    expect(said).toContain('(invalid_grant: AADSTS700082: [secret] of (address) with [secret] has expired )');
    const [stored] = await rows<{ text: string }>(store.db, 'select oauth_tokens::text as text from oauth_tokens');
    const [row] = await rows<{ access: Buffer; refresh: Buffer }>(
      store.db,
      'select access_token as access, refresh_token as refresh from oauth_tokens',
    );
    const everything = [
      said,
      stored?.text,
      JSON.stringify(await alarms()),
      row?.access.toString('latin1'),
      row?.refresh.toString('latin1'),
    ].join();
    expect(everything).not.toContain('canary');
    expect(everything).not.toContain(server.accessTokens[0]);
    expect(everything).not.toContain('support@');
  });
});
