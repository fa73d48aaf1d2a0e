// How a rule of the house is tried: it must complain about a bad sample and be silent about a good one before its silence about the house counts.
import { expect } from 'vitest';

/** What a rule is tried on: it answers `bad` with one complaint per pattern of `says`, in order, and `good` with none. */
export type Sample<Input> = { bad: Input; says: RegExp[]; good: Input };

/** Tries the rule on its sample, then on the house, where it must find nothing. */
export function check<Input>(rule: (input: Input) => string[], sample: Sample<Input>, house: Input): void {
  const complaints = rule(sample.bad);
  expect(complaints).toHaveLength(sample.says.length);
  sample.says.forEach((words, at) => expect(complaints[at]).toMatch(words));
  expect(rule(sample.good)).toEqual([]);
  expect(rule(house)).toEqual([]);
}
