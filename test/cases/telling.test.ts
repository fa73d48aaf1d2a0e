// Who is told of a case whose owner is away: the one who stands in, and that they do; the owner stays the owner.
import { describe, expect, it } from 'vitest';
import { tellEngineer, untoldCase } from '../../src/cases/telling.ts';
import type { Effect } from '../../src/cases/decision.ts';
import type { Engineer, Policy } from '../../src/policy/policy.ts';
import { aCase, aPolicy, key, monday, requestsOf } from '../builders.ts';

const shipped = aPolicy();
const [grace] = shipped.engineers as [Engineer];
const ben: Engineer = { ...grace, name: 'Ben', address: 'ben@help.example' };
const two = (changes: Partial<Engineer> = {}): Policy => ({
  ...shipped,
  engineers: [{ ...grace, standIn: ben.address, ...changes }, ben],
});
const letter = { key: 'k', text: '', attachments: [], hint: null, because: '' };

function check(title: string, [away, policy, to]: [string[], Policy, string?], expected: unknown) {
  it(title, () => {
    const desk = { facts: { key, noticesThisHour: {}, away }, policy, notices: untoldCase };
    const said = to === undefined ? letter : { ...letter, to: { addrSpec: to, displayName: '' } };
    const effects: Effect[] = tellEngineer('engineer-reply', aCase(), said, desk, monday);
    const [request] = requestsOf({ effects });
    expect([request?.to.addrSpec, request?.variables['hint']]).toEqual(expected);
  });
}

describe('the engineer told of a case', () => {
  const standIn = ['ben@help.example', 'Grace has this case and is away: you stand in.'];
  const owner = ['grace@help.example', null];
  check('is its owner', [[], two()], owner);
  check('is the stand-in of an owner who said they are away', [['grace@help.example'], two()], standIn);
  check(
    'is the stand-in of an owner whom the policy has away',
    [[], two({ daysAway: ['2026-03-01..2026-03-02'] })],
    standIn,
  );
  check('is the owner while the stand-in is away too', [['grace@help.example', 'ben@help.example'], two()], owner);
  check('is the owner who is away and named nobody', [['grace@help.example'], shipped], owner);
  check('is who a letter is for, away or not', [['grace@help.example'], two(), 'grace@help.example'], owner);
});
