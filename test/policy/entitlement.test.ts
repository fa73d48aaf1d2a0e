// Which plan serves a case: Table A of the handbook and our own rules where it is silent.
import { describe, expect, it } from 'vitest';
import { chooseEntitlement } from '../../src/policy/entitlement.ts';
import type { EntitlementFacts, EntitlementRecord } from '../../src/policy/entitlement.ts';
import { shippedPolicy, shippedText } from '../../src/policy/load.ts';
import { readPolicy } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

const at = (text: string) => Temporal.Instant.from(text);
const now = at('2026-03-05T10:00Z');
const exchange = 'Acronis Recovery for MS Exchange';

function aRecord(changes: Partial<EntitlementRecord> = {}): EntitlementRecord {
  return {
    id: 'r1',
    account: 'acme',
    plan: 'advantage-standard',
    product: null,
    startsAt: at('2026-01-01T00:00Z'),
    expiresAt: at('2027-01-01T00:00Z'),
    incidentsLeft: null,
    ...changes,
  };
}

function someFacts(changes: Partial<EntitlementFacts> = {}): EntitlementFacts {
  return {
    requester: 'kim@acme.example',
    account: 'acme',
    records: [aRecord()],
    serials: [],
    severity: 'A',
    administrative: false,
    outOfScope: false,
    line: 'corporate',
    product: null,
    version: null,
    build: null,
    ...changes,
  };
}

function withOwn(text: string): Policy {
  const read = readPolicy(shippedText(), { name: 'own.yaml', text });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

const premier = aRecord({ id: 'premier', plan: 'advantage-premier' });
const incident = aRecord({ id: 'incident', plan: 'pay-per-incident', incidentsLeft: 1 });
const trial = aRecord({ id: 'trial', plan: 'trial', expiresAt: at('2026-03-20T00:00Z') });

/** `plan flags spent`, the flags and the spent record only when there are any. */
function check(facts: Partial<EntitlementFacts>, expected: string, policy = shippedPolicy(), when = now) {
  const chosen = chooseEntitlement(someFacts(facts), policy, when);
  const parts = [chosen.plan, ...chosen.flags, chosen.spendIncident === null ? '' : `spends ${chosen.spendIncident}`];
  expect(parts.filter((part) => part !== '').join(', ')).toBe(expected);
}

describe('the plan of a case', () => {
  it('is the only valid one', () => check({}, 'advantage-standard'));
  it('is the soonest for this severity', () => check({ records: [aRecord(), trial, premier] }, 'advantage-premier'));
  it('a subscription comes before a bought incident when both answer as soon', () =>
    check({ records: [incident, premier] }, 'advantage-premier'));
  it('a bought incident comes before the standard program for what is critical', () =>
    check({ records: [aRecord(), incident] }, 'pay-per-incident, spends incident'));
  it('a bought incident is kept when another plan can take a general question', () =>
    check({ records: [aRecord(), incident], severity: 'D' }, 'advantage-standard'));
  it('a bought incident is spent on a general question when it is all there is', () =>
    check({ records: [incident], severity: 'D' }, 'pay-per-incident, spends incident'));
  it('a bought incident is never spent on an administrative request', () =>
    check({ records: [incident], administrative: true, severity: 'D' }, 'customer-service'));
  it('a used-up incident does not count', () =>
    check({ records: [{ ...incident, incidentsLeft: 0 }] }, 'customer-service, no-plan'));
  it('does not depend on the order of the records', () => {
    const records = [incident, trial, aRecord(), premier];
    for (const order of [records, records.toReversed()]) check({ records: order, severity: 'B' }, 'advantage-premier');
  });
  it('of two that answer as soon, the enhanced one is chosen', () =>
    check(
      { records: [aRecord({ id: 'cs', plan: 'customer-service' }), incident] },
      'pay-per-incident, spends incident',
    ));
  it('of two enhanced that answer as soon, the one that spends nothing is chosen, whatever their order', () => {
    const own =
      'plans: { bundle: { title: Bundle, availability: around-the-clock, calendar: standard, methods: [email], ' +
      'targets: { A: 1d, B: 1d, C: 2d, D: 3d }, enhanced: true, scope: incident, spendFor: [A], warnAboveCases: null } }';
    const bundle = aRecord({ id: 'bundle', plan: 'bundle', incidentsLeft: 5 });
    check({ records: [bundle, premier] }, 'advantage-premier', withOwn(own));
  });
  it('of two alike the one that lasts longer is named', () => {
    const longer = { ...premier, id: 'the longer', expiresAt: null };
    expect(chooseEntitlement(someFacts({ records: [premier, longer] }), shippedPolicy(), now).because).toContain(
      '(the longer, valid with no end)',
    );
  });
  it('on a Friday a subscription answers sooner than a business day', () =>
    check({ records: [incident, premier] }, 'advantage-premier', shippedPolicy(), at('2026-03-06T16:00Z')));
});

describe('validity', () => {
  it('a plan does not count before its start', () =>
    check({ records: [aRecord({ startsAt: at('2026-03-06T00:00Z') })] }, 'customer-service, no-plan'));
  it('a plan counts until the last moment before its expiry', () =>
    check({}, 'advantage-standard', shippedPolicy(), at('2026-12-31T23:59:59Z')));
  it('a plan does not count from its expiry on', () =>
    check({}, 'customer-service, no-plan', shippedPolicy(), at('2027-01-01T00:00Z')));
  it('another account’s plan does not count', () =>
    check({ records: [aRecord({ account: 'other' })] }, 'customer-service, unregistered'));
  it('another product’s plan does not count', () =>
    check(
      { records: [aRecord({ product: 'Acronis Snap Deploy' })], product: exchange },
      'customer-service, unregistered',
    ));
  it('a plan that the policy does not know does not count', () =>
    check({ records: [aRecord({ plan: 'gold' })] }, 'customer-service, no-plan'));
});

describe('registration by serial number', () => {
  const serial = { serial: 'AAA11-BB22B-C33CC', product: exchange, version: '2', registered: '2026-01-05' };
  const technical = { records: [], serials: [serial], product: exchange };

  it('a registered product without a plan is not called unregistered', () =>
    check(technical, 'customer-service, no-plan'));
  it('another product of the account is not registered by it', () =>
    check({ ...technical, product: 'Acronis Snap Deploy' }, 'customer-service, unregistered'));
  it('a request that names no product is registered by any', () =>
    check({ ...technical, product: null }, 'customer-service, no-plan'));
  it('another version is not registered by it', () =>
    check({ ...technical, version: '1.5' }, 'customer-service, unregistered'));
  it('a release of its version is', () => check({ ...technical, version: '2.0.7' }, 'customer-service, no-plan'));
  it('a serial number without a version is for all', () =>
    check({ ...technical, version: '1.5', serials: [{ ...serial, version: null }] }, 'customer-service, no-plan'));
  it('a plan for the product counts though its serial number is for another version', () =>
    check({ serials: [serial], product: exchange, version: '1.5' }, 'advantage-standard'));
  it('serial numbers are nothing without an account', () =>
    check({ ...technical, account: null }, 'customer-service, unregistered'));
  it('the reason names the end of the serial number, and what is still missing', () => {
    expect(chooseEntitlement(someFacts(technical), shippedPolicy(), now).because).toBe(
      'Customer Service: Acronis Recovery for MS Exchange is registered (serial …C33CC of 2026-01-05), but no plan was sold for it; the customer is told how to renew or buy an incident',
    );
    const older = someFacts({ ...technical, version: '1.5' });
    expect(chooseEntitlement(older, shippedPolicy(), now).because).toContain(
      'serial …C33CC of account acme is for Acronis Recovery for MS Exchange 2, the request about 1.5',
    );
  });
});

describe('without a valid plan', () => {
  it('a technical request of nobody we know is flagged unregistered', () =>
    check({ account: null, records: [] }, 'customer-service, unregistered'));
  it('an administrative request is served all the same', () =>
    check({ account: null, records: [], administrative: true }, 'customer-service'));
  it('the mobility line needs no registration', () =>
    check({ account: null, records: [], line: 'mobility' }, 'customer-service'));
  it('the reason names what is missing and what the customer is told', () => {
    const expired = someFacts({ records: [aRecord({ expiresAt: at('2026-02-01T00:00Z') })] });
    expect(chooseEntitlement(expired, shippedPolicy(), now).because).toBe(
      'Customer Service: Advantage Standard expired on 2026-02-01; the customer is told how to renew or buy an incident',
    );
  });
});

describe('flags of the product', () => {
  const own =
    "lines: { corporate: { products: { Vault: { aliases: [], current: '12.5', previous: '12', latestBuild: 14330 } } } }";
  const policy = withOwn(own);
  const flags = (version: string | null, build: string | null, expected: string) =>
    check({ product: 'Vault', version, build }, expected, policy);

  it('the current version is supported', () => flags('12.5', '14330', 'advantage-standard'));
  it('one version back is supported, whatever its build', () => flags('12.0.3', '1', 'advantage-standard'));
  it('two versions back is old', () => flags('11.7', null, 'advantage-standard, old-version'));
  it('a version is compared as numbers', () => flags('9', null, 'advantage-standard, old-version'));
  it('an old build of the current version is told to update', () =>
    flags('12.5', '14200', 'advantage-standard, old-build'));
  it('an old build without a version is told to update', () => flags(null, '14200', 'advantage-standard, old-build'));
  it('nothing said, nothing flagged', () => flags(null, null, 'advantage-standard'));
  it('a product whose versions the policy does not know is never old', () =>
    check({ product: 'Acronis Snap Deploy', version: '1' }, 'advantage-standard'));
  it('what no plan includes is flagged beside the plan', () =>
    check({ outOfScope: true }, 'advantage-standard, out-of-scope'));
});
