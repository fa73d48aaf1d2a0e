// A Postfix in front hands mail over by LMTP: the gateway says 250 only when the mail is committed, and while the database is away the mail
// stays in the queue of Postfix and arrives afterwards, once.
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../servers/ports.ts';
import { type Postfix, startPostfix } from '../servers/postfix.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot', 'postfix');

describe.skipIf(missing)(`Postfix hands over${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let postgres: Postgres;
  let desk: Desk;
  let postfix: Postfix;
  let gateway: Program;
  let lmtpPort: number;
  beforeAll(async () => {
    postgres = await startPostgres();
    [lmtpPort] = (await freePorts(1)) as [number];
    const databaseUrl = await postgres.createDatabase('desk');
    desk = await aDesk({ databaseUrl, imap: false, listen: `  lmtp: { port: ${lmtpPort} }` });
    postfix = await startPostfix({ routes: { 'desk.test': { protocol: 'lmtp', port: lmtpPort } } });
    gateway = await startCasepost(['start', '-c', desk.config]);
  });
  afterAll(async () => {
    await gateway?.kill9();
    await Promise.all([postfix?.stop(), desk?.stop()]);
    await postgres?.stop();
  });

  function send(from: string, subject: string, to = 'support@desk.test'): Promise<string> {
    return postfix.send(firstMail({ from, subject, text: 'Hello' }), { reversePath: from, recipients: [to] });
  }

  it('a mail through Postfix is a case, with the envelope kept', async () => {
    await send('a@one.test', 'through Postfix');
    await desk.letterTo('a@one.test');
    const stored = await desk.rows(`select source, envelope_from, envelope_to from inbound`);
    expect(stored).toEqual([{ source: 'lmtp', envelope_from: 'a@one.test', envelope_to: ['support@desk.test'] }]);
    await postfix.emptied();
  });

  it('when the 250 is read, another connection sees the mail', async () => {
    const transport = createTransport({ host: '127.0.0.1', port: lmtpPort, lmtp: true, ignoreTLS: true });
    const raw = firstMail({ from: 'b@two.test', subject: 'committed', text: 'Hello' });
    const sent = await transport.sendMail({ envelope: { from: 'b@two.test', to: ['mobility@desk.test'] }, raw });
    transport.close();
    expect(sent.accepted).toHaveLength(1);
    const stored = await desk.rows<{ raw: Buffer }>(`select raw from inbound where mailbox = 'mobility'`);
    // The wire may add the last line end, and nothing else.
    expect(stored.map((row) => row.raw.toString().trimEnd())).toEqual([raw.trimEnd()]);
  });

  it('while the database is away Postfix keeps the mail, and it arrives once when it is back', async () => {
    await postgres.kill9();
    await send('c@three.test', 'during the outage');
    await until('Postfix was told to come again', async () =>
      (await postfix.queue()).some(({ reasons }) => reasons.some((reason) => /451|4\.3\.0/.test(reason))),
    );
    expect(desk.lettersTo('c@three.test')).toHaveLength(0);
    await postgres.start();
    await postfix.flush();
    await desk.letterTo('c@three.test', { seconds: 40 });
    await postfix.emptied(20);
    const stored = await desk.rows(`select disposition from inbound where from_address = 'c@three.test'`);
    expect(stored).toEqual([{ disposition: 'opened' }]);
    expect(gateway.running()).toBe(true);
  });

  it('a mail for nobody of ours is refused for good: we relay for no one', async () => {
    await postfix.emptied();
    const [before] = await desk.rows<{ count: string }>('select count(*) from inbound');
    await send('d@four.test', 'for somebody else', 'someone-else@desk.test');
    await until('Postfix gave up', async () =>
      /someone-else@desk\.test.*status=bounced.*550/.test(await postfix.log()),
    );
    const [after] = await desk.rows<{ count: string }>('select count(*) from inbound');
    expect(after).toEqual(before);
  });
});
