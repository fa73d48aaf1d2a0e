// What a mail is judged to be about, and that what is taken back, supposed or hostile does not count.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledgmentExtras } from '../../src/policy/acknowledgment.ts';
import { shippedPolicy, shippedText } from '../../src/policy/load.ts';
import { readPolicy } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { judge } from '../../src/policy/rules.ts';
import type { Judgement } from '../../src/policy/rules.ts';
import { charsJudgedMax } from '../../src/policy/words.ts';
import { strangersFacts } from './labelled-mails.ts';

const policy = shippedPolicy();

function judging(
  text: string,
  subject = 'Hello',
  line: 'corporate' | 'mobility' = 'corporate',
  rules: Policy = policy,
): Judgement {
  return judge({ ...strangersFacts({ subject, text, line }), senderDomain: 'a.clinic.example' }, rules);
}

function check(text: string, expected: Partial<Judgement>, subject?: string, line?: 'corporate' | 'mobility') {
  expect(judging(text, subject, line)).toMatchObject(expected);
}

describe('what is taken back or supposed', () => {
  const c = { severity: 'C' } as const;
  it('no data loss', () => check('There was no data loss.', c));
  it('without any data loss', () => check('It ended without any data loss.', c));
  it('data loss: none', () => check('Data loss: none', c));
  it('a colon before a negated word answers nothing', () =>
    check('Data loss: no backup available.', { severity: 'A' }));
  it('a negation behind that goes on takes nothing back', () =>
    check('We have data loss no idea why', { severity: 'A' }));
  it('kein Datenverlust', () => check('Es gab keinen Datenverlust.', c));
  it('Datenverlust gab es nicht', () => check('Datenverlust gab es nicht.', c));
  it('aucune perte de données', () => check('Aucune perte de données.', c));
  it('sin pérdida de datos', () => check('Terminó sin pérdida de datos.', c));
  it('to avoid data loss', () => check('We do this to avoid data loss.', c));
  it('um Datenverlust zu vermeiden', () => check('Wir tun das, um Datenverlust zu vermeiden.', c));
  it('last year', () => check('Last year we had data loss.', c));
  it('another clause is not taken back', () => check('No idea why, but we have data loss.', { severity: 'A' }));
  it('another sentence is not taken back', () => check('The disk is not full. Data loss all over!', { severity: 'A' }));
  it('a sentence wrapped by the mail program is one sentence', () =>
    check(
      'Every night since last Monday the incremental backup of\nthe big file server fails with a strange message.',
      { severity: 'A' },
    ));
});

describe('what the subject names', () => {
  it('every sentence of the text is about', () =>
    expect(judging('It starts well.\nAt 80 % it fails.', 'Recovery').severityBecause).toContain(
      'backups or recoveries fail ("fails" with "Recovery" in the text)',
    ));
  it('no sentence of the text is, for another one', () =>
    expect(judging('The recovery is over.\nThe coffee machine fails.').severityBecause).not.toContain(
      'recoveries fail',
    ));
});

describe('the reason of a severity', () => {
  it('names the sums, and the signs with the words as written and where they stand', () =>
    expect(judging('x', 'Backups FAILED').severityBecause).toMatch(
      /^weighing its signs \(A \d+, .*\): backups or recoveries fail \("FAILED" with "Backups" in the subject\), /,
    ));
  it('says that nothing speaks of a mail', () =>
    expect(judging('Bonjour').severityBecause).toBe(
      'nothing in it speaks for a severity, and corporate starts with that one',
    ));
});

describe('product, version and line', () => {
  it('the product is found by an alias, with the version behind it', () =>
    check('', { product: 'Acronis True Image Home', version: '2011' }, 'True Image Home 2011: question'));
  it('an ampersand or an and is the same', () =>
    check('we use backup and recovery 10', { product: 'Acronis Backup & Recovery', version: '10' }));
  it('the subject is believed before the text', () =>
    check(
      'It replaced Acronis True Image Enterprise Server.',
      { product: 'Acronis Privacy Expert' },
      'Privacy Expert',
    ));
  it('the longer name wins', () =>
    check('Acronis True Image Enterprise Server', { product: 'Acronis True Image Enterprise Server' }));
  it('version and build are read after their words', () =>
    check('Version: v11.5, build number is #43909', { version: '11.5', build: '43909' }));
  it('another maker’s version is not ours', () => check('It runs on Windows Server version 2019.', { version: null }));
  it('a product of the other line moves the case there', () =>
    check('ExtremeZ-IP', {
      line: 'mobility',
      product: 'Files Connect',
      lineBecause: "Files Connect is a product of Mobility products, though the mailbox is corporate's",
    }));
  it('nothing named, nothing claimed', () =>
    check('hello', { line: 'mobility', product: null, version: null, build: null }, 'Hi', 'mobility'));
});

describe('topics', () => {
  it('a licence is administrative', () =>
    check('My serial number is lost.', { topics: ['licence'], administrative: true, severity: 'D' }));
  it('a licence beside a failing backup is technical', () =>
    check('The backup fails. Our serial number is 123.', {
      topics: ['licence'],
      administrative: false,
      severity: 'A',
    }));
  it('only what no plan includes is out of scope', () =>
    check('Please do a security audit for us.', { outOfScope: true, severity: 'D' }));
  it('what no plan includes beside something broken is in scope', () =>
    check('After the security audit the backup fails.', { outOfScope: false, severity: 'A' }));
  it('praise is feedback', () => check('I want to compliment your team.', { feedback: true, severity: 'D' }));
});

describe('rules of one’s own', () => {
  const own = (text: string) => {
    const read = readPolicy(shippedText(), { name: 'own.yaml', text });
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    return read.policy;
  };
  it('a sender’s domain, subdomains included', () => {
    const rules = own('rules: { severity: { clinic: { severity: A, senderDomains: [clinic.example] } } }');
    expect(judging('hello', 'x', 'corporate', rules).severityBecause).toBe('rule "clinic": sender of clinic.example');
    const other = { ...strangersFacts({ subject: '', text: '', line: 'corporate' }), senderDomain: 'myclinic.example' };
    expect(judge(other, rules).severity).toBe('C');
  });
  it('only the subject', () => {
    const rules = own('rules: { severity: { red: { severity: B, any: [red alert], where: subject } } }');
    expect(judging('red alert', 'x', 'corporate', rules).severity).toBe('C');
    expect(judging('x', 'Red Alert!', 'corporate', rules).severity).toBe('B');
  });
  it('only the subject, also when it is respelled', () => {
    const rules = own('rules: { severity: { red: { severity: B, any: [red alert], where: subject } } }');
    expect(judging('x', 'Cannot, cannot: red alert', 'corporate', rules).severity).toBe('B');
  });
  it('only a line', () => {
    const rules = own('rules: { severity: { red: { severity: B, any: [red alert], lines: [mobility] } } }');
    expect(judging('red alert', 'x', 'corporate', rules).severity).toBe('C');
    expect(judging('red alert', 'x', 'mobility', rules).severity).toBe('B');
  });
  it('comes before what is weighed', () => {
    const rules = own('rules: { severity: { calm: { severity: D, any: [fails] } } }');
    expect(judging('The backup fails.', 'x', 'corporate', rules).severityBecause).toBe(
      'rule "calm": "fails" in the text',
    );
  });
  it('a shipped sign can be taken away', () => {
    const rules = own('rules: { signs: { data is lost: null } }');
    expect(judging('data loss', 'x', 'corporate', rules).severity).toBe('C');
  });
});

describe('asks and suggestions', () => {
  const extras = (
    text: string,
    technical = true,
    language = 'en',
    known: { product: string | null; attachments: number } = { product: null, attachments: 0 },
  ) =>
    acknowledgmentExtras(
      { subject: '', text, line: 'corporate', version: null, language, ...known },
      technical,
      policy,
    );

  it('a bare mail is asked the first four questions', () =>
    expect(extras('It does not work.').asks).toEqual([
      'Which product is it about?',
      'Which version and build do you have?',
      'What does the error message say, word for word? A screenshot is welcome.',
      'What do you do, step by step, until it happens?',
    ]));
  it('what the mail says is not asked', () =>
    expect(
      extras(
        'Version 10. The error message reads 0x1. When I click start, nobody can work since Monday, call me.',
        true,
        'en',
        {
          product: 'Acronis Snap Deploy',
          attachments: 0,
        },
      ).asks,
    ).toEqual([]));
  it('an attachment may show the error', () =>
    expect(extras('x', true, 'en', { product: null, attachments: 1 }).asks).not.toContainEqual(
      expect.stringContaining('error message'),
    ));
  it('a request that is not technical is asked nothing', () => expect(extras('My invoice?', false).asks).toEqual([]));
  it('asks in the customer’s language, else in English', () => {
    expect(extras('x', true, 'de').asks[0]).toBe('Um welches Produkt geht es?');
    expect(extras('x', true, 'fi').asks[0]).toBe('Which product is it about?');
  });
  it('suggests at most three pages, those that fit best first', () => {
    const { suggestions } = extras(
      'How to update? I need the latest build. Error, licence, best practice, user guide for the update.',
    );
    expect(suggestions).toHaveLength(3);
    expect(suggestions[0]?.url).toBe('http://www.acronis.asia/support/updates/');
  });
  it('suggests nothing that does not fit', () => expect(extras('Hello').suggestions).toEqual([]));
});

describe('hostile text', () => {
  it('never throws, and the same text gives the same judgement', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        (subject, text) => {
          expect(judging(text, subject)).toEqual(judging(text, subject));
        },
      ),
      { numRuns: 100, seed: 20261122 },
    );
  });
  it('what stands behind the limit is not judged', () => {
    expect(judging(`${'x '.repeat(charsJudgedMax / 2)} data loss`).severity).toBe('C');
    expect(judging(`${'x '.repeat(charsJudgedMax / 2 - 100)} data loss`).severity).toBe('A');
  });
});
