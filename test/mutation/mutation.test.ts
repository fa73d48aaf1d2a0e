// Takes out one defence after the other (TRUST 6, mutation check): for each at least one test must turn red, and with all of them in place none.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { copyOfProject, type Copy } from './mutant.ts';
import { carrying, deciding, watching } from './table.ts';

const missing = whyMissing('postgres', 'dovecot');
const secondsEach = 120;
const all = [...deciding, ...carrying, ...watching];

describe.skipIf(missing)(
  `without one defence${missing ? ` (${missing})` : ''}`,
  { timeout: secondsEach * 1000 },
  () => {
    let copy: Copy;
    beforeAll(() => {
      copy = copyOfProject();
    });
    afterAll(() => copy?.remove());

    it('nothing is red while all of them stand', async () => {
      const named = all.filter((mutation) => mutation.named !== undefined);
      const whole = all.filter((mutation) => mutation.named === undefined);
      const verdicts = [
        await copy.verdict(testsOf(whole)),
        await copy.verdict([...testsOf(named), '-t', named.map((mutation) => mutation.named).join('|')]),
      ];
      for (const { failed, ran, said } of verdicts) {
        expect(failed, said).toEqual([]);
        expect(ran).toBeGreaterThan(0);
      }
    });

    it.each(all)('a test turns red: $defence', async (mutation) => {
      const verdict = await copy.verdictOn(mutation);
      expect(verdict.failed, `${mutation.test} did not miss it; ${verdict.ran} tests ran\n${verdict.said}`).not.toEqual(
        [],
      );
    });
  },
);

function testsOf(mutations: { test: string }[]): string[] {
  return [...new Set(mutations.map(({ test }) => test))];
}
