// Who may be taken for the sender of a mail, B1 to B12, B50 and B51 of TRUST 3: whoever is not clearly one person is nobody, and nobody gets a
// letter or joins a case; a clear one is who From says, whatever other fields say.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHostileDesk, pauseMax, type Arriving, type Fate, type HostileDesk } from './desk.ts';

const ada = 'ada@customer.example';
let desk: HostileDesk;
/** What words of the fixtures mean here: Ada's case and our letter to her. */
let put: Record<string, string>;

beforeAll(async () => {
  desk = await openHostileDesk();
  const opened = await desk.bring(
    Buffer.from(
      `From: Ada <${ada}>\nSubject: Printer\nMessage-ID: <ada@customer.example>\n\nThe printer is on fire.\n`,
    ),
  );
  const [letter] = await desk.rows<{ id: string }>(`select message_id as id from outbox where recipient = '${ada}'`);
  put = { PARTICIPANT: ada, CASE: String(opened.caseNumber).padStart(8, '0'), LETTER: letter?.id ?? '' };
});
afterAll(async () => {
  await desk?.stop();
});

/** A line: the mail, what becomes of it, and whom a letter goes to. Every one of them begins a case of its own. */
function check(
  fact: string,
  mail: string | Buffer,
  expected: { is: string; to?: string[]; by?: string; defect?: string },
) {
  test(fact, async () => {
    const fate = await desk.bring(mail, { put });
    expect({ is: fate.is, to: fate.to }).toEqual({ is: expected.is, to: expected.to ?? [] });
    expect(fate.caseNumber).toBeGreaterThan(1);
    if (expected.defect) expect(fate.defects).toContain(expected.defect);
    if (expected.by !== undefined) expect((await caseOf(fate)).requester).toBe(expected.by);
    await expectAdaUntouched();
  });
}

async function caseOf(
  fate: Fate,
): Promise<{ requester: string; requesterName: string; subject: string; status: string }> {
  const [found] = await desk.rows<{ requester: string; requesterName: string; subject: string; status: string }>(
    'select requester, requester_name as "requesterName", subject, status from cases where number = :number',
    { number: fate.caseNumber },
  );
  if (!found) throw new Error(`there is no case ${fate.caseNumber}`);
  return found;
}

/** Texts that differ in a number only are a storm; so these differ in a word. */
function letterOf(number: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + number).repeat(3);
}

/** What engineers were told, as one line. */
function told(fate: Fate): string {
  return fate.toEngineers.map(({ text }) => text.replaceAll(/\s+/g, ' ')).join('\n');
}

/** Ada's case holds her one mail and is as open as it was. */
async function expectAdaUntouched(): Promise<void> {
  const [state] = await desk.rows(
    `select status, (select count(*) from entries where case_number = 1 and kind = 'mail') as mails,
       (select string_agg(address, ' ') from participants where case_number = 1) as people from cases where number = 1`,
  );
  expect(state).toEqual({ status: 'new', mails: 1, people: ada });
}

const held = { is: 'held (sender-ambiguous)', by: '' };

describe('nobody is the sender: a case of its own, held, and no letter', () => {
  check('B1: a mail of no bytes', Buffer.alloc(0), { ...held, defect: 'empty' });
  check('B1: a mail of nothing but line ends', Buffer.from('\r\n\r\n\r\n'), { ...held, defect: 'no-from' });
  check('B2: no From', 'no-from', { ...held, defect: 'no-from' });
  check('B2: an empty From', 'from-empty', { ...held, defect: 'invalid-from' });
  check('B2: a From of two brackets', 'b02-from-only-brackets', { ...held, defect: 'invalid-from' });
  check('B2: a From without a domain', 'b02-from-without-domain', { ...held, defect: 'invalid-from' });
  check(
    'B3: two Froms never join, though the mail answers our letter and one of them is its reader',
    'b03-two-froms-one-takes-part',
    {
      ...held,
      defect: 'two-froms',
    },
  );
  check('B4: two authors, and no Sender decides between them', 'b04-two-authors-and-a-sender', {
    ...held,
    defect: 'several-senders',
  });
  check('B4: a group, whatever its members', 'b04-group-with-a-member', { ...held, defect: 'several-senders' });
  check('B5: white space before a dot', 'b05-dot-after-space', { ...held, defect: 'invalid-from' });
  check('B5: a comment before a dot', 'b05-dot-after-comment', { ...held, defect: 'invalid-from' });
  check('B5: a folded line before a dot', 'b05-dot-after-fold', { ...held, defect: 'invalid-from' });
  check('B5: comments within comments', 'b05-nested-comments', { ...held, defect: 'invalid-from' });
  check('B5: a route before the address', 'b05-route', { ...held, defect: 'invalid-from' });
  check('B5: an address behind the address', 'b05-text-behind-brackets', { ...held, defect: 'invalid-from' });
  check('B7: NUL in the address', 'b07-nul-in-the-address', { ...held, defect: 'invalid-from' });
  check('B7: a control character in the address', 'b07-line-break-in-the-address', { ...held, defect: 'invalid-from' });
});

describe('B6: no automatic letter to an address that mail is not surely delivered to', () => {
  for (const [number, author] of [
    '"boss@corp.example x"@evil.example',
    '"ada smith"@customer.example',
    'a%evil@good.example',
    'evil.example!a@good.example',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a..b@good.example',
    '.a@good.example',
    'a@good.example.',
    'a@localhost',
    'a@good..example',
    'a@-good.example',
    `${'a'.repeat(65)}@good.example`,
    `a@${'long.'.repeat(60)}example`,
  ].entries()) {
    test(author.slice(0, 60), async () => {
      const fate = await desk.bring('b06-from-of-any-kind', { put: { AUTHOR: author, NUMBER: letterOf(number) } });
      expect(fate.to).toEqual([]);
      expect(['held (sender-ambiguous)', 'opened (new-request)']).toContain(fate.is);
      expect(fate.caseNumber).toBeGreaterThan(1);
    });
  }
});

describe('one person is the sender, and only From says who', () => {
  const opened = 'opened (new-request)';
  const mallory = 'mallory@evil.example';
  check('B8: what an encoded word holds is for showing: no address, no line', 'b08-encoded-word-holds-headers', {
    is: opened,
    by: mallory,
    to: [mallory],
  });
  check('B8: what is encoded twice is decoded once, and not again by whoever reads our letter', 'b08-encoded-twice', {
    is: opened,
    to: ['twice.encoded@customer.example'],
  });
  check('B9: a name that is an address names nobody', 'b09-name-is-another-address', { is: opened, by: mallory });
  check('B11: the acknowledgment goes to From, not to Reply-To', 'b11-reply-to-elsewhere', {
    is: opened,
    by: 'ada@replies.example',
    to: ['ada@replies.example'],
  });
  check('B12: Sender, Resent-From, Reply-To and the like are nobody', 'b12-others-stand-in-other-fields', {
    is: 'opened (not-a-participant)',
    by: mallory,
  });
  check(
    'B10: a look-alike domain is another one: its sender takes no part in the Latin one’s case',
    'b10-cyrillic-domain',
    {
      is: 'opened (not-a-participant)',
      by: 'ada@xn--pple-43d.example',
      to: ['ada@xn--pple-43d.example'],
    },
  );
  check('B10: written in A-labels it is the same person, whatever the letter case', 'b10-punycode-domain', {
    is: opened,
    by: 'ada@xn--pple-43d.example',
  });
  check('B50: no-reply@ is a machine: for engineers only', 'b50-no-reply', { is: 'opened (unanswered-new-request)' });
  check('B50: a robot’s code is for engineers only', 'b50-verification-code', {
    is: 'opened (unanswered-new-request)',
  });

  test('B10: the engineer is warned of letters beyond a to z in the domain', async () => {
    const fate = await desk.bring(Buffer.from('From: a@xn--80ak6aa92e.example\n\nQuagga again, but otherwise.\n'));
    expect(told(fate)).toContain('domain xn--80ak6aa92e.example stands for letters beyond a to z');
  });

  test('B11: the engineer is told whom the mail asks to answer', async () => {
    const raw = 'From: b@replies.example\nReply-To: c@replies.example\n\nQuagga asks for another address.\n';
    expect(told(await desk.bring(Buffer.from(raw)))).toContain('asks for answers to c@replies.example');
  });

  test('B7: controls and marks of direction are nowhere: not in the case, not in a letter', async () => {
    const fate = await desk.bring('b07-controls-everywhere', { put });
    expect(fate.defects).toContain('control-characters');
    const { subject, requesterName } = await caseOf(fate);
    expect([subject, requesterName].join()).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
    expect(subject).toContain('Quagga');
  });

  test('B9: the real address stands beside the name in what engineers get', async () => {
    const [row] = await desk.rows<{ text: string }>(
      `select text from outbox where kind = 'engineer-new-case' and text like '%boss@corp.example%' order by id desc limit 1`,
    );
    expect(row?.text).toContain('mallory@evil.example');
  });

  test('B50: whom a robot has in copy is not proposed', async () => {
    expect(await desk.rows(`select * from participants where address = 'victim@corp.example'`)).toEqual([]);
  });
});

describe('B51: an address is data, however it looks', () => {
  for (const [number, author] of [
    "o'brien@customer.example",
    'ada+{{company}}@customer.example',
    '{{x}}@customer.example',
    '%s@customer.example',
    '$x@customer.example',
    "'or'1'='1@customer.example",
    'a&b=c@customer.example',
    '"a;b"@customer.example',
    '"$(x)"@customer.example',
    '"a\\"b"@customer.example',
    'jürgen@customer.example',
    '用户@customer.example',
    'ada@bücher.example',
  ].entries()) {
    test(author, async () => {
      const arriving: Arriving = { put: { AUTHOR: Buffer.from(author).toString('latin1'), NUMBER: letterOf(number) } };
      const fate = await desk.bring('b51-any-address', arriving);
      expect(fate.is).toBe('opened (new-request)');
      const { requester } = await caseOf(fate);
      expect(requester).toBe(author.replace('bücher', 'xn--bcher-kva'));
      for (const recipient of fate.to) expect(recipient).toBe(requester);
    });
  }
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
