// The description of the API is true: what it allows is taken, what it forbids is refused, and every answer is one that it names.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import * as z from 'zod';
import { customerColumns, type CustomerKind } from '../../src/policy/customer-row.ts';
import { shippedPolicy } from '../../src/policy/load.ts';
import { insertApiToken } from '../../src/store/api-tokens.ts';
import { openDatabase, type Database } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { apiRoutes } from '../../src/web/api.ts';
import { startWeb } from '../../src/web/server.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');
const token = 'casepost_0123456789';
const now = Temporal.Instant.from('2026-03-02T09:00Z');

type Json = { [name: string]: unknown };
interface Operation {
  operationId: string;
  requestBody?: { content: { 'application/json': { schema: Json } } };
  responses: Record<string, Json>;
}

describe.skipIf(missing)(`the description of the API ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  let web: { url: string; close(): Promise<void> };
  let document: Json & {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Json> };
  };
  beforeAll(async () => {
    own = await sharedDatabase('openapi');
    database = await openDatabase(own.url);
    const { db } = database;
    await migrate(db);
    await insertApiToken(db, { name: 'crm', hash: createHash('sha256').update(token).digest() }, now);
    const log = pino({ level: 'silent' });
    const routes = [apiRoutes({ db, desk: { policy: shippedPolicy() }, log })];
    web = await startWeb({ host: '127.0.0.1', port: 0, routes, log });
    document = (await (await fetch(`${web.url}/api/v1/openapi.json`)).json()) as typeof document;
  }, 60_000);
  afterAll(async () => {
    await web?.close();
    await database?.close();
    await own?.drop();
  });

  /** What a reference of the document names; throws when it names nothing. */
  function resolved(node: Json): Json {
    const reference = node['$ref'];
    if (typeof reference !== 'string') return node;
    const found = reference
      .slice('#/'.length)
      .split('/')
      .reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document);
    if (found === undefined) throw new Error(`${reference} names nothing`);
    return resolved(found as Json);
  }
  /** The same with every reference followed. */
  function whole(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(whole);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(resolved(node as Json)).map(([name, one]) => [name, whole(one)]));
  }
  const fits = (schema: Json, value: unknown) =>
    z.fromJSONSchema(whole(schema) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).success;

  /** Asks, and says whether the document allows the request; the answer must be one that it names. */
  async function asked(method: 'get' | 'put' | 'post' | 'delete', path: string, keyed: string, body?: unknown) {
    const operation = document.paths[path]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not in the document`);
    const response = await fetch(`${web.url}/api/v1${path.replace('{key}', encodeURIComponent(keyed))}`, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const named = operation.responses[String(response.status)];
    expect(named, `${method} ${path} answered ${response.status} ${text}`).toBeDefined();
    const content = resolved(named as Json)['content'] as { 'application/json': { schema: Json } } | undefined;
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (content) expect(fits(content['application/json'].schema, answer), `${response.status} ${text}`).toBe(true);
    else expect(answer).toBeUndefined();
    const schema = operation.requestBody?.content['application/json'].schema;
    return { code: response.status, allowed: schema ? fits(schema, body) : true };
  }
  const kinds = Object.keys(customerColumns) as CustomerKind[];
  const exampleOf = (kind: string): Json => {
    const [example] = (document.components.schemas[kind]?.['examples'] ?? []) as Json[];
    return example ?? {};
  };
  const keyOf = (kind: CustomerKind) => String(exampleOf(kind)[customerColumns[kind][0].replace('!', '')]);

  it('is whole: every reference names something, every operation has a name of its own', () => {
    const names = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((one) => ('operationId' in one ? [one.operationId] : [])),
    );
    expect([names.length, new Set(names).size]).toEqual([kinds.length * 4, kinds.length * 4]);
    expect(() => whole(document)).not.toThrow();
  });

  it('its examples are taken, changed, found and taken away', async () => {
    for (const kind of kinds) {
      const path = `/${kind}/{key}`;
      expect(await asked('put', path, keyOf(kind), exampleOf(kind))).toEqual({ code: 201, allowed: true });
      expect(await asked('put', path, keyOf(kind), exampleOf(kind))).toEqual({ code: 200, allowed: true });
      expect((await asked('get', path, keyOf(kind))).code).toBe(200);
      const many = { rows: [exampleOf(kind)], dryRun: true };
      expect(await asked('post', `/${kind}`, '', many)).toEqual({ code: 200, allowed: true });
    }
    expect((await asked('delete', '/accounts/{key}', 'acme')).code).toBe(409);
    for (const kind of kinds.toReversed())
      expect((await asked('delete', `/${kind}/{key}`, keyOf(kind))).code).toBe(204);
    expect((await asked('get', '/accounts/{key}', 'acme')).code).toBe(404);
  });

  it('a column that must be filled in, and one that is unknown, it forbids as the API does', async () => {
    await asked('put', '/accounts/{key}', 'acme', exampleOf('accounts'));
    for (const kind of kinds) {
      for (const column of customerColumns[kind].slice(1)) {
        const name = column.replace('!', '');
        const { [name]: _, ...without } = exampleOf(kind);
        const key = keyOf(kind);
        const { code, allowed } = await asked('put', `/${kind}/{key}`, key, without);
        expect([kind, name, allowed]).toEqual([kind, name, code < 300]);
        expect(allowed).toBe(!column.endsWith('!'));
      }
      for (const wrong of [
        { ...exampleOf(kind), extra: 'x' },
        { ...exampleOf(kind), account: '  ', name: ' ' },
      ]) {
        const { code, allowed } = await asked('put', `/${kind}/{key}`, keyOf(kind), wrong);
        expect([kind, code, allowed]).toEqual([kind, 422, false]);
      }
      const bad = { rows: [{ ...exampleOf(kind), extra: 'x' }] };
      expect(await asked('post', `/${kind}`, '', bad)).toEqual({ code: 422, allowed: false });
    }
    expect(await asked('post', '/accounts', '', { rows: 'all' })).toEqual({ code: 400, allowed: false });
  });

  it('is read without a token; nothing beside it is', async () => {
    const codes = await Promise.all(
      ['openapi.json', 'accounts/acme', 'openapi.json/x', 'openapi.jsonx'].map(
        async (path) => (await fetch(`${web.url}/api/v1/${path}`)).status,
      ),
    );
    expect(codes).toEqual([200, 401, 401, 404]);
  });
});
