// An admin signs in at a running gateway: the letter goes out by SMTP, its code lets them in, and nothing of it stays behind. Answering the letter is
// an ordinary mail to the desk.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../servers/ports.ts';
import { whyMissing } from '../servers/programs.ts';
import { testBrowser } from '../web/visitor.ts';
import { aDesk, type Desk } from './desk.ts';
import { startCasepost, type Program } from './program.ts';
import { until } from './until.ts';

const missing = whyMissing('postgres', 'dovecot');
const admin = 'ada@help.test';

describe.skipIf(missing)(`signing in at a gateway ${missing ?? ''}`, { timeout: 90_000 }, () => {
  let desk: Desk;
  let gateway: Program;
  let url: string;
  beforeAll(async () => {
    const [port] = await freePorts(1);
    url = `http://localhost:${port}`;
    desk = await aDesk({ more: `publicUrl: ${url}\nadmins: [${admin}]\nweb: { host: localhost, port: ${port} }\n` });
    gateway = await startCasepost(['start', '-c', desk.config]);
  }, 90_000);
  afterAll(async () => {
    await gateway?.stop();
    await desk?.stop();
  });

  it('by the code of a letter that came by mail', async () => {
    const browser = testBrowser(url, '192.0.2.1');
    expect((await browser.get('/alarms')).to).toBe('/sign-in?to=%2Falarms');
    await browser.post('/sign-in', { address: admin, to: '/alarms' });
    const letter = await desk.letterTo(admin);
    expect(letter.reversePath).toBe('');
    const code = /\b[A-Z2-9]{4}-[A-Z2-9]{4}\b/.exec(letter.read.text ?? '')?.[0] ?? '';
    expect(await browser.post('/sign-in/code', { code })).toMatchObject({ code: 303, to: '/alarms' });
    expect((await browser.get('/alarms')).text).toContain('No alarm is open');
    const forgotten = () =>
      desk.rows<{ raw: Buffer; text: string }>(
        `select raw, text from outbox where kind = 'sign-in' and state = 'sent'`,
      );
    const [row] = await until('the outbox has forgotten the letter', async () =>
      (await forgotten()).length === 1 ? forgotten() : null,
    );
    expect(row?.raw.length).toBe(0);
    expect(row?.text).not.toContain(code);
    expect(JSON.stringify(gateway.log)).not.toContain(admin);
  });

  it('whose answer opens an ordinary case', async () => {
    const letter = await desk.letterTo(admin);
    await desk.answer('gmail', letter, { from: `Ada <${admin}>`, text: 'I did not ask for this.' });
    await desk.letterTo(admin, { subject: /Case 00000001/ });
    const { history } = await desk.caseShown(1);
    expect(JSON.stringify(history)).toContain('I did not ask for this.');
  });
});
