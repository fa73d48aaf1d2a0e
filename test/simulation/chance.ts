// All chance of a simulated world comes from one seed: the same seed at the same commit is the same world, event by event (TRUST P17).

/** Dice of one seed. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  /** True in so many of a hundred throws. */
  percent(hits: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A waiting time of this mean, as things that happen by themselves have it. */
  around(mean: number): number;
  /** Between `least` and `most`, each order of size as likely as the other. */
  spread(least: number, most: number): number;
}

/** Dice whose throws are decided by `seed` alone (Mulberry32). */
export function diceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (count) => Math.floor(next() * count),
    percent: (hits) => next() * 100 < hits,
    pick(from) {
      const found = from[Math.floor(next() * from.length)];
      if (found === undefined) throw new Error('chance: there is nothing to pick from');
      return found;
    },
    around: (mean) => -Math.log(1 - next()) * mean,
    spread: (least, most) => least * (most / least) ** next(),
  };
}
