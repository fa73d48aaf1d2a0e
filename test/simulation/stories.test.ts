// Whatever story is made up, every promise holds at each of its steps and at its quiet end. A failure prints the shortest story that still fails, and
// the seed that makes it up again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, stories } from './story.ts';
import { traceHash } from './world.ts';

const runs = 40;
const happeningsMax = 40;

describe('a story', { timeout: 900_000 }, () => {
  it('of whatever happenings keeps every promise', async () => {
    await fc.assert(
      fc.asyncProperty(stories(happeningsMax), async (story) => {
        await play(story);
      }),
      { numRuns: runs, seed: 20_260_316, endOnFailure: false },
    );
  });

  it('played twice is the same to the last letter', async () => {
    const [story = []] = fc.sample(stories(happeningsMax), { numRuns: 1, seed: 7 });
    const hashes = [traceHash(await play(story)), traceHash(await play(story))];
    expect(hashes[0]).toBe(hashes[1]);
    expect(traceHash(await play(story, 2))).not.toBe(hashes[0]);
  });
});
