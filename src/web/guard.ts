// Says who is signed in, and that what changes something was sent from a page of ours: the right host, the right origin, and the token that we wrote
// into that page for this session (TRUST B61, B63, T24).
import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { signingKey, type Desk } from '../desk.ts';
import type { Db } from '../store/db.ts';
import { csrfOwner, type Pages } from './page.ts';
import { readVisit, type Cookies } from './session.ts';

/** Methods that change nothing (RFC 9110 9.2.1). */
const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/** Adds cookies, the visitor of each request, and the checks of everything that is sent. */
export async function installGuard(
  server: FastifyInstance,
  pages: Pages,
  options: { db: Db; desk: Desk; origin: string; cookies: Cookies; now: Clock },
): Promise<void> {
  const { db, desk, origin, cookies, now } = options;
  await server.register(cookie);
  await server.register(csrf, {
    cookieKey: cookies.form,
    cookieOpts: cookies.options,
    getUserInfo: csrfOwner,
    // The same in every gateway, and none of the keys that sign anything else.
    csrfOpts: {
      hmacKey: createHash('sha256')
        .update(`form:${signingKey(desk).secret}`)
        .digest('hex'),
    },
    logLevel: 'debug',
  });
  server.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'open' || access === 'token') return;
    if (request.host !== new URL(origin).host) await misdirected(request, reply, pages, origin);
    else request.visitor = await readVisit(db, desk, request.cookies[cookies.session], now());
  });
  server.addHook('preHandler', (request, reply, done) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'token' || safeMethods.includes(request.method)) return done();
    if (!ofOurs(request, origin))
      return done(Object.assign(new Error('sent from a foreign page'), { statusCode: 403 }));
    return server.csrfProtection(request, reply, done);
  });
}

/** Browsers say where a form stands; what says nothing still needs the token. */
function ofOurs({ headers }: FastifyRequest, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return headers.origin === undefined || headers.origin === origin;
}

async function misdirected(request: FastifyRequest, reply: FastifyReply, pages: Pages, origin: string): Promise<void> {
  await pages.show(request, reply.code(421), 'message', {
    title: 'These pages have another address',
    text: `Open them at ${origin}. Behind a proxy, have it pass on the Host that browsers asked for.`,
  });
}
