// Of large mails one gateway decides on one at a time, while its other workers go on with ordinary ones.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largeLimits, largeMails } from '../../src/intake/large.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import type { Parser } from '../../src/mail/parser-pool.ts';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { mailText, startDesk, type TestDesk } from './desk.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`several workers ${missing ?? ''}`, () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await startDesk();
  }, 60_000);
  afterAll(() => desk?.stop());

  test('have one large mail in hand, and those behind it are decided meanwhile', async () => {
    const large = largeMails();
    const from = (name: string) => ({ From: `${name}@${name}.example`, 'Message-ID': `<${name}@${name}.example>` });
    const lines = 'The log of the night says nothing.\n'.repeat(largeLimits.ordinaryBytesMax / 32);
    for (const name of ['ann', 'bob', 'eve']) await desk.store(mailText(from(name), lines));
    for (const name of ['joe', 'kim', 'lou']) await desk.store(mailText(from(name), 'The backup fails.'));
    let [inHand, most, ordinary] = [0, 0, 0];
    const parser: Parser = {
      ...desk.parser,
      async parse(raw) {
        if (raw.length <= largeLimits.ordinaryBytesMax) return desk.parser.parse(raw);
        inHand += 1;
        most = Math.max(most, inHand);
        await until('the ordinary mails are decided', () => ordinary === 3);
        inHand -= 1;
        return desk.parser.parse(raw);
      },
    };
    const { db, clock } = desk;
    const decided: string[] = [];
    const work = async () => {
      for (;;) {
        const received = await receiveNext({ db, desk: desk.desk, parser, large, now: () => clock.now });
        if (!received) return;
        decided.push(received.disposition);
        if (inHand > 0) ordinary += 1;
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(decided).toEqual(Array.from({ length: 6 }, () => 'opened'));
    expect(most).toBe(1);
  });
});
