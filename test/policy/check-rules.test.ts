// What is found wrong with rules before any mail comes: contradictions refuse the policy, rules that never decide are told, each at its line.
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { shippedText } from '../../src/policy/load.ts';
import { policyWarnings, problemText, readPolicy } from '../../src/policy/policy.ts';

const shipped = parse(shippedText().text) as { rules: { severity: object; topics: object } };
/** The shipped policy with one rule of each kind, which is quicker to read. */
const small = {
  name: 'small.yaml',
  text: stringify({
    ...shipped,
    rules: {
      ...shipped.rules,
      severity: { last: { severity: 'D', any: ['hello'] } },
      signs: {},
      topics: { mobile: { kind: 'feedback', lines: ['mobility'], any: ['phone'] } },
    },
  }),
};

/** Problems, or else warnings about rules, without the file's name. */
function found(rules: string): string[] {
  const file = { name: 'own.yaml', text: `rules:\n  severity:\n${rules.replace(/^/gm, '    ')}` };
  const read = readPolicy(small, file);
  const told = 'problems' in read ? read.problems : policyWarnings(read.policy, file);
  return told.map((one) => problemText(one).replace('own.yaml:', '')).filter((text) => text.includes('rules.'));
}

function check(fact: string, rules: string, expected: string[]) {
  it(fact, () => expect(found(rules)).toEqual(expected.map((part) => expect.stringContaining(part))));
}

describe('a fact that is not there', () => {
  check('is told with the one that was meant', 'x: { severity: A, langages: [de] }', [
    '3:23: rules.severity.x.langages: unknown key "langages" (did you mean "languages"?)',
  ]);
  check('or a value that it can not have', 'x: { severity: A, weekdays: [sab], languages: [deu], desk: shut }', [
    'weekdays.0: found "sab"; allowed: mon',
    'languages.0: found "deu"; allowed: en',
    'desk: found "shut"; allowed: open, closed',
  ]);
  check('or a plan that nobody sells', 'x: { severity: A, plans: [advantage-premium] }', [
    '3:31: rules.severity.x.plans.0: "advantage-premium" is no plan of this policy (did you mean "advantage-premier"?)',
  ]);
  check('or a version that is none', 'x: { severity: A, versions: [new] }', [
    'versions.0: found "new"; write a version like 11',
  ]);
  check('or an attachment that is none', 'x: { severity: A, attachments: ["*.log"] }', [
    'found "*.log"; write any, none, an ending like .log',
  ]);
  check('or a count that asks nothing', 'x: { severity: A, priorCases: { days: 3 } }', [
    'asks nothing; give it atLeast: or atMost:',
  ]);
  check('or a count between nothing', 'x: { severity: A, priorCases: { days: 3, atLeast: 2, atMost: 1 } }', [
    'atLeast is more than atMost',
  ]);
});

describe('a rule that contradicts itself', () => {
  check('one phrase in any and unless', 'x: { severity: A, any: [melted], unless: [Melted] }', [
    '3:29: rules.severity.x.any.0: "melted" never counts: "Melted" of unless stands in it, and nothing else is left of any: it could never hold',
  ]);
  check(
    'also in another spelling, or as a beginning',
    "x: { severity: A, any: [can't melt], unless: [unable to m*] }",
    ['"can\'t melt" never counts: "unable to m*" of unless'],
  );
  check('a phrase that must stand and must not', 'x: { severity: A, mentions: [oven], unlessMentions: [oven] }', [
    'mentions.0: "oven" never counts',
  ]);
  check('only one of two phrases is a warning', 'x: { severity: A, any: [melted, burnt cake], unless: [cake] }', [
    '3:37: rules.severity.x.any.1: "burnt cake" never counts: "cake" of unless stands in it',
  ]);
  check('a narrower unless is none', 'x: { severity: A, any: [melted], unless: [melted cheese] }', []);
  check('a product of another line', 'x: { severity: A, lines: [corporate], products: [MassTransit] }', [
    '3:54: rules.severity.x.products.0: MassTransit is a product of mobility, which lines: leaves out',
  ]);
  check('topics of another line', 'x: { severity: A, lines: [corporate], topics: [mobile] }', [
    'rules.severity.x.topics: its topics are of other lines than corporate, so it could never hold',
  ]);
  check('an open desk on days when it is closed', 'x: { severity: A, desk: open, weekdays: [sat] }', [
    'on sat no calendar of its lines is ever open',
  ]);
});

describe('a rule that never decides', () => {
  const taken = (wide: string, narrow: string) => `first: { severity: A, ${wide} }\nsecond: { severity: B, ${narrow} }`;
  const told = ['4:13: rules.severity.second: never decides: rule "first" stands before it'];
  check('the same again', taken('any: [melted]', 'any: [melted]'), told);
  check('fewer words', taken('any: [melt*, burnt]', 'any: [melted, melting]'), told);
  check(
    'fewer circumstances',
    taken('any: [melted]', 'any: [melted], and: [oven], lines: [mobility], accounts: [acme]'),
    told,
  );
  check('a longer unless', taken('any: [melted], unless: [cheese cake]', 'any: [melted], unless: [cheese]'), told);
  check('circumstances alone', taken('plans: [trial, advantage-premier]', 'plans: [trial], any: [melted]'), told);
  check('not one with another word', taken('any: [melted]', 'any: [melted, burnt]'), []);
  check('not one that asks less', taken('any: [melted], accounts: [acme]', 'any: [melted]'), []);
  check(
    'not one that the first leaves',
    taken('any: [melted], unless: [cheese]', 'any: [melted], unless: [cheese cake]'),
    [],
  );
  check('not one that counts what is taken back', taken('any: [melted]', 'any: [melted], evenTakenBack: true'), []);
  check(
    'not one of the whole mail after one of the subject',
    taken('any: [melted], where: subject', 'any: [melted]'),
    [],
  );
  check('not a longer phrase, of which a part may be taken back', taken('any: [oven]', 'any: [no oven]'), []);
});
