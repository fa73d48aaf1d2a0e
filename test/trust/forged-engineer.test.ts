// TRUST T4: mails under an engineer's name that are not the engineer's answer to our notification. Whatever they carry, nothing of them leaves
// to the customer and nothing moves in the case; only the engineer is told that somebody wrote in their name.
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import {
  aWorld,
  type CaseState,
  everythingIn,
  grace,
  ines,
  lettersWith,
  onTop,
  results,
  tom,
  type World,
} from './world.ts';

const missing = whyMissing('postgres');
const words = 'Dear customer, please send your password to collector.test at once.';
const proven = results('pass', 'engineers.test');
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

describe.skipIf(missing)(`who writes as an engineer${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let world: World;
  let told: Buffer;
  let toCustomer: Buffer;
  let before: CaseState;
  beforeAll(async () => {
    world = await aWorld();
    const first = firstMail({ from: grace, subject: 'Restore is slow', text: 'The restore is slow.' });
    await world.arrives(onTop(first, results('pass', 'northwind.test')));
    told = world.newestTo(ines).raw;
    toCustomer = world.newestTo(grace).raw;
    const other = firstMail({ from: 'ada@phones.test', to: 'mobility@desk.test', subject: 'Sync', text: 'No sync.' });
    expect(await world.arrives(other, { to: 'mobility@desk.test' })).toMatchObject({ caseNumber: 2 });
    before = await world.caseState(1);
  });
  afterAll(() => world?.stop());

  /** The mail comes in and stays in: no byte of it at the peer but in words to the engineer, and the case as it was. */
  async function staysHere(raw: string, disposition = 'held', envelope: { to?: string } = {}): Promise<void> {
    // An hour later the engineer may be told again (10 letters a case and hour).
    world.walk({ minutes: 61 });
    const count = world.caught().length;
    const row = await world.arrives(raw, envelope);
    expect({ disposition: row.disposition, because: row.because }).toMatchObject({ disposition });
    const left = world.caught().slice(count);
    expect(left.flatMap(({ recipients }) => recipients).filter((one) => one !== ines)).toEqual([]);
    expect(await world.caseState(1)).toEqual(before);
  }
  const answer = (letter: Buffer, changes: Partial<Parameters<typeof answerAs>[2]> = {}) =>
    answerAs('gmail', letter, { from: ines, text: words, ...changes });
  const idOf = (letter: Buffer) => /^message-id: <(.*)>\r$/im.exec(letter.toString('latin1'))?.[1] ?? '';
  /** The same mail with every token in it put through `change`. */
  const withTokens = (raw: string, change: (number: string, key: string, day: string, mac: string) => string) =>
    raw.replaceAll(/c(\d+)\.([a-z0-9])([0-9a-z]{1,5})\.([a-z2-7]{16})/g, (_, number, key, day, mac) =>
      change(number, key, day, mac),
    );
  const guess = (seed: number) =>
    Array.from({ length: 16 }, (_, at) => alphabet[(seed * 7 + at * at * 5 + at) % alphabet.length]).join('');

  it('an engineer who names the case but answers no notification', async () => {
    await staysHere(
      onTop(firstMail({ from: ines, subject: 'Re: [Case 00000001] Restore is slow', text: words }), proven),
    );
  });
  it('guessed Message-IDs and guessed reply addresses', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const raw = withTokens(await answer(told), (number, key, day) => `c${number}.${key}${day}.${guess(seed)}`);
      await staysHere(onTop(raw, proven));
    }
  });
  it('Message-IDs as other helpdesks make them', async () => {
    for (const id of ['reply-1-1-abc@desk.test', 'case-1.notification@desk.test', 'case-1.desk@casepost.invalid']) {
      const subject = 'Re: [Case 00000001] Restore is slow';
      const headers = { 'In-Reply-To': `<${id}>`, References: `<${id}>` };
      await staysHere(onTop(firstMail({ from: ines, subject, text: words, headers }), proven));
    }
  });
  it('the customer’s own token, in the id and in the address', async () => {
    await staysHere(onTop(await answer(toCustomer), proven));
    await staysHere(onTop(await answer(toCustomer, { headers: { 'In-Reply-To': '', References: '' } }), proven));
  });
  it('the token of a colleague', async () => {
    const colleague = world.newestTo(tom).raw;
    const raw = withTokens(await answer(told), () => tokenIn(colleague));
    await staysHere(onTop(raw, proven));
  });
  it('our notification to them with another day in its token', async () => {
    const raw = withTokens(await answer(told), (number, key, day, mac) => {
      const later = (Number.parseInt(day, 36) + 5).toString(36);
      return `c${number}.${key}${later}.${mac}`;
    });
    await staysHere(onTop(raw, proven));
  });
  it('the token of one mailbox at another', async () => {
    const raw = (await answer(told)).replaceAll('support+', 'mobility+').replaceAll(idOf(told), 'none@elsewhere.test');
    const to = /^To: (?:.*<)?([^>\s]+)/m.exec(raw)?.[1] ?? '';
    expect(to).toMatch(/^mobility\+c1\./);
    await staysHere(onTop(raw, proven), 'held', { to });
  });
  it('a notification they really had, when our mail server says the sender is forged', async () => {
    await staysHere(onTop(await answer(told), results('fail', 'engineers.test')));
    await staysHere(onTop(await answer(told), results('pass', 'collector.test')));
  });
  it('names and headers that only look like the engineer’s', async () => {
    const named = (from: string) => answer(told, { from });
    const mailbox = `${ines} via desk <mallory@elsewhere.test>`;
    await staysHere(await named(`"${ines}" <mallory@elsewhere.test>`));
    await staysHere(onTop(await named('Mallory <mallory@elsewhere.test>'), `Sender: ${ines}`, `Reply-To: ${ines}`));
    await staysHere(await named('Ines <ines@engineers.test.elsewhere.test>'));
    await staysHere(await named('Ines <ines@engіneers.test>'));
    // Not one mailbox: held in a case of its own.
    await staysHere(await named(mailbox));
    await staysHere(await named(`${ines}, mallory@elsewhere.test`));
    await staysHere(onTop(await named('Mallory <mallory@elsewhere.test>'), `From: ${ines}`));
  });
  it('a marker of ours, forged by the customer, cuts nothing and sends nothing', async () => {
    const marker = `${words}\n\n--- Your answer goes above this line (case 00000001, ${tokenIn(toCustomer)}) ---\nbelow`;
    const raw = await answerAs('gmail', toCustomer, { from: grace, text: marker });
    const count = world.caught().length;
    expect(await world.arrives(onTop(raw, results('pass', 'northwind.test')))).toMatchObject({
      reason: 'customer-replied',
    });
    expect(
      world
        .caught()
        .slice(count)
        .map(({ recipients }) => recipients),
    ).toEqual([[ines]]);
    const { visible } = await world.caseState(1);
    expect(visible.at(-1)?.text).toContain('below');
    before = await world.caseState(1);
  });
  it('a marker of ours under a mail of the engineer’s without a token', async () => {
    const text = `${words}\n--- Your answer goes above this line (case 00000001, c1.aaaaa.${guess(3)}) ---\nSeverity C: a rule`;
    await staysHere(onTop(firstMail({ from: ines, subject: 'Re: [Case 00000001] Restore is slow', text }), proven));
  });
  it('the engineer’s own out-of-office, with its headers and without', async () => {
    const absent = 'I am out of the office until Monday with limited access to my mail.';
    const replied = { 'Auto-Submitted': 'auto-replied' };
    await staysHere(onTop(await answer(told, { text: absent, headers: replied }), proven), 'automatic');
    const suppressed = { 'X-Auto-Response-Suppress': 'All' };
    await staysHere(onTop(await answer(told, { text: absent, headers: suppressed }), proven), 'automatic');
    const subjects = [
      'Automatic reply: [Case 00000001]',
      'Abwesenheitsnotiz: [Case 00000001]',
      'Réponse automatique : [Case 00000001]',
    ];
    for (const subject of subjects)
      await staysHere(onTop(await answer(told, { text: absent, subject }), proven), 'automatic');
  });
  it('by the null reverse path, as machines write', async () => {
    const count = world.caught().length;
    const row = await world.arrives(onTop(await answer(told), proven), { from: '' });
    expect(row.disposition).toBe('automatic');
    expect(world.caught()).toHaveLength(count);
    expect(await world.caseState(1)).toEqual(before);
  });
  it('the engineer’s answer with our notification attached, or quoted in a way we do not know', async () => {
    const plain = await answer(told);
    await staysHere(onTop(withAttached(plain, told), proven));
    const below = /^Severity[^]*/m.exec((await simpleParser(told)).text ?? '')?.[0] ?? '';
    await staysHere(onTop(await answer(told, { text: `${words}\n\n${below}` }), proven));
  });
  it('a notification older than 14 days; on its 14th day the answer goes out', async () => {
    world.setClock(Temporal.Instant.from('2026-03-17T09:00Z'));
    const late = onTop(await answer(told), proven);
    await staysHere(late);
    world.setClock(Temporal.Instant.from('2026-03-16T09:00Z'));
    const real = await answerAs('gmail', told, { from: ines, text: 'Please send the log.' });
    expect(await world.arrives(onTop(real, proven))).toMatchObject({ reason: 'engineer-answered', caseNumber: 1 });
    expect(await everythingIn([world.newestTo(grace)])).toContain('Please send the log.');
    expect((await world.caseState(1)).status).toBe('waiting on customer');
  });
  it('and in the end no byte of any of them has left for the customer', async () => {
    const outside = world.caught().filter(({ recipients }) => !recipients.includes(ines) && !recipients.includes(tom));
    expect(await lettersWith(outside, /collector\.test|above this line/)).toEqual([]);
    expect(new Set(world.caught().flatMap(({ recipients }) => recipients))).toEqual(
      new Set([grace, ines, tom, 'ada@phones.test']),
    );
  });
});

function tokenIn(letter: Buffer): string {
  return /c\d+\.[a-z0-9]+\.[a-z2-7]{16}/.exec(letter.toString('latin1'))?.[0] ?? '';
}

/** The mail with a letter attached whole, as "forward as attachment" and some programs' answers do. */
function withAttached(raw: string, letter: Buffer): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const type = /\r\nContent-Type: multipart\/alternative[^\r]*/.exec(head)?.[0] ?? '';
  return [
    `${head.replace(type, '')}\r\nContent-Type: multipart/mixed; boundary=outer`,
    `--outer${type}`,
    `${rest.join('\r\n\r\n')}\r\n--outer\r\nContent-Type: message/rfc822`,
    `${letter.toString('latin1')}\r\n--outer--\r\n`,
  ]
    .join('\r\n\r\n')
    .replace('--outer\r\n\r\nContent-Type: multipart', '--outer\r\nContent-Type: multipart');
}
