// The first answer is measured in the time it was promised in.
import { describe, expect, it } from 'vitest';
import { firstResponse, responseText } from '../../src/cases/response.ts';
import type { SupportCase } from '../../src/cases/support-case.ts';
import { aCase, aPolicy, at } from '../builders.ts';

function check(title: string, changes: Partial<SupportCase>, expected: string | null): void {
  it(title, () => {
    const measured = firstResponse(aCase(changes), aPolicy());
    expect(measured && responseText(measured)).toBe(expected);
  });
}

describe('a first answer', () => {
  const friday = { plan: 'customer-service', submittedAt: at('2026-03-06T16:00Z'), targetAt: at('2026-03-09T16:00Z') };
  check(
    'over a weekend is measured in business hours',
    { ...friday, firstResponseAt: at('2026-03-09T10:20Z') },
    'after 3 h 20 min (business hours), 5 h 40 min before the target',
  );
  check(
    'that came late says by how much',
    { ...friday, firstResponseAt: at('2026-03-09T17:30Z') },
    'after 10 h 30 min (business hours), 1 h 30 min after the target: missed',
  );
  check(
    'on the minute is met',
    { ...friday, firstResponseAt: friday.targetAt },
    'after 9 h (business hours), 0 min before the target',
  );
  check(
    'of a plan that works around the clock counts every hour',
    { ...friday, plan: 'advantage-premier', firstResponseAt: at('2026-03-07T16:05Z') },
    'after 24 h 5 min (around the clock), 47 h 55 min before the target',
  );
  check(
    'without a target is measured all the same',
    { ...friday, targetAt: null, firstResponseAt: at('2026-03-06T16:10Z') },
    'after 10 min (business hours)',
  );
  check('that has not come is not measured', friday, null);
});
