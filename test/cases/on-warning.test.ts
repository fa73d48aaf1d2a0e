// Who is warned when the time for a first answer runs out: the owner before, the escalation contact at the breach, each once, and nobody in vain.
import { describe, expect, it } from 'vitest';
import { decideOnWarning, warnings, type Warning } from '../../src/cases/on-warning.ts';
import type { SupportCase } from '../../src/cases/support-case.ts';
import { aCase, aPolicy, at, key, placedCase } from '../builders.ts';

const target = at('2026-03-03T09:00Z');
const near: Warning = { id: '1', percent: 75, targetAt: target };
const missed: Warning = { id: '2', percent: 100, targetAt: target };
const waiting = { targetAt: target, submittedAt: at('2026-03-02T09:00Z'), owner: 'grace@help.example' };

function check(
  title: string,
  [warning, changes, now]: [Warning, Partial<SupportCase>, string],
  expected: { reason: string; told: string[] },
  policy = aPolicy(),
): void {
  it(title, () => {
    const placed = placedCase({ ...waiting, ...changes });
    const decision = decideOnWarning(warning, placed, { key, noticesThisHour: {} }, policy, at(now));
    const told = decision.effects.flatMap((effect) => (effect.effect === 'letter' ? [effect.letter.to.addrSpec] : []));
    expect({ reason: decision.reason, told }).toEqual(expected);
  });
}

describe('a target that comes near', () => {
  check('is told to the owner', [near, {}, '2026-03-03T07:00Z'], {
    reason: 'target-near',
    told: ['grace@help.example'],
  });
  check('is told to the escalation contact where there is no owner', [near, { owner: null }, '2026-03-03T07:00Z'], {
    reason: 'target-near',
    told: ['lead@help.example'],
  });
  check(
    'is told to nobody after the answer',
    [near, { firstResponseAt: at('2026-03-02T10:00Z') }, '2026-03-03T07:00Z'],
    {
      reason: 'nothing-to-do',
      told: [],
    },
  );
  check(
    'is told to nobody when the case has another target since',
    [near, { targetAt: at('2026-03-05T09:00Z') }, '2026-03-03T07:00Z'],
    {
      reason: 'nothing-to-do',
      told: [],
    },
  );
  check('is not told when it has passed meanwhile', [near, {}, '2026-03-04T09:00Z'], {
    reason: 'nothing-to-do',
    told: [],
  });
  check(
    'is told as missed when it has passed and no warning of that follows',
    [near, {}, '2026-03-04T09:00Z'],
    { reason: 'target-missed', told: ['grace@help.example', 'lead@help.example'] },
    aPolicy('warnAtPercent: [75]'),
  );
});

describe('a missed target', () => {
  check('is told to the owner, then to the escalation contact', [missed, {}, '2026-03-03T09:00Z'], {
    reason: 'target-missed',
    told: ['grace@help.example', 'lead@help.example'],
  });
  check('is told once to who is both', [missed, { owner: 'lead@help.example' }, '2026-03-03T09:00Z'], {
    reason: 'target-missed',
    told: ['lead@help.example'],
  });
  check('of a closed case is told to nobody', [missed, { status: 'closed' }, '2026-03-03T09:00Z'], {
    reason: 'nothing-to-do',
    told: [],
  });
});

describe('the warnings of a new case', () => {
  const plan = 'customer-service';
  it('are planned in the time that the target is counted in', () => {
    // Friday 16:00 to Monday 16:00 of a calendar open from 9 to 18: three quarters of nine hours are over on Monday at 13:45.
    const friday = {
      plan,
      severity: 'A',
      submittedAt: at('2026-03-06T16:00Z'),
      targetAt: at('2026-03-09T16:00Z'),
    } as const;
    const planned = warnings(aCase(friday), aPolicy()).map((effect) =>
      effect.effect === 'warn' ? `${effect.percent} ${effect.at.toString()}` : '',
    );
    expect(planned).toEqual(['75 2026-03-09T13:45:00Z', '100 2026-03-09T16:00:00Z']);
  });
  it('are none where somebody has answered, or the plan is gone', () => {
    expect(warnings(aCase({ ...waiting, plan, firstResponseAt: target }), aPolicy())).toEqual([]);
    expect(warnings(aCase({ ...waiting, plan: 'gone' }), aPolicy())).toEqual([]);
  });
});
