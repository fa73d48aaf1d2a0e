// Keeps out who may not enter a route, before anything is read of the request's body. Without sign-in nobody is ever signed in, so that a route for
// roles stays shut.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayEnter } from './access.ts';
import type { Pages } from './page.ts';

/** Sends who is not signed in to the sign-in page, and says no to who lacks the role. */
export function raiseWall(server: FastifyInstance, pages: Pages): void {
  server.addHook('preParsing', async (request, reply) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || typeof access === 'string') return;
    if (request.visitor === null) await askToSignIn(request, reply);
    else if (!mayEnter(access, request.visitor.roles)) await refuse(request, reply, pages);
  });
}

async function askToSignIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (request.method === 'GET') await reply.redirect(`/sign-in?to=${encodeURIComponent(request.url)}`, 303);
  else
    await reply
      .code(401)
      .type('text/plain; charset=utf-8')
      .send('Nobody is signed in here; sign in and send it again.\n');
}

async function refuse(request: FastifyRequest, reply: FastifyReply, pages: Pages): Promise<void> {
  await pages.show(request, reply.code(403), 'message', {
    title: 'This page is not for you',
    text: 'You are signed in, but not with an address that may open this page. An admin of this desk can change that.',
  });
}
