// What a rule can ask of a mail beside its words, and what it says when it was so; in which language a mail is told to be.
import { describe, expect, it } from 'vitest';
import { languageOf } from '../../src/policy/language-words.ts';
import { parse } from 'yaml';
import { shippedPolicy } from '../../src/policy/load.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { rulesSchema } from '../../src/policy/rules-schema.ts';
import { asksPriorCases, judge, type JudgeFacts } from '../../src/policy/rules.ts';
import type { Calendar } from '../../src/schedule/calendar.ts';
import { wordsOf } from '../../src/policy/words.ts';
import { at } from '../builders.ts';
import { labelledSet, strangersFacts } from './labelled-mails.ts';

/** The shipped policy with this one rule and no other, and another calendar. */
function reading(rule: string, calendar?: Calendar): Policy {
  const severity = rulesSchema.shape.severity.parse(parse(`asked: { severity: A, ${rule} }`));
  const policy = shippedPolicy();
  const calendars = new Map([...policy.calendars, ...(calendar ? [['standard', calendar] as const] : [])]);
  return { ...policy, calendars, rules: { ...policy.rules, topics: new Map(), severity } };
}

const plain = strangersFacts({ line: 'corporate', subject: 'Bonjour', text: 'x' });

/** The reason of the rule, or null when it does not hold. */
function asked(rule: string, facts: Partial<JudgeFacts>, calendar?: Calendar): string | null {
  const { severityBecause } = judge({ ...plain, ...facts }, reading(rule, calendar));
  return severityBecause.startsWith('rule "asked": ') ? severityBecause.slice('rule "asked": '.length) : null;
}

/** A rule that holds for `so`, saying `because`, and not for the plain mail nor for `otherwise`. */
function check(
  fact: string,
  rule: string,
  so: Partial<JudgeFacts>,
  because: string,
  otherwise: Partial<JudgeFacts> = {},
) {
  it(fact, () => {
    expect(asked(rule, so)).toBe(because);
    expect(asked(rule, otherwise)).toBeNull();
    expect(asked(rule, {})).toBeNull();
  });
}

describe('a rule asks', () => {
  const named = (version: string): Partial<JudgeFacts> => ({ text: `We use Acronis True Image Home ${version} here.` });
  check('a version as far as it is written', "versions: ['11']", { text: 'Version 11.5 here' }, 'version 11.5', {
    text: 'Version 12 here',
  });
  check(
    'an old version',
    'versions: [old]',
    named('2009'),
    'version 2009 is older than the one before the current',
    named('2010'),
  );
  check('an account', 'accounts: [acme]', { account: 'acme' }, 'account acme', { account: 'bolt' });
  check(
    'a plan that is valid',
    'plans: [advantage-premier]',
    { plans: ['trial', 'advantage-premier'] },
    'holds plan advantage-premier',
    {
      plans: ['trial'],
    },
  );
  check('a mailbox', 'mailboxes: [vip]', { mailbox: 'vip' }, 'came to mailbox vip', { mailbox: 'vip2' });
  check(
    'a language',
    'languages: [de, nl]',
    { text: 'Wir haben eine Frage und wir bitten um Antwort.' },
    'written in de',
    { text: 'We have a question and we ask for an answer.' },
  );
  const file = (name: string, type: string) => ({ attachments: [{ name, type }] });
  const log = file('Service.LOG', 'text/plain');
  check(
    'an ending of what is attached',
    'attachments: [.log]',
    log,
    '"Service.LOG" (text/plain) attached',
    file('log', 'text/plain'),
  );
  check(
    'a type of what is attached',
    'attachments: [image/*]',
    file('a', 'image/png'),
    '"a" (image/png) attached',
    file('image/a', 'text/x'),
  );
  check('anything attached', 'attachments: [any]', log, '"Service.LOG" (text/plain) attached');
  it('nothing attached', () => {
    expect(asked('attachments: [none]', {})).toBe('nothing attached');
    expect(asked('attachments: [none]', log)).toBeNull();
  });
  const saturday = { receivedAt: at('2026-03-07T10:00Z') };
  check('a closed desk', 'desk: closed', saturday, 'came while calendar standard is closed');
  check('a day', 'weekdays: [sat, sun]', saturday, 'came on sat in UTC', { receivedAt: at('2026-03-06T23:59Z') });
  it('a day by the clock of the calendar, not of the world', () => {
    const tokyo = { name: 'tokyo', zone: 'Asia/Tokyo', week: [], holidays: [] } as const;
    expect(asked('weekdays: [sat]', { receivedAt: at('2026-03-06T23:59Z') }, tokyo)).toBe('came on sat in Asia/Tokyo');
  });
  const before = (...days: number[]): Partial<JudgeFacts> => ({
    priorCases: days.map((day) => plain.receivedAt.subtract({ hours: day * 24 })),
  });
  check(
    'many cases lately',
    'priorCases: { days: 30, atLeast: 3 }',
    before(1, 2, 30),
    '3 earlier cases of the sender in 30 days',
    before(1, 2, 31),
  );
  it('the first case in a while', () => {
    const first = 'priorCases: { days: 30, atMost: 0 }';
    expect([asked(first, before(31)), asked(first, before(30))]).toEqual([
      '0 earlier cases of the sender in 30 days',
      null,
    ]);
  });
  check(
    'several things at once',
    'accounts: [acme], any: [question], mentions: [tape]',
    { account: 'acme', text: 'A question.\nThe tape.' },
    'account acme, "question" in the text, "tape" in the text',
    {
      account: 'acme',
      text: 'A question.',
    },
  );
  it('that nowhere in the mail is something said', () => {
    const rule = 'any: [question], unlessMentions: [tape]';
    expect(asked(rule, { text: 'A question.' })).toBe('"question" in the text');
    expect(asked(rule, { subject: 'Tape', text: 'A question.' })).toBeNull();
  });
  it('for earlier cases, and only then are they looked up', () => {
    expect(asksPriorCases(reading('priorCases: { days: 3, atLeast: 1 }'))).toBe(true);
    expect(asksPriorCases(reading('desk: closed'))).toBe(false);
  });
});

describe('the language of a mail', () => {
  it('is told of 19 in 20 labelled mails', () => {
    const mails = [...labelledSet('first'), ...labelledSet('fresh')];
    const wrong = mails.filter(({ language, subject, text }) => languageOf(wordsOf(subject, text)) !== language);
    expect(wrong.length, wrong.map(({ subject }) => subject).join(', ')).toBeLessThan(mails.length / 20);
  });
  it('is not told of a word, a number or two languages in balance', () => {
    expect(['Hello', '4711', 'der the und and'].map((text) => languageOf(wordsOf('', text)))).toEqual([
      null,
      null,
      null,
    ]);
  });
});
