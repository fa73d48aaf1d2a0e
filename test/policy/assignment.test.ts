// Who gets a case, among four engineers with different skills, hours and loads.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assign } from '../../src/policy/assignment.ts';
import type { AssignmentFacts } from '../../src/policy/assignment.ts';
import { shippedPolicy, shippedText } from '../../src/policy/load.ts';
import { readPolicy } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

const fixture = readFileSync(new URL('../../fixtures/policy/own-berlin-desk.yaml', import.meta.url), 'utf8');
const read = readPolicy(shippedText(), { name: 'own-berlin-desk.yaml', text: fixture });
if ('problems' in read) throw new Error(JSON.stringify(read.problems));
const desk = read.policy;

// Tuesday 2026-03-10 10:00 in Berlin: Ada, Ben (line's calendar) and Cid are at work.
const tuesday = Temporal.Instant.from('2026-03-10T09:00Z');

function check(facts: Partial<AssignmentFacts>, expected: string, policy: Policy = desk, now = tuesday) {
  const { owner, because } = assign(
    { line: 'corporate', product: null, language: 'en', load: {}, ...facts },
    policy,
    now,
  );
  expect(owner === null ? because : owner.name).toBe(expected);
}

describe('assignment', () => {
  it('who speaks the language comes first', () => check({ language: 'fr', load: { 'cid@example.com': 50 } }, 'Cid'));
  it('who is listed for the product comes before who takes any', () => check({ product: 'Example Vault' }, 'Ben'));
  it('who is not listed for the product does not get it', () =>
    check({ product: 'Acronis Snap Deploy', load: { 'ada@example.com': 9 } }, 'Ada'));
  it('of the equally fit the least loaded gets it', () =>
    check({ load: { 'ada@example.com': 2, 'ben@example.com': 1 } }, 'Ben'));
  it('of the equally loaded the first address gets it', () => check({}, 'Ada'));
  it('who has as many as they may gets no more', () =>
    check({ product: 'Example Vault', load: { 'ben@example.com': 3 } }, 'Ada'));
  it('who does not speak the language gets it when nobody does', () => check({ language: 'pt' }, 'Ada'));
  it('who is away on these days does not get it', () =>
    check(
      { line: 'mobility' },
      'everybody for mobility is away; the escalation contact lead@example.com is told',
      desk,
      Temporal.Instant.from('2026-03-06T22:00Z'),
    ));
  it('who comes back the day after gets it', () =>
    check({ line: 'mobility' }, 'Cid', desk, Temporal.Instant.from('2026-03-07T00:00Z')));
  it('who says that they are away does not get it', () => check({ away: ['ada@example.com'] }, 'Ben'));
  it('outside all hours somebody still gets it', () =>
    check({}, 'Ada', desk, Temporal.Instant.from('2026-03-08T03:00Z')));
  it('at an hour when only one is at work that one gets it', () => {
    const nightDesk: Policy = {
      ...desk,
      engineers: desk.engineers.map((one) => (one.name === 'Ben' ? { ...one, calendar: 'nights' } : one)),
    };
    check({ load: { 'ben@example.com': 2 } }, 'Ben', nightDesk, Temporal.Instant.from('2026-03-09T22:00Z'));
  });
  it('with nobody listed it says so and names no escalation contact', () =>
    check(
      {},
      'nobody is listed for corporate; the case waits without an owner, and no escalation contact is set',
      shippedPolicy(),
    ));
  it('the reason says why this one', () => {
    const { because } = assign(
      { line: 'corporate', product: 'Example Vault', language: 'en', load: {} },
      desk,
      tuesday,
    );
    expect(because).toBe(
      'Ben, of 3 who could take it: knows Example Vault, speaks en, is at work now, has 0 open cases',
    );
  });
  it('and why those who would have come before did not get it, three by name', () => {
    const because = (facts: Partial<AssignmentFacts>, policy = desk) =>
      assign({ line: 'corporate', product: null, language: 'en', load: {}, ...facts }, policy, tuesday).because;
    const busy = { load: { 'ben@example.com': 3 }, product: 'Example Vault', away: ['ada@example.com'] };
    expect(because(busy)).toMatch(/^Cid, .*; before them, but not free: Ben \(3 of 3 open cases\), Ada \(away\)$/);
    // Who would have come after the chosen one is of no interest.
    expect(because({ away: ['cid@example.com'] })).not.toContain('not free');
    const [ada] = desk.engineers;
    if (!ada) throw new Error('the fixture has engineers');
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      ...ada,
      name,
      address: `${name}@example.com`,
      away: name !== 'e',
    }));
    expect(because({}, { ...desk, engineers: many })).toMatch(
      /; before them, but not free: a \(away\), b \(away\), c \(away\) and 1 more$/,
    );
  });
});
