// How a policy file is read: what is laid over the shipped rules, and how each kind of mistake is told.
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPolicy } from '../../src/policy/check.ts';
import { loadPolicy, shippedPolicy, shippedText } from '../../src/policy/load.ts';
import { limits, problemText, readPolicy } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

const fixture = (name: string) => new URL(`../../fixtures/policy/${name}`, import.meta.url).pathname;

function reading(text: string): Policy {
  const read = readPolicy(shippedText(), { name: 'own.yaml', text });
  if ('problems' in read) throw new Error(read.problems.map(problemText).join('\n'));
  return read.policy;
}

/** The problems of a file, without its name; [] when it is a good one. */
function check(text: string, expected: string[]) {
  const read = readPolicy(shippedText(), { name: 'own.yaml', text });
  const found = 'problems' in read ? read.problems.map((problem) => problemText(problem).replace('own.yaml:', '')) : [];
  expect(found).toEqual(expected.map((part) => expect.stringContaining(part)));
}

describe('the shipped policy', () => {
  const policy = shippedPolicy();
  it('is a good one, and warns only that nobody is listed', () => {
    expect(checkPolicy(policy).map((finding) => finding.message)).toEqual([
      'nobody is listed for corporate; its cases wait for a person to take them',
      'nobody is listed for mobility; its cases wait for a person to take them',
    ]);
  });
  it('has the five plans of the documents', () =>
    expect([...policy.plans.values()].map((plan) => plan.title)).toEqual([
      'Advantage Premier',
      'Pay Per Incident',
      'Advantage Standard',
      'Trial Product Support',
      'Customer Service',
    ]));
  it('is frozen to the last value', () => {
    expect(Object.isFrozen(policy.lines.corporate.followUp.steps)).toBe(true);
    expect(Object.isFrozen(policy.plans.get('trial')?.targets)).toBe(true);
  });
  it('keeps the caps that stop two robots', () => expect(policy.loops.lettersPerAddressADay).toBe(20));
});

describe('a policy file of one’s own', () => {
  const policy = reading(readFileSync(fixture('own-berlin-desk.yaml'), 'utf8'));
  it('states only what differs', () => {
    expect(policy.company).toBe('Example GmbH');
    expect(policy.lines.mobility).toEqual(shippedPolicy().lines.mobility);
    expect(policy.lines.corporate.followUp.steps).toHaveLength(3);
    expect(policy.lines.corporate.followUp.closeAfter).toEqual({ amount: 5, unit: 'calendar-days' });
  });
  it('adds entries, before the shipped ones', () => {
    expect([...policy.rules.severity.keys()][0]).toBe('the hospital is always urgent');
    expect(policy.rules.severity.size).toBe(shippedPolicy().rules.severity.size + 1);
  });
  it('takes a shipped entry away with null', () => {
    expect(policy.lines.corporate.products.has('Acronis Drive Cleanser')).toBe(false);
    expect(policy.lines.corporate.products.has('Example Vault')).toBe(true);
  });
  it('cuts hours over midnight at midnight', () =>
    expect(policy.calendars.get('nights')?.week).toEqual([
      [{ from: 1320, to: 1440 }],
      [{ from: 0, to: 360 }],
      [],
      [],
      [],
      [],
      [{ from: 1320, to: 1440 }],
    ]));
  it('adds and removes words of an answer', () => {
    expect(policy.keywords.resolved).toContain('alles paletti');
    expect(policy.keywords.resolved).not.toContain('solved');
    expect(policy.keywords.resolved).toContain('resolved');
  });
  it('has addresses in small letters', () => expect(policy.engineers[0]?.address).toBe('ada@example.com'));
  it('may be empty', () => expect(reading('# nothing yet\n')).toEqual(shippedPolicy()));
});

describe('a wrong policy file', () => {
  it('is told every mistake at once, in its order, with what is allowed and what was meant', () =>
    check(readFileSync(fixture('many-mistakes.yaml'), 'utf8'), [
      '1:1: compny: unknown key "compny" (did you mean "company"?); allowed here: company, language, authentication',
      '4:13: lines.corporate.reopen: write reopen: never, or reopen: { days: 14 }',
      '6:19: lines.corporate.followUp.steps.1: "4 hrs" is not a duration; write it like 3d, 4h, 90m or 1 business day',
      '7:14: lines.corporate.followUp.after: found "clse"; allowed: stay-open, close (did you mean "close"?)',
      '8:3: lines.mobilty: unknown key "mobilty" (did you mean "mobility"?); allowed here: corporate, mobility',
      '11:19: plans.trial.targets.A: "soon" is not a duration',
      '12:15: plans.trial.calendar: "standart" is no calendar of this policy (did you mean "standard"?); known: standard',
      '14:19: calendars.berlin.zone: "Europe/Berlim" is not a time zone',
      '14:43: calendars.berlin.hours.mun: unknown key "mun" (did you mean "mon"?)',
      '14:69: calendars.berlin.hours.tue.0: "9-18" are not opening hours; write them like 09:00-18:00',
      '14:91: calendars.berlin.holidays.0: "2026-02-30" is not a date; write it like 2026-12-25',
      '16:5: engineers.0.name: missing; a text is needed here',
      '16:7: engineers.0.nam: unknown key "nam" (did you mean "name"?)',
      '16:26: engineers.0.address: found "ada"; an address is written like ada@example.com',
      '17:17: authentication: found "yes"; allowed: when-present, required, off',
      '18:16: linkAfterDays: found -3; the smallest allowed is 1',
      '19:28: loops.followUpsPerCase: found 2.5; a whole number is needed here',
    ]));
  it('a name whose entry is wrong is not called missing as well', () =>
    check(
      'calendars: { berlin: { zone: nowhere, hours: { mon: [09:00-18:00] }, holidays: [] } }\nplans: { trial: { calendar: berlin } }',
      ['1:30: calendars.berlin.zone: "nowhere" is not a time zone'],
    ));
  it('a key written twice', () => check('company: A\ncompany: B\n', ['2:1: not YAML as we read it']));
  it('a tab as indentation', () => check('lines:\n\tcorporate: {}\n', ['2:1: not YAML as we read it']));
  it('a tag that makes code', () => check('company: !!js/function "x"\n', ['1:10: not YAML as we read it']));
  it('a list instead of a map', () => check('- company\n', ['1:1: a policy is a map of keys']));
  it('a key of the prototype', () => check('__proto__: { company: x }\n', ['1:1: __proto__: unknown key']));
  it('aliases that multiply', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x]',
      'b: &b [*a, *a, *a, *a, *a, *a, *a, *a]',
      'c: [*b, *b, *b, *b, *b, *b, *b, *b]',
    ];
    check(bomb.join('\n'), ['1:1: its aliases (*name) can not be followed']);
  });
  it('more than the limit', () => check('#'.repeat(limits.charsMax + 1), [`a policy may have ${limits.charsMax}`]));
  it('a calendar that is never open', () =>
    check('calendars: { none: { zone: UTC, hours: {}, holidays: [] } }', [
      '1:40: calendars.none.hours: no opening hours at all',
    ]));
  it('a calendar that is closed for most of a year', () => {
    const days = Array.from({ length: 30 }, (_, week) =>
      Temporal.PlainDate.from('2026-03-02').add({ weeks: week }).toString(),
    );
    check(`calendars: { rare: { zone: UTC, hours: { mon: [09:00-18:00] }, holidays: [${days.join(', ')}] } }`, [
      'calendars.rare.holidays: it is closed for 210 days in a row; at most 183 can be counted over',
    ]);
  });
  it('a target that its calendar can hardly hold', () =>
    check(
      'calendars: { rare: { zone: UTC, hours: { mon: [09:00-09:01] }, holidays: [] } }\nplans: { trial: { calendar: rare, targets: { A: 400m, D: 87600h } } }',
      [
        '2:49: plans.trial.targets.A: 400 minutes take 2798 days in calendar "rare"; at most 1850 can be promised',
        'plans.trial.targets.D: 87600 hours take more than 3700 days in calendar "rare"',
      ],
    ));
  it('a closing without a pause', () =>
    check('lines: { corporate: { followUp: { after: close } } }', [
      'lines.corporate.followUp.closeAfter: closeAfter and after disagree',
    ]));
  it('more follow-ups than the cap', () =>
    check('lines: { corporate: { followUp: { steps: [1d, 1d, 1d, 1d] } } }', [
      '1:42: lines.corporate.followUp.steps: 4 follow-ups, but loops.followUpsPerCase allows 3',
    ]));
  it('a fallback that is not there', () =>
    check('fallbackPlan: customer-servce', ['(did you mean "customer-service"?)']));
  it('a fallback that is sold', () => check('fallbackPlan: pay-per-incident', ['must be a plan nobody has to buy']));
  it('a rule that asks nothing', () =>
    check('rules: { severity: { all: { severity: A } } }', ['1:27: rules.severity.all: asks nothing of a mail']));
  it('a phrase without a word', () =>
    check('rules: { severity: { all: { severity: A, any: ["?!"] } } }', [
      'rules.severity.all.any.0: "?!" has no word',
    ]));
  it('a rule on an unknown product', () =>
    check('rules: { severity: { x: { severity: A, products: [MasTransit] } } }', ['(did you mean "MassTransit"?)']));
  it('an engineer listed twice', () =>
    check(
      'engineers: [{ name: A, address: a@b.example, lines: [mobility] }, { name: B, address: A@b.example, lines: [mobility] }]',
      ['engineers.1.address: "a@b.example" is listed twice'],
    ));
  it('a text without English', () =>
    check('acknowledgment: { howToRegister: null }', ['acknowledgment.howToRegister: found null']));
});

describe('any file at all', () => {
  const top = ['company', 'lines', 'plans', 'rules', 'calendars', 'engineers', 'loops', 'keywords', 'nothing'];
  it('is read or refused with a place for every problem, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 80 }),
          fc.dictionary(fc.constantFrom(...top), fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const read = readPolicy(shippedText(), { name: 'own.yaml', text });
          if ('policy' in read) return;
          expect(read.problems.length).toBeGreaterThan(0);
          for (const { line, column, message } of read.problems) {
            expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
            expect(message).not.toMatch(/^Invalid|undefined|\[object/);
          }
        },
      ),
      { numRuns: 40, seed: 20261122 },
    );
  }, 60_000);
});

describe('a policy at the edge', () => {
  it('that can not be read is a problem, not an accident', async () => {
    const read = await loadPolicy('/nonexistent/policy.yaml');
    expect('problems' in read && read.problems.map(problemText)).toEqual([
      '/nonexistent/policy.yaml:1:1: can not be read (ENOENT); the gateway does not start without it',
    ]);
  });
  it('is found by its path', async () => {
    const path = fixture('own-berlin-desk.yaml');
    const read = await loadPolicy(path);
    expect('policy' in read && read.policy.company).toBe('Example GmbH');
  });
});
