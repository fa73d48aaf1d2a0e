// The loop zoo of TRUST 4.3, the animals that are mail systems themselves: a second gateway of ours, another helpdesk, a list, a forwarder, a server
// that returns everything, two robots that know each other through us. Counted at the peer over simulated days.
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { firstMail } from '../story/writing.ts';
import { aWorld, type Caught, ines, type World } from './world.ts';
import { automatic, casesOf, everyCapHolds, live, type Machine, mostIn } from './zoo.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(
  `the loop zoo, other mail systems${missing ? ` (${missing})` : ''}`,
  { timeout: 60_000 },
  () => {
    let world: World;
    let other: World;
    beforeAll(async () => {
      world = await aWorld({ reversePath: 'verp' });
      other = await aWorld({ domain: 'help.test' });
    });
    afterAll(async () => {
      await Promise.all([world?.stop(), other?.stop()]);
    });

    const fresh = (text: string) =>
      text.replaceAll(/^Message-ID:(?:\s*\r\n)?\s.*$/gim, `Message-ID: <${(serial += 1)}@relay.test>`);
    let serial = 0;
    /** The letter without anything that says a machine wrote it, as careless relays pass it on. */
    const stripped = ({ raw }: Caught) =>
      raw
        .toString('latin1')
        .replace(/^(?:Auto-Submitted|Precedence|X-Auto-Response-Suppress|X-Casepost-Instance|Reply-To): .*\r\n/gim, '')
        .replace(/^(?:In-Reply-To|References):.*(?:\r\n[ \t].*)*\r\n/gim, '');
    /** The subject of a letter, and its text as a robot would quote it. */
    async function read({ raw }: Caught): Promise<{ subject: string; text: string }> {
      const { subject = '', text = '' } = await simpleParser(raw);
      return { subject, text };
    }
    /** Two gateways of ours, each the other's customer, with `relay` between them. */
    async function meet(
      first: string,
      relay: (letter: Caught) => { raw: string; from?: string },
      minutes: number,
    ): Promise<number> {
      const passOn =
        (to: World): Machine =>
        (letter) => [{ ...relay(letter), minutes, to: letter.recipients[0] ?? '', world: to }];
      return live([world, other], {
        machines: [
          [/@desk\.test$/, passOn(world)],
          [/@help\.test$/, passOn(other)],
        ],
        unasked: [{ raw: first, minutes: 0 }],
        days: 3,
        mailsMax: 60,
      });
    }

    it('two gateways of ours say nothing more to each other than one acknowledgment', async () => {
      other.setClock(world.now());
      const first = firstMail({ from: 'support@help.test', subject: 'Your invoice', text: 'We do not understand it.' });
      const mails = await meet(
        first,
        (letter) => ({ raw: letter.raw.toString('latin1'), from: letter.reversePath }),
        1,
      );
      expect(mails).toBe(2);
      expect(other.peer.accepted()).toEqual([]);
      expect(await other.rows('select disposition, case_number from inbound')).toEqual([
        { disposition: 'automatic', case_number: null },
      ]);
      await everyCapHolds(world);
    });
    it('nor do they when a relay between them strips what tells machines', async () => {
      world.walk({ hours: 30 });
      other.setClock(world.now());
      const first = firstMail({
        from: 'support@help.test',
        subject: 'Your offer',
        text: 'We do not understand the offer.',
      });
      const mails = await meet(first, (letter) => ({ raw: fresh(stripped(letter)), from: 'relay@relay.test' }), 5);
      expect(mails).toBeLessThanOrEqual(10);
      await everyCapHolds(world);
      await everyCapHolds(other);
      for (const [gateway, address] of [
        [world, 'support@help.test'],
        [other, 'support@desk.test'],
      ] as const)
        expect(mostIn(24 * 60, gateway.caught(address).filter(automatic)), address).toBeLessThanOrEqual(1);
    });

    it('another helpdesk that opens a ticket for each letter has one letter a day', async () => {
      for (const [address, minutes, keepsOurNumber] of [
        ['desk@otrs.test', 0.5, true],
        ['help@otrs2.test', 90, false],
      ] as const) {
        let ticket = 2026030210000000;
        const machine: Machine = async (letter) => {
          const { subject } = await read(letter);
          const ours = keepsOurNumber ? subject : subject.replace(/\[Case \d+\] ?/, '');
          const raw = firstMail({
            from: address,
            subject: `[Ticket#${(ticket += 17)}] RE: ${ours}`,
            text: `Your request has been received as ticket ${ticket} and will be worked on by our team.`,
          });
          return [{ raw, minutes }];
        };
        await world.arrives(
          firstMail({ from: address, subject: '[Ticket#2026030210000000] Escalation', text: 'Please take over.' }),
        );
        const unasked = Array.from({ length: 12 }, (_, hour) => ({
          raw: firstMail({
            from: address,
            subject: `[Ticket#${(ticket += 17)}] News`,
            text: `Ticket ${ticket} has news.`,
          }),
          minutes: hour * 360,
        }));
        await live([world], { machines: [[address, machine]], unasked, days: 4, mailsMax: 60 });
        const letters = world.caught(address).filter(automatic);
        expect(letters.length).toBeGreaterThanOrEqual(1);
        expect(mostIn(24 * 60, letters), address).toBe(1);
      }
      await everyCapHolds(world);
    });

    it('a list that echoes our letter to us, plainly or without its headers, gets no second one', async () => {
      const list = 'users@lists.test';
      const echo = (letter: Caught, way: number): string => {
        const raw = letter.raw.toString('latin1');
        if (way === 0) return `List-Id: <users.lists.test>\r\nPrecedence: list\r\n${raw}`;
        if (way === 1) return fresh(raw).replace(/^Subject: /m, 'Subject: [users] ');
        if (way === 2) return fresh(stripped(letter)).replace(/^Subject: /m, 'Subject: [users] ');
        return fresh(stripped(letter)).replace(/^From: .*$/m, `From: Example via users <${list}>`);
      };
      for (const way of [0, 1, 2, 3]) {
        world.walk({ hours: 30 });
        const letters = world.caught(list).length;
        const raw = firstMail({
          from: list,
          subject: `Question ${'abcd'[way]}`,
          text: `How does it work in way ${'abcd'[way]}?`,
        });
        await live([world], {
          machines: [[list, (letter) => [0, 1, 2].map((minutes) => ({ raw: echo(letter, way), minutes }))]],
          unasked: [{ raw, minutes: 0 }],
          days: 1,
          mailsMax: 20,
        });
        expect(world.caught(list).length - letters, `way ${way}`).toBe(1);
      }
      await everyCapHolds(world);
    });

    it('a forwarder that sends our letters back under another name each time is folded', async () => {
      let name = 0;
      const forwarder =
        (minutes: number): Machine =>
        (letter) => [
          {
            raw: fresh(stripped(letter)).replace(/^From: .*$/m, `From: <f-${(name += 1)}-srs@forward.test>`),
            minutes,
          },
        ];
      for (const minutes of [5, 45]) {
        world.walk({ hours: 30 });
        const raw = firstMail({
          from: `f-0-${minutes}@forward.test`,
          subject: `Hello ${minutes}`,
          text: 'Is anybody there?',
        });
        const mails = await live([world], {
          machines: [[/@forward\.test$/, forwarder(minutes)]],
          unasked: [{ raw, minutes: 0 }],
          days: 3,
          mailsMax: 60,
        });
        // Our acknowledgment's text is one text a severity, whichever its numbers, and these mails get two by turns: the tenth of a text and a day ends
        // it; a promise of another day is another text.
        expect(mails, `every ${minutes} minutes`).toBeLessThanOrEqual(48);
        const [last] = await world.rows<{ reason: string }>('select reason from inbound order by id desc limit 1');
        expect(last?.reason).toBe('storm');
      }
      await everyCapHolds(world);
    });

    it('a server that returns each letter five times, under an id of its own each time, is told nothing and stops us', async () => {
      world.walk({ hours: 30 });
      const nobody = 'gone@bounce.test';
      const toldBefore = world.caught(ines).length;
      let count = 0;
      const server: Machine = (letter) =>
        [0, 1, 30, 600, 3000].map((minutes) => ({
          raw: bounce(letter, nobody, (count += 1)),
          minutes,
          from: '',
          to: letter.reversePath,
        }));
      await live([world], {
        machines: [[nobody, server]],
        unasked: Array.from({ length: 10 }, (_, day) => ({
          raw: firstMail({
            from: nobody,
            subject: `Note ${'abcdefghij'[day]}`,
            text: `This is note ${'abcdefghij'[day]} of mine.`,
          }),
          minutes: day * 24 * 60,
        })),
        days: 10,
        mailsMax: 80,
      });
      expect(world.caught(nobody)).toHaveLength(1);
      expect(world.caught().filter(({ recipients }) => /daemon/i.test(recipients[0] ?? ''))).toEqual([]);
      // Ten requests that nobody answers: that their targets come near and pass is told besides.
      const [warned] = await world.rows<{ count: number }>(
        `select count(*)::int from outbox where recipient = ? and because in ('a target that comes near is told', 'a missed target is told')`,
        [ines],
      );
      expect(world.caught(ines).length - toldBefore - (warned?.count ?? 0)).toBeLessThanOrEqual(20);
      await everyCapHolds(world);
    });

    it('two robots that answer all, and so each other through our copy, get one letter each', async () => {
      world.walk({ hours: 30 });
      const [one, two] = ['one@pair.test', 'two@pair2.test'];
      let round = 0;
      const toAll =
        (from: string, peer: string): Machine =>
        async (letter) => {
          const { subject } = await read(letter);
          const raw = firstMail({
            from,
            subject: `Re: ${subject}`,
            text: `Thank you, ${peer}, this is robot ${from}.`,
            headers: { Cc: peer },
          });
          return [{ raw, minutes: (round += 1) % 2 === 0 ? 0.5 : 200 }];
        };
      // What each writes goes to the other as well, who answers it to us and to the first again.
      const between = Array.from({ length: 40 }, (_, at) => {
        const [from, cc] = at % 2 === 0 ? [one, two] : [two, one];
        return {
          raw: firstMail({
            from,
            subject: 'Re: Meeting',
            text: `Thank you, ${cc}, this is robot ${from}.`,
            headers: { Cc: cc },
          }),
          minutes: at * 20,
        };
      });
      await live([world], {
        machines: [
          [one, toAll(one, two)],
          [two, toAll(two, one)],
        ],
        unasked: between,
        days: 2,
        mailsMax: 100,
      });
      for (const robot of [one, two]) {
        expect(mostIn(24 * 60, world.caught(robot)), robot).toBeLessThanOrEqual(1);
        expect(await casesOf(world, robot), robot).toBeLessThanOrEqual(25);
      }
      await everyCapHolds(world);
    });
  },
);

function bounce(letter: Caught, recipient: string, count: number): string {
  const id = /^message-id: *(.*)\r$/im.exec(letter.raw.toString('latin1'))?.[1] ?? '';
  const part = (type: string, text: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
  return [
    'From: MAILER-DAEMON@mx.bounce.test (Mail Delivery System)',
    `To: ${letter.reversePath}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <b${count}@mx.bounce.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    `${part('text/plain', `Try ${count}: the mail to ${recipient} could not be delivered.`)}${part(
      'message/delivery-status',
      `Reporting-MTA: dns; mx.bounce.test\r\n\r\nFinal-Recipient: rfc822; ${recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n`,
    )}${part('text/rfc822-headers', `Message-ID: ${id}\r\n`)}--b--`,
    '',
  ].join('\r\n');
}
