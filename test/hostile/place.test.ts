// Which case a mail belongs to when it names others, B15 to B17, B44, B47 and B48 of TRUST 3: ids, references, numbers and failures that anybody
// can write move nothing by themselves.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ines, morning, openHostileDesk, pauseMax, type Arriving, type HostileDesk } from './desk.ts';

const opened = 'opened (new-request)';
let desk: HostileDesk;
let count = 0;

beforeAll(async () => {
  desk = await openHostileDesk();
});
afterAll(async () => {
  await desk?.stop();
});
beforeEach(() => {
  count += 1;
});

/** A plain first mail of `from`, and what it began: the case, our letter's id, its reverse path, the id the mail had. */
async function aCaseOf(from: string, text: string) {
  const messageId = `first-${text.length}-${from}`;
  const fate = await desk.bring(
    Buffer.from(`From: ${from}\nSubject: Printer\nMessage-ID: <${messageId}>\n\n${text}\n`),
  );
  const [letter] = await desk.rows<{ id: string; path: string }>(
    'select message_id as id, reverse_path as path from outbox where inbound_id = :id and recipient = :from',
    { id: fate.inboundId, from },
  );
  if (!letter || fate.caseNumber === null) throw new Error(`${from} was not acknowledged: ${fate.is}`);
  return { number: fate.caseNumber, letter: letter.id, path: letter.path, messageId };
}

async function mailsOf(caseNumber: number): Promise<number> {
  const [found] = await desk.rows<{ count: number }>(
    `select count(*) from entries where case_number = :caseNumber and kind in ('mail', 'report')`,
    { caseNumber },
  );
  return found?.count ?? 0;
}

async function mail(head: string, text: string, arriving?: Arriving) {
  return desk.bring(
    Buffer.from(`${head}\nDate: Mon, 2 Mar 2026 08:59:00 +0000\n\nQuagga ${count}: ${text}\n`),
    arriving,
  );
}

describe('what a mail says of other mails', () => {
  test('B15: a mail under the id of a letter of ours is our own letter; under a changed one it is not', async () => {
    const { letter } = await aCaseOf('loop@customer.example', 'It loops.');
    expect((await desk.bring('b15-id-of-our-letter', { put: { LETTER: letter } })).is).toBe(
      'own-loop (own-letter-returned)',
    );
    const changed = letter.replace(/.(?=@)/, (last) => (last === 'a' ? 'b' : 'a'));
    expect((await desk.bring('b15-id-of-our-letter', { put: { LETTER: changed } })).is).toBe(opened);
  });

  test('B16: of 30,000 references the last 50 count, and the last one finds the case', async () => {
    const one = await aCaseOf('chain@customer.example', 'A long chain.');
    const foreign = Array.from(
      { length: 29_995 },
      (_, index) => `<${index}@x.example>${index % 10 === 9 ? '\n' : ''}`,
    ).join(' ');
    const fate = await mail(`From: chain@customer.example\nReferences: ${foreign}\n <${one.letter}>`, 'again');
    expect(fate).toMatchObject({ is: 'joined (customer-replied)', caseNumber: one.number });
    expect(fate.defects).toContain('many-references');
  });

  test('B17: of letters of two cases the newer one answered decides, and only it', async () => {
    const from = 'ada.two@customer.example';
    const older = await aCaseOf(from, 'The first matter.');
    const newer = await desk.bring(
      Buffer.from(`From: ${from}\nMessage-ID: <second@x.example>\n\nThe second matter.\n`),
      {
        now: morning.add({ hours: 72 }),
      },
    );
    const [letter] = await desk.rows<{ id: string }>(
      'select message_id as id from outbox where case_number = :number and recipient = :from',
      {
        number: newer.caseNumber,
        from,
      },
    );
    const before = await mailsOf(older.number);
    const fate = await desk.bring('b17-answers-two-cases', { put: { OLDER: older.letter, NEWER: letter?.id ?? '' } });
    expect(fate).toMatchObject({ is: 'joined (customer-replied)', caseNumber: newer.caseNumber });
    expect(await mailsOf(older.number)).toBe(before);
  });

  test('B17: who answers a foreign case’s mail begins a case of their own', async () => {
    const foreign = await aCaseOf('owner17@customer.example', 'Nobody else’s matter.');
    const fate = await desk.bring('b17-answers-a-foreign-case', { put: { FOREIGN: foreign.messageId } });
    expect(fate.is).toBe('opened (not-a-participant)');
    expect(fate.caseNumber).not.toBe(foreign.number);
    expect(await mailsOf(foreign.number)).toBe(1);
    for (const { raw } of fate.letters)
      expect(raw.toString('latin1')).not.toContain(String(foreign.number).padStart(8, '0'));
  });

  describe('B44: a number in the subject has one reading', () => {
    let number: number;
    beforeAll(async () => {
      number = (await aCaseOf('numbers@customer.example', 'One matter.')).number;
    });
    const subjects: [string, 'joins' | 'is new'][] = [
      ['[Case #N]', 'joins'],
      ['[Case 00000N]', 'joins'],
      ['[Case #99999999] [Case #N]', 'joins'],
      ['[Case #\uff2e]', 'joins'],
      ['=?utf-8?Q?[Case_#N]?=', 'joins'],
      ['[Case #99999999999999999999]', 'is new'],
      ['[Case #9999999999999999]', 'is new'],
      ['[Case #-N]', 'is new'],
      ['[Case #N.5]', 'is new'],
      ["[Case #N' or 1=1--]", 'joins'],
      ['[Case #%d] [Case #0xN]', 'is new'],
      ['[Case #0]', 'is new'],
    ];
    for (const [subject, result] of subjects) {
      test(`${subject} ${result}`, async () => {
        const wide = String(number).replaceAll(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
        const written = subject.replaceAll('\uff2e', wide).replace(/(?<=0|#|-|x|_#)N/g, String(number));
        const fate = await mail(`From: numbers@customer.example\nSubject: ${written}`, subject);
        if (result === 'joins') expect(fate).toMatchObject({ is: 'joined (customer-replied)', caseNumber: number });
        else expect(fate.caseNumber).not.toBe(number);
      });
    }
  });
});

describe('failures', () => {
  const report = (put: Record<string, string>, arriving: Arriving = {}) =>
    desk.bring('b48-forged-failure', { put, ...arriving });
  const suppressed = () => desk.rows('select address from suppressed');

  test('B47: of a mail we never sent: no case, no letter', async () => {
    const fate = await report({ LETTER: 'never@desk.example', RECIPIENT: 'ada@customer.example' });
    expect(fate).toMatchObject({ is: 'report (delivery-report)', caseNumber: null, to: [], toEngineers: [] });
  });

  test('B48: forged with the id of our letter, and not come by its signed way back: noted, and nothing is stopped', async () => {
    const victim = 'victim48@customer.example';
    const one = await aCaseOf(victim, 'Do not silence me.');
    const fate = await report({ LETTER: one.letter, RECIPIENT: victim });
    expect(fate).toMatchObject({ is: 'report (delivery-report)', caseNumber: one.number, to: [] });
    expect(fate.toEngineers.map(({ recipient }) => recipient)).toEqual([ines]);
    expect(await suppressed()).toEqual([]);
  });

  test('B48: come to the reverse path of another letter it is about that letter, and stops nothing for others', async () => {
    const one = await aCaseOf('one48@customer.example', 'Mine.');
    const other = await aCaseOf('other48@customer.example', 'Mine, too.');
    const arriving = { envelopeTo: [other.path] };
    await report({ LETTER: one.letter, RECIPIENT: 'one48@customer.example' }, arriving);
    expect(await suppressed()).toEqual([]);
  });

  test('B48: come by the signed way back of this very letter it stops letters to the address', async () => {
    const one = await aCaseOf('gone48@customer.example', 'I will be gone.');
    await report({ LETTER: one.letter, RECIPIENT: 'gone48@customer.example' }, { envelopeTo: [one.path] });
    expect(await suppressed()).toEqual([{ address: 'gone48@customer.example' }]);
  });
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
