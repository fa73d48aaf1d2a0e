// The second product line on a second mailbox: asked twice, a silent customer's case closes itself and can not be reopened; a later answer
// opens a linked case, and the customer is told both numbers. On the way, MORE TIME starts the clock again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk, ines, tom } from './desk.ts';
import { casepostJson, type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const joerg = 'joerg@fabrik.test';

describe.skipIf(missing)(`a mobility case closes itself${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let desk: Desk;
  let gateway: Program;
  beforeAll(async () => {
    desk = await aDesk({ reversePath: 'verp' });
    gateway = await startCasepost(['start', '-c', desk.config]);
  });
  afterAll(async () => {
    await gateway?.kill9();
    await desk?.stop();
  });

  async function walk(days: number): Promise<string[]> {
    const now = Temporal.Now.instant()
      .add({ minutes: Math.round(days * 24 * 60) + 5 })
      .toString();
    const done = await casepostJson(['tick', '--now', now, '-c', desk.config]);
    await casepostJson(['send', '--now', now, '-c', desk.config]);
    return done.map(({ reason }) => String(reason));
  }

  it('a mail to the second mailbox is a mobility case, told to the engineer of that line only', async () => {
    const first = firstMail({
      from: `=?utf-8?Q?J=C3=B6rg_Wei=C3=9F?= <${joerg}>`,
      to: 'mobility@desk.test',
      subject: '=?utf-8?Q?Berichte_f=C3=BCr_M=C3=A4rz?=',
      text: 'Hello, exporting reports does not work.',
    });
    await desk.dovecot.append(first, 'INBOX', 'mobility');
    const acknowledgment = await desk.letterTo(joerg);
    expect(acknowledgment.read.subject).toMatch(/^\[Case 00000001\] /);
    expect(acknowledgment.read.from?.value[0]?.address).toBe('mobility@desk.test');
    expect(acknowledgment.reversePath).toMatch(/^mobility\+b1\.[a-z2-7]+\.[a-z0-9]+@desk\.test$/);
    const told = await desk.letterTo(tom);
    expect(told.read.subject).toContain('Berichte für März');
    expect(desk.lettersTo(ines)).toHaveLength(0);
  });

  it('the engineer’s answer from Apple Mail offers more time', async () => {
    await desk.answer('apple', await desk.letterTo(tom), { from: tom, text: 'Which version is it?' }, 'mobility');
    const answer = await desk.letterTo(joerg, { count: 2 });
    expect(answer.read.text).toContain('Which version is it?');
    expect(answer.read.text).toMatch(/MORE TIME/);
  });

  it('MORE TIME after the first follow-up starts the clock again', async () => {
    expect(await walk(3)).toEqual(['follow-up-due']);
    const followUp = await desk.letterTo(joerg, { count: 3 });
    await desk.answer('outlook', followUp, { from: joerg, text: 'MORE TIME' }, 'mobility');
    const confirmation = await desk.letterTo(joerg, { count: 4 });
    expect(confirmation.read.headers.get('auto-submitted')).toBe('auto-replied');
    const { schedule } = await desk.caseShown(1);
    expect(schedule.filter(({ state }) => state === 'waiting').map(({ rule, step }) => [rule, step])).toEqual([
      ['follow-up', 1],
    ]);
  });

  it('two unanswered follow-ups later the case is closed, and says that it stays so', async () => {
    // The first follow-up left on the third day, so the pause that MORE TIME begins can not end before the sixth.
    expect(await walk(3)).not.toContain('follow-up-due');
    expect(await walk(6.1)).toEqual(['follow-up-due']);
    expect(await walk(9.2)).toEqual(['follow-up-due']);
    expect(await walk(11)).toEqual([]);
    expect(await walk(12.3)).toEqual(['closing-due']);
    const closed = await desk.letterTo(joerg, { count: 7 });
    expect(closed.read.text).toMatch(/closed/i);
    const shown = await desk.caseShown(1);
    expect([shown.status, shown.closeReason]).toEqual(['closed', 'no response']);
    expect(await walk(40)).toEqual([]);
  });

  it('a later answer opens a linked case that carries line and owner over, and names both numbers', async () => {
    const closed = await desk.letterTo(joerg, { count: 7 });
    await desk.answer('gmail', closed, { from: joerg, text: 'It is version 9.1, and it still fails.' }, 'mobility');
    const linked = await desk.letterTo(joerg, { count: 8 });
    expect(linked.read.subject).toMatch(/^\[Case 00000002\]/);
    for (const body of [linked.read.text, linked.read.html]) {
      expect(body).toContain('00000001');
      expect(body).toContain('00000002');
    }
    const shown = await desk.caseShown(2);
    expect([shown.linkedFrom, shown.owner]).toEqual([1, tom]);
    expect((await desk.caseShown(1)).status).toBe('closed');
  });

  it('thanks for a closed case changes nothing and is answered by nobody', async () => {
    const linked = await desk.letterTo(joerg, { count: 8 });
    await casepostJson(['case', 'set', '2', 'status=closed', 'reason=resolved by support', '-c', desk.config]);
    await desk.letterTo(joerg, { count: 9 });
    await desk.answer('gmail', linked, { from: joerg, text: 'Thanks!' }, 'mobility');
    await until('the thanks is decided', async () => {
      const [last] = await desk.rows<{ reason: string }>('select reason from inbound order by id desc limit 1');
      return last?.reason === 'customer-thanks';
    });
    expect(desk.lettersTo(joerg)).toHaveLength(9);
    expect((await desk.caseShown(2)).status).toBe('closed');
  });
});
