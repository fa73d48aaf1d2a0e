// Cases that nobody could take: whose they become, and when they stay in the queue.
import { describe, expect, it } from 'vitest';
import { decideOnQueued } from '../../src/cases/on-queue.ts';
import { aPolicy, changesOf, key, lettersOf, monday, placedCase } from '../builders.ts';

const facts = { key, noticesThisHour: {}, load: {}, description: 'It fails.' };
const queued = placedCase({ owner: null, status: 'new' });

describe('a case without an owner', () => {
  it('goes to who can take it, who is told', () => {
    const decision = decideOnQueued(queued, facts, aPolicy(), monday);
    if (!decision) throw new Error('nobody got it');
    expect([changesOf(decision).owner, lettersOf(decision), decision.reason]).toEqual([
      'grace@help.example',
      ['engineer-new-case to grace@help.example'],
      'owner-found',
    ]);
  });
  it('stays while who could take it is away', () =>
    expect(decideOnQueued(queued, { ...facts, away: ['grace@help.example'] }, aPolicy(), monday)).toBeNull());
  it.each([{ status: 'closed' } as const, { owner: 'grace@help.example' }])('or is left as it is: %j', (changes) =>
    expect(decideOnQueued(placedCase({ owner: null, ...changes }), facts, aPolicy(), monday)).toBeNull(),
  );
});
