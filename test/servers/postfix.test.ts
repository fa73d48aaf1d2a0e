// The test Postfix is the MX we tell operators to put in front of the gateway: it hands over, retries, bounces and is not fooled by smuggled line ends.
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { type Postfix, startPostfix } from './postfix.ts';
import { whyMissing } from './programs.ts';
import { type SmtpPeer, startSmtpPeer } from './smtp-peer.ts';

const missing = whyMissing('postfix', 'dovecot');

function aMail(subject: string): string {
  return `From: a@one.test\r\nTo: support@desk.test\r\nMessage-ID: <${subject}@one.test>\r\nSubject: ${subject}\r\n\r\nHello\r\n`;
}

describe.skipIf(missing)(`a Postfix of our own${missing ? ` (${missing})` : ''}`, () => {
  let dovecot: Dovecot;
  let gateway: SmtpPeer;
  let world: SmtpPeer;
  let postfix: Postfix;
  beforeAll(async () => {
    dovecot = await startDovecot();
    gateway = await startSmtpPeer();
    world = await startSmtpPeer();
    postfix = await startPostfix({
      routes: {
        'desk.test': { protocol: 'lmtp', port: dovecot.ports.lmtp },
        'gateway.test': { protocol: 'smtp', port: gateway.port },
      },
      relayPort: world.port,
    });
  });
  afterAll(async () => {
    await postfix?.stop();
    await Promise.all([dovecot?.stop(), gateway?.stop(), world?.stop()]);
  });

  it('hands mail for a domain over by LMTP', async () => {
    const answer = await postfix.send(aMail('lmtp'), { reversePath: 'a@one.test', recipients: ['support@desk.test'] });
    expect(answer).toMatch(/queued as/);
    await postfix.emptied();
    const client = await dovecot.client();
    const mailbox = await client.mailboxOpen('INBOX');
    await client.logout();
    expect(mailbox.exists).toBe(1);
  });

  it('keeps a mail while the gateway says 4xx, and hands it over once it does not', async () => {
    gateway.behave(({ verb }) => (verb === 'DOT' ? '451 4.3.0 not committed' : undefined));
    await postfix.send(aMail('kept'), { reversePath: 'a@one.test', recipients: ['support@gateway.test'] });
    await gateway.waitFor((letter) => letter.answer.startsWith('451'));
    await expect.poll(async () => (await postfix.queue())[0]?.reasons.join(), { timeout: 20_000 }).toContain('4.3.0');
    expect(gateway.accepted()).toEqual([]);
    gateway.behave();
    await postfix.flush();
    await postfix.emptied();
    expect(gateway.accepted().map((letter) => letter.recipients)).toEqual([['support@gateway.test']]);
  });

  it('sends a delivery report with a null reverse path when the gateway says 5xx', async () => {
    gateway.behave(({ verb }) => (verb === 'RCPT' ? '550 5.1.1 no such case' : undefined));
    await postfix.send(aMail('refused'), { reversePath: 'a@one.test', recipients: ['nobody@gateway.test'] });
    const [report] = await world.waitFor((letter) => letter.recipients.includes('a@one.test'));
    expect(report.reversePath).toBe('');
    expect(report.raw.toString()).toContain('Status: 5.1.1');
  });

  it('relays what the gateway sends to the world', async () => {
    await postfix.send(aMail('relayed'), { reversePath: 'support@desk.test', recipients: ['customer@far.test'] });
    const [letter] = await world.waitFor((candidate) => candidate.recipients.includes('customer@far.test'));
    expect(letter.raw.toString()).toContain('Subject: relayed');
  });

  it('reads a smuggled second mail as part of the first', async () => {
    gateway.behave();
    const smuggled = 'MAIL FROM:<ceo@desk.test>\r\nRCPT TO:<support@gateway.test>\r\nDATA\r\nSubject: second\r\n\r\nb';
    const dialogue = [
      'EHLO x',
      'MAIL FROM:<a@one.test>',
      'RCPT TO:<smuggler@gateway.test>',
      'DATA',
      `Subject: first\r\n\r\na\n.\r\n${smuggled}\r\n.`,
      'QUIT',
    ];
    const socket = connect(postfix.port, '127.0.0.1');
    await new Promise<void>((over) => {
      socket.on('data', (chunk: Buffer) => {
        // The last line of a reply has a space after its code.
        const next = /^\d{3} /m.test(chunk.toString()) ? dialogue.shift() : undefined;
        if (next) socket.write(`${next}\r\n`);
      });
      socket.on('close', () => over());
    });
    await postfix.emptied();
    const letters = gateway.letters.filter((letter) => letter.raw.includes('Subject: second'));
    expect(letters.map((letter) => [letter.reversePath, letter.raw.includes('Subject: first')])).toEqual([
      ['a@one.test', true],
    ]);
  });

  it('leaves no folder after stop', async () => {
    const second = await startPostfix({ routes: {} });
    await second.stop();
    expect(existsSync(second.folder)).toBe(false);
  });
});
