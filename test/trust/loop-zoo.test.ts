// The loop zoo of TRUST 4.3: machines that answer us, kept for simulated days at a running gateway. What goes to them by itself stays under every
// cap as counted at the peer, every mail has its row, like mails are folded into few cases, and engineers are not flooded.
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import { aWorld, type Caught, ines, onTop, results, type World } from './world.ts';
import { automatic, casesOf, countedOf, everyCapHolds, live, type Machine, mostIn, type Sending } from './zoo.ts';

const missing = whyMissing('postgres');
/** Thirty seconds to three days. */
const delays = [0.5, 60, 3 * 24 * 60];

describe.skipIf(missing)(`the loop zoo${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await aWorld({ reversePath: 'verp' });
  });
  afterAll(async () => {
    await world?.stop();
  });

  const lettersTo = (recipient: string) => world.caught(recipient).filter(automatic);
  /** A machine that answers each letter as a mail program would, after so long. */
  const answering =
    (from: string, text: string, minutes: number, headers: Record<string, string> = {}): Machine =>
    async (letter) => [
      { raw: await answerAs('gmail', letter.raw, { from, text, headers }), minutes, to: replyTo(letter) },
    ];
  /** The engineer answers the newest notification that came of this customer. */
  async function engineerAnswers(customer: string, text: string): Promise<void> {
    const told = world.caught(ines).findLast(({ raw }) => raw.toString('latin1').includes(customer));
    if (!told) throw new Error(`no engineer was told of ${customer}`);
    await world.arrives(await answerAs('outlook', told.raw, { from: ines, text }), { to: replyTo(told) });
  }

  it('a vacation program with its headers has the letters a silent customer has, whatever its delay', async () => {
    for (const [at, minutes] of delays.entries()) {
      const customer = `away${at}@vacation.test`;
      await world.arrives(firstMail({ from: customer, subject: `Restore ${at}`, text: 'The restore is slow.' }));
      await engineerAnswers(customer, 'Please send the log.');
      const headers = { 'Auto-Submitted': 'auto-replied', Subject: 'Away' };
      await live([world], {
        machines: [[customer, answering(customer, 'I am away.', minutes, headers)]],
        days: 12,
        mailsMax: 30,
      });
      // The acknowledgment and three follow-ups; nothing for its own mails.
      expect(lettersTo(customer), customer).toHaveLength(4);
      expect(await casesOf(world, customer)).toBe(1);
    }
    await everyCapHolds(world);
  });

  it('a vacation program that sends no header is known by its words', async () => {
    const customer = 'off@vacation.test';
    await world.arrives(firstMail({ from: customer, subject: 'Backup stops', text: 'The backup stops.' }));
    await engineerAnswers(customer, 'Please send the log.');
    const words = 'I am out of the office until Monday and have no access to my mail.';
    const machine: Machine = async (letter) => {
      const { subject } = await simpleParser(letter.raw);
      return [
        {
          raw: await answerAs('outlook', letter.raw, {
            from: customer,
            text: words,
            subject: `Automatic reply: ${subject}`,
          }),
          minutes: 1,
          to: replyTo(letter),
        },
      ];
    };
    await live([world], { machines: [[customer, machine]], days: 12, mailsMax: 30 });
    expect(lettersTo(customer)).toHaveLength(4);
    await everyCapHolds(world);
  });

  it('a no-reply robot that answers each mail and sends its own gets no letter', async () => {
    const robot = 'no-reply@machine.test';
    const mail = (n: number): Sending => ({
      raw: firstMail({ from: robot, subject: 'Your order', text: `Order ${n} is on its way.` }),
      minutes: n,
    });
    const unasked = Array.from({ length: 30 }, (_, n) => mail(n));
    const sent = await live([world], {
      machines: [[robot, answering(robot, 'Do not answer.', 1)]],
      unasked,
      days: 1,
      mailsMax: 40,
    });
    expect(sent).toBe(30);
    expect(world.caught(robot)).toEqual([]);
    expect(await countedOf(world, robot)).toEqual({ mails: 30, cases: 3, folded: 27 });
    await everyCapHolds(world);
  });

  it('a robot with another subject each time is folded by its text', async () => {
    const robot = 'subjects@machine.test';
    const mail = (n: number, minutes: number): Sending => ({
      raw: firstMail({
        from: robot,
        subject: `Your message ${word(n)}`,
        text: 'We have received your message and will come back to you.',
      }),
      minutes,
    });
    let n = 40;
    const unasked = Array.from({ length: 30 }, (_, at) => mail(at, at * 10));
    await live([world], { machines: [[robot, () => [mail((n += 1), 0.5)]]], unasked, days: 3, mailsMax: 60 });
    expect(mostIn(24 * 60, world.caught(robot))).toBe(1);
    expect(await casesOf(world, robot)).toBeLessThanOrEqual(3);
    await everyCapHolds(world);
  });

  it('a robot with another subject and another text each time is folded by being one robot', async () => {
    const robot = 'words@machine.test';
    const mail = (n: number): Sending => ({
      raw: firstMail({
        from: robot,
        subject: `Report ${word(n)}`,
        text: `Today ${word(n * 3)} and ${word(n * 7)} were seen.`,
      }),
      minutes: Math.floor(n / 3),
    });
    await live([world], {
      machines: [],
      unasked: Array.from({ length: 130 }, (_, n) => mail(n)),
      days: 1,
      mailsMax: 130,
    });
    expect(world.caught(robot)).toHaveLength(1);
    expect((await countedOf(world, robot)).mails).toBe(130);
    expect(await casesOf(world, robot)).toBe(100);
    await everyCapHolds(world);
  });

  it('a robot with another local part each time is folded by its text, numbers in it aside, when its domain’s letters are used up', async () => {
    const mail = (n: number): Sending => ({
      raw: firstMail({
        from: `r${word(n)}@rotating.test`,
        subject: `Alarm ${n}`,
        text: `Host ${n} has been unreachable for ${n * 3} minutes, please look at it at once.`,
      }),
      minutes: Math.floor(n / 3),
    });
    await live([world], {
      machines: [],
      unasked: Array.from({ length: 80 }, (_, n) => mail(n)),
      days: 1,
      mailsMax: 80,
    });
    const letters = world.caught().filter(({ recipients }) => recipients[0]?.endsWith('@rotating.test'));
    expect(letters.length).toBeLessThanOrEqual(60);
    expect((await countedOf(world, '%@rotating.test')).folded).toBe(20);
    await everyCapHolds(world);
  });

  it('a proven robot that asks for time, closes and reopens its case all the time fills every cap and passes none', async () => {
    world.walk({ hours: 30 });
    const robot = 'closer@proven.test';
    const pass = results('pass', 'proven.test');
    const { caseNumber } = await world.arrives(
      onTop(firstMail({ from: robot, subject: 'Disk is full', text: 'The disk is full.' }), pass),
    );
    const subject = `Re: [Case ${String(caseNumber).padStart(8, '0')}] Disk is full`;
    const unasked = Array.from({ length: 110 }, (_, n): Sending => ({
      raw: onTop(
        firstMail({
          from: robot,
          subject,
          text: [`It is full again: ${word(n)}.`, 'MORE TIME', 'MORE TIME', 'RESOLVED'][n % 4] ?? '',
        }),
        pass,
      ),
      minutes: n,
    }));
    const since = world.now();
    await live([world], { machines: [], unasked, days: 1, mailsMax: 110 });
    const late = ({ at }: Caught) => Temporal.Instant.compare(at, since) >= 0;
    const letters = world.caught(robot).filter(late);
    expect([10, 180].map((minutes) => mostIn(minutes, letters))).toEqual([3, 10]);
    // Of this case: that nobody answers those of the robots before is told besides.
    const ofTheCase = ({ raw }: Caught) => raw.includes(String(caseNumber).padStart(8, '0'));
    expect(mostIn(60, world.caught(ines).filter(late).filter(ofTheCase))).toBe(10);
    const reopened = await world.rows<{ count: number }>(
      `select count(*)::int from inbound where case_number = ? and reason = 'closed-case-reopened' group by date_trunc('hour', decided_at)`,
      [caseNumber],
    );
    expect(reopened.length).toBeGreaterThan(0);
    expect(Math.max(...reopened.map(({ count }) => count))).toBeLessThanOrEqual(10);
    expect(await casesOf(world, robot)).toBe(1);
    await everyCapHolds(world);
  });
});

function replyTo(letter: Caught): string {
  const head = letter.raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
  return /^(?:reply-to|from):.*?([^\s<>]+@[^\s<>]+)/im.exec(/^reply-to:.*$/im.exec(head)?.[0] ?? head)?.[1] ?? '';
}

/** A word for a number, so that no digit tells one mail from the next. */
function word(n: number): string {
  return (
    n.toString(36).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '') + 'a'.repeat(n % 7) + 'bee'[n % 3]
  );
}
