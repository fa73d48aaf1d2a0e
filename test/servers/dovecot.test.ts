// The test Dovecot does what our intake relies on: it announces mail while we wait, keeps bytes, and lets go of everything when stopped.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, selfSigned } from './certificate.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { whyMissing } from './programs.ts';

const missing = whyMissing('dovecot');

function aMail(subject: string): string {
  return `From: a@one.test\r\nTo: support@two.test\r\nMessage-ID: <${subject}@one.test>\r\nSubject: ${subject}\r\n\r\nHello\r\n`;
}

describe.skipIf(missing)(`a Dovecot of our own${missing ? ` (${missing})` : ''}`, () => {
  let dovecot: Dovecot;
  let certificate: Certificate;
  beforeAll(async () => {
    certificate = await selfSigned();
    dovecot = await startDovecot({
      users: { support: 'secret', sales: 'other' },
      mailboxes: ['Processed', 'Trouble'],
      certificate,
    });
  }, 60_000);
  afterAll(() => dovecot?.stop());

  async function subjects(mailbox: string, user?: string): Promise<(string | undefined)[]> {
    const client = await dovecot.client(user);
    await client.mailboxOpen(mailbox);
    const all = await client.fetchAll('1:*', { envelope: true });
    await client.logout();
    return all.map((message) => message.envelope?.subject);
  }

  it('delivers by LMTP to the user before the plus sign', async () => {
    await dovecot.deliver(aMail('plain'), 'sales');
    await dovecot.deliver(aMail('tagged'), 'sales+case-1042@two.test');
    expect(await subjects('INBOX', 'sales')).toEqual(['plain', 'tagged']);
  });

  it('refuses mail for a user it does not have', async () => {
    await expect(dovecot.deliver(aMail('lost'), 'nobody-here')).rejects.toThrow(/550|rejected/i);
  });

  it('appends the very bytes and says their UID', async () => {
    const raw = Buffer.from(`${aMail('bytes')}\xe9\r\n`, 'latin1');
    const uid = await dovecot.append(raw, 'Trouble');
    const client = await dovecot.client();
    await client.mailboxOpen('Trouble');
    const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
    await client.logout();
    expect(message && message.source?.equals(raw)).toBe(true);
  });

  it('announces a mail that arrives while a client waits', async () => {
    const client = await dovecot.client();
    await client.mailboxOpen('INBOX');
    const announced = new Promise<number>((tell) => client.on('exists', (event) => tell(event.count)));
    const idling = client.idle();
    await dovecot.deliver(aMail('announced'));
    expect(await announced).toBe(1);
    await client.logout();
    await idling;
  });

  it('keeps mail and UIDVALIDITY over a restart and over SIGKILL', async () => {
    await dovecot.append(aMail('kept'), 'Processed');
    async function validity(): Promise<bigint> {
      const client = await dovecot.client();
      const mailbox = await client.mailboxOpen('Processed');
      await client.logout();
      return mailbox.uidValidity;
    }
    const before = await validity();
    await dovecot.restart();
    await dovecot.kill9();
    await dovecot.start();
    expect(await validity()).toBe(before);
    expect(await subjects('Processed')).toEqual(['kept']);
  });

  it('speaks TLS on both ports to a client that trusts its certificate, and a stranger refuses it', async () => {
    const trusting = { tls: { ca: certificate.cert, servername: 'localhost' } };
    const upgraded = await dovecot.client('support', { doSTARTTLS: true, ...trusting });
    expect(upgraded.secureConnection).toBe(true);
    await upgraded.logout();
    const direct = await dovecot.client('support', { port: dovecot.ports.imaps, secure: true, ...trusting });
    expect(direct.secureConnection).toBe(true);
    await direct.logout();
    await expect(dovecot.client('support', { doSTARTTLS: true })).rejects.toThrow(/self-signed/);
  });

  it('leaves no folder and no process after stop', async () => {
    const second = await startDovecot();
    const pid = second.pid();
    await second.stop();
    expect(existsSync(second.folder)).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
