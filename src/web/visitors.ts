// Everything about who is signed in, as one room of routes: it stands first, so that all others know their visitor. While the configuration lets
// nobody sign in, /sign-in says why and every route for roles stays shut.
import type { Clock } from '../clock.ts';
import type { Desk } from '../desk.ts';
import type { Log } from '../log.ts';
import type { Db } from '../store/db.ts';
import { accountRoutes } from './account.ts';
import { installGuard } from './guard.ts';
import type { Routes } from './server.ts';
import { cookiesOf } from './session.ts';
import { mailSignIn } from './sign-in.ts';
import { singleSignOn } from './single-sign-on.ts';
import { signInStanding } from './standing.ts';

/** The guard, /sign-in, /account and /. `onLetter`: a letter waits in the outbox. */
export function signInRoutes(options: { db: Db; desk: Desk; now: Clock; log: Log; onLetter: () => void }): Routes {
  const { db, desk, now } = options;
  return async (server, pages) => {
    const standing = signInStanding(desk.config);
    if (!standing.open) {
      server.get('/sign-in', { config: { access: 'open' } }, (request, reply) =>
        pages.show(request, reply.code(503), 'message', {
          title: 'Nobody can sign in yet',
          text: `${standing.because}.`,
        }),
      );
      return;
    }
    const { origin } = standing;
    const cookies = cookiesOf(standing);
    await installGuard(server, pages, { db, desk, origin, cookies, now });
    const { oidc } = desk.config;
    mailSignIn(server, pages, { ...options, origin, cookies, oidc: oidc !== null });
    if (oidc) singleSignOn(server, pages, oidc, { ...options, origin, cookies });
    await accountRoutes({ db, cookies, now })(server, pages);
  };
}
