// Mails made to be too much, B18, B19, B27 and B38 of TRUST 3: each is a case with its bytes kept, nobody waits for it, and the gateway's event
// loop goes on meanwhile.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/mail/mail.ts';
import { openHostileDesk, pauseMax, type Fate, type HostileDesk } from './desk.ts';

/** What an ordinary mail may wait while a heavy one is read (TRUST P12), in seconds; on a machine that is slow just now, as many times its wait alone. */
const waitMax = { seconds: 5, times: 10 };
const head = 'Subject: Quagga\nMIME-Version: 1.0\n';
let desk: HostileDesk;
let count = 0;
/** What an ordinary mail waits when none is beside it, in seconds. */
let alone: number;

beforeAll(async () => {
  desk = await openHostileDesk();
  await bringOrdinary();
  alone = await bringOrdinary();
});
afterAll(async () => {
  await desk?.stop();
});

/** Brings an ordinary mail, and gives how many seconds it waited. */
async function bringOrdinary(): Promise<number> {
  count += 1;
  const started = performance.now();
  const fate = await desk.bring(
    Buffer.from(`From: meanwhile${count}@customer.example\nSubject: x\n\nOrdinary mail ${count}.\n`),
  );
  expect(fate.is).toBe('opened (new-request)');
  return (performance.now() - started) / 1000;
}

/** Brings a heavy mail and an ordinary one at once: the ordinary one does not wait. */
async function bringBoth(raw: Buffer): Promise<Fate> {
  const heavy = desk.bring(raw);
  expect(await bringOrdinary()).toBeLessThan(Math.max(waitMax.seconds, waitMax.times * alone));
  return heavy;
}

/** A line: a mail of these bytes from `number@heavy.example`, and what becomes of it. */
function check(
  fact: string,
  expected: { is: string; to?: 'acknowledged'; defect?: string },
  build: (from: string) => string,
) {
  test(
    fact,
    async () => {
      const from = `heavy${count}@customer.example`;
      const fate = await bringBoth(Buffer.from(build(`From: Quagga <${from}>\n`), 'latin1'));
      expect({ is: fate.is, to: fate.to }).toEqual({ is: expected.is, to: expected.to ? [from] : [] });
      expect(fate.caseNumber).not.toBeNull();
      if (expected.defect) expect(fate.defects).toContain(expected.defect);
    },
    60_000,
  );
}

const unparsed = { is: 'unparsed (unreadable)', defect: 'library-refused' };
const opened = { is: 'opened (new-request)', to: 'acknowledged' } as const;
const parts = (number: number, part: string) =>
  `Content-Type: multipart/mixed; boundary=b\n\n${`--b\n${part}`.repeat(number)}--b--\n`;

describe('B18: headers without end', () => {
  check(
    'a block of 10 MB',
    unparsed,
    (from) => `${from}${head}${`X-Quagga: ${'a'.repeat(900)}\n`.repeat(11_000)}\ntext\n`,
  );
  check('one line of 10 MB', unparsed, (from) => `${from}${head}X-Quagga: ${'a'.repeat(10_000_000)}\n\ntext\n`);
  check(
    'one line of 10 MB above all others',
    { is: 'unparsed (unreadable)' },
    (from) => `X-Quagga: ${'a'.repeat(10_000_000)}\n${from}${head}\ntext\n`,
  );
  check('300,000 headers', unparsed, (from) => `${from}${head}${'X: a\n'.repeat(300_000)}\ntext\n`);
  check(
    'B16: 100,000 references',
    unparsed,
    (from) => `${from}${head}References: ${'<some-id@x.example>\n '.repeat(100_000)}<a@b>\n\ntext\n`,
  );
});

describe('B19: parts without end', () => {
  check('20,000 levels', unparsed, (from) => {
    const levels = Array.from(
      { length: 20_000 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`,
    );
    return `${from}${head}${levels.join('')}\ntext\n`;
  });
  check('200,000 parts', unparsed, (from) => `${from}${head}${parts(200_000, '\nx\n')}`);
  check(
    '50,000 files',
    unparsed,
    (from) => `${from}${head}${parts(50_000, 'Content-Disposition: attachment; filename=a.txt\n\nx\n')}`,
  );
});

describe('B38: text without mercy', () => {
  const text = (from: string, body: string) => `${from}${head}Content-Type: text/plain; charset=utf-8\n\n${body}\n`;
  check('labels that punycode hates', opened, (from) => text(from, 'xn--a.'.repeat(40_000)));
  check('100 kB without a space', opened, (from) => text(from, 'a'.repeat(100_000)));
  check('a million quotation marks', opened, (from) => text(from, '>'.repeat(1_000_000)));
  check('a million lines of one quotation mark', opened, (from) => text(from, '>\n'.repeat(1_000_000)));
  check('a million spaces', opened, (from) => text(from, ' '.repeat(1_000_000)));
  check('a million short words', opened, (from) => text(from, 'a b '.repeat(250_000)));
  check('the words of the severity rules, 30,000 times', opened, (from) =>
    text(from, 'server down cannot work urgent '.repeat(30_000)),
  );
  check('addresses, 30,000 times', opened, (from) => text(from, 'http://a.example/?a@b.example, '.repeat(30_000)));
  check(
    'B39: 200,000 nested divs',
    opened,
    (from) => `${from}${head}Content-Type: text/html\n\n${'<div>'.repeat(200_000)}Quagga\n`,
  );
  check(
    'B39: cells over a million columns',
    opened,
    (from) => `${from}${head}Content-Type: text/html\n\n<table><tr>${'<td colspan=1000000>x'.repeat(5000)}</table>\n`,
  );
});

describe('B27: bytes without end', () => {
  const filled = (from: string, bytes: number) =>
    `${from}${head}Content-Type: text/plain\n\n${'Quagga is a word. '.repeat(bytes / 18)}\n`;
  check('24 MB are read, their text cut', { ...opened, defect: 'text-cut' }, (from) => filled(from, 24_000_000));
  check(
    '26.3 MB are kept and not read: a case, and a person is told',
    { is: 'oversize (too-large)', to: 'acknowledged', defect: 'text-cut' },
    (from) => filled(from, limits.mailBytesMax + 100_000),
  );
  check('50 MB likewise', { is: 'oversize (too-large)', to: 'acknowledged', defect: 'text-cut' }, (from) =>
    filled(from, 50_000_000),
  );

  test('the engineer is told of an oversize mail and how large it is', async () => {
    const told = await desk.rows<{ text: string }>(
      `select o.text from outbox o join inbound i on i.id = o.inbound_id where i.disposition = 'oversize' and o.kind = 'engineer-new-case'`,
    );
    expect(told).toHaveLength(2);
    for (const { text } of told) expect(text).toMatch(/has 26314400 bytes|has \d{8} bytes/);
  });
});

test('P12: the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
