import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { createParser, NoThread } from '../../src/mail/parser-pool.ts';
import { readWithoutLibrary } from '../../src/mail/read-mail.ts';

const plain = readFileSync(new URL('../../fixtures/mail/plain.eml', import.meta.url));
const header = 'From: anna@customer.example\nSubject: x\nMessage-ID: <1@x.example>\n';
const html = (body: string): string => `${header}Content-Type: text/html\n\n${body}`;
const text = (body: string): string => `${header}Content-Type: text/plain\n\n${body}`;
const nested = (levels: number): string =>
  header +
  Array.from(
    { length: levels },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`,
  ).join('') +
  '\nhi\n';
const parts = (count: number, head: string): string =>
  `${header}Content-Type: multipart/mixed; boundary=b\n\n${`--b\n${head}\nx\n`.repeat(count)}--b--`;

const parser = createParser({ threads: 2 });
afterAll(() => parser.close());

describe('mails made to hurt are read within the limit', () => {
  const check = (fact: string, raw: string): void => {
    test(fact, async () => {
      const mail = await parser.parse(Buffer.from(raw));
      expect(mail.defects.map(({ code }) => code)).not.toContain('timeout');
    });
  };
  check('no byte', '');
  check('a header line of 10 MB', `X: ${'a'.repeat(10_000_000)}\n${header}\nx`);
  check('300,000 headers', `${header}${'X: a\n'.repeat(300_000)}\nx`);
  check(
    '100,000 references',
    `References: ${Array.from({ length: 100_000 }, (_, index) => `<${index}@x.example>`).join('\n ')}\n${header}\nx`,
  );
  check(
    '5,000 recipients',
    `To: ${Array.from({ length: 5000 }, (_, index) => `a${index}@x.example`).join(',\n ')}\n${header}\nx`,
  );
  check('20,000 levels of multipart', nested(20_000));
  check('200,000 parts', parts(200_000, ''));
  check('50,000 attachments', parts(50_000, 'Content-Disposition: attachment; filename=a.txt\n'));
  check('a million quotation marks', text('>'.repeat(1_000_000)));
  check('a million spaces', text(' '.repeat(1_000_000)));
  check('100 kB without a space', text('a'.repeat(100_000)));
  check('labels that punycode hates', text('xn--a.'.repeat(40_000)));
  check('200,000 nested divs', html('<div>'.repeat(200_000)));
  check('100,000 paragraphs', html('<p>a'.repeat(100_000)));
  check('250,000 open comments', html('<!--'.repeat(250_000)));
  check('a cell over a million columns', html('<table><tr><td colspan=1000000>x</table>'.repeat(5000)));
  check('50,000 broken encoded words', `Subject: ${'=?utf-8?q?'.repeat(50_000)}\n${header}\nx`);
  check('30,000 brackets in the sender', `From: ${'('.repeat(30_000)}<<<"\n\nx`);
  check(
    'a report with 50,000 recipients',
    `From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n${'Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n'.repeat(50_000)}--b--`,
  );
  check(
    'a report that is one word',
    `From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n${'to a@b. '.repeat(100_000)}`,
  );
});

test('mails are read at the same time and each gets its own answer', async () => {
  const subjects = Array.from({ length: 100 }, (_, index) => `number ${index}`);
  const mails = await Promise.all(
    subjects.map((subject) => parser.parse(Buffer.from(`From: a@x.example\nSubject: ${subject}\n\n${subject}`))),
  );
  expect(mails.map((mail) => mail.subject)).toEqual(subjects);
  expect(mails.map((mail) => mail.text)).toEqual(subjects);
});

test('a mail that takes long does not hold up the one behind it', async () => {
  const two = createParser({ threads: 2 });
  const heavy = Buffer.from(html('<p>a'.repeat(200_000)));
  const slowAndQuick = async () => {
    const read: string[] = [];
    await Promise.all([
      two.parse(heavy).then(() => read.push('slow')),
      two.parse(plain).then(() => read.push('quick')),
    ]);
    return read;
  };
  // The second thread starts when the quick one has waited, and starting may take as long as the slow one does.
  await slowAndQuick();
  expect(await slowAndQuick()).toEqual(['quick', 'slow']);
  await two.close();
});

test('a mail that is late is read in short by us, and the next has a new thread', async () => {
  const hasty = createParser({ threads: 1, secondsMax: 0.001 });
  try {
    const late = await hasty.parse(plain);
    expect(late.defects.map(({ code }) => code)).toEqual(['timeout']);
    expect([late.from?.addrSpec, late.subject, late.text.trim()]).toEqual([
      'anna@customer.example',
      'Printer',
      'The printer is on fire.',
    ]);
    expect((await hasty.parse(plain)).subject).toBe('Printer');
  } finally {
    await hasty.close();
  }
});

/** Ends each new thread as `end` says, from outside: no mail is to blame. */
async function whileThreadsEnd<Result>(end: (worker: Worker) => void, action: () => Promise<Result>): Promise<Result> {
  process.on('worker', end);
  try {
    return await action();
  } finally {
    process.off('worker', end);
  }
}

test('a mail whose thread dies in the middle is read by another thread', async () => {
  const bereft = createParser({ threads: 1 });
  let ended = 0;
  const end = (worker: Worker) =>
    worker.once('message', () => {
      ended += 1;
      if (ended === 1) void worker.terminate();
    });
  try {
    const mail = await whileThreadsEnd(end, () => bereft.parse(Buffer.from(text('>'.repeat(1_000_000)))));
    expect(ended).toBe(2);
    expect(mail.defects.map(({ code }) => code)).not.toContain('timeout');
  } finally {
    await bereft.close();
  }
});

test('where no thread can be started no mail is to blame: it is not read, and the next may be', async () => {
  const starved = createParser({ threads: 1 });
  try {
    const reading = whileThreadsEnd(
      (worker) => void worker.terminate(),
      () => starved.parse(plain),
    );
    await expect(reading).rejects.toThrow(NoThread);
    expect((await starved.parse(plain)).subject).toBe('Printer');
  } finally {
    await starved.close();
  }
});

test('a mail in hand is finished before the pool closes', async () => {
  const closing = createParser({ threads: 1 });
  const reading = closing.parse(plain);
  await closing.close();
  expect((await reading).subject).toBe('Printer');
});

test('the last resort takes no time, whatever the mail', () => {
  for (const raw of [
    html('<'.repeat(1_000_000)),
    html('<p>a'.repeat(200_000)),
    text('On '.repeat(300_000)),
    nested(20_000),
  ]) {
    const before = process.threadCpuUsage();
    readWithoutLibrary(Buffer.from(raw), { code: 'timeout', detail: '' });
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(200);
  }
});
