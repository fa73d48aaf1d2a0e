// Two gateways on one database and one mailbox come to the same end as one: one case and one acknowledgment a mail. When one dies with a
// letter in its hands, the other takes it over within a minute (TRUST P11).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const mailsAtOnce = 24;
const takeoverSecondsMax = 70;

describe.skipIf(missing)(`two gateways${missing ? ` (${missing})` : ''}`, { timeout: 100_000 }, () => {
  let desk: Desk;
  let gateways: [Program, Program];
  beforeAll(async () => {
    desk = await aDesk();
    gateways = await Promise.all([
      startCasepost(['start', '-c', desk.config]),
      startCasepost(['start', '-c', desk.config]),
    ]);
  });
  afterAll(async () => {
    for (const gateway of gateways ?? []) await gateway.kill9();
    await desk?.stop();
  });

  it('every mail is one case with one acknowledgment, and both gateways worked', async () => {
    const names: string[] = [];
    async function arrive(count: number): Promise<void> {
      const first = names.length;
      names.push(...Array.from({ length: count }, (_, index) => `person${first + index}@place${first + index}.test`));
      await Promise.all(
        names
          .slice(first)
          .map((from, index) =>
            desk.dovecot.append(
              firstMail({ from, subject: `Matter ${first + index}`, text: `About matter ${first + index}.` }),
            ),
          ),
      );
    }
    const worked = ({ log }: Program) => log.some(({ msg }) => /^mail \d+: opened/.test(msg));
    await arrive(mailsAtOnce);
    // What one look brought is mostly decided by who looked: the slower one has its turn with the next mails.
    const bothWorked = async (): Promise<boolean> => {
      if (gateways.every(worked)) return true;
      await arrive(2);
      return false;
    };
    await until('both gateways have worked', bothWorked, 60);
    const mails = names.length;
    for (const name of names) await desk.letterTo(name, { seconds: 40 });
    await until('INBOX is empty', async () => (await desk.counted('INBOX')).messages === 0);
    const [rows] = await desk.rows(
      `select (select count(*)::int from inbound) as mails, (select count(*)::int from cases) as cases,
         (select count(*)::int from outbox where kind = 'acknowledgment') as letters`,
    );
    expect(rows).toEqual({ mails, cases: mails, letters: mails });
    for (const name of names) expect(desk.lettersTo(name)).toHaveLength(1);
    expect(await desk.counted('Processed')).toEqual({ messages: mails, unseen: 0 });
  });

  it('a letter in the hands of a gateway that dies is sent by the other within a minute, as the same bytes', async () => {
    const from = 'late@late.test';
    // The peer never answers the dot: the letter's fate is unknown to whoever sent it.
    desk.peer.behave(({ verb, recipients }) => (verb === 'DOT' && recipients.includes(from) ? 'stall' : undefined));
    await desk.dovecot.append(firstMail({ from, subject: 'A late matter', text: 'About a late matter.' }));
    await desk.peer.waitFor(({ recipients }) => recipients.includes(from));
    const [holder] = await desk.rows<{ claim: string }>(`select claim from outbox where recipient = $1`, [from]);
    const dying = gateways.find(({ pid }) => holder?.claim.includes(`:${pid}:`));
    expect(dying).toBeDefined();
    await dying?.kill9();
    desk.peer.behave();
    const taken = await desk.letterTo(from, { seconds: takeoverSecondsMax });
    const [first] = desk.peer.letters.filter(({ recipients }) => recipients.includes(from));
    expect(taken.raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
    expect(desk.lettersTo(from)).toHaveLength(1);
  });
});
