// The gateway watched from outside: /health while all is well and while a mail server is away, and the mail that tells its admin.
import { appendFile } from 'node:fs/promises';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Health } from '../../src/web/health.ts';
import { whyMissing } from '../servers/programs.ts';
import { startSmtpPeer, type SmtpPeer } from '../servers/smtp-peer.ts';
import { aDesk, type Desk } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
/** The gateway looks over itself soon after its start, and then each minute. */
const lookSecondsMax = 75;

describe.skipIf(missing)(`a gateway that is watched${missing ? ` (${missing})` : ''}`, { timeout: 100_000 }, () => {
  let desk: Desk;
  let aside: SmtpPeer;
  let gateway: Program;
  let url = '';
  beforeAll(async () => {
    [desk, aside] = await Promise.all([aDesk(), startSmtpPeer()]);
    await appendFile(
      desk.config,
      `web: { port: 0 }\nalarms: { to: [admin@elsewhere.test], smtp: { host: 127.0.0.1, port: ${aside.port}, security: none } }\n`,
    );
    gateway = await startCasepost(['start', '-c', desk.config]);
    await desk.rows(`insert into alarms (key, text, since) values ('oauth:office', 'refused; sign in again', now())`);
    url = /http:\/\/[0-9.]+:[0-9]+/.exec((await gateway.says(/^pages at /)).msg)?.[0] ?? '';
  });
  afterAll(async () => {
    await gateway?.kill9();
    await Promise.all([desk?.stop(), aside?.stop()]);
  });

  const health = async () => {
    const answer = await fetch(`${url}/health`);
    return { code: answer.status, retry: answer.headers.get('retry-after'), ...((await answer.json()) as Health) };
  };

  it('is healthy while mail flows, and names no person', async () => {
    await desk.dovecot.append(firstMail({ from: 'ada@health.test', subject: 'Secret matter', text: 'It fails.' }));
    await desk.letterTo('ada@health.test');
    await until('both mailboxes were looked at', async () =>
      (await health()).mailboxes.every(({ lastLookAt }) => lastLookAt !== null),
    );
    const found = await health();
    expect(found).toMatchObject({ code: 200, status: 'ok', broken: [], database: 'ok', postbox: { paused: false } });
    expect(found.mailboxes.map(({ id }) => id)).toEqual(['support', 'mobility']);
    expect(JSON.stringify(found)).not.toMatch(/@|Secret/);
  });

  it('says 503 and which mailboxes while their server is away, and is well again by itself', async () => {
    await desk.dovecot.kill9();
    const broken = await until('the mailboxes are broken', async () => {
      const found = await health();
      return found.broken.length === 2 ? found : undefined;
    });
    expect(broken).toMatchObject({ code: 503, retry: '30', status: 'broken' });
    expect(broken.broken).toEqual(['mailbox support', 'mailbox mobility']);
    await desk.dovecot.start();
    await until('all is well', async () => (await health()).code === 200, 60);
  });

  it('an alarm is mailed to the admin by the other way, logged, and on the page', async () => {
    const [mail] = await aside.waitFor(({ recipients }) => recipients.includes('admin@elsewhere.test'), {
      ms: lookSecondsMax * 1000,
    });
    expect((await simpleParser(mail.raw)).text).toContain('refused; sign in again');
    expect(desk.lettersTo('admin@elsewhere.test')).toHaveLength(0);
    expect((await gateway.says(/^alarm oauth:office: refused/)).level).toBe(50);
    expect(await (await fetch(`${url}/alarms`)).text()).toContain('refused; sign in again');
    expect(await gateway.stop()).toBe(0);
  });
});
