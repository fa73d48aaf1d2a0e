// A signed-in browser: a random cookie, of which the database keeps the hash. Roles are looked up at each request; sessions end by themselves after a
// quiet time and after a working day, and at once when they are revoked.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Instant } from '../clock.ts';
import type { Desk } from '../desk.ts';
import type { Db } from '../store/db.ts';
import { findSession, insertSession, revokeSessions, touchSession, type SignInWay } from '../store/sessions.ts';
import type { Visitor } from './access.ts';
import { browserName } from './browser-name.ts';
import { rolesOf } from './roles.ts';

/** Limits of a session. */
export const sessionLimits = {
  hours: 12,
  idleHours: 2,
  /** That somebody is there is written down so often and no oftener. */
  touchSeconds: 60,
  tokenBytes: 32,
  idBytes: 8,
  /** An ended session can still be looked up for so long. */
  keptDays: 30,
} as const;

/** What cookies are called and who may send them. */
export interface Cookies {
  session: string;
  asked: string;
  single: string;
  form: string;
  options: { path: '/'; httpOnly: true; sameSite: 'lax'; secure: boolean };
}

/** The cookies of this origin: over https no other host can set them (`__Host-`). */
export function cookiesOf({ secure }: { secure: boolean }): Cookies {
  const prefix = secure ? '__Host-' : '';
  const name = (word: string) => `${prefix}casepost-${word}`;
  return {
    session: name('session'),
    asked: name('asked'),
    single: name('single'),
    form: name('form'),
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure },
  };
}

/** SHA-256, as every secret of a browser is kept. */
export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Stands where the hash of a browser's cookie would, in a link made at a shell: that one works in any browser, and no cookie has this hash. */
export const anyBrowser = Buffer.alloc(32);

/** A fresh secret, in letters that need no quoting in cookies and links. */
export function freshToken(): string {
  return randomBytes(sessionLimits.tokenBytes).toString('base64url');
}

/** The instant since which a session must have been used to hold. */
export function idleSince(now: Instant): Instant {
  return now.subtract({ hours: sessionLimits.idleHours });
}

/**
 * Signs the browser in as `address`: always a new session and a new cookie, so that one that was planted before is worth nothing; the session it
 * had ends.
 */
export async function openVisit(
  { db, cookies }: { db: Db; cookies: Cookies },
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { address, way }: { address: string; way: SignInWay },
  now: Instant,
): Promise<void> {
  const token = freshToken();
  const id = randomBytes(sessionLimits.idBytes).toString('hex');
  const endsAt = now.add({ hours: sessionLimits.hours });
  const browser = browserName(request.headers['user-agent'] ?? '');
  if (request.visitor) await revokeSessions(db, { id: request.visitor.sessionId }, now);
  await insertSession(db, { id, hash: hashOf(token), address, way, browser, endsAt }, now);
  const { options } = cookies;
  void reply.clearCookie(cookies.asked, options).clearCookie(cookies.form, options);
  void reply.setCookie(cookies.session, token, { ...options, maxAge: sessionLimits.hours * 60 * 60 });
}

/** Whose cookie this is; null when it is nobody's, its session has ended, or its address may do nothing here any more. */
export async function readVisit(db: Db, desk: Desk, token: string | undefined, now: Instant): Promise<Visitor | null> {
  if (token === undefined || !/^[\w-]{43}$/.test(token)) return null;
  const session = await findSession(db, hashOf(token), idleSince(now), now);
  if (!session) return null;
  const roles = await rolesOf(db, desk, session.address);
  if (roles.length === 0) return null;
  if (Temporal.Duration.compare(session.seenAt.until(now), { seconds: sessionLimits.touchSeconds }) >= 0)
    await touchSession(db, session.id, now);
  return { address: session.address, roles, sessionId: session.id };
}
