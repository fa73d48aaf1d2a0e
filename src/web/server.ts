// The one web server of a gateway: what every page and route of it has in common. Rooms add their routes; who may see them is theirs to decide.
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { errorText, type Log } from '../log.ts';

/** Limits of every request; a route may ask for another body size. */
export const webLimits = {
  bodyBytes: 1024 * 1024,
  paramCharsMax: 200,
  requestSeconds: 30,
} as const;

/** Adds routes to the server before it listens. */
export type Routes = (server: FastifyInstance) => void | Promise<void>;

/** Pages load nothing from outside and run no script, unless a route says otherwise. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Serves `routes` on `host` and `port` (0 takes a free one; `url` says which) until closed. Rejects when the port is taken. Bound to loopback
 * it answers only requests that name a loopback host, so that no website can read it through a browser.
 */
export async function startWeb(options: {
  host: string;
  port: number;
  routes: Routes[];
  log: Log;
}): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port, routes } = options;
  const server = fastify({
    logger: false,
    bodyLimit: webLimits.bodyBytes,
    requestTimeout: webLimits.requestSeconds * 1000,
    routerOptions: { maxParamLength: webLimits.paramCharsMax },
    forceCloseConnections: true,
  });
  const loopback = host === '::1' || loopbackNames.includes(host);
  server.addHook('onRequest', async (request, reply) => {
    const name = (request.headers.host ?? '').replace(/:[0-9]+$/, '').toLowerCase();
    if (loopback && !loopbackNames.includes(name)) {
      await reply.code(421).type('text/plain').send('This server answers on this machine only.\n');
      return;
    }
    void reply.headers({
      'content-security-policy': pagePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('There is nothing here.\n'),
  );
  server.setErrorHandler((error, _request, reply) => {
    const said = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    const code = said >= 400 && said < 500 ? said : 500;
    // What failed may hold data of people: the answer says that it failed and no more.
    const text = code === 500 ? 'That failed; try again in a while.' : 'That is no request we understand.';
    if (code === 500) options.log.error({ error: errorText(error) }, `a request failed (${errorText(error)})`);
    return reply.code(code).type('text/plain; charset=utf-8').send(`${text}\n`);
  });
  for (const add of routes) await add(server);
  const url = await server.listen({ host, port });
  return { url, close: () => server.close() };
}
