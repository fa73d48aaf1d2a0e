// Signing in by mail: a link that works once, in the browser that asked for it, by a click; or a code typed there when the mail is read elsewhere. A
// scanner that opens links, or even presses their buttons, has not that browser's cookie and uses nothing up (TRUST B59, T21). Known and unknown
// addresses get the same answer, and it leaves before anybody is looked up (TRUST B60).
import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Desk } from '../desk.ts';
import { errorText, withoutAddresses, type Log } from '../log.ts';
import { deliverable, parseAuthor } from '../mail/address.ts';
import type { Db } from '../store/db.ts';
import { deleteSessions } from '../store/sessions.ts';
import { browserAsked, deleteSignIns, insertSignIn, useCode, useLink, type UsedSignIn } from '../store/sign-ins.ts';
import { browserName } from './browser-name.ts';
import { field, pathOf } from './form.ts';
import { networkOf } from './network.ts';
import type { Pages } from './page.ts';
import { rolesOf } from './roles.ts';
import { anyBrowser, freshToken, hashOf, openVisit, sessionLimits, type Cookies } from './session.ts';
import { writeSignInLetter } from './sign-in-letter.ts';

/** Limits of signing in. */
export const signInLimits = {
  /** Life of a link and its code. */
  minutes: 15,
  /** Codes that may be typed for one letter. */
  tries: 5,
  lettersAnHour: 3,
  /** Of one address, those made at a shell too. */
  signInsAnHour: 100,
  /** Of one network (network.ts), known addresses or not. */
  asksAnHour: 30,
  provesAnHour: 60,
  codeLetters: 8,
  formBytes: 8 * 1024,
  addressCharsMax: 254,
} as const;

/** Letters and digits that nobody takes for one another; 32, so that a byte picks one evenly. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export interface MailSignIn {
  db: Db;
  desk: Desk;
  origin: string;
  cookies: Cookies;
  /** Whether there is another way in, beside the mail. */
  oidc: boolean;
  log: Log;
  now: Clock;
  /** A letter waits in the outbox. */
  onLetter: () => void;
}

/** /sign-in, /sign-in/code and /sign-in/link/…: read by GET, done by POST only. */
export function mailSignIn(server: FastifyInstance, pages: Pages, desk: MailSignIn): void {
  const letters = new Set<Promise<void>>();
  server.addHook('onClose', () => Promise.all(letters).then(() => undefined));
  void server.register(async (scope) => {
    await scope.register(rateLimit, { global: false, keyGenerator: ({ ip }) => networkOf(ip) });
    const limited = (max: number) => ({
      config: { access: 'anyone', rateLimit: { max, timeWindow: '1 hour' } } as const,
      bodyLimit: signInLimits.formBytes,
    });
    const read = { config: { access: 'anyone' } } as const;
    const askPage = (request: FastifyRequest, reply: FastifyReply, to: string, problem = '') =>
      pages.show(request, reply, 'sign-in', { title: 'Sign in', to, problem, oidc: desk.oidc, ...signInLimits });
    const codePage = (request: FastifyRequest, reply: FastifyReply, problem = '') =>
      pages.show(request, reply, 'sign-in-code', { title: 'Look into your mail', problem, ...signInLimits });

    scope.get('/sign-in', read, (request, reply) =>
      askPage(request, reply, pathOf(field(request.query, 'to'), desk.origin)),
    );
    scope.post('/sign-in', limited(signInLimits.asksAnHour), async (request, reply) => {
      const to = pathOf(field(request.body, 'to'), desk.origin);
      const address = addressOf(field(request.body, 'address'));
      if (address === null)
        return askPage(request, reply.code(422), to, 'That is no mail address; write it like ada@example.com.');
      await ask(desk, { request, reply }, { address, to }, letters);
      return reply.redirect('/sign-in/code', 303);
    });
    scope.get('/sign-in/code', read, (request, reply) => codePage(request, reply));
    scope.post('/sign-in/code', limited(signInLimits.provesAnHour), async (request, reply) => {
      const code = field(request.body, 'code')
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]/g, '');
      const asked = request.cookies[desk.cookies.asked] ?? '';
      const hashes = { codeHash: codeHash(asked, code), browserHash: hashOf(asked) };
      const used = await useCode(desk.db, { ...hashes, triesMax: signInLimits.tries }, desk.now());
      if (used) return enter(desk, { request, reply }, used, 'code');
      return codePage(
        request,
        reply.code(403),
        'This code does not work. It may be mistyped, too old, or tried too often; the newest letter has the right one.',
      );
    });
    scope.get<{ Params: { token: string } }>('/sign-in/link/:token', read, (request, reply) =>
      pages.show(request, reply, 'sign-in-link', {
        title: 'Sign in',
        token: request.params.token,
        here: request.cookies[desk.cookies.asked] !== undefined || field(request.query, 'from') === 'shell',
        ...signInLimits,
      }),
    );
    scope.post('/sign-in/link', limited(signInLimits.provesAnHour), async (request, reply) => {
      const linkHash = hashOf(field(request.body, 'token'));
      const browserHash = hashOf(request.cookies[desk.cookies.asked] ?? '');
      const used =
        (await useLink(desk.db, { linkHash, browserHash }, desk.now())) ??
        (await useLink(desk.db, { linkHash, browserHash: anyBrowser }, desk.now()));
      if (used) return enter(desk, { request, reply }, used, 'link');
      return pages.show(request, reply.code(403), 'message', {
        title: 'This link does not work here',
        text: `It works once, for ${signInLimits.minutes} minutes, and only in the browser that asked for it. There you can also type the code of the letter. Or ask for a new letter here.`,
        link: { href: '/sign-in', label: 'Ask for a new letter' },
      });
    });
  });
}

/** Keeps the asking, sets the browser's cookie, and has the letter written once the answer has left. */
async function ask(
  { db, desk, origin, cookies, log, now, onLetter }: MailSignIn,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { address, to }: { address: string; to: string },
  letters: Set<Promise<void>>,
): Promise<void> {
  const at = now();
  const had = request.cookies[cookies.asked] ?? '';
  // Asked twice in a hurry, both letters work.
  const asked = (await browserAsked(db, hashOf(had), at)) ? had : freshToken();
  const token = freshToken();
  const code = [...randomBytes(signInLimits.codeLetters)].map((byte) => alphabet[byte % alphabet.length]).join('');
  const hashes = { browserHash: hashOf(asked), linkHash: hashOf(token), codeHash: codeHash(asked, code) };
  const hourAgo = at.subtract({ hours: 1 });
  const id = await db.transaction(async (trx) => {
    await deleteSignIns(trx, hourAgo);
    await deleteSessions(trx, at.subtract({ hours: sessionLimits.keptDays * 24 }));
    const row = { address, ...hashes, returnTo: to, endsAt: at.add({ minutes: signInLimits.minutes }) };
    return insertSignIn(trx, row, { most: signInLimits.lettersAnHour, since: hourAgo }, at);
  });
  void reply.setCookie(cookies.asked, asked, { ...cookies.options, maxAge: signInLimits.minutes * 60 });
  if (id === null) return;
  const words = {
    id,
    address,
    link: `${origin}/sign-in/link/${token}`,
    code: `${code.slice(0, 4)}-${code.slice(4)}`,
    minutes: signInLimits.minutes,
    browser: browserName(request.headers['user-agent'] ?? ''),
    language: /^[a-z]{2,3}\b/i.exec(request.headers['accept-language'] ?? '')?.[0].toLowerCase() ?? 'en',
  };
  const write = async () => {
    await finished(reply.raw).catch(() => undefined);
    if ((await rolesOf(db, desk, address)).length === 0) return;
    await writeSignInLetter(db, desk, words, at);
    onLetter();
  };
  const writing = write()
    .catch((error: unknown) =>
      log.error(
        { signIn: id },
        `sign-in ${id}: its letter could not be written (${withoutAddresses(errorText(error))}); it has to be asked for again`,
      ),
    )
    .finally(() => letters.delete(writing));
  letters.add(writing);
}

async function enter(
  { db, cookies, now }: MailSignIn,
  at: { request: FastifyRequest; reply: FastifyReply },
  { address, returnTo }: UsedSignIn,
  way: 'link' | 'code',
): Promise<FastifyReply> {
  await openVisit({ db, cookies }, at, { address, way }, now());
  return at.reply.redirect(returnTo, 303);
}

/** The code counts only together with the browser's cookie, so that the few letters of it can not be guessed from the database. */
function codeHash(asked: string, code: string): Buffer {
  return hashOf(`${asked}:${code}`);
}

/** One deliverable address in small letters, or null. */
function addressOf(found: string): string | null {
  if (found.length > signInLimits.addressCharsMax) return null;
  const address = parseAuthor(found).address?.addrSpec ?? null;
  return address !== null && deliverable(address) ? address : null;
}
