// Whatever an account holds, in whatever order it was read: one plan serves the case, and holding more never makes the answer later.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targetFor } from '../../src/cases/promise.ts';
import { chooseEntitlement, type EntitlementRecord } from '../../src/policy/entitlement.ts';
import { shippedPolicy } from '../../src/policy/load.ts';

const policy = shippedPolicy();
const now = Temporal.Instant.from('2026-03-05T10:00Z');
const day = (days: number) => now.add({ hours: days * 24 });

const aRecord = fc.record({
  account: fc.constant('acme'),
  plan: fc.constantFrom(...policy.plans.keys(), 'gone'),
  product: fc.constantFrom(null, 'Acronis Snap Deploy', 'Acronis True Image Home'),
  startsAt: fc.integer({ min: -40, max: 2 }).map(day),
  expiresAt: fc.option(fc.integer({ min: -40, max: 5 }).map(day)),
  incidentsLeft: fc.constantFrom(0, 1, 3),
});
const someRecords = fc
  .array(aRecord, { maxLength: 8 })
  .map((records) => records.map((record, index): EntitlementRecord => ({ id: `r${index}`, ...record })));
const product = fc.constantFrom(null, 'Acronis Snap Deploy');

function chosen(records: readonly EntitlementRecord[], severity: 'A' | 'B' | 'C' | 'D', about: string | null) {
  const facts = {
    requester: 'kim@acme.example',
    account: 'acme',
    records,
    serials: [],
    severity,
    line: 'corporate' as const,
    product: about,
  };
  const request = { administrative: false, outOfScope: false, version: null, build: null };
  return chooseEntitlement({ ...facts, ...request }, policy, now);
}

describe('the choice of a plan', () => {
  it('does not depend on the order in which the records were read', () =>
    fc.assert(
      fc.property(
        someRecords.chain((records) =>
          fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
        ),
        fc.constantFrom('A', 'B', 'C', 'D'),
        product,
        ([records, shuffled], severity, about) => {
          expect(chosen(shuffled, severity, about)).toEqual(chosen(records, severity, about));
        },
      ),
    ));

  // A general question is the exception: a bought incident that answers it sooner is kept when another plan can take it.
  it('never answers a problem later because one record more is valid', () =>
    fc.assert(
      fc.property(someRecords, fc.constantFrom('A', 'B', 'C'), product, (records, severity, about) => {
        const promised = (held: readonly EntitlementRecord[]) => {
          const { plan, flags } = chosen(held, severity, about);
          // No valid plan is Customer Service, which may be sooner than a plan that was bought: the policy says so.
          if (flags.includes('no-plan') || flags.includes('unregistered')) return null;
          return targetFor({ plan, severity, submittedAt: now }, policy)?.at.epochMilliseconds ?? null;
        };
        const [, ...fewer] = records;
        const before = promised(fewer);
        if (before !== null) expect(promised(records)).toBeLessThanOrEqual(before);
      }),
    ));
});
