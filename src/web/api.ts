// The door for a CRM: customers as JSON, read by the same checker as the CSV files, for who holds a token. Nothing else of the desk is here, and
// what only we know of a customer (who has written to us, incidents left) is not shown.
import { createHash, timingSafeEqual } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { takeCustomers, type BadRow } from '../customers.ts';
import type { Desk } from '../desk.ts';
import { errorText, type Log } from '../log.ts';
import { columnsOf, customerColumns, type CustomerKind } from '../policy/customer-row.ts';
import { isRecord } from '../policy/policy.ts';
import { findCustomer, lockCustomers, removeCustomer, underAccount, usedIncidents } from '../store/accounts.ts';
import { apiTokenHashes } from '../store/api-tokens.ts';
import type { Db, Transaction } from '../store/db.ts';
import { openApi } from './openapi.ts';
import type { Routes } from './server.ts';

/** Limits of the API; requests are counted by the address they come from, with a token or without. */
export const apiLimits = {
  requestsAMinute: 600,
  rowBytes: 64 * 1024,
  bulkBytes: 16 * 1024 * 1024,
  bulkRows: 10_000,
} as const;

interface ApiOptions {
  db: Db;
  /** Its policy is looked at with each request, so that a new version counts at once. */
  desk: Pick<Desk, 'policy'>;
  log: Log;
}

interface Named {
  Params: { kind: string; key: string };
}

/** GET, PUT and DELETE of `/api/v1/KIND/KEY`, POST of `{ "rows": […] }` to `/api/v1/KIND`, and their description, which needs no token. */
export function apiRoutes({ db, desk, log }: ApiOptions): Routes {
  return async (server) => {
    await server.register(
      async (api: FastifyInstance) => {
        await api.register(rateLimit, { max: apiLimits.requestsAMinute, timeWindow: '1 minute' });
        // After the rate limit, before the body is read.
        api.addHook('preParsing', async (request, reply) => {
          if (request.routeOptions.url !== describing && !(await mayEnter(db, request))) await refuse(reply);
        });
        api.setErrorHandler((error, _request, reply) => {
          const said = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
          if (said >= 400 && said < 500) return reply.code(said).send({ error: errorText(error) });
          log.error({ error: errorText(error) }, `a request of the API failed (${errorText(error)})`);
          return reply.code(500).send({ error: 'that failed; nothing was written, try again in a while' });
        });
        const access = { config: { access: 'token' } } as const;
        api.get('/openapi.json', access, async () => openApi(apiLimits));
        api.get<Named>('/:kind/:key', access, (request, reply) => read(db, request, reply));
        api.put<Named>('/:kind/:key', { ...access, bodyLimit: apiLimits.rowBytes }, (request, reply) =>
          write(db, desk, request, reply),
        );
        api.delete<Named>('/:kind/:key', access, (request, reply) => remove(db, request, reply));
        api.post<Named>('/:kind', { ...access, bodyLimit: apiLimits.bulkBytes }, (request, reply) =>
          writeMany(db, desk, request, reply),
        );
      },
      { prefix: '/api/v1' },
    );
  };
}

/** The route that describes the others: nothing in it is of anybody. */
const describing = '/api/v1/openapi.json';

async function mayEnter(db: Db, request: FastifyRequest): Promise<boolean> {
  const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return false;
  const hash = createHash('sha256').update(token).digest();
  // Every one is compared, so that the time tells nothing.
  const same = (await apiTokenHashes(db)).filter((known) => timingSafeEqual(known.hash, hash));
  return same.length > 0;
}

async function refuse(reply: FastifyReply): Promise<void> {
  const error = 'no valid token; send "Authorization: Bearer …" with one of "casepost api-token create"';
  await reply.code(401).header('www-authenticate', 'Bearer').send({ error });
}

async function read(db: Db, request: FastifyRequest<Named>, reply: FastifyReply): Promise<unknown> {
  const kind = kindOf(request, reply);
  if (kind === null) return reply;
  const found = await findCustomer(db, kind, keyOf(kind, request.params.key));
  return found ?? notFound(reply, kind);
}

async function write(
  db: Db,
  desk: Pick<Desk, 'policy'>,
  request: FastifyRequest<Named>,
  reply: FastifyReply,
): Promise<unknown> {
  const kind = kindOf(request, reply);
  if (kind === null) return reply;
  if (!isRecord(request.body)) return reply.code(400).send({ error: 'the body is no JSON object' });
  const [keyColumn = ''] = columnsOf(kind);
  const { key } = request.params;
  if (Object.hasOwn(request.body, keyColumn) && request.body[keyColumn] !== key)
    return reply.code(400).send({ error: `${keyColumn}: the body names another one than the address of this request` });
  const bad: BadRow[] = [];
  const given = [{ line: 1, record: { ...request.body, [keyColumn]: key } }];
  const how = { dryRun: false, skipBad: false, onBad: (row: BadRow) => bad.push(row) };
  const taken = await takeCustomers(db, kind, given, how, desk.policy);
  if (bad.length > 0)
    return reply.code(422).send({ problems: bad.map(({ column, problem }) => ({ column, problem })) });
  return reply.code(taken.added === 1 ? 201 : 200).send(await findCustomer(db, kind, keyOf(kind, key)));
}

async function writeMany(
  db: Db,
  desk: Pick<Desk, 'policy'>,
  request: FastifyRequest<Named>,
  reply: FastifyReply,
): Promise<unknown> {
  const kind = kindOf(request, reply);
  if (kind === null) return reply;
  const body = request.body;
  const given = isRecord(body) && Array.isArray(body['rows']) ? (body['rows'] as unknown[]) : null;
  if (!given || !given.every(isRecord) || given.length > apiLimits.bulkRows)
    return reply.code(400).send({
      error: `the body is { "rows": […] } with up to ${apiLimits.bulkRows} objects, and if you like "dryRun" and "skipBad"`,
    });
  const problems: BadRow[] = [];
  const { dryRun, skipBad } = body as Record<string, unknown>;
  const how = { dryRun: dryRun === true, skipBad: skipBad === true, onBad: (row: BadRow) => problems.push(row) };
  const numbered = given.map((record, index) => ({ line: index + 1, record }));
  const taken = await takeCustomers(db, kind, numbered, how, desk.policy);
  const refused = taken.bad > 0 && !how.skipBad;
  const answer = { ...taken, problems: problems.map(({ line, column, problem }) => ({ row: line, column, problem })) };
  return reply.code(refused ? 422 : 200).send(answer);
}

async function remove(db: Db, request: FastifyRequest<Named>, reply: FastifyReply): Promise<unknown> {
  const kind = kindOf(request, reply);
  if (kind === null) return reply;
  const key = keyOf(kind, request.params.key);
  const done = await db.transaction(async (trx) => {
    await lockCustomers(trx);
    const because = await keptBecause(trx, kind, key);
    return because ?? removeCustomer(trx, kind, key);
  });
  if (typeof done === 'string') return reply.code(409).send({ error: done });
  return done ? reply.code(204).send() : notFound(reply, kind);
}

/** Why a row may not be taken away; null when it may. */
async function keptBecause(trx: Transaction, kind: CustomerKind, key: string): Promise<string | null> {
  if (kind === 'accounts') {
    const under = await underAccount(trx, key);
    return under === '' ? null : `account "${key}" still has ${under}; take these away first`;
  }
  if (kind !== 'entitlements') return null;
  // Put again afterwards it would be whole: what is spent would be bought back.
  const used = (await usedIncidents(trx, [key])).get(key) ?? 0;
  return used === 0 ? null : `cases have used ${used} incidents of "${key}"; let it expire instead`;
}

function kindOf(request: FastifyRequest<Named>, reply: FastifyReply): CustomerKind | null {
  const { kind } = request.params;
  if (Object.hasOwn(customerColumns, kind)) return kind as CustomerKind;
  const allowed = Object.keys(customerColumns).join(', ');
  void reply.code(404).send({ error: `"${kind}" is nothing we keep; allowed: ${allowed}` });
  return null;
}

/** Addresses and domains are kept in small letters. */
function keyOf(kind: CustomerKind, key: string): string {
  return kind === 'contacts' || kind === 'domains' ? key.toLowerCase() : key;
}

function notFound(reply: FastifyReply, kind: CustomerKind): FastifyReply {
  return reply.code(404).send({ error: `there is no such row of ${kind}` });
}
