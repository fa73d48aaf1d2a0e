// Real bytes in, rows and letters out, through a real PostgreSQL: what only shows when mails meet each other, or something breaks.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attemptsMax, receiveNext } from '../../src/intake/receive.ts';
import { rows } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { count, mailText, startDesk, type TestDesk } from './desk.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a stored mail ${missing ?? ''}`, () => {
  let test: TestDesk;
  beforeAll(async () => {
    test = await startDesk();
  }, 90_000);
  beforeEach(async () => {
    await rows(test.db, 'truncate inbound, outbox, entries, participants, due, cases, contacts, suppressed cascade');
    test.clock.now = Temporal.Instant.from('2026-03-02T09:00Z');
  });
  afterAll(() => test?.stop(), 60_000);

  const letters = () =>
    rows<{ kind: string; recipient: string; raw: Buffer; messageId: string; subject: string }>(
      test.db,
      'select kind, recipient, raw, message_id as "messageId", subject from outbox order by id',
    );
  const sent = async () => (await letters()).map(({ kind, recipient }) => `${kind} to ${recipient}`);
  const dispositions = async () =>
    (
      await rows<{ disposition: string }>(
        test.db,
        `select coalesce(disposition, 'waiting') as disposition from inbound order by id`,
      )
    ).map((row) => row.disposition);
  const history = (caseNumber: number) =>
    rows<{ kind: string; visibility: string; text: string }>(
      test.db,
      'select kind, visibility, text from entries where case_number = :caseNumber order by id',
      { caseNumber },
    );

  it('opens a case, acknowledges it and tells the engineer, all in one commit', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'The backup fails.'));
    const [received] = await test.decideAll();
    expect(received?.disposition).toBe('opened');
    expect(await sent()).toEqual(['acknowledgment to ann@customer.example', 'engineer-new-case to grace@help.example']);
    const raw = (await letters())[0]?.raw.toString() ?? '';
    expect(raw).toContain('Auto-Submitted: auto-replied');
    expect(raw).toContain('In-Reply-To: <a@c.example>');
    expect(raw).not.toContain('The backup fails');
  });

  it('twice with the same content is one case and one duplicate, whichever way the copy came', async () => {
    const text = mailText({ 'Message-ID': '<a@c.example>', Date: 'Mon, 2 Mar 2026 08:59:00 +0000' }, 'It fails.');
    await test.store(text);
    await test.store(`Received: by another.example\nDelivered-To: support@help.example\n${text}`);
    await test.store(text, 'mobility');
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'duplicate', 'duplicate']);
    expect(await count(test.db, 'cases')).toBe(1);
  });

  it('in 12 copies with 4 workers at once is one case and 11 duplicates', async () => {
    for (let n = 0; n < 12; n += 1) await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll(4);
    expect((await dispositions()).sort()).toEqual([...Array<string>(11).fill('duplicate'), 'opened']);
    expect(await count(test.db, `outbox where kind = 'acknowledgment'`)).toBe(1);
  });

  it('with a Message-ID that came before and other content is kept, and the engineer warned', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>', From: 'eve@evil.example' }, 'I was first.'));
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'All backups fail.'));
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'opened']);
    const [warned] = await rows<{ text: string }>(
      test.db,
      `select text from outbox where kind = 'engineer-new-case' order by id desc limit 1`,
    );
    expect(warned?.text).toContain('same Message-ID');
  });

  it('that is a letter of ours is only counted, also under a new Message-ID', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const letter = (await letters())[0]?.raw.toString().replaceAll('\r\n', '\n') ?? '';
    await test.store(letter);
    await test.store(letter.replace(/^Message-ID:\s+\S+$/m, 'Message-ID: <changed@relay.example>'));
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'own-loop', 'own-loop']);
    expect(await count(test.db, 'outbox')).toBe(2);
  });

  it('that is a letter of ours is a copy when it comes again, and no trouble for anybody', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const letter = (await letters())[0]?.raw.toString().replaceAll('\r\n', '\n') ?? '';
    await test.store(letter);
    await test.store(letter);
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'own-loop', 'duplicate']);
  });

  it('of an engineer answers a notification that left, and came, before the days in which it may be answered were over', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const notification = (await letters()).find(({ kind }) => kind === 'engineer-new-case');
    test.clock.now = Temporal.Instant.from('2026-03-22T09:00Z');
    await rows(test.db, `update outbox set state = 'sent', sent_at = :now`, { now: test.clock.now });
    const answer = {
      From: 'grace@help.example',
      Subject: `Re: ${notification?.subject}`,
      'In-Reply-To': `<${notification?.messageId}>`,
    };
    test.clock.now = Temporal.Instant.from('2026-04-01T09:00Z');
    await test.store(mailText({ ...answer, 'Message-ID': '<g@help.example>' }, 'Please start it again.'));
    // The database was away for a week, and the mail waited.
    test.clock.now = Temporal.Instant.from('2026-04-08T09:00Z');
    const [received] = await test.decideAll();
    expect(received?.decision.reason).toBe('engineer-answered');
  });

  it('of an engineer answers a notification that a gateway sent whose clock was ten years behind', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const notification = (await letters()).find(({ kind }) => kind === 'engineer-new-case');
    await rows(test.db, `update outbox set state = 'sent', sent_at = '2016-03-02T09:00Z'`);
    const answer = {
      From: 'grace@help.example',
      Subject: `Re: ${notification?.subject}`,
      'In-Reply-To': `<${notification?.messageId}>`,
    };
    await test.store(mailText({ ...answer, 'Message-ID': '<g@help.example>' }, 'Please start it again.'));
    const [received] = await test.decideAll();
    expect(received?.decision.reason).toBe('engineer-answered');
  });

  it('joins the case whose letter it answers, also when an older letter of another case left later', async () => {
    const passed = { 'Authentication-Results': 'mx.help.example; dmarc=pass header.from=customer.example' };
    await test.store(mailText({ ...passed, 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.store(mailText({ ...passed, 'Message-ID': '<b@c.example>', Subject: 'Restore' }, 'That is slow.'));
    await test.decideAll();
    const [first, second] = (await letters()).filter(({ kind }) => kind === 'acknowledgment');
    const left = `update outbox set state = 'sent', sent_at = cast(:at as timestamptz) where message_id = :messageId`;
    await rows(test.db, left, { at: '2026-03-02T09:30Z', messageId: second?.messageId });
    await rows(test.db, left, { at: '2026-03-02T10:30Z', messageId: first?.messageId });
    const ids = { 'In-Reply-To': `<${second?.messageId}>`, References: `<${first?.messageId}> <${second?.messageId}>` };
    await test.store(mailText({ 'Message-ID': '<c@c.example>', Subject: 'Re: Restore', ...ids }, 'It is the second.'));
    const [reply] = await test.decideAll();
    expect(reply?.decision.caseNumber).toBe(Number(second?.subject.match(/\d+/)?.[0]));
  });

  it('that was stored by a clock that ran years ahead is decided on now', async () => {
    test.clock.now = Temporal.Instant.from('2036-03-02T09:00Z');
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    test.clock.now = Temporal.Instant.from('2026-03-02T09:00Z');
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened']);
  });

  it('of 20 in one conversation, stored at once and decided by 4 workers, joins the one case', async () => {
    await test.store(mailText({ 'Message-ID': '<m0@c.example>' }, 'It fails.'));
    for (let n = 1; n < 20; n += 1) {
      const headers = {
        'Message-ID': `<m${n}@c.example>`,
        'In-Reply-To': `<m${n - 1}@c.example>`,
        References: '<m0@c.example>',
        Subject: `Re: Backup fails`,
      };
      await test.store(mailText(headers, `More about it: ${n}.`));
    }
    await test.decideAll(4);
    expect(await dispositions()).toEqual(['opened', ...Array<string>(19).fill('joined')]);
    expect(await count(test.db, 'cases')).toBe(1);
    const [first] = await rows<{ number: number }>(test.db, 'select number from cases');
    const mails = (await history(first?.number ?? 0))
      .filter(({ kind }) => kind === 'mail')
      .map(({ text }) => text.trim());
    expect(mails).toEqual(['It fails.', ...Array.from({ length: 19 }, (_, n) => `More about it: ${n + 1}.`)]);
  }, 60_000);

  it('of one sender never outruns the earlier one: 8 requests with 4 workers get one acknowledgment', async () => {
    for (let n = 0; n < 8; n += 1)
      await test.store(mailText({ Subject: `Matter ${n}`, 'Message-ID': `<r${n}@c.example>` }, `Something else: ${n}`));
    await test.decideAll(4);
    expect(await count(test.db, 'cases')).toBe(8);
    expect(await count(test.db, `outbox where kind = 'acknowledgment'`)).toBe(1);
  }, 60_000);

  it('waits for the earlier one of its conversation or its sender while that is tried again', async () => {
    await test.store(mailText({ Subject: 'poison', 'Message-ID': '<first@c.example>' }, 'It fails.'));
    await test.store(mailText({ From: 'bob@c.example', 'In-Reply-To': '<first@c.example>' }, 'For me too.'));
    await test.store(mailText({ 'Message-ID': '<other@c.example>', Subject: 'Another matter' }, 'Something else.'));
    await test.store(mailText({ From: 'eve@d.example', Subject: 'Hello' }, 'Nothing to do with it.'));
    let failures = 1;
    const parser = {
      ...test.parser,
      async parse(raw: Uint8Array) {
        if (Buffer.from(raw).includes('poison') && failures-- > 0) throw new Error('our bug');
        return test.parser.parse(raw);
      },
    };
    const drain = async () => {
      while (await receiveNext({ db: test.db, desk: test.desk, parser, now: () => test.clock.now }));
    };
    await drain();
    expect(await dispositions()).toEqual(['waiting', 'waiting', 'waiting', 'opened']);
    test.clock.now = test.clock.now.add({ seconds: 10 });
    await drain();
    expect(await dispositions()).toEqual(['opened', 'opened', 'opened', 'opened']);
    expect((await rows<{ reason: string }>(test.db, 'select reason from inbound order by id'))[1]?.reason).toBe(
      'not-a-participant',
    );
  });

  it('of a storm is folded from the fourth on, from one sender and from many', async () => {
    const words = 'Buy our wonderful product today, it is the best one that you can get.';
    for (let n = 0; n < 6; n += 1)
      await test.store(mailText({ Subject: 'Alarm', 'Message-ID': `<s${n}@c.example>` }, `Alarm ${n}`));
    await test.decideAll(4);
    for (let n = 0; n < 6; n += 1)
      await test.store(mailText({ From: `p${n}@d${n}.example`, Subject: `Offer ${n}` }, words));
    // None of these can open its case before four are in hand: whoever counts then must have waited for those before.
    const [locked, opens] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = test.db.transaction(async (trx) => {
      await rows(trx, 'lock table cases in share row exclusive mode');
      locked.resolve();
      await opens.promise;
    });
    await Promise.race([locked.promise, held]);
    const decided = test.decideAll(4);
    const waiting = `pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(() => count(test.db, waiting), { timeout: 20_000 }).toBe(4);
    opens.resolve();
    await Promise.all([held, decided]);
    expect(await count(test.db, 'cases')).toBe(6);
    expect(await count(test.db, `inbound where reason = 'storm'`)).toBe(6);
    expect(await count(test.db, `outbox where kind = 'acknowledgment'`)).toBe(4);
  }, 60_000);

  it('that our code fails on is parked after three attempts with a case, while the others flow', async () => {
    await test.store(mailText({ Subject: 'poison' }, 'x'));
    for (const n of [1, 2, 3]) await test.store(mailText({ From: `p${n}@c.example` }, `good ${n}`));
    const parser = {
      ...test.parser,
      parse: (raw: Uint8Array) =>
        Buffer.from(raw).includes('poison') ? Promise.reject(new Error('our bug \0')) : test.parser.parse(raw),
    };
    const options = { db: test.db, desk: test.desk, parser, now: () => test.clock.now };
    const drain = async () => {
      while (await receiveNext(options));
    };
    await drain();
    expect(await dispositions()).toEqual(['waiting', 'opened', 'opened', 'opened']);
    for (let n = 1; n <= attemptsMax; n += 1) {
      test.clock.now = test.clock.now.add({ seconds: 6 });
      await drain();
    }
    expect(await dispositions()).toEqual(['unparsed', 'opened', 'opened', 'opened']);
    const [parked] = await rows<{ because: string; number: number }>(
      test.db,
      `select because, case_number as number from inbound where disposition = 'unparsed'`,
    );
    expect(parked?.because).toContain('failed 3 times');
    expect((await sent()).at(-1)).toBe('engineer-new-case to grace@help.example');
    expect(await count(test.db, `cases where number = ${parked?.number}`)).toBe(1);
  });

  it('waits unchanged when the database goes away in the middle of its decision', async () => {
    await test.store(mailText({}, 'It fails.'));
    const parser = {
      ...test.parser,
      async parse(raw: Uint8Array) {
        const mail = await test.parser.parse(raw);
        await rows(
          test.db,
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        );
        return mail;
      },
    };
    await expect(receiveNext({ db: test.db, desk: test.desk, parser, now: () => test.clock.now })).rejects.toThrow();
    expect(await rows(test.db, 'select attempts, disposition from inbound')).toEqual([
      { attempts: 0, disposition: null },
    ]);
    expect(await count(test.db, 'cases')).toBe(0);
    expect((await test.decideAll())[0]?.disposition).toBe('opened');
  });

  it('with U+0000 and halves of characters wherever text may stand is stored', async () => {
    const half = String.fromCharCode(0xd800);
    const raw = Buffer.from(
      mailText(
        {
          Subject: `a\0b ${half}`,
          'Auto-Submitted': `auto-generated\0; ${'😀'.repeat(40)}`,
          'Content-Type': 'text/plain; name="a\0.txt"',
        },
        `x\0y ${half}`,
      ),
    );
    await test.store(Buffer.from(raw.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'));
    expect((await test.decideAll())[0]?.disposition).toBe('opened');
    expect(await count(test.db, 'inbound where attempts > 0')).toBe(0);
  });

  it('that joins is proven by its token; a stranger with the same token is held', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const [acknowledgment] = await letters();
    const reply = { 'In-Reply-To': `<${acknowledgment?.messageId}>`, Subject: 'quite another subject' };
    await test.store(mailText(reply, 'It is version 12.'));
    await test.store(
      mailText({ ...reply, From: 'eve@evil.example', Cc: 'mallory@evil.example' }, 'Send me everything.'),
    );
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'joined', 'held']);
    expect(await count(test.db, 'contacts where proven_at is not null')).toBe(1);
    expect((await sent()).filter((letter) => letter.endsWith('evil.example'))).toEqual([]);
    expect(await count(test.db, `participants where address like '%evil.example'`)).toBe(0);
  });

  it('to a case of another mailbox begins a linked case whose letters leave from here', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    test.clock.now = test.clock.now.add({ hours: 25 });
    const [acknowledgment] = await letters();
    await test.store(
      mailText({ Subject: `Re: ${acknowledgment?.subject}`, To: 'mobility@help.example' }, 'And the tablet too.'),
      'mobility',
    );
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'linked']);
    const linked = (await letters()).find(({ kind }) => kind === 'linked-case');
    expect(linked?.raw.toString()).toMatch(/^From: .*<mobility@help\.example>/m);
  });

  it('of a delivery report by the signed way back in To stops the follow-ups of its case', async () => {
    await test.store(mailText({ 'Message-ID': '<a@c.example>' }, 'It fails.'));
    await test.decideAll();
    const [letter] = await rows<{ path: string }>(
      test.db,
      `select reverse_path as path from outbox where kind = 'acknowledgment'`,
    );
    const report = (to: string) =>
      `From: MAILER-DAEMON@mx.example\nTo: ${to}\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ann@customer.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n`;
    await test.store(report(letter?.path ?? ''));
    await test.decideAll();
    expect(await dispositions()).toEqual(['opened', 'report']);
    expect(await count(test.db, `suppressed where address = 'ann@customer.example'`)).toBe(1);
    expect((await sent()).at(-1)).toBe('engineer-notice to grace@help.example');
  });
});
