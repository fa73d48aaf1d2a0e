// Signing in by a company's own sign-on (OpenID Connect): authorization code with PKCE, state and nonce, all kept in a cookie of the browser that set
// out. Only an address that the server says it has verified counts, and it may here what the same address may after a mailed link (TRUST T23).
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as openid from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Desk } from '../desk.ts';
import { errorText, withoutAddresses, type Log } from '../log.ts';
import { parseAuthor } from '../mail/address.ts';
import type { Db } from '../store/db.ts';
import { field, pathOf } from './form.ts';
import { networkOf } from './network.ts';
import type { Pages } from './page.ts';
import { rolesOf } from './roles.ts';
import { openVisit, type Cookies } from './session.ts';

/** Limits of signing in elsewhere. */
export const singleLimits = { answerSeconds: 10, minutes: 10, startsAnHour: 60 } as const;

export interface SingleSignOn {
  db: Db;
  desk: Desk;
  origin: string;
  cookies: Cookies;
  log: Log;
  now: Clock;
}

/** What the browser keeps while its person is at the other server. */
interface Journey {
  state: string;
  nonce: string;
  verifier: string;
  to: string;
}

/** /sign-in/single sets out, /sign-in/single/back comes back. */
export function singleSignOn(
  server: FastifyInstance,
  pages: Pages,
  oidc: NonNullable<Config['oidc']>,
  room: SingleSignOn,
): void {
  const { cookies, origin, log } = room;
  const client = discovered(oidc);
  const redirect = `${origin}/sign-in/single/back`;
  const cookieOptions = { ...cookies.options, maxAge: singleLimits.minutes * 60 };
  const failed = (request: FastifyRequest, reply: FastifyReply, error: unknown) => {
    const why = withoutAddresses(
      errorText(error instanceof Error && error.cause instanceof Error ? error.cause : error),
    );
    log.warn({ error: why }, `single sign-on failed (${why}); the person was asked to try again or by mail`);
    return says(
      request,
      reply.code(502),
      'The company’s sign-on did not answer as it should. Try again, or have a letter sent to you.',
    );
  };
  const says = (request: FastifyRequest, reply: FastifyReply, text: string) =>
    pages.show(request, reply, 'message', {
      title: 'That did not sign you in',
      text,
      link: { href: '/sign-in', label: 'Back to sign-in' },
    });

  void server.register(async (scope) => {
    await scope.register(rateLimit, { global: false, keyGenerator: ({ ip }) => networkOf(ip) });
    const config = { access: 'anyone', rateLimit: { max: singleLimits.startsAnHour, timeWindow: '1 hour' } } as const;
    scope.get('/sign-in/single', { config }, async (request, reply) => {
      const journey: Journey = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
        to: pathOf(field(request.query, 'to'), origin),
      };
      try {
        const url = openid.buildAuthorizationUrl(await client(), {
          redirect_uri: redirect,
          scope: 'openid email',
          state: journey.state,
          nonce: journey.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(journey.verifier),
          code_challenge_method: 'S256',
        });
        void reply.setCookie(cookies.single, Buffer.from(JSON.stringify(journey)).toString('base64url'), cookieOptions);
        return reply.redirect(url.href, 303);
      } catch (error) {
        return failed(request, reply, error);
      }
    });
    scope.get('/sign-in/single/back', { config }, async (request, reply) => {
      const journey = journeyIn(request.cookies[cookies.single]);
      void reply.clearCookie(cookies.single, cookies.options);
      if (!journey)
        return says(
          request,
          reply.code(403),
          'This browser did not set out from here, or too long ago. Please begin again.',
        );
      let address: string | null;
      try {
        address = await verifiedAddress(await client(), new URL(request.url, redirect), journey);
      } catch (error) {
        return failed(request, reply, error);
      }
      if (address === null)
        return says(
          request,
          reply.code(403),
          'The company’s sign-on does not say that your mail address is verified, so it proves nothing here.',
        );
      if ((await rolesOf(room.db, room.desk, address)).length === 0)
        return says(request, reply.code(403), 'This desk does not know your mail address.');
      await openVisit(room, { request, reply }, { address, way: 'oidc' }, room.now());
      return reply.redirect(pathOf(journey.to, origin), 303);
    });
  });
}

/** The server's own description, asked for once; after a failure the next person asks anew. */
function discovered({
  issuer,
  clientId,
  clientSecret,
}: NonNullable<Config['oidc']>): () => Promise<openid.Configuration> {
  const proof = clientSecret === null ? openid.None() : openid.ClientSecretPost(clientSecret.reveal());
  // The configuration allows clear text to this machine only.
  const execute = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const timeout = singleLimits.answerSeconds;
  let asked: Promise<openid.Configuration> | null = null;
  return () => {
    asked ??= openid
      .discovery(new URL(issuer), clientId, undefined, proof, { execute, timeout })
      .catch((error: unknown) => {
        asked = null;
        throw error;
      });
    return asked;
  };
}

/** The address in small letters; null when the server does not call it verified. Rejects when the answer is not one to this journey. */
async function verifiedAddress(client: openid.Configuration, came: URL, journey: Journey): Promise<string | null> {
  const tokens = await openid.authorizationCodeGrant(client, came, {
    pkceCodeVerifier: journey.verifier,
    expectedState: journey.state,
    expectedNonce: journey.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const email = claims?.['email'];
  if (claims?.['email_verified'] !== true || typeof email !== 'string') return null;
  return parseAuthor(email).address?.addrSpec ?? null;
}

function journeyIn(cookie: string | undefined): Journey | null {
  try {
    const found = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString('utf8')) as Partial<Journey> | null;
    const { state, nonce, verifier, to } = found ?? {};
    const whole = [state, nonce, verifier, to].every((part) => typeof part === 'string' && part !== '');
    return whole ? (found as Journey) : null;
  } catch {
    return null;
  }
}
