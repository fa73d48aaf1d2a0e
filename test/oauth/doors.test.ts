// The doors with tokens in hand: a real Dovecot that asks the token server about each, and SMTP servers that take XOAUTH2. A refused token is
// renewed once; then the login is refused like any other, and no letter has been tried.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImapAccount, OAuthAccount, SmtpTarget, TokenSource } from '../../src/config.ts';
import { connectImap } from '../../src/intake/imap-connection.ts';
import { loginRefused } from '../../src/intake/imap-refusal.ts';
import { openSession } from '../../src/postbox/transport.ts';
import { secretOf } from '../../src/secret.ts';
import type { Dovecot } from '../servers/dovecot.ts';
import { whyMissing } from '../servers/programs.ts';
import { startSmtpPeer } from '../servers/smtp-peer.ts';
import { anAccount } from './account.ts';
import { startOAuthDovecot } from './dovecot-oauth.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

const missing = whyMissing('dovecot');

/** Tokens from a list: `current` gives the first, `instead` the next one. */
function listed(...tokens: string[]): TokenSource & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    current: async () => secretOf(tokens[0] ?? ''),
    async instead(refused) {
      asked.push(refused.reveal());
      const next = tokens[1];
      return next === undefined ? null : secretOf(next);
    },
  };
}

const oauth: OAuthAccount = anAccount({ url: 'http://127.0.0.1:1', endpoint: 'http://127.0.0.1:1/token' });

describe.skipIf(missing)(`IMAP with a token${missing ? ` (${missing})` : ''}`, () => {
  let server: TokenServer;
  const dovecots: Dovecot[] = [];
  let dovecot: Dovecot;
  beforeAll(async () => {
    server = await startTokenServer();
    server.accessTokens = ['good', 'newer'];
    dovecot = await startOAuthDovecot(server);
    dovecots.push(dovecot);
  });
  afterAll(async () => {
    await Promise.all(dovecots.map((one) => one.stop()));
    await server?.stop();
  });

  function mailbox(tokens: TokenSource | undefined, at: Dovecot): ImapAccount {
    return {
      host: '127.0.0.1',
      port: at.ports.imap,
      security: 'none',
      user: 'support',
      password: secretOf(''),
      oauth,
      ...(tokens ? { tokens } : {}),
      folder: 'INBOX',
      processedFolder: null,
      since: null,
      pollSeconds: 30,
      ca: null,
    };
  }
  async function signsIn(tokens: TokenSource, at = dovecot): Promise<string> {
    const connection = await connectImap(mailbox(tokens, at));
    await connection.end();
    return connection.folder.path;
  }

  test('a good token opens the folder', async () => expect(await signsIn(listed('good'))).toBe('INBOX'));

  test('XOAUTH2 alone is enough', async () => {
    const only = await startOAuthDovecot(server, ['xoauth2']);
    dovecots.push(only);
    expect(await signsIn(listed('good'), only)).toBe('INBOX');
  });

  test('a token that has ended is renewed once, and the login goes on', async () => {
    const tokens = listed('ended', 'newer');
    expect(await signsIn(tokens)).toBe('INBOX');
    expect(tokens.asked).toEqual(['ended']);
  });

  test('a fresh token that is refused is a refused login, and never shown', async () => {
    const tokens = listed('canary-refused');
    const refused: unknown = await signsIn(tokens).catch((error: unknown) => error);
    expect(loginRefused(refused)).toBe(true);
    expect((refused as Error).message).not.toContain('canary');
    expect(tokens.asked).toEqual(['canary-refused']);
  });

  test('a server that is away costs no token', async () => {
    const tokens = listed('good', 'newer');
    const away = { ...mailbox(tokens, dovecot), port: 1 };
    await expect(connectImap(away)).rejects.toThrow('ECONNREFUSED');
    expect(tokens.asked).toEqual([]);
  });

  test('a login that was given no tokens says so', async () => {
    await expect(connectImap(mailbox(undefined, dovecot))).rejects.toThrow(
      'OAuth2 account "office": this login was given no tokens',
    );
  });
});

describe('SMTP with a token', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  let commands: string[];
  beforeEach(() => void (commands = []));

  function target(port: number, tokens: TokenSource): SmtpTarget {
    return {
      protocol: 'smtp',
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'support@example.com',
      password: null,
      oauth,
      tokens,
      reversePath: null,
      connections: 1,
      ratePerSecond: null,
      ca: null,
    };
  }
  async function sends(port: number, tokens: TokenSource): Promise<object> {
    const session = await openSession(target(port, tokens));
    if ('outcome' in session) return session;
    const sent = await session.send({
      reversePath: '',
      recipient: 'ann@example.net',
      raw: Buffer.from('Subject: x\r\n\r\nx\r\n'),
    });
    session.end();
    return sent;
  }
  /** A peer that refuses at once, as Microsoft 365 does. */
  async function blunt(good: string): Promise<number> {
    const peer = await startSmtpPeer({ users: { 'support@example.com': good } });
    commands = peer.commands;
    ends.push(() => peer.stop());
    return peer.port;
  }
  /** A server that explains its refusal first, as Gmail does. */
  async function polite(good: string): Promise<number> {
    const server = new SMTPServer({
      authMethods: ['XOAUTH2'],
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      onAuth(auth, _session, answer) {
        if (auth.accessToken === good && auth.username === 'support@example.com') answer(null, { user: 'support' });
        else answer(null, { data: { status: '401', schemes: 'bearer', scope: 'mail' } });
      },
      onData(stream, _session, answer) {
        stream.resume();
        stream.on('end', () => answer(null));
      },
    });
    await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
    ends.push(() => new Promise<void>((closed) => server.close(closed)));
    return (server.server.address() as AddressInfo).port;
  }

  for (const [kind, start] of [
    ['a server that refuses at once', blunt],
    ['a server that explains its refusal', polite],
  ] as const) {
    test(`${kind} takes a good token`, async () =>
      expect(await sends(await start('good'), listed('good'))).toMatchObject({ outcome: 'sent' }));

    test(`${kind}: a token that has ended is renewed once`, async () => {
      const tokens = listed('ended', 'newer');
      expect(await sends(await start('newer'), tokens)).toMatchObject({ outcome: 'sent' });
      expect(tokens.asked).toEqual(['ended']);
    });

    test(`${kind}: a fresh token that is refused makes the postbox wait, the letter untried`, async () => {
      const said = await sends(await start('another'), listed('canary-refused', 'canary-newer'));
      expect(said).toMatchObject({ outcome: 'unavailable', login: true });
      expect(JSON.stringify(said)).toContain('535');
      expect(JSON.stringify(said)).not.toContain('canary');
    });
  }

  test('the token goes out as XOAUTH2 and as nothing else', async () => {
    await sends(await blunt('good'), listed('good'));
    const words = Buffer.from('user=support@example.com\x01auth=Bearer good\x01\x01').toString('base64');
    expect(commands.filter((line) => line.startsWith('AUTH'))).toEqual([`AUTH XOAUTH2 ${words}`]);
  });

  test('an account without a token is the postbox waiting, not a refused login: no server was asked', async () => {
    const tokens: TokenSource = {
      current: () => Promise.reject(new Error('it has no refresh token yet')),
      instead: async () => null,
    };
    expect(await sends(await blunt('good'), tokens)).toEqual({
      outcome: 'unavailable',
      login: false,
      error: 'it has no refresh token yet',
    });
    expect(commands).toEqual([]);
  });
});
