// Robots that send no header of their kind answer every letter they get, for simulated days: what goes to one address by itself stays under
// the caps of TRUST 4.3, counted at the SMTP peer. The gateway runs in this process only because its clock has to be run forward.
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instant } from '../../src/clock.ts';
import { openSession, type Session } from '../../src/command/session.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { rows } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import type { SmtpLetter } from '../servers/smtp-peer.ts';
import { aDesk, type Desk, ines } from './desk.ts';
import { until } from './until.ts';
import { answerAs, firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const stepMinutes = 60;
const days = 2;
const roundsPerStep = 4;
const noticesAnHourMax = 20;
const caps = [
  { minutes: 10, letters: 3 },
  { minutes: 3 * 60, letters: 10 },
  { minutes: 24 * 60, letters: 20 },
];

/** Says what a robot writes when this letter reaches it; null: nothing. */
type Robot = (letter: SmtpLetter, count: number) => Promise<string | null>;

describe.skipIf(missing)(`robots without headers${missing ? ` (${missing})` : ''}`, { timeout: 90_000 }, () => {
  let desk: Desk;
  let session: Session;
  let gateway: Gateway;
  let at: Instant;
  /** When each letter at the peer left, by its place in `desk.peer.letters`. */
  const leftAt: Instant[] = [];
  beforeAll(async () => {
    at = Temporal.Instant.from('2026-03-02T08:00Z');
    desk = await aDesk({ imap: false, listen: '  lmtp: { port: 0 }' });
    session = await openSession({ config: desk.config }, {});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    gateway = await startGateway({
      desk: session.desk,
      database: session.database,
      now: () => at,
      log,
      ticks: 'when-told',
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await session?.close();
    await desk?.stop();
  });

  async function deliver(raw: string, from: string): Promise<void> {
    const port = gateway.doors[0]?.port;
    const transport = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true });
    const sent = await transport.sendMail({ envelope: { from, to: ['support@desk.test'] }, raw });
    transport.close();
    if (sent.accepted.length !== 1) throw new Error(`the gateway did not take the robot's mail: ${sent.response}`);
  }
  async function inHand(): Promise<string[]> {
    const left = await rows<{ what: string }>(
      session.database.db,
      `select 'mail ' || id || ': ' || coalesce(last_error, 'no error') as what from inbound where disposition is null
       union all select 'letter ' || id || ' to ' || recipient || ': ' || coalesce(last_error, 'no error') from outbox where state = 'waiting'`,
    );
    return left.map(({ what }) => what);
  }
  async function settled(): Promise<void> {
    let left: string[] = [];
    await until('the gateway has nothing in hand', async () => {
      left = await inHand();
      return left.length === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it has ${left.join('; ')}`);
    });
    while (leftAt.length < desk.peer.letters.length) leftAt.push(at);
  }
  /** Lets the robots answer every new letter, until they are silent or `rounds` are over. Returns the letters answered. */
  async function converse(robots: Record<string, Robot>, rounds: number, answered: { letters: number }): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await settled();
      const fresh = desk.peer.letters.slice(answered.letters);
      answered.letters += fresh.length;
      let written = 0;
      for (const letter of fresh) {
        const [recipient = ''] = letter.recipients;
        const raw = await robots[recipient]?.(letter, answered.letters);
        if (!raw) continue;
        written += 1;
        await deliver(raw, recipient);
      }
      if (written === 0) return;
    }
  }
  async function walk(robots: Record<string, Robot>, hours: number, eachStep?: () => Promise<void>): Promise<void> {
    const answered = { letters: desk.peer.letters.length };
    for (let minutes = 0; minutes < hours * 60; minutes += stepMinutes) {
      await eachStep?.();
      await gateway.tick();
      await converse(robots, roundsPerStep, answered);
      at = at.add({ minutes: stepMinutes });
    }
  }
  /** Most letters to `recipient` in any stretch of so many minutes. */
  function mostIn(minutes: number, recipient: string): number {
    const times = desk.peer.letters.flatMap(({ recipients }, index) => {
      const left = leftAt[index];
      return recipients.includes(recipient) && left ? [left.epochMilliseconds] : [];
    });
    return Math.max(
      0,
      ...times.map((from) => times.filter((time) => time >= from && time < from + minutes * 60_000).length),
    );
  }
  function underCaps(recipient: string): void {
    for (const { minutes, letters } of caps) {
      expect(mostIn(minutes, recipient), `letters to ${recipient} in ${minutes} minutes`).toBeLessThanOrEqual(letters);
    }
  }

  it('a robot that writes a new mail for each letter has one acknowledgment a day', async () => {
    const robot = 'robot@machine.test';
    let number = 0;
    const fresh = () => {
      number += 1;
      return firstMail({
        from: robot,
        subject: `Message ${number} received`,
        text: `We got your message, number ${number}.`,
      });
    };
    await walk({ [robot]: async () => fresh() }, days * 24, () => deliver(fresh(), robot));
    expect(number).toBeGreaterThanOrEqual((days * 24 * 60) / stepMinutes);
    expect(desk.lettersTo(robot).length).toBeGreaterThanOrEqual(days);
    expect(mostIn(24 * 60, robot)).toBe(1);
  });

  it('a robot that answers with our token, closing and reopening its case, stays under every cap', async () => {
    const robot = 'closer@machine2.test';
    await deliver(firstMail({ from: robot, subject: 'Disk is full', text: 'The disk is full.' }), robot);
    let last: Buffer | null = null;
    let turn = 0;
    const words = () => (turn++ % 2 === 0 ? 'RESOLVED' : 'It is still broken, please look again.');
    const answer: Robot = (letter) => {
      last = letter.raw;
      return answerAs('gmail', letter.raw, { from: robot, text: words() });
    };
    await walk({ [robot]: answer }, days * 24, async () => {
      if (last) await deliver(await answerAs('gmail', last, { from: robot, text: words() }), robot);
    });
    expect(desk.lettersTo(robot).length).toBeGreaterThan(caps[0]?.letters ?? 0);
    underCaps(robot);
  });

  it('mails of one unproven address that come at the same moment have one acknowledgment', async () => {
    const robot = 'burst@machine3.test';
    const mails = Array.from({ length: 16 }, (_, index) =>
      firstMail({
        from: robot,
        subject: `Alarm ${index} of ${index * 7}`,
        text: `Alarm number ${index * 13} at host ${index}.`,
      }),
    );
    await Promise.all(mails.map((raw) => deliver(raw, robot)));
    await settled();
    expect(desk.lettersTo(robot)).toHaveLength(1);
  });

  it('the same mail again and again is one case', async () => {
    const robot = 'storm@machine4.test';
    const [before] = await desk.rows<{ count: string }>('select count(*) from cases');
    for (let copy = 0; copy < 12; copy += 1) {
      const raw = firstMail({ from: robot, subject: 'Backup report', text: 'The same words each time.' });
      await deliver(raw, robot);
      await settled();
    }
    const [after] = await desk.rows<{ count: string }>('select count(*) from cases');
    expect(Number(after?.count) - Number(before?.count)).toBeLessThanOrEqual(3);
    expect(desk.lettersTo(robot)).toHaveLength(1);
  });

  it('a customer’s robot and an engineer’s robot do not talk through us for ever', async () => {
    const robot = 'chatter@machine5.test';
    await deliver(firstMail({ from: robot, subject: 'Printer is slow', text: 'The printer is slow.' }), robot);
    const answered = { letters: desk.peer.letters.length };
    const echo =
      (from: string): Robot =>
      (letter, count) =>
        answerAs('outlook', letter.raw, { from, text: `We have noted your message under our sign ${count}.` });
    await converse({ [robot]: echo(robot), [ines]: echo(ines) }, 80, answered);
    const told = desk.lettersTo(ines).filter(({ raw }) => raw.toString('latin1').includes('Printer'));
    expect(told.length).toBeLessThanOrEqual(noticesAnHourMax);
    expect(desk.lettersTo(robot).length).toBeLessThanOrEqual(noticesAnHourMax);
  });
});
