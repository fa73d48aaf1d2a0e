// A machine that runs out of descriptors for a while (TRUST F43) keeps a letter back for that while, and no longer.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { worldFailed } from '../../src/store/db.ts';

it('a letter that could not be made for want of descriptors is made when there are some', () => {
  const said = execFileSync(process.execPath, ['test/letters/starved.ts'], { encoding: 'utf8' });
  const { starved, fed } = JSON.parse(said) as Record<string, string>;
  expect(starved).toMatch(/too many open files/);
  expect(worldFailed(new Error(starved))).toBe(true);
  expect(fed).toBe('a letter');
});
