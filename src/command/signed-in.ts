// `casepost session`: who is signed in to the pages, and how to end it when a laptop is lost.
import { revokeSessions, sessionsOf } from '../store/sessions.ts';
import { idleSince } from '../web/session.ts';
import { ProblemsFound } from './ending.ts';
import { openSession, print, type CommonOptions } from './session.ts';

/** Prints the sessions that hold, of `address` or (null) of everybody. */
export async function sessionList(
  address: string | null,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const session = await openSession(options, env);
  try {
    const now = session.now();
    for (const one of await sessionsOf(session.database.db, address?.toLowerCase() ?? null, idleSince(now), now)) {
      const [since, seen] = [one.createdAt, one.seenAt].map((at) => at.toString({ smallestUnit: 'minute' }));
      const browser = one.browser || 'unknown browser';
      print(options, one, `${one.id}  ${one.address}  ${browser}, since ${since} by ${one.way}, last seen ${seen}`);
    }
  } finally {
    await session.close();
  }
}

/** Ends the session of this id, or every session of this address. Ends with ProblemsFound when none held. */
export async function sessionRevoke(who: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const session = await openSession(options, env);
  try {
    const which = who.includes('@') ? { address: who.toLowerCase() } : { id: who };
    const revoked = await revokeSessions(session.database.db, which, session.now());
    if (revoked === 0)
      throw new ProblemsFound(`session: "${who}" is signed in nowhere; "casepost session list" shows who is`);
    print(options, { revoked }, `${revoked} ${revoked === 1 ? 'session' : 'sessions'} ended`);
  } finally {
    await session.close();
  }
}
