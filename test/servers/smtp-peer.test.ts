// The recording SMTP peer records exactly what was sent, answers what its script says, and lets nobody in without what it asks for.
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from './certificate.ts';
import { type SmtpPeer, type SmtpPeerOptions, type SmtpVerb, startSmtpPeer } from './smtp-peer.ts';

const raw = 'From: a@one.test\r\nTo: b@two.test\r\nSubject: dots\r\n\r\n.\r\n..\r\n.leading dot\r\nend\r\n';
const envelope = { from: 'a@one.test', to: ['b@two.test', 'c@two.test'] };

let peer: SmtpPeer;
afterEach(() => peer.stop());

async function send(options: object = {}, mail = { envelope, raw }): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port: peer.port, ignoreTLS: true, ...options });
  try {
    const sent = await transport.sendMail(mail);
    return sent.response;
  } catch (error) {
    return String((error as { responseCode?: number }).responseCode ?? (error as { code?: string }).code);
  } finally {
    transport.close();
  }
}

async function start(options: SmtpPeerOptions = {}): Promise<void> {
  peer = await startSmtpPeer(options);
}

describe('what is recorded', () => {
  it('keeps envelope and bytes as they were handed to the client, leading dots included', async () => {
    await start();
    expect(await send()).toBe('250 2.0.0 taken');
    const [letter] = await peer.waitFor((candidate) => candidate.recipients.includes('c@two.test'));
    expect(letter).toMatchObject({ reversePath: 'a@one.test', recipients: ['b@two.test', 'c@two.test'], session: 1 });
    expect(letter.raw.toString()).toBe(raw);
  });

  it('keeps a body of several megabytes whole', async () => {
    await start();
    const long = `${raw}${'x'.repeat(70)}\r\n`.repeat(20_000);
    await send({}, { envelope, raw: long });
    expect(peer.letters[0]?.raw.equals(Buffer.from(long))).toBe(true);
  });

  it('says what came instead when a wait is in vain', async () => {
    await start();
    await send();
    await expect(peer.waitFor(() => true, { count: 2, ms: 20 })).rejects.toThrow('1 came: <b@two.test, c@two.test>');
  });
});

describe('what a script may do at every verb', () => {
  const verbs: SmtpVerb[] = ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'DOT'];
  for (const verb of verbs) {
    it(`refuses at ${verb} with the scripted code`, async () => {
      await start({ script: (moment) => (moment.verb === verb ? '451 4.3.0 later' : undefined) });
      // nodemailer tries HELO when EHLO is refused, and gives up on the second refusal.
      expect(await send()).toBe('451');
      expect(peer.accepted()).toEqual([]);
    });
    it(`cuts at ${verb} without a reply`, async () => {
      await start({ script: (moment) => (moment.verb === verb ? 'cut' : undefined) });
      expect(await send()).toMatch(/^E[A-Z]+$/);
      expect(peer.letters.map((letter) => letter.answer)).toEqual(verb === 'DOT' ? ['cut'] : []);
    });
  }
  it('stalls after the dot: the client times out, the letter is recorded', async () => {
    await start({ script: ({ verb }) => (verb === 'DOT' ? 'stall' : undefined) });
    expect(await send({ socketTimeout: 200 })).toBe('ETIMEDOUT');
    expect(peer.letters.map((letter) => letter.answer)).toEqual(['stall']);
  });
  it('takes one recipient and refuses another', async () => {
    await start({
      script: ({ verb, argument }) => (verb === 'RCPT' && argument.includes('c@') ? '550 5.1.1 no' : undefined),
    });
    expect(await send()).toBe('250 2.0.0 taken');
    expect(peer.letters[0]?.recipients).toEqual(['b@two.test']);
  });
  it('behaves again when told so', async () => {
    await start({ script: () => '421 4.3.2 closing' });
    expect(await send()).toBe('421');
    peer.behave();
    expect(await send()).toBe('250 2.0.0 taken');
  });
});

describe('STARTTLS and sign-in', () => {
  it('goes on inside TLS for a client that trusts its certificate, and only for that', async () => {
    const certificate = await selfSigned();
    await start({ certificate });
    const strict = { ignoreTLS: false, requireTLS: true };
    expect(await send({ ...strict, tls: { ca: certificate.cert, servername: 'localhost' } })).toBe('250 2.0.0 taken');
    expect(peer.letters.map((letter) => letter.secure)).toEqual([true]);
    expect(await send(strict)).toMatch(/^E[A-Z]+$/);
    expect(peer.letters).toHaveLength(1);
  });
  it('takes mail only from a known user', async () => {
    await start({ users: { desk: 'secret' } });
    expect(await send()).toBe('530');
    expect(await send({ auth: { user: 'desk', pass: 'wrong' } })).toBe('535');
    expect(await send({ auth: { user: 'desk', pass: 'secret' } })).toBe('250 2.0.0 taken');
    expect(await send({ authMethod: 'LOGIN', auth: { user: 'desk', pass: 'secret' } })).toBe('250 2.0.0 taken');
    expect(await send({ auth: { type: 'OAuth2', user: 'desk', accessToken: 'secret' } })).toBe('250 2.0.0 taken');
    expect(peer.letters.map((letter) => letter.user)).toEqual(['desk', 'desk', 'desk']);
  });
});
