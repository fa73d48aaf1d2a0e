// What a person sees of their own: who they are here, where they are signed in, and how to end that, here, elsewhere or everywhere.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Instant } from '../clock.ts';
import type { Db } from '../store/db.ts';
import { revokeSessions, sessionsOf } from '../store/sessions.ts';
import { everyRole, mayEnter, visitorOf } from './access.ts';
import { field } from './form.ts';
import { areas } from './page.ts';
import type { Routes } from './server.ts';
import { idleSince, sessionLimits, type Cookies } from './session.ts';

/** The routes / (to where this person starts) and /account. */
export function accountRoutes({ db, cookies, now }: { db: Db; cookies: Cookies; now: Clock }): Routes {
  const everybody = { config: { access: everyRole } };
  const signedOut = (request: FastifyRequest, reply: FastifyReply) =>
    reply
      .clearCookie(cookies.session, cookies.options)
      .clearCookie(cookies.form, cookies.options)
      .redirect('/sign-in', 303);
  return (server, pages) => {
    server.get('/', everybody, (request, reply) => {
      const { roles } = visitorOf(request);
      return reply.redirect(areas.find((area) => mayEnter(area.roles, roles))?.href ?? '/account', 303);
    });
    server.get('/account', everybody, async (request, reply) => {
      const { address, sessionId } = visitorOf(request);
      const at = now();
      const sessions = await sessionsOf(db, address, idleSince(at), at);
      return pages.show(request, reply, 'account', {
        title: 'My account',
        ...sessionLimits,
        sessions: sessions.map((session) => ({
          id: session.id,
          browser: session.browser || 'an unknown browser',
          way: waysIn[session.way],
          since: shown(session.createdAt),
          seen: shown(session.seenAt),
          here: session.id === sessionId,
        })),
      });
    });
    server.post('/account/sign-out', everybody, async (request, reply) => {
      await revokeSessions(db, { id: visitorOf(request).sessionId }, now());
      return signedOut(request, reply);
    });
    server.post('/account/sign-out-everywhere', everybody, async (request, reply) => {
      await revokeSessions(db, { address: visitorOf(request).address }, now());
      return signedOut(request, reply);
    });
    server.post('/account/end', everybody, async (request, reply) => {
      // The address stands beside the id: nobody ends another's session.
      await revokeSessions(db, { id: field(request.body, 'id'), address: visitorOf(request).address }, now());
      return reply.redirect('/account', 303);
    });
  };
}

const waysIn = { link: 'by the link of a letter', code: 'by the code of a letter', oidc: 'by single sign-on' } as const;

function shown(at: Instant): { iso: string; text: string } {
  const time = at.toZonedDateTimeISO('UTC').toPlainDateTime().toString({ smallestUnit: 'minute' });
  return { iso: at.toString(), text: `${time.replace('T', ' ')} UTC` };
}
