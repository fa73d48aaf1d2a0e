// The whole loop of a corporate case on real servers: a mail by LMTP into Dovecot becomes case 00000001, is acknowledged, answered by the
// engineer's mail program, followed up three times, closed by RESOLVED and confirmed; and the mails stand \Seen in the processed folder.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk, ines, type Letter, tom } from './desk.ts';
import { casepostJson, type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { answerAddress, firstMail, referencesOf } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const grace = 'grace@northwind.test';

describe.skipIf(missing)(
  `a case from the first mail to RESOLVED${missing ? ` (${missing})` : ''}`,
  { timeout: 60_000 },
  () => {
    let desk: Desk;
    let gateway: Program;
    let acknowledgment: Letter;
    let answer: Letter;
    let answeredAt: Temporal.Instant;
    beforeAll(async () => {
      desk = await aDesk();
      gateway = await startCasepost(['start', '-c', desk.config]);
    });
    afterAll(async () => {
      await gateway?.kill9();
      await desk?.stop();
    });

    async function walkTo(days: number): Promise<void> {
      const now = answeredAt.add({ minutes: Math.round(days * 24 * 60) + 5 }).toString();
      await casepostJson(['tick', '--now', now, '-c', desk.config]);
      await casepostJson(['send', '--now', now, '-c', desk.config]);
    }

    it('a mail handed to Dovecot is case 00000001 and acknowledged with a null reverse path', async () => {
      const first = firstMail({
        from: `Grace Miller <${grace}>`,
        subject: 'Nightly backup fails since the update',
        text: 'Hello,\n\nour nightly backup fails with error 0x4711 since yesterday.\n\nGrace',
        headers: { 'Message-ID': '<first@northwind.test>' },
      });
      await desk.dovecot.deliver(first, 'support', grace);
      acknowledgment = await desk.letterTo(grace);
      expect(acknowledgment.reversePath).toBe('');
      const { read } = acknowledgment;
      expect(read.subject).toMatch(/^\[Case 00000001\] /);
      expect(read.from?.value).toEqual([{ address: 'support@desk.test', name: 'Example Support' }]);
      expect(read.headers.get('auto-submitted')).toBe('auto-replied');
      expect(read.inReplyTo).toBe('<first@northwind.test>');
      expect(referencesOf(read)).toEqual(['<first@northwind.test>']);
    });

    it('the acknowledgment says number and severity in text and in html, and never the customer’s own words', () => {
      const { text, html } = acknowledgment.read;
      for (const body of [text, html]) {
        expect(body).toContain('00000001');
        expect(body).toMatch(/severity/i);
        expect(body).not.toContain('0x4711');
      }
      expect(text).not.toMatch(/<[a-z]+[ >]|\{\{|undefined|\[object/);
      expect(html).not.toMatch(/\{\{|undefined|\[object/);
    });

    it('the owner is told with the customer’s text, and the owner alone', async () => {
      const told = await desk.letterTo(ines);
      expect(told.read.text).toContain('0x4711');
      expect(told.read.headers.get('auto-submitted')).toBe('auto-generated');
      expect(desk.lettersTo(tom)).toHaveLength(0);
    });

    it('the mail is \\Seen and in the processed folder once it is decided', async () => {
      await until('INBOX is empty', async () => (await flagsIn(desk, 'INBOX')).length === 0);
      const processed = await flagsIn(desk, 'Processed');
      expect(processed).toHaveLength(1);
      expect(processed[0]).toContain('\\Seen');
    });

    it('the engineer’s answer by mail reaches the customer from the support address, without the engineer’s', async () => {
      const told = await desk.letterTo(ines);
      const words = 'Dear Grace,\n\nplease install build 4711 & restart the agent.\n\nInes';
      await desk.answer('outlook', told, { from: `Ines Castell <${ines}>`, text: words });
      answer = await desk.letterTo(grace, { count: 2 });
      answeredAt = Temporal.Instant.fromEpochMilliseconds(answer.read.date?.getTime() ?? 0);
      const { read } = answer;
      expect(read.from?.value[0]?.address).toBe('support@desk.test');
      expect(read.subject).toBe('Re: [Case 00000001] Nightly backup fails since the update');
      expect(referencesOf(read)).toContain('<first@northwind.test>');
      expect(referencesOf(read)).toContain(acknowledgment.read.messageId);
      expect(read.headers.get('auto-submitted')).toBeUndefined();
      for (const body of [read.text ?? '', read.html || ''])
        expect(body).toMatch(/install build 4711 (&|&amp;) restart/);
      expect(read.text).not.toContain('Your answer goes above this line');
      expect(answer.raw.toString('latin1')).not.toContain('engineers.test');
    });

    it('an answer goes to the mailbox with its token, and the RESOLVED button prepares just that', () => {
      expect(answerAddress(answer.read)).toMatch(/^support\+[^@]+@desk\.test$/);
      const button =
        /href="(mailto:[^"]*?subject[^"]*)"/.exec(answer.read.html || '')?.[1]?.replaceAll('&#x3D;', '=') ?? '';
      const prepared = new URL(button.replaceAll('&amp;', '&'));
      expect(decodeURIComponent(prepared.pathname)).toBe(answerAddress(answer.read));
      expect(prepared.searchParams.get('subject')).toBe('Re: [Case 00000001] Nightly backup fails since the update');
      expect(prepared.searchParams.get('body')).toBe('RESOLVED');
    });

    it('nothing is due before the third day', async () => {
      await walkTo(2.9);
      expect(desk.lettersTo(grace)).toHaveLength(2);
    });

    it('three follow-ups go out after 3, 3 and 4 days, each in the same conversation', async () => {
      for (const [index, day] of [3, 6.1, 10.2].entries()) {
        await walkTo(day);
        expect(desk.lettersTo(grace)).toHaveLength(3 + index);
        const followUp = await desk.letterTo(grace, { count: 3 + index });
        expect(followUp.read.headers.get('auto-submitted')).toBe('auto-generated');
        expect(followUp.read.subject).toContain('[Case 00000001]');
        expect(referencesOf(followUp.read)).toContain(answer.read.messageId);
        expect(followUp.read.text).toMatch(/RESOLVED/);
      }
    });

    it('after the third the case stays open, its owner is told, and nothing more goes out', async () => {
      await walkTo(60);
      expect(desk.lettersTo(grace)).toHaveLength(5);
      const notice = await desk.letterTo(ines, { count: 2 });
      expect(notice.read.text).toMatch(/silent/);
      expect((await desk.caseShown(1)).status).toBe('waiting on customer');
    });

    it('RESOLVED from Gmail closes the case; the confirmation says how to undo it', async () => {
      const last = await desk.letterTo(grace, { count: 5 });
      await desk.answer('gmail', last, { from: `Grace Miller <${grace}>`, text: 'RESOLVED, thank you!' });
      const confirmation = await desk.letterTo(grace, { count: 6 });
      expect(confirmation.read.subject).toContain('[Case 00000001]');
      expect(confirmation.read.headers.get('auto-submitted')).toBe('auto-replied');
      expect(confirmation.read.text).toMatch(/closed/i);
      const shown = await desk.caseShown(1);
      expect([shown.status, shown.closeReason]).toEqual(['closed', 'resolved by customer']);
      await desk.letterTo(ines, { count: 3 });
    });

    it('every mail and every letter has its why, and reconcile finds nothing missing', async () => {
      const shown = await desk.caseShown(1);
      for (const entry of shown.history) expect(entry.because).not.toBe('');
      expect(shown.history.map(({ reason }) => reason)).toEqual(
        expect.arrayContaining(['new-request', 'engineer-answered', 'customer-resolved']),
      );
      await until('INBOX is empty', async () => (await flagsIn(desk, 'INBOX')).length === 0);
      const reconciled = await casepostJson(['reconcile', '-c', desk.config]);
      expect(reconciled.at(-1)).toEqual({ missing: 0 });
    });

    it('SIGTERM ends the gateway with code 0', async () => {
      expect(await gateway.stop()).toBe(0);
      expect(gateway.log.filter(({ level }) => level >= 40)).toEqual([]);
    });
  },
);

async function flagsIn(desk: Desk, folder: string): Promise<string[][]> {
  const client = await desk.dovecot.client('support');
  try {
    await client.mailboxOpen(folder, { readOnly: true });
    const found: string[][] = [];
    for await (const { flags } of client.fetch('1:*', { flags: true })) found.push([...(flags ?? [])]);
    return found;
  } finally {
    await client.logout();
  }
}
