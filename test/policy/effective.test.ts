// The policy written out as it works: it reads as the same policy, and says of each key whose it is.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { effectivePolicy, effectiveText } from '../../src/policy/effective.ts';
import { shippedText } from '../../src/policy/load.ts';
import { readPolicy } from '../../src/policy/policy.ts';

const own = readFileSync(new URL('../../fixtures/policy/own-berlin-desk.yaml', import.meta.url), 'utf8');

function check(text: string) {
  const before = readPolicy(shippedText(), { name: 'own.yaml', text });
  const written = effectiveText(effectivePolicy(shippedText(), { text }));
  expect(readPolicy({ name: 'effective.yaml', text: written }, null)).toEqual(before);
}

describe('the effective policy', () => {
  it('reads as the policy it was made from, without changes of one’s own', () => check(''));
  it('and with such changes, entries taken away included', () => check(own));
  it('says of each key where it comes from', () => {
    const text = 'company: Example\nloops: { suppressedDays: 3 }\nengineers: []\nplans: { trial: null }';
    const { from, values } = effectivePolicy(shippedText(), { text });
    expect(from).toMatchObject({
      company: 'of your own, in place of the shipped',
      loops: 'shipped, with changes of your own to suppressedDays',
      plans: 'shipped, with changes of your own to trial',
      lines: 'shipped',
    });
    expect(Object.keys(values['plans'] as object)).not.toContain('trial');
  });
});
