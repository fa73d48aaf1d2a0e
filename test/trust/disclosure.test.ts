// TRUST T1, T2, T3, T5, T17, T19 and T20 played against a running gateway: what an outsider can get out of a case, put into it, or move in it.
// The letters that left are searched byte by byte; the case is compared with what it was before.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { simpleParser } from 'mailparser';
import { decideOnRequest } from '../../src/cases/on-request.ts';
import { carryOut, signingKey } from '../../src/desk.ts';
import { lockCase } from '../../src/store/cases.ts';
import { whyMissing } from '../servers/programs.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import { aWorld, type CaseState, grace, ines, lettersWith, onTop, results, type World } from './world.ts';

const missing = whyMissing('postgres');
const niobe = 'niobe@elsewhere.test';
const mallory = 'mallory@elsewhere.test';
const secret = /Quintessence|vault-map|northwind|Restore is slow|rene@|00000001\b|\bcase-1\./i;
const attachment = [
  'Content-Type: multipart/mixed; boundary=m',
  '',
  '--m',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'The restore is slow, the vault code is Quintessence.',
  '--m',
  'Content-Type: image/png; name="vault-map.png"',
  'Content-Disposition: attachment; filename="vault-map.png"',
  'Content-Transfer-Encoding: base64',
  '',
  'UXVpbnRlc3NlbmNl',
  '--m--',
].join('\r\n');

describe.skipIf(missing)(`what an outsider gets${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let world: World;
  let before: CaseState;
  let lettersBefore: number;
  beforeAll(async () => {
    world = await aWorld({ reversePath: 'verp' });
    const first = firstMail({ from: grace, subject: 'Restore is slow', text: 'x' }).split('\r\nContent-Type:')[0] ?? '';
    const withCopy = `${first.replace('\r\nSubject', '\r\nCc: rene@northwind.test\r\nSubject')}\r\n${attachment}\r\n`;
    const row = await world.arrives(onTop(withCopy, results('pass', 'northwind.test')));
    expect(row).toMatchObject({ disposition: 'opened', caseNumber: 1 });
    const told = world.newestTo(ines);
    const answer = await answerAs('gmail', told.raw, { from: ines, text: 'Quintessence it is. Please send the log.' });
    expect(await world.arrives(onTop(answer, results('pass', 'engineers.test')))).toMatchObject({
      reason: 'engineer-answered',
    });
  });
  beforeEach(async () => {
    world.walk({ hours: 25 });
    before = await world.caseState(1);
    lettersBefore = world.caught().length;
  });
  afterAll(() => world?.stop());

  const fresh = () => world.caught().slice(lettersBefore);
  /** The case is what it was: its people, its status and what a customer can see of it. */
  async function unchanged(): Promise<void> {
    const { participants, ...rest } = await world.caseState(1);
    const confirmed = (state: CaseState['participants']) => state.filter((one) => one.confirmed);
    expect({ ...rest, participants: confirmed(participants) }).toEqual({
      ...before,
      participants: confirmed(before.participants),
    });
  }
  /** Nothing of the case stands in what left for others than its requester and its engineer. */
  async function nothingLeaked(): Promise<void> {
    const outside = fresh().filter(({ recipients }) => !recipients.includes(grace) && !recipients.includes(ines));
    expect(await lettersWith(outside, secret)).toEqual([]);
    expect(outside.flatMap(({ recipients }) => recipients).filter((one) => one !== mallory && one !== niobe)).toEqual(
      [],
    );
  }
  const numbered = (mail: { from: string; text: string; headers?: Record<string, string> }) =>
    firstMail({ subject: 'Re: [Case 00000001] Restore is slow', ...mail });

  describe('T1: who spoofs the requester with themselves in copy', () => {
    const spoof = (headers: Record<string, string> = {}) =>
      numbered({
        from: grace,
        text: 'Please send the whole history to my colleague.',
        headers: { Cc: mallory, ...headers },
      });
    const failing = results('fail', 'northwind.test');
    it('and fails DMARC is held: nobody outside is written to', async () => {
      expect(await world.arrives(onTop(spoof(), failing))).toMatchObject({
        disposition: 'held',
        reason: 'sender-not-proven',
        caseNumber: 1,
      });
      await unchanged();
      expect(fresh().map(({ recipients }) => recipients)).toEqual([[ines]]);
      expect((await world.caseState(1)).participants.map(({ address }) => address)).not.toContain(mallory);
    });
    it('and says RESOLVED closes nothing', async () => {
      await world.arrives(onTop(numbered({ from: grace, text: 'RESOLVED' }), failing));
      await unchanged();
      expect(world.caught(grace)).toHaveLength(2);
    });
    it('and sets Reply-To and Sender to themselves gets no letter', async () => {
      await world.arrives(onTop(spoof({ 'Reply-To': mallory, Sender: mallory }), failing));
      await unchanged();
      expect(fresh().map(({ recipients }) => recipients)).toEqual([[ines]]);
    });
    it('and is not checked by anybody gets no history, neither now nor with the next answer', async () => {
      await world.arrives(spoof());
      const told = world.newestTo(ines);
      await world.arrives(
        onTop(
          await answerAs('outlook', told.raw, { from: ines, text: 'As I said, Quintessence.' }),
          results('pass', 'engineers.test'),
        ),
      );
      expect(world.caught(mallory)).toEqual([]);
      const { participants, requester } = await world.caseState(1);
      expect(requester).toBe(grace);
      expect(participants.find(({ address }) => address === mallory)).toMatchObject({ role: 'cc', confirmed: false });
    });
    it('stays without a part in the case when writing from the proposed address', async () => {
      const row = await world.arrives(
        onTop(
          numbered({ from: mallory, text: 'I am in copy, please tell me the code.' }),
          results('pass', 'elsewhere.test'),
        ),
      );
      expect(row).toMatchObject({ disposition: 'opened', reason: 'not-a-participant' });
      await unchanged();
      await nothingLeaked();
      expect(world.caught(mallory)).toHaveLength(1);
    });
  });

  describe('T2: a third party’s verification mail', () => {
    const code = firstMail({
      from: 'Chat Team <signup@chat.test>',
      subject: 'Your code 493-118',
      text: 'Your verification code is 493-118. Open https://chat.test/confirm/493118 to join.',
    });
    it('to the reply address of a case is seen by engineers alone', async () => {
      const { replyTo } = await simpleParser(world.newestTo(grace).raw);
      const tokenAddress = replyTo?.value[0]?.address ?? '';
      expect(tokenAddress).toMatch(/^support\+c1\./);
      const mail = code.replace('To: support@desk.test', `To: ${tokenAddress}`);
      expect(await world.arrives(mail, { to: tokenAddress })).toMatchObject({
        disposition: 'held',
        reason: 'forwarded-token',
        caseNumber: 1,
      });
      await unchanged();
      expect(fresh().map(({ recipients }) => recipients)).toEqual([[ines]]);
    });
    it('of a no-reply sender becomes a note that nobody is written to about', async () => {
      const { replyTo } = await simpleParser(world.newestTo(grace).raw);
      const tokenAddress = replyTo?.value[0]?.address ?? '';
      const robot = code
        .replace('signup@chat.test', 'no-reply@chat.test')
        .replace(/Message-ID: <[^>]*>/, 'Message-ID: <n1@chat.test>');
      expect(await world.arrives(robot, { to: tokenAddress })).toMatchObject({
        disposition: 'automatic',
        caseNumber: 1,
      });
      await unchanged();
      expect(fresh()).toEqual([]);
    });
    it('whose subject the attacker has given a case number is no part of that case', async () => {
      const named = firstMail({
        from: 'no-reply@chat.test',
        subject: '[Case 00000001], confirm your address',
        text: 'Your verification code is 551-902.',
      });
      const row = await world.arrives(named);
      expect(row).toMatchObject({ disposition: 'opened', reason: 'unanswered-new-request' });
      expect(row.caseNumber).not.toBe(1);
      await unchanged();
      expect(fresh().map(({ recipients }) => recipients)).toEqual([[ines]]);
    });
    it('does not reach the customer who waits for it, with the next answer either', async () => {
      const told = world.newestTo(ines);
      await world.arrives(
        onTop(
          await answerAs('apple', world.caught(ines)[1]?.raw ?? told.raw, { from: ines, text: 'Any news of the log?' }),
          results('pass', 'engineers.test'),
        ),
      );
      expect(await lettersWith(world.caught(grace), /493-?118|551-902|chat\.test/)).toEqual([]);
    });
  });

  describe('T3: a stranger who tries every number', () => {
    it('joins none of them, whatever form the number has', async () => {
      const [{ last } = { last: 0 }] = await world.rows<{ last: number }>('select max(number)::int as last from cases');
      const forms = [
        (number: number) => `Re: [Case ${String(number).padStart(8, '0')}] Restore is slow`,
        (number: number) => `Case #${number}`,
        (number: number) => `[case: ${number}] and [Case ${number + 1}]`,
        (number: number) => `AW: Support Case Number: ${number}`,
      ];
      const theirs = new Set<number | null>();
      for (let number = 1; number <= last + 5; number += 1) {
        for (const form of forms) {
          const mail = firstMail({ from: niobe, subject: form(number), text: `Let me into number ${number}, please.` });
          const row = await world.arrives(onTop(mail, results('pass', 'elsewhere.test')));
          theirs.add(row.caseNumber);
        }
      }
      expect([...theirs].filter((number) => number === null || number <= last)).toEqual([]);
      await unchanged();
      await nothingLeaked();
      const foreign = await world.rows('select 1 from entries where author = ? and case_number <= ? and kind = ?', [
        niobe,
        last,
        'mail',
      ]);
      expect(foreign).toEqual([]);
    });
  });

  describe('T5: the customer of record', () => {
    it('is the same whoever answers what was forwarded to them', async () => {
      const rene = 'rene@northwind.test';
      const forwarded = await answerAs('outlook', world.newestTo(grace).raw, {
        from: rene,
        text: 'I take this over, write to me.',
      });
      expect(await world.arrives(onTop(forwarded, results('pass', 'northwind.test')))).toMatchObject({
        disposition: 'held',
        caseNumber: 1,
      });
      await unchanged();
      expect(world.caught(rene)).toEqual([]);
    });
    it('is the same after every header that could name another', async () => {
      const headers = {
        'Reply-To': 'rene@northwind.test',
        Sender: 'rene@northwind.test',
        'Resent-From': 'rene@northwind.test',
        'X-Original-From': 'rene@northwind.test',
        To: 'support@desk.test, rene@northwind.test',
      };
      const mail = await answerAs('gmail', world.newestTo(grace).raw, {
        from: grace,
        text: 'Here is the log.',
        headers,
      });
      expect(await world.arrives(onTop(mail, results('pass', 'northwind.test')))).toMatchObject({
        reason: 'customer-replied',
      });
      const { requester, participants } = await world.caseState(1);
      expect(requester).toBe(grace);
      expect(participants.filter(({ role }) => role === 'requester')).toEqual([
        { address: grace, role: 'requester', confirmed: true },
      ]);
    });
  });

  describe('T1: a colleague whom an engineer has confirmed', () => {
    const rene = 'rene@northwind.test';
    it('gets later answers and nothing of what was before, the requester’s tokens included', async () => {
      await confirm(rene);
      const answered = onTop(
        await answerAs('gmail', world.newestTo(ines).raw, { from: ines, text: 'It is mended.' }),
        results('pass', 'engineers.test'),
      );
      expect(await world.arrives(answered)).toMatchObject({ reason: 'engineer-answered' });
      const letters = world.caught(rene);
      expect(letters).toHaveLength(1);
      expect(await lettersWith(letters, /Quintessence|vault-map|send the log/)).toEqual([]);
      const theirs = tokensIn(world.caught(grace).map(({ raw }) => raw));
      expect(theirs.size).toBeGreaterThan(0);
      expect([...tokensIn(letters.map(({ raw }) => raw))].filter((token) => theirs.has(token))).toEqual([]);
      // The requester's words of confirmation are the requester's; the colleague's carry no token of theirs either.
      const done = await answerAs('gmail', letters[0]?.raw ?? Buffer.alloc(0), { from: rene, text: 'RESOLVED' });
      expect(await world.arrives(onTop(done, results('pass', 'northwind.test')))).toMatchObject({
        reason: 'customer-resolved',
      });
      expect([...tokensIn(world.caught(rene).map(({ raw }) => raw))].filter((token) => theirs.has(token))).toEqual([]);
      expect((await world.caseState(1)).requester).toBe(grace);
    });
  });

  describe('T20: what a stranger is told', () => {
    const last = 99_000;
    it('is the same for a number that exists and one that does not, byte for byte', async () => {
      const ask = async (number: number, id: string): Promise<string> => {
        const raw = firstMail({
          from: 'olga@oracle.test',
          subject: `Re: [Case ${String(number).padStart(8, '0')}] Restore is slow`,
          text: `What became of it, please? I ask ${id} now.`,
          headers: { 'Message-ID': `<${id}@oracle.test>` },
        });
        const count = world.caught('olga@oracle.test').length;
        expect(await world.arrives(onTop(raw, results('pass', 'oracle.test')))).toMatchObject({
          disposition: 'opened',
        });
        const letters = world.caught('olga@oracle.test').slice(count);
        expect(letters).toHaveLength(1);
        return plain(letters[0]?.raw ?? Buffer.alloc(0)).replaceAll(id, 'ID');
      };
      const missingNumber = await ask(last, 'first');
      const closedCase = await ask(1, 'other');
      expect(closedCase).toBe(missingNumber);
      world.walk({ hours: 24 * 7 });
      const openCase = await ask(2, 'third');
      expect(openCase.replaceAll(/\d+ \w+ 2026|Date: .*/g, 'DATE')).toBe(
        missingNumber.replaceAll(/\d+ \w+ 2026|Date: .*/g, 'DATE'),
      );
    });
    it('is nothing at all when their mail fails DMARC, whether the number exists or not', async () => {
      for (const number of ['00000001', '00099000']) {
        const raw = firstMail({
          from: 'olga@oracle.test',
          subject: `[Case ${number}] ${number}`,
          text: `About ${number}.`,
        });
        const row = await world.arrives(onTop(raw, results('fail', 'oracle.test')));
        expect(row.disposition).toBe('opened');
      }
      expect(fresh().map(({ recipients }) => recipients[0])).toEqual([ines, ines]);
    });
  });

  async function confirm(address: string): Promise<void> {
    const { db } = world.session.database;
    const { desk } = world.session;
    await db.transaction(async (trx) => {
      const placed = await lockCase(trx, 1, world.now());
      if (!placed) throw new Error('case 1 is not there');
      const request = {
        request: 'participant',
        by: ines,
        act: 'add',
        address: { addrSpec: address, displayName: '' },
      } as const;
      const decided = decideOnRequest(request, placed, { key: signingKey(desk) }, desk.policy, world.now());
      if ('refused' in decided) throw new Error(decided.refused);
      await carryOut(trx, desk, decided, { inboundId: null, mailbox: 'support' }, world.now());
    });
    before = await world.caseState(1);
  }
});

/** The tokens in letters, with what their writer would have to show. */
function tokensIn(letters: Buffer[]): Set<string> {
  return new Set(
    letters.flatMap(
      (raw) =>
        raw
          .toString('latin1')
          .replaceAll('=\r\n', '')
          .match(/c\d+\.[a-z0-9]+\.[a-z2-7]{16}/g) ?? [],
    ),
  );
}

/** A letter without what has to differ: the new case's number, ids and tokens, the boundary. */
function plain(raw: Buffer): string {
  return raw
    .toString('latin1')
    .replaceAll('=\r\n', '')
    .replaceAll(/case-\d+\.[a-z2-7]{16}\./g, 'case-N.')
    .replaceAll(/c\d+\.[a-z0-9]+\.[a-z2-7]{16}/g, 'TOKEN')
    .replaceAll(/--casepost-[a-z0-9]+/g, '--BOUNDARY')
    .replaceAll(/(?<!\d)0{4}\d{4}(?!\d)/g, 'NUMBER');
}
