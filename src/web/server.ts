// The one web server of a gateway: what every page and route of it has in common. Rooms add their routes and say whom each is for; a route that
// does not say is refused when the server starts.
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { errorText, type Log } from '../log.ts';
import { openPages, type Pages } from './page.ts';
import { raiseWall } from './wall.ts';

/** Limits of every request; a route may ask for another body size. */
export const webLimits = {
  bodyBytes: 1024 * 1024,
  paramCharsMax: 200,
  requestSeconds: 30,
  /** How long a browser remembers to come by https only. */
  httpsOnlySeconds: 180 * 24 * 60 * 60,
} as const;

/** Adds routes to the server before it listens. */
export type Routes = (server: FastifyInstance, pages: Pages) => void | Promise<void>;

/** Pages load nothing from outside and run no script, unless a route says otherwise (`helmet:` in its options). */
export const pageDirectives = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
} satisfies Record<string, string[]>;

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Serves `routes` on `host` and `port` (0 takes a free one; `url` says which) until closed. Rejects when the port is taken. Bound to loopback
 * it answers only requests that name a loopback host or that of `publicUrl`, so that no website can read it through a browser. `trustProxy`: the
 * proxies (addresses or networks) whose word on where a request comes from counts.
 */
export async function startWeb(options: {
  host: string;
  port: number;
  routes: Routes[];
  log: Log;
  publicUrl?: string | null;
  trustProxy?: string[];
}): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port, routes, publicUrl = null, trustProxy = [] } = options;
  const server = fastify({
    logger: false,
    bodyLimit: webLimits.bodyBytes,
    requestTimeout: webLimits.requestSeconds * 1000,
    routerOptions: { maxParamLength: webLimits.paramCharsMax },
    forceCloseConnections: true,
    trustProxy: trustProxy.length > 0 ? trustProxy : false,
  });
  const loopback = host === '::1' || loopbackNames.includes(host);
  const names = [...loopbackNames, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])];
  server.decorateRequest('visitor', null);
  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new Error(`the route ${String(method)} ${url} does not say whom it is for`);
  });
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: pageDirectives },
    // Not no-referrer: with that a browser sends its own forms without their origin.
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: publicUrl?.startsWith('https:')
      ? { maxAge: webLimits.httpsOnlySeconds, includeSubDomains: false }
      : false,
  });
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    const name = (request.headers.host ?? '').replace(/:[0-9]+$/, '').toLowerCase();
    if (loopback && !names.includes(name))
      await reply.code(421).type('text/plain').send('This server answers on this machine only.\n');
  });
  await server.register(formbody, { bodyLimit: webLimits.bodyBytes });
  const pages = await openPages();
  raiseWall(server, pages);
  const says = (title: string, text: string) => ({ title, text });
  server.setNotFoundHandler((request, reply) =>
    wantsPage(request.headers.accept)
      ? pages.show(request, reply.code(404), 'message', says('There is nothing here', 'The address may be mistyped.'))
      : reply.code(404).type('text/plain; charset=utf-8').send('There is nothing here.\n'),
  );
  server.setErrorHandler((error, request, reply) => {
    const said = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    const code = said >= 400 && said < 500 ? said : 500;
    if (code === 500) options.log.error({ error: errorText(error) }, `a request failed (${errorText(error)})`);
    // What failed may hold data of people: the answer says that it failed and no more.
    const text =
      refusals[code] ?? (code === 500 ? 'That failed; try again in a while.' : 'That is no request we understand.');
    if (wantsPage(request.headers.accept) && code !== 500)
      return pages.show(request, reply.code(code), 'message', says('That did not work', text));
    return reply.code(code).type('text/plain; charset=utf-8').send(`${text}\n`);
  });
  for (const add of routes) await add(server, pages);
  const url = await server.listen({ host, port });
  return { url, close: () => server.close() };
}

/** What people are told of a refusal, by its HTTP code. */
const refusals: Record<number, string> = {
  403: 'This form holds no longer. Go back, load the page anew and send it again.',
  413: 'That is more than is taken here; send less.',
  429: 'Too many requests from your network; wait a while and try again.',
};

function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}
