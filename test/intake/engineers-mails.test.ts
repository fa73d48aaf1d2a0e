// What engineers and engineering write to the desk besides answers to customers, as bytes on a real PostgreSQL.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideOnEscalation } from '../../src/cases/on-escalation.ts';
import { carryOut, signingKey } from '../../src/desk.ts';
import { lockCase } from '../../src/store/cases.ts';
import { rows } from '../../src/store/db.ts';
import { tickOnce } from '../../src/tick.ts';
import { aPolicy } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { mailText, startDesk, type TestDesk } from './desk.ts';

const missing = whyMissing('postgres');
const proved = 'mx.help.example; dmarc=pass header.from=help.example';
const grace = 'Grace <grace@help.example>';

describe.skipIf(missing)(`mails of engineers ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let test: TestDesk;
  beforeAll(async () => {
    test = await startDesk();
    const read = aPolicy();
    test.desk.policy = { ...read, escalation: { address: 'lead@help.example', engineering: 'Queue@help.example' } };
  }, 90_000);
  afterAll(() => test?.stop(), 60_000);

  async function received(headers: Record<string, string>, text: string) {
    await test.store(mailText(headers, text));
    const [one] = await test.decideAll();
    if (!one) throw new Error('nothing was decided');
    return one.decision;
  }
  const letters = async (where: string) =>
    rows<{
      recipient: string;
      kind: string;
      subject: string;
      text: string;
      messageId: string;
      caseNumber: number | null;
    }>(
      test.db,
      `select recipient, kind, subject, text, message_id as "messageId", case_number as "caseNumber" from outbox where ${where} order by id`,
    );
  const ownerOf = async (number: number | null) =>
    (await rows<{ owner: string | null }>(test.db, 'select owner from cases where number = :number', { number }))[0]
      ?.owner;
  const request = (id: string) =>
    received({ From: `${id}@customer.example`, 'Message-ID': `<${id}@c.example>` }, `The ${id} export fails.`);

  it('AWAY, proved by our server: confirmed in a letter about no case, and new cases go to others', async () => {
    const asked = {
      From: grace,
      Subject: 'AWAY until 2026-03-10',
      'Message-ID': '<away@g>',
      'Authentication-Results': proved,
    };
    expect(await received(asked, '')).toMatchObject({
      disposition: 'joined',
      reason: 'engineer-away',
      caseNumber: null,
    });
    expect(await letters(`kind = 'engineer-away'`)).toMatchObject([
      { recipient: 'grace@help.example', subject: 'Your days away', caseNumber: null },
    ]);
    const { caseNumber } = await request('away');
    expect(await ownerOf(caseNumber)).toBeNull();
    expect(await tickOnce({ db: test.db, desk: test.desk, sends: false }, test.clock.now)).not.toContainEqual(
      expect.objectContaining({ rule: 'queue' }),
    );
  });
  it('the same mail again changes nothing, nor does one that nothing proves', async () => {
    const back = { From: grace, Subject: 'BACK', 'Message-ID': '<forged@g>' };
    expect(await received(back, '')).toMatchObject({ disposition: 'held', reason: 'engineer-answer-refused' });
    expect((await letters(`kind = 'engineer-away'`)).at(-1)?.text).toContain('Nothing was changed');
    expect(await rows(test.db, 'select address from engineers_away')).toHaveLength(1);
  });
  it('BACK: cases that waited are theirs with the next tick', async () => {
    const asked = { From: grace, Subject: 'Re: BACK', 'Message-ID': '<back@g>', 'Authentication-Results': proved };
    expect(await received(asked, 'I am there again.')).toMatchObject({ reason: 'engineer-back' });
    expect(await rows(test.db, 'select address from engineers_away')).toEqual([]);
    expect(await tickOnce({ db: test.db, desk: test.desk, sends: false }, test.clock.now)).toContainEqual(
      expect.objectContaining({ rule: 'queue', reason: 'owner-found' }),
    );
  });

  describe('engineering', () => {
    let number = 0;
    let notice = '';
    beforeAll(async () => {
      number = (await request('escalated')).caseNumber ?? 0;
      await test.db.transaction(async (trx) => {
        const { now } = test.clock;
        const placed = await lockCase(trx, number, now);
        if (!placed) throw new Error('no case');
        const facts = { key: signingKey(test.desk), description: 'The export fails.', bugs: [] };
        const passed = {
          request: 'escalate',
          by: 'grace@help.example',
          note: 'A bug?',
          statusNote: '',
          key: 'e1',
        } as const;
        const decision = decideOnEscalation(passed, placed, facts, test.desk.policy, now);
        if ('refused' in decision) throw new Error(decision.refused);
        await carryOut(trx, test.desk, decision, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
      });
      const [letter] = await letters(`recipient = 'queue@help.example'`);
      expect(letter?.text).toContain('the customer does not see it');
      notice = `<${letter?.messageId}>`;
    });
    const customerHad = async () => (await letters(`recipient = 'escalated@customer.example'`)).map(({ kind }) => kind);

    it('answers its notice: kept on the case for the owner alone, and no case is opened', async () => {
      const answer = {
        From: 'queue@help.example',
        Subject: 'Re: the export',
        'Message-ID': '<answer@q>',
        'In-Reply-To': notice,
      };
      expect(await received(answer, 'It is a bug in the renderer; the next build mends it.')).toMatchObject({
        disposition: 'joined',
        reason: 'engineering-answered',
        caseNumber: number,
      });
      expect(await customerHad()).toEqual(['acknowledgment']);
      const entries = await rows(
        test.db,
        `select author, visibility, text from entries where case_number = :number and reason = 'engineering-answered' and kind = 'mail'`,
        { number },
      );
      expect(entries).toEqual([
        {
          author: 'queue@help.example',
          visibility: 'internal',
          text: expect.stringContaining('bug in the renderer') as string,
        },
      ]);
      const [told] = (await letters(`recipient = 'grace@help.example' and case_number = ${number}`)).toReversed();
      expect(told).toMatchObject({
        kind: 'engineer-reply',
        text: expect.stringContaining('Engineering wrote') as string,
      });
      expect(told?.text).toContain('the customer has not seen it');
    });
    it('is not believed by the case number alone: held, and the owner is told', async () => {
      const forged = {
        From: 'queue@help.example',
        Subject: `[Case ${String(number).padStart(8, '0')}]`,
        'Message-ID': '<forged@q>',
      };
      expect(await received(forged, 'Tell the customer to delete everything.')).toMatchObject({
        disposition: 'held',
        caseNumber: number,
      });
      expect(await customerHad()).toEqual(['acknowledgment']);
    });
  });
});
