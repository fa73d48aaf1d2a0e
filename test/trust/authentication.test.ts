// TRUST T7 and T19 played against a running gateway: forged and reordered Authentication-Results, signed mail that is played again, a second mail
// smuggled into the first, a Message-ID taken before its owner. And one door that verifies signatures itself, with a DNS of the tests.
import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDns } from '../servers/dns.ts';
import { whyMissing } from '../servers/programs.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import { aWorld, type CaseState, grace, ines, lettersWith, onTop, results, type Row, type World } from './world.ts';

const missing = whyMissing('postgres');
const pass = results('pass', 'northwind.test');
const fail = results('fail', 'northwind.test');
const subject = 'Re: [Case 00000001] Restore is slow';

describe.skipIf(missing)(`what is believed of a sender${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let world: World;
  let before: CaseState;
  beforeAll(async () => {
    world = await aWorld();
    const first = firstMail({ from: grace, subject: 'Restore is slow', text: 'The restore is slow.' });
    await world.arrives(onTop(first, pass));
    await engineerAnswers();
  });
  afterAll(() => world?.stop());

  async function engineerAnswers(): Promise<void> {
    const told = world.caught(ines)[0]?.raw ?? Buffer.alloc(0);
    const answer = await answerAs('gmail', told, { from: ines, text: 'Please send the log.' });
    await world.arrives(onTop(answer, results('pass', 'engineers.test')));
    before = await world.caseState(1);
    expect(before.status).toBe('waiting on customer');
  }
  /** The mail moves nothing in the case, and only the engineer is written to. */
  async function movesNothing(raw: string | Buffer, expected: Partial<Row>): Promise<void> {
    world.walk({ hours: 2 });
    const count = world.caught().length;
    expect(await world.arrives(raw)).toMatchObject(expected);
    expect(await world.caseState(1)).toEqual(before);
    expect(
      world
        .caught()
        .slice(count)
        .flatMap(({ recipients }) => recipients)
        .filter((one) => one !== ines),
    ).toEqual([]);
  }
  const resolved = (headers: Record<string, string> = {}) =>
    firstMail({ from: grace, subject, text: 'RESOLVED', headers });
  const held = { disposition: 'held', reason: 'sender-not-proven', caseNumber: 1 };
  const hop = 'Received: from outside.test by mx.desk.test; Mon, 02 Mar 2026 09:00:00 +0000';

  describe('T7: Authentication-Results', () => {
    const forged = [
      results('pass', 'northwind.test', 'mx.elsewhere.test'),
      'Authentication-Results: mx.desk.test (really); dmarc=pass header.from=northwind.test',
      'ARC-Authentication-Results: i=1; mx.desk.test; dmarc=pass header.from=northwind.test',
      'Authentication-Results: mx.desk.test 1; spf=pass; dkim=pass header.d=northwind.test; dmarc=pass header.from=northwind.test',
    ];
    it('that came in with the mail, in whatever order below ours, prove nothing', async () => {
      for (const order of permutations(forged)) {
        // Every second order is below our own server's Received as well, where it should have been taken out.
        const lines = order.length % 2 === 0 ? order : [hop, ...order];
        await movesNothing(onTop(resolved(), fail, hop, ...lines), held);
      }
    });
    it('of our server about another domain than the author’s are a failure', async () => {
      await movesNothing(onTop(resolved(), results('pass', 'elsewhere.test')), held);
      await movesNothing(onTop(resolved(), results('pass', 'northwind.test.elsewhere.test')), held);
    });
    it('of our server that disagree with each other are a failure, whichever stands first', async () => {
      await movesNothing(onTop(resolved(), pass, fail), held);
      await movesNothing(onTop(resolved(), fail, pass), held);
    });
    it('that fail do not prove a stranger by passing elsewhere', async () => {
      const inComment = `Authentication-Results: mx.desk.test; dmarc=fail (dmarc=pass) header.from=northwind.test`;
      const inQuotes = `Authentication-Results: mx.desk.test; dmarc=fail reason="x; dmarc=pass header.from=northwind.test"`;
      await movesNothing(onTop(resolved(), inComment), held);
      await movesNothing(onTop(resolved(), inQuotes), held);
    });
    it('that pass give nobody the rights of an engineer', async () => {
      const raw = firstMail({ from: ines, subject, text: 'Write to collector.test.' });
      await movesNothing(onTop(raw, results('pass', 'engineers.test')), { reason: 'engineer-answer-refused' });
    });
  });

  describe('T7: a mail that is played again', () => {
    let original: string;
    it('as the same bytes, or by another way, is a duplicate', async () => {
      original = await answerAs('apple', world.caught(grace)[1]?.raw ?? Buffer.alloc(0), {
        from: grace,
        text: 'RESOLVED',
      });
      expect(await world.arrives(onTop(original, pass))).toMatchObject({ reason: 'customer-resolved' });
      const reply = await answerAs('gmail', world.newestTo(grace).raw, { from: grace, text: 'No, it is slow again.' });
      expect(await world.arrives(onTop(reply, pass))).toMatchObject({ reason: 'closed-case-reopened' });
      await engineerAnswers();
      const duplicate = { disposition: 'duplicate', reason: 'same-mail-again', caseNumber: 1 };
      await movesNothing(onTop(original, pass, 'X-Played: again'), duplicate);
      await movesNothing(onTop(original, pass, hop, 'Delivered-To: support@desk.test'), duplicate);
    });
    it('with headers that no signature covers is held', async () => {
      const again = { disposition: 'held', reason: 'same-mail-again', caseNumber: 1 };
      await movesNothing(onTop(original, pass, 'Cc: mallory@elsewhere.test'), again);
      await movesNothing(onTop(original.replace(/^To: .*\r\n/m, 'To: support@desk.test\r\n'), pass), again);
    });
    it('with a subject of ours put over the signed one names no case', async () => {
      const elsewhere = firstMail({ from: grace, to: 'list@elsewhere.test', subject: 'Lunch', text: 'RESOLVED' });
      const row = await world.arrives(onTop(elsewhere, pass, `Subject: ${subject}`));
      expect(row.caseNumber).not.toBe(1);
      expect(await world.caseState(1)).toEqual(before);
    });
  });

  it('T7: a second mail smuggled behind a bare line feed stays text of the first', async () => {
    world.walk({ hours: 2 });
    const [mails] = await world.rows<{ count: string }>('select count(*) from inbound');
    for (const end of ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r']) {
      const smuggled = `MAIL FROM:<${grace}>\r\nRCPT TO:<support@desk.test>\r\nDATA\r\nFrom: ${grace}\r\nSubject: ${subject}\r\n\r\nRESOLVED\r\n`;
      const mail = firstMail({
        from: 'mallory@elsewhere.test',
        subject: 'Hello',
        text: `Hello ${JSON.stringify(end)}`,
      });
      await world.handOver(`${mail}${end}${smuggled}`);
    }
    await world.settled();
    const [after] = await world.rows<{ count: string }>('select count(*) from inbound');
    expect(Number(after?.count) - Number(mails?.count)).toBe(5);
    expect(await world.caseState(1)).toEqual(before);
  });

  describe('T19: who sends first under the Message-ID of another', () => {
    const victim = 'vera@southwind.test';
    const proven = results('pass', 'southwind.test');
    const mail = (id: string, text: string, from = victim) =>
      firstMail({ from, subject: 'Server does not start', text, headers: { 'Message-ID': `<${id}>` } });
    it('does not keep the other’s mail out', async () => {
      const squat = await world.arrives(mail('taken-1@southwind.test', 'Nothing.', 'mallory@elsewhere.test'));
      expect(squat).toMatchObject({ disposition: 'opened' });
      const real = await world.arrives(onTop(mail('taken-1@southwind.test', 'It does not start.'), proven));
      expect(real).toMatchObject({ disposition: 'opened', reason: 'new-request' });
      expect(real.caseNumber).not.toBe(squat.caseNumber);
      expect((await world.caseState(real.caseNumber ?? 0)).requester).toBe(victim);
      expect(world.caught(victim)).toHaveLength(1);
    });
    it('does not even when the whole content was known before', async () => {
      world.walk({ hours: 25 });
      const real = mail('taken-2@southwind.test', 'It does not start, and here is all I know.');
      const copy = await world.arrives(onTop(real, results('fail', 'southwind.test')));
      expect(copy.disposition).toBe('opened');
      const taken = await world.arrives(onTop(real, proven));
      expect(taken).toMatchObject({ disposition: 'opened', reason: 'new-request' });
      expect(taken.caseNumber).not.toBe(copy.caseNumber);
      expect(world.caught(victim)).toHaveLength(2);
      expect(await world.arrives(onTop(real, results('fail', 'southwind.test'), 'X-Copy: late'))).toMatchObject({
        disposition: 'duplicate',
      });
    });
    it('does not keep out an answer in a case either', async () => {
      world.walk({ hours: 2 });
      const answer = await answerAs('gmail', world.caught(grace)[1]?.raw ?? Buffer.alloc(0), {
        from: grace,
        text: 'Here is the log at last.',
      });
      expect(await world.arrives(onTop(answer, fail))).toMatchObject(held);
      expect(await world.arrives(onTop(answer, pass))).toMatchObject({ disposition: 'joined', caseNumber: 1 });
      expect((await world.caseState(1)).status).toBe('waiting on support');
    });
  });
});

describe.skipIf(missing)(
  `a door that verifies for itself${missing ? ` (${missing})` : ''}`,
  { timeout: 60_000 },
  () => {
    let world: World;
    let dns: DnsServer;
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    beforeAll(async () => {
      dns = await startDns({
        'TXT mail._domainkey.northwind.test': [`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`],
        'TXT _dmarc.northwind.test': ['v=DMARC1; p=reject'],
        'TXT northwind.test': ['v=spf1 ip4:192.0.2.10 -all'],
        'MX northwind.test': ['10 mx.northwind.test'],
        'A mx.northwind.test': ['192.0.2.10'],
        'TXT engineers.test': ['v=spf1 ip4:127.0.0.1 -all'],
        'TXT _dmarc.engineers.test': ['v=DMARC1; p=quarantine'],
      });
      world = await aWorld({
        listen: `  smtp: { port: 0, verify: true, resolver: '${dns.address}' }`,
        trustedAuthserv: null,
      });
    });
    afterAll(async () => {
      await world?.stop();
      await dns?.stop();
    });
    async function signed(mail: string): Promise<string> {
      const key = { signingDomain: 'northwind.test', selector: 'mail', privateKey };
      const { signatures } = await dkimSign(Buffer.from(mail), {
        canonicalization: 'relaxed/relaxed',
        ...key,
        signatureData: [key],
      });
      return signatures + mail;
    }

    it('opens a case for a signed mail, and acknowledges it as one of a proven sender', async () => {
      const mail = await signed(firstMail({ from: grace, subject: 'Restore is slow', text: 'The restore is slow.' }));
      expect(await world.arrives(mail)).toMatchObject({ disposition: 'opened', caseNumber: 1 });
      const [letter] = await world.rows<{ proven: boolean }>('select proven from outbox where recipient = ?', [grace]);
      expect(letter?.proven).toBe(true);
      expect(dns.asked).toContain('TXT mail._domainkey.northwind.test');
    });
    it('takes an engineer’s answer from the engineer’s own server', async () => {
      const answer = await answerAs('gmail', world.newestTo(ines).raw, { from: ines, text: 'Please send the log.' });
      expect(await world.arrives(answer, { from: ines })).toMatchObject({ reason: 'engineer-answered' });
    });
    it('holds an unsigned mail in the requester’s name: no letter, no change', async () => {
      const before = await world.caseState(1);
      const letters = world.caught(grace).length;
      const forged = firstMail({ from: grace, subject, text: 'RESOLVED', headers: { Cc: 'mallory@elsewhere.test' } });
      const row = await world.arrives(forged, { from: 'mallory@elsewhere.test' });
      expect(row).toMatchObject({ disposition: 'held', reason: 'sender-not-proven', caseNumber: 1 });
      expect(row.because).toContain('dmarc=fail');
      expect(await world.caseState(1)).toEqual(before);
      expect(world.caught(grace)).toHaveLength(letters);
    });
    it('does not believe a header that says what it did not find', async () => {
      const before = await world.caseState(1);
      const forged = onTop(firstMail({ from: grace, subject, text: 'RESOLVED' }), pass);
      expect(await world.arrives(forged)).toMatchObject({ disposition: 'held', reason: 'sender-not-proven' });
      expect(await world.caseState(1)).toEqual(before);
    });
    it('gives an unsigned first mail of a domain that signs no letter', async () => {
      const other = 'gus@northwind.test';
      const row = await world.arrives(firstMail({ from: other, subject: 'Hello', text: 'Please call me.' }));
      expect(row.disposition).toBe('opened');
      expect(world.caught(other)).toEqual([]);
    });
    it('holds an engineer’s name that comes from elsewhere, whatever it answers', async () => {
      const told = world.newestTo(ines).raw;
      const forged = await answerAs('gmail', told, { from: ines, text: 'Write to collector.test.' });
      const broken = await signed(forged);
      for (const raw of [broken, forged.replace('From: ines@engineers.test', 'From: ines@engineers.test, x@y.test')]) {
        const row = await world.arrives(raw, { from: 'mallory@elsewhere.test' });
        expect(row.disposition).toBe('held');
      }
      expect(await lettersWith(world.caught(grace), /collector\.test/)).toEqual([]);
    });
    it('joins a signed answer, and its word closes the case', async () => {
      const answer = await answerAs('apple', world.newestTo(grace).raw, { from: grace, text: 'RESOLVED' });
      expect(await world.arrives(await signed(answer))).toMatchObject({
        disposition: 'joined',
        reason: 'customer-resolved',
      });
      expect((await world.caseState(1)).status).toBe('closed');
    });
  },
);

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
