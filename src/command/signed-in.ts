// `casepost session`: who is signed in to the pages, how to end it when a laptop is lost, and how to get in when no mail comes.
import { revokeSessions, sessionsOf } from '../store/sessions.ts';
import { insertSignIn } from '../store/sign-ins.ts';
import { rolesOf } from '../web/roles.ts';
import { anyBrowser, freshToken, hashOf, idleSince } from '../web/session.ts';
import { signInLimits } from '../web/sign-in.ts';
import { signInStanding } from '../web/standing.ts';
import { ProblemsFound } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';

/** Prints the sessions that hold, of `address` or (null) of everybody. */
export async function sessionList(
  address: string | null,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async (session) => {
    const now = session.now();
    for (const one of await sessionsOf(session.database.db, address?.toLowerCase() ?? null, idleSince(now), now)) {
      const [since, seen] = [one.createdAt, one.seenAt].map((at) => at.toString({ smallestUnit: 'minute' }));
      const browser = one.browser || 'unknown browser';
      print(options, one, `${one.id}  ${one.address}  ${browser}, since ${since} by ${one.way}, last seen ${seen}`);
    }
  });
}

/** Prints a link that signs this address in. Ends with ProblemsFound when nobody can sign in, or the desk does not know the address. */
export async function sessionLink(address: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const { db } = session.database;
    const standing = signInStanding(session.config);
    if (!standing.open) throw new ProblemsFound(`session: ${standing.because}`);
    const person = address.toLowerCase();
    if ((await rolesOf(db, session.desk, person)).length === 0)
      throw new ProblemsFound(
        `session: "${address}" is no admin of casepost.yaml, engineer of the policy, or customer`,
      );
    const now = session.now();
    const token = freshToken();
    const row = {
      address: person,
      browserHash: anyBrowser,
      linkHash: hashOf(token),
      // There is no code: it would have to be typed into the browser that asked.
      codeHash: hashOf(freshToken()),
      returnTo: '/',
      endsAt: now.add({ minutes: signInLimits.minutes }),
    };
    const limit = { most: signInLimits.signInsAnHour, since: now.subtract({ hours: 1 }) };
    if ((await db.transaction((trx) => insertSignIn(trx, row, limit, now))) === null)
      throw new ProblemsFound(
        `session: ${limit.most} sign-ins were asked for "${address}" within the hour; wait a while`,
      );
    const link = `${standing.origin}/sign-in/link/${token}?from=shell`;
    print(options, { link, minutes: signInLimits.minutes }, `${link}\nworks once, for ${signInLimits.minutes} minutes`);
  });
}

/** Ends the session of this id, or every session of this address. Ends with ProblemsFound when none held. */
export async function sessionRevoke(who: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const which = who.includes('@') ? { address: who.toLowerCase() } : { id: who };
    const revoked = await revokeSessions(session.database.db, which, session.now());
    if (revoked === 0)
      throw new ProblemsFound(`session: "${who}" is signed in nowhere; "casepost session list" shows who is`);
    print(options, { revoked }, `${revoked} ${revoked === 1 ? 'session' : 'sessions'} ended`);
  });
}
