// A wrong template is told by file, line and column, with the name that was meant; the shipped ones are right.
import { expect, test } from 'vitest';
import type { LetterKind } from '../../src/cases/decision.ts';
import { checkTemplates, problemText } from '../../src/letters/lint.ts';
import { compileTemplates } from '../../src/letters/render.ts';
import { readTemplate } from '../../src/letters/template.ts';
import { shippedTemplates } from './build.ts';

interface Parts {
  subject?: string;
  text?: string;
  html?: string;
}

/** The problems of one English letter, and of a partial `_part.hbs` when one is given. */
function check(title: string, kind: LetterKind, parts: Parts, expected: string[], partial?: string): void {
  test(title, () => {
    const { subject = '{{caseTag}} S', text = 'RESOLVED MORE TIME', html = 'RESOLVED MORE TIME' } = parts;
    const files = new Map();
    const source = `--- subject ---\n${subject}\n--- text ---\n${text}\n--- html ---\n${html}\n`;
    files.set(kind, readTemplate('t.hbs', source, 'letter'));
    if (partial)
      files.set('_part', readTemplate('p.hbs', `--- text ---\n${partial}\n--- html ---\n${partial}\n`, 'partial'));
    const compiled = compileTemplates(new Map([['en', files]]));
    const problems = 'problems' in compiled ? compiled.problems : checkTemplates(compiled.templates);
    expect(problems.map(problemText)).toEqual(expected);
  });
}

test('every shipped template is without a problem', async () => {
  expect(checkTemplates(await shippedTemplates()).map(problemText)).toEqual([]);
});

check('a sound letter has no problem', 'follow-up', {}, []);
check(
  'an unknown variable is told with the nearest',
  'follow-up',
  { text: 'RESOLVED MORE TIME\n\nHi {{recipientNam}}' },
  ['t.hbs:6:6: "recipientNam" is no variable of this letter; did you mean "recipientName"?'],
);
check(
  'an acknowledgment can not name the customer’s subject',
  'acknowledgment',
  { subject: '{{caseTag}} {{subject}}' },
  [
    't.hbs:2:15: "subject" is no variable of this letter; there are asks, caseNumber, caseTag, caseUrl, company, flags, latestBuild, mailboxAddress, moreTimeUrl, notSolvedUrl, planTitle, publicUrl, registerHint, resolvedUrl, severity, severityLabel, suggestions, target, zone',
  ],
);
check(
  'inside a list the names are those of its items',
  'acknowledgment',
  { text: '{{#each suggestions}}{{titel}} {{url}} {{@index}} {{../company}}{{/each}}' },
  ['t.hbs:4:24: "titel" is no variable of this letter; did you mean "title"?'],
);
check('a name inside a record is checked', 'acknowledgment', { text: '{{#if flags.oldbuild}}x{{/if}}' }, [
  't.hbs:4:7: "flags.oldbuild" is no variable of this letter; did you mean "oldBuild"?',
]);
check('an unknown helper is refused by line', 'acknowledgment', { text: 'x\n{{longDat zone}}' }, [
  't.hbs:5:1: there is no helper "longDat"; did you mean "longDate"?',
]);
check('Handlebars’ own lookup is no helper here', 'acknowledgment', { text: '{{lookup flags "oldBuild"}}' }, [
  't.hbs:4:3: there is no helper "lookup"; there are bytes, day, each, eq, if, longDate, paragraphs, unless, verbatim, with',
]);
check('unescaped output is refused', 'acknowledgment', { html: '{{{company}}}' }, [
  't.hbs:6:1: unescaped output is not allowed; write {{ … }}, it is escaped where it must be',
]);
check('an ampersand does not get around it', 'acknowledgment', { html: '{{&company}}' }, [
  't.hbs:6:1: unescaped output is not allowed; write {{ … }}, it is escaped where it must be',
]);
check(
  'an unknown partial is refused',
  'acknowledgment',
  { html: '{{> prat}}' },
  ['t.hbs:6:1: there is no partial "prat"; did you mean "part"?'],
  'x',
);
check(
  'a problem in a partial is told at the partial',
  'acknowledgment',
  { html: '{{> part}}' },
  ['p.hbs:4:3: "compny" is no variable of this letter; did you mean "company"?'],
  '{{compny}}',
);
check('a syntax error is told with its line', 'acknowledgment', { text: 'a\n{{#if zone}}' }, [
  "t.hbs:6:1: Expecting 'OPEN_INVERSE_CHAIN', 'INVERSE', 'OPEN_ENDBLOCK', got 'EOF'",
]);
check('a subject without the case is refused', 'acknowledgment', { subject: 'Hello' }, [
  't.hbs:2:1: the subject does not show {{caseTag}}; without it an answer may not find its case',
]);
check('a follow-up must say how to answer', 'follow-up', { text: 'Hello', html: 'RESOLVED' }, [
  't.hbs:4:1: the text does not ask for RESOLVED',
  't.hbs:4:1: the text does not ask for MORE TIME',
  't.hbs:6:1: the html does not ask for MORE TIME',
]);
check(
  'what would load from outside is refused',
  'acknowledgment',
  { html: '<p>\n<img src="https://x.example/p.gif">' },
  ['t.hbs:7:1: "<img" can load or run something; a letter carries all it shows and runs nothing'],
);
check(
  'a partial that includes itself is refused',
  'acknowledgment',
  { html: '{{> part}}' },
  ['p.hbs:4:1: partials include each other more than 20 deep'],
  '{{> part}}',
);
check('prototypes are out of reach', 'acknowledgment', { text: '{{flags.constructor}} {{flags.__proto__}}' }, [
  't.hbs:4:3: "flags.constructor" is no variable of this letter; there are noPlan, oldBuild, oldVersion, outOfScope, unregistered',
  't.hbs:4:25: "flags.__proto__" is no variable of this letter; there are noPlan, oldBuild, oldVersion, outOfScope, unregistered',
]);
