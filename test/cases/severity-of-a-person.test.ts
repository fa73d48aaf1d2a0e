// Severity that a person chose stands, whatever a later mail says: rules judge the mail that opens a case, and no other.
import { describe, expect, it } from 'vitest';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import type { SupportCase } from '../../src/cases/support-case.ts';
import { aMail, aPolicy, effectsOf, joining, mailFacts, monday, placedCase } from '../builders.ts';

const policy = aPolicy();
const disaster = aMail({
  subject: 'URGENT',
  reply: 'The server is down, every backup fails and all our data is lost.',
});
const chosen = { severity: 'D', severityBy: 'engineer', severityBecause: 'grace@help.example chose it' } as const;

function decided(changes: Partial<SupportCase>) {
  return decideOnMail(disaster, joining(placedCase({ ...chosen, ...changes })), policy, monday);
}

describe('a severity that an engineer chose', () => {
  it('would be another by the rules', () => {
    const [opened] = effectsOf(decideOnMail(disaster, mailFacts(), policy, monday), 'open');
    expect(opened?.supportCase).toMatchObject({ severity: 'A', severityBy: 'rule' });
  });
  for (const status of [
    'new',
    'waiting on support',
    'waiting on customer',
    'waiting on engineering',
    'closed',
  ] as const) {
    it(`stays when the customer writes to a case that is ${status}`, () => {
      const decision = decided({ status });
      expect(decision.disposition).toBe('joined');
      for (const { changes } of effectsOf(decision, 'change')) expect(changes).not.toHaveProperty('severity');
      expect(effectsOf(decision, 'open')).toEqual([]);
    });
  }
  it('goes over to the case that continues a closed one', () => {
    const decision = decided({ status: 'closed', line: 'mobility' });
    expect(decision.reason).toBe('closed-case-linked');
    const [opened] = effectsOf(decision, 'open');
    expect(opened?.supportCase).toMatchObject({
      severity: 'D',
      severityBy: 'engineer',
      severityBecause: 'carried over from case 00000007',
    });
  });
});
