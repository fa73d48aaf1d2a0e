// The CRM's door over a real socket: only with a token, only customers, with the import's own words for what is wrong.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { shippedPolicy } from '../../src/policy/load.ts';
import { insertApiToken, revokeApiToken } from '../../src/store/api-tokens.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { apiLimits, apiRoutes } from '../../src/web/api.ts';
import { startWeb } from '../../src/web/server.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');
const token = 'casepost_0123456789';
const now = Temporal.Instant.from('2026-03-02T09:00Z');

describe.skipIf(missing)(`the API ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  let web: { url: string; close(): Promise<void> };
  beforeAll(async () => {
    own = await sharedDatabase('api');
    database = await openDatabase(own.url);
    const { db } = database;
    await migrate(db);
    await insertApiToken(db, { name: 'crm', hash: createHash('sha256').update(token).digest() }, now);
  }, 60_000);
  beforeEach(async () => {
    await web?.close();
    const log = pino({ level: 'silent' });
    const routes = [apiRoutes({ db: database.db, desk: { policy: shippedPolicy() }, log })];
    web = await startWeb({ host: '127.0.0.1', port: 0, routes, log });
    await rows(database.db, 'truncate accounts, contacts, account_domains, serials, entitlements');
    await asked('PUT', 'accounts/acme', { name: 'Acme Ltd' });
  });
  afterAll(async () => {
    await web?.close();
    await database?.close();
    await own?.drop();
  });

  async function asked(method: string, path: string, body?: unknown, as: string | null = token) {
    const response = await fetch(`${web.url}/api/v1/${path}`, {
      method,
      headers: {
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { code: response.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> | null };
  }
  const accounts = async () => (await rows<{ id: string }>(database.db, 'select id from accounts')).map(({ id }) => id);
  const premier = { account: 'acme', plan: 'advantage-premier', starts: '2026-01-01' };

  it('puts, gets and takes away; put twice is put once', async () => {
    expect((await asked('PUT', 'entitlements/e1', premier)).code).toBe(201);
    expect((await asked('PUT', 'entitlements/e1', premier)).code).toBe(200);
    expect((await asked('GET', 'entitlements/e1')).body).toEqual({
      id: 'e1',
      account: 'acme',
      plan: 'advantage-premier',
      product: null,
      starts: '2026-01-01T00:00:00Z',
      expires: null,
      incidents: null,
    });
    expect((await asked('DELETE', 'entitlements/e1')).code).toBe(204);
    expect((await asked('GET', 'entitlements/e1')).code).toBe(404);
    expect((await asked('DELETE', 'entitlements/e1')).code).toBe(404);
  });

  it('what it gives can be put back as it is', async () => {
    await asked('PUT', 'serials/S-1', { account: 'acme', product: 'Snap Deploy', registered: '2026-01-05' });
    await asked('PUT', 'contacts/Kim@Acme.example', { account: 'acme', name: 'Kim', zone: 'Europe/Berlin' });
    await asked('PUT', 'entitlements/e1', { ...premier, expires: '2026-12-31' });
    for (const path of ['accounts/acme', 'serials/S-1', 'contacts/kim@acme.example', 'entitlements/e1']) {
      const { body } = await asked('GET', path);
      expect(await asked('PUT', path, body)).toEqual({ code: 200, body });
    }
  });

  it.each([
    ['none', null],
    ['a wrong one', 'casepost_012345678'],
    ['an empty one', ''],
  ])('without a valid token (%s) nothing is read or written', async (_, as) => {
    expect((await asked('GET', 'accounts/acme', undefined, as)).code).toBe(401);
    expect((await asked('PUT', 'accounts/evil', { name: 'Evil' }, as)).code).toBe(401);
    expect((await asked('POST', 'accounts', { rows: [{ id: 'evil', name: 'Evil' }] }, as)).code).toBe(401);
    expect((await asked('DELETE', 'accounts/acme', undefined, as)).code).toBe(401);
    expect(await accounts()).toEqual(['acme']);
  });

  it('a token that was revoked opens nothing', async () => {
    await insertApiToken(database.db, { name: 'old', hash: createHash('sha256').update('old').digest() }, now);
    expect((await asked('GET', 'accounts/acme', undefined, 'old')).code).toBe(200);
    expect(await revokeApiToken(database.db, 'old', now)).toBe(true);
    expect((await asked('GET', 'accounts/acme', undefined, 'old')).code).toBe(401);
  });

  it('says what is wrong as the import does', async () => {
    expect(await asked('PUT', 'entitlements/e1', { ...premier, plan: 'advantage-premiere', start: '2026' })).toEqual({
      code: 422,
      body: {
        problems: [
          {
            column: 'start',
            problem:
              'is no column of entitlements (did you mean "starts"?); allowed: id, account, plan, product, starts, expires, incidents',
          },
          { column: 'plan', problem: expect.stringContaining('(did you mean "advantage-premier"?)') as string },
        ],
      },
    });
    expect((await asked('PUT', 'accounts/acme', '{')).code).toBe(400);
    expect((await asked('PUT', 'accounts/acme', '[]')).code).toBe(400);
    expect((await asked('PUT', 'accounts/acme', { id: 'other', name: 'Other' })).code).toBe(400);
    expect((await asked('GET', 'cases/1')).code).toBe(404);
    expect((await asked('PUT', 'accounts/acme', { name: 'x'.repeat(apiLimits.rowBytes) })).code).toBe(413);
  });

  it('takes many rows, all or none', async () => {
    const lots = Array.from({ length: 3000 }, (_, index) => ({ address: `p${index}@acme.example`, account: 'acme' }));
    const bad = { address: 'nobody', account: 'acme' };
    expect(await asked('POST', 'contacts', { rows: [...lots, bad] })).toMatchObject({
      code: 422,
      body: { written: false, problems: [{ row: 3001, column: 'address' }] },
    });
    expect((await asked('POST', 'contacts', { rows: [...lots, bad], skipBad: true })).body).toMatchObject({
      added: 3000,
      bad: 1,
    });
    expect((await asked('POST', 'contacts', { rows: lots })).body).toMatchObject({ added: 0, unchanged: 3000 });
    expect((await asked('POST', 'contacts', { rows: 'all' })).code).toBe(400);
  });

  it('keeps an account with something under it, and a purchase of which something was used', async () => {
    await asked('PUT', 'entitlements/e1', { ...premier, plan: 'pay-per-incident', incidents: 3 });
    expect(await asked('DELETE', 'accounts/acme')).toMatchObject({
      code: 409,
      body: { error: expect.stringContaining('1 entitlements') as string },
    });
    await rows(database.db, 'update entitlements set incidents_left = 2');
    expect((await asked('DELETE', 'entitlements/e1')).code).toBe(409);
    await rows(database.db, 'update entitlements set incidents_left = 3');
    expect((await asked('DELETE', 'entitlements/e1')).code).toBe(204);
    expect((await asked('DELETE', 'accounts/acme')).code).toBe(204);
  });

  it('answers only so many requests a minute, without a token too', async () => {
    const codes: number[] = [];
    for (let count = 0; count <= apiLimits.requestsAMinute; count += 1)
      codes.push((await asked('GET', 'accounts/acme', undefined, null)).code);
    expect(codes.at(-1)).toBe(429);
    expect(codes[0]).toBe(401);
  });
});
