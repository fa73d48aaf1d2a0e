// May a mail join a case? The rows of TRUST 4.2 and 4.3 seen from outside: what leaves at the SMTP peer, and what does not, when strangers,
// forgers, robots and mail servers write under the number or the tokens of case 00000001.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk, ines, type Letter } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { answerAs, firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const grace = 'grace@northwind.test';
const mallory = 'mallory@elsewhere.test';
const secret = 'the vault code is Quintessence';
const policy = 'authentication: when-present\n';

describe.skipIf(missing)(`who may join a case${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let desk: Desk;
  let gateway: Program;
  let answer: Letter;
  let told: Letter;
  beforeAll(async () => {
    desk = await aDesk({ reversePath: 'verp', policy });
    gateway = await startCasepost(['start', '-c', desk.config]);
    const first = firstMail({ from: grace, subject: 'Restore is slow', text: `${secret} and the restore is slow.` });
    await desk.dovecot.append(first);
    told = await desk.letterTo(ines);
    await desk.answer('gmail', told, { from: ines, text: 'Please send the log of the agent.' });
    answer = await desk.letterTo(grace, { count: 2 });
  });
  afterAll(async () => {
    await gateway?.kill9();
    await desk?.stop();
  });

  /** Puts a mail into the mailbox and resolves with its row once it is decided and everything it caused has left. */
  async function arrives(raw: string): Promise<{ disposition: string; reason: string; case_number: number | null }> {
    const [{ count } = { count: 0 }] = await desk.rows<{ count: string }>('select count(*) from inbound');
    await desk.dovecot.append(raw);
    const decided = await until('the mail is decided', async () => {
      const all = await desk.rows<{
        id: string;
        disposition: string | null;
        reason: string;
        case_number: string | null;
      }>('select id, disposition, reason, case_number from inbound order by id');
      const last = all[Number(count)];
      return last?.disposition ? { ...last, disposition: last.disposition } : null;
    });
    await until('the outbox is empty', async () => {
      const [waiting] = await desk.rows<{ count: string }>(`select count(*) from outbox where state = 'waiting'`);
      return waiting?.count === '0';
    });
    return {
      disposition: decided.disposition,
      reason: decided.reason,
      case_number: decided.case_number === null ? null : Number(decided.case_number),
    };
  }

  it('a stranger with the number gets an acknowledgment of a case of their own, and not a byte of the other', async () => {
    const raw = firstMail({
      from: mallory,
      subject: 'Re: [Case 00000001] Restore is slow',
      text: 'Please send me everything.',
    });
    expect(await arrives(raw)).toEqual({ disposition: 'opened', reason: 'not-a-participant', case_number: 2 });
    expect(desk.lettersTo(grace)).toHaveLength(2);
    const [letter] = desk.lettersTo(mallory);
    const all = letter?.raw.toString('latin1') ?? '';
    const { read } = await desk.letterTo(mallory);
    expect(read.subject).toContain('[Case 00000002]');
    for (const body of [all, read.text ?? '', read.html || '']) {
      expect(body).not.toMatch(/00000001|\bcase-1\.|Quintessence|northwind|Restore is slow/i);
    }
    expect((await desk.caseShown(1)).history.filter(({ author }) => author === mallory)).toEqual([]);
  });

  it('a number that no case has is answered just like one that has', async () => {
    const real = await desk.letterTo(mallory);
    const other = 'niobe@elsewhere2.test';
    await arrives(
      firstMail({ from: other, subject: 'Re: [Case 00099999] Restore is slow', text: 'Please send me everything.' }),
    );
    const { read } = await desk.letterTo(other);
    const plain = (text: string) => text.replaceAll(/0000000\d/g, 'N');
    expect(plain(read.text ?? '')).toBe(plain(real.read.text ?? ''));
  });

  it('who puts themselves in copy while forging the requester gets no history, now and later', async () => {
    const raw = await answerAs('gmail', answer.raw, {
      from: grace,
      cc: mallory,
      to: 'support@desk.test',
      text: 'Please add my colleague.',
    });
    const stripped = raw.replace(/^In-Reply-To:.*\r\n/m, '').replace(/^References:.*\r\n(?:[ \t].*\r\n)*/m, '');
    await arrives(stripped);
    await desk.answer('gmail', told, { from: ines, text: `As you said, ${secret}.` });
    await desk.letterTo(grace, { count: 3 });
    expect(desk.lettersTo(mallory)).toHaveLength(1);
    const { participants } = await desk.caseShown(1);
    expect(participants.find(({ address }) => address === mallory)?.confirmed ?? false).toBe(false);
  });

  it('a forwarded letter answered by somebody else is held: no letter to them, nothing public', async () => {
    const colleague = 'colleague@northwind.test';
    const raw = await answerAs('outlook', answer.raw, { from: colleague, text: 'Any news?' });
    expect(await arrives(raw)).toEqual({ disposition: 'held', reason: 'forwarded-token', case_number: 1 });
    expect(desk.lettersTo(colleague)).toHaveLength(0);
    expect(desk.lettersTo(grace)).toHaveLength(3);
  });

  it('a forged engineer’s answer never leaves, whatever it names', async () => {
    const words = 'Dear customer, send your password to evil.test';
    const forgeries = [
      firstMail({ from: ines, subject: 'Re: [Case 00000001] Restore is slow', text: words }),
      await answerAs('gmail', answer.raw, { from: ines, text: words, to: 'support@desk.test' }),
      (await answerAs('gmail', told.raw, { from: ines, text: words })).replaceAll(
        /c1\.([a-z0-9])[a-z0-9]+\.[a-z2-7]{16}/g,
        'c1.$1zzzz.aaaaaaaaaaaaaaaa',
      ),
    ];
    for (const raw of forgeries) {
      expect(await arrives(raw)).toMatchObject({
        disposition: 'held',
        reason: 'engineer-answer-refused',
        case_number: 1,
      });
    }
    const written = desk.peer.letters.map(({ raw }) => raw.toString('latin1')).join('\n');
    expect(written).not.toContain('evil.test');
    expect(desk.lettersTo(grace)).toHaveLength(3);
  });

  it('an out-of-office that says RESOLVED closes nothing and is answered by nobody', async () => {
    const raw = await answerAs('outlook', answer.raw, {
      from: grace,
      text: 'RESOLVED',
      subject: 'Automatic reply: [Case 00000001] Restore is slow',
      headers: { 'Auto-Submitted': 'auto-replied' },
    });
    expect(await arrives(raw)).toEqual({ disposition: 'automatic', reason: 'automatic-mail', case_number: 1 });
    const shown = await desk.caseShown(1);
    expect(shown.status).toBe('waiting on customer');
    expect(shown.schedule.filter(({ state }) => state === 'waiting')).toHaveLength(1);
    expect(desk.lettersTo(grace)).toHaveLength(3);
  });

  it('a report about our letter that did not come by its signed way back stops nothing', async () => {
    const letter = desk.lettersTo(grace).at(-1)?.raw ?? Buffer.alloc(0);
    expect(await arrives(bounceOf(letter, grace))).toMatchObject({ disposition: 'report', case_number: 1 });
    expect((await desk.caseShown(1)).schedule.filter(({ state }) => state === 'waiting')).toHaveLength(1);
    expect(desk.lettersTo(grace)).toHaveLength(3);
  });

  it('a bounce of our letter is filed on its case, the owner is told, and the follow-ups end', async () => {
    const before = desk.lettersTo(ines).length;
    const bounced = desk.lettersTo(grace).at(-1);
    // A mail server sends a bounce to the reverse path of the letter: our signed address.
    const bounce = bounceOf(bounced?.raw ?? Buffer.alloc(0), grace, bounced?.reversePath);
    expect(await arrives(bounce)).toEqual({ disposition: 'report', reason: 'delivery-report', case_number: 1 });
    expect(desk.lettersTo(ines)).toHaveLength(before + 1);
    expect(desk.lettersTo(grace)).toHaveLength(3);
    expect(desk.peer.letters.filter(({ recipients }) => recipients.some((one) => /mailer-daemon/i.test(one)))).toEqual(
      [],
    );
    expect((await desk.caseShown(1)).schedule.filter(({ state }) => state === 'waiting')).toEqual([]);
  });

  it('a bounce of a mail we never sent touches no case and tells nobody', async () => {
    const count = desk.peer.letters.length;
    const foreign = Buffer.from(firstMail({ from: 'support@desk.test', to: grace, subject: 'x', text: 'x' }));
    expect(await arrives(bounceOf(foreign, grace))).toEqual({
      disposition: 'report',
      reason: 'delivery-report',
      case_number: null,
    });
    expect(desk.peer.letters).toHaveLength(count);
  });

  it('nothing that was refused can be seen in the public history', async () => {
    const { history } = await desk.caseShown(1);
    const visible = history.filter(({ visibility }) => visibility === 'public').map(({ author }) => author);
    expect([...new Set(visible)].sort()).toEqual([grace, ines].sort());
  });
});

function bounceOf(raw: Buffer, recipient: string, to = 'support@desk.test'): string {
  const id = /^message-id: *(.*)\r$/im.exec(raw.toString('latin1'))?.[1] ?? '';
  const part = (type: string, text: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
  return [
    'From: MAILER-DAEMON@mx.northwind.test (Mail Delivery System)',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    `Message-ID: <${Math.round(performance.now() * 1000)}@mx.northwind.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    part('text/plain', `The mail to ${recipient} could not be delivered.`) +
      part(
        'message/delivery-status',
        `Reporting-MTA: dns; mx.northwind.test\r\n\r\nFinal-Recipient: rfc822; ${recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n`,
      ) +
      part('text/rfc822-headers', `Message-ID: ${id}\r\nSubject: x\r\n`) +
      '--b--',
    '',
  ].join('\r\n');
}
