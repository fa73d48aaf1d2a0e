// The plan of a chaos run comes from its seed alone, and no two faults in it would undo each other.
import { describe, expect, it } from 'vitest';
import { type PlannedFault, planOf } from './plan.ts';
import { injectors } from './striking.ts';

const halfHour = { seconds: 1800, rate: 20, kinds: injectors };
const byName = new Map(injectors.map((injector) => [injector.fault, injector]));

describe('the plan of a chaos run', () => {
  it('is the same for the same seed, and another for another', () => {
    const texts = [7, 7, 8].map((seed) => JSON.stringify(planOf({ ...halfHour, seed })));
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });
  it('strikes every fault there is within half an hour', () => {
    const struck = new Set(planOf({ ...halfHour, seed: 1 }).faults.map(({ fault }) => fault));
    expect([...byName.keys()].filter((fault) => !struck.has(fault))).toEqual([]);
  });
  it('never lays two faults on one thing at once, and heals the last in time', () => {
    const { faults, seconds } = planOf({ ...halfHour, seed: 2 });
    const ends = (one: PlannedFault) => one.at + one.seconds;
    const touches = ({ fault }: PlannedFault) => byName.get(fault)!.touches;
    const clashes = faults.flatMap((one, at) =>
      faults
        .slice(at + 1)
        .filter((other) => other.at < ends(one) && touches(other).some((thing) => touches(one).includes(thing)))
        .map((other) => `${one.fault} and ${other.fault} at ${other.at}`),
    );
    expect(clashes).toEqual([]);
    expect(Math.max(...faults.map(ends))).toBeLessThan(seconds);
  });
  it('writes about as many mails as were asked for, in the order of their times', () => {
    const { mails } = planOf({ ...halfHour, seed: 3 });
    const all = mails.reduce((sum, { kind, steps }) => sum + 1 + steps.length + (/twice|reused/.test(kind) ? 1 : 0), 0);
    expect(all).toBeGreaterThan(1800 * 20 * 0.9);
    expect(all).toBeLessThan(1800 * 20 * 1.15);
    expect(mails.map(({ at }) => at)).toEqual(mails.map(({ at }) => at).toSorted((one, other) => one - other));
    expect(new Set(mails.map(({ token }) => token)).size).toBe(mails.length);
  });
});
