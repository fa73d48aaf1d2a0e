// A wrong template is told by file, line and column, with the name that was meant; the shipped ones are right. What TRUST B66 and T15 name is refused.
import { expect, test } from 'vitest';
import type { LetterKind } from '../../src/cases/decision.ts';
import { checkDrafts, checkTexts, missingLetters } from '../../src/letters/lint.ts';
import { problemText } from '../../src/letters/texts.ts';
import { shippedTexts, textsOf } from './build.ts';

interface Parts {
  subject?: string;
  text?: string;
  html?: string;
}

/** The problems of one English letter, and of a partial `_part` when one is given; an expected one may be how it begins. */
function check(title: string, kind: LetterKind, parts: Parts, expected: string[], partial?: string): void {
  test(title, async () => {
    const { subject = '{{caseTag}} S', text = 'RESOLVED MORE TIME', html = 'RESOLVED MORE TIME' } = parts;
    const source = `--- subject ---\n${subject}\n--- text ---\n${text}\n--- html ---\n${html}\n`;
    const texts = textsOf({
      [`en/${kind}`]: source,
      ...(partial === undefined ? {} : { 'en/_part': `--- text ---\n${partial}\n--- html ---\n${partial}\n` }),
    });
    const found = (await checkTexts(texts)).map((problem) => problemText(problem).replace(/^en\//, ''));
    expect(found.map((line, index) => line.slice(0, expected[index]?.length ?? 300))).toEqual(expected);
  });
}

test('every shipped template is without a problem', async () => {
  const texts = await shippedTexts();
  expect([...missingLetters(texts), ...(await checkTexts(texts))].map(problemText)).toEqual([]);
});

check('a sound letter has no problem', 'follow-up', {}, []);
check(
  'an unknown variable is told with the nearest',
  'follow-up',
  { text: 'RESOLVED MORE TIME\n\nHi {{recipientNam}}' },
  ['follow-up:6:6: "recipientNam" is no variable of this letter; did you mean "recipientName"?'],
);
test('the word that was found and the nearest right one stand by themselves too', async () => {
  const source = '--- subject ---\n{{caseTag}}\n--- html ---\n{{> hallo}} {{longDat zone}} {{compny}}\n';
  const problems = await checkDrafts(await shippedTexts(), [{ language: 'de', name: 'reopened', source }]);
  expect(problems.map(({ line, column, found, nearest }) => [line, column, found, nearest])).toEqual([
    [4, 1, 'hallo', 'hello'],
    [4, 15, 'longDat', 'longDate'],
    [4, 32, 'compny', 'company'],
  ]);
});
check(
  'an acknowledgment can not name the customer’s subject',
  'acknowledgment',
  { subject: '{{caseTag}} {{subject}}' },
  ['acknowledgment:2:15: "subject" is no variable of this letter; there are asks, caseNumber, caseTag, '],
);
check(
  'inside a list the names are those of its items',
  'acknowledgment',
  { text: '{{#each suggestions}}{{titel}} {{url}} {{@index}} {{../company}}{{/each}}' },
  ['acknowledgment:4:24: "titel" is no variable of this letter; did you mean "title"?'],
);
check('a name inside a record is checked', 'acknowledgment', { text: '{{#if flags.oldbuild}}x{{/if}}' }, [
  'acknowledgment:4:7: "flags.oldbuild" is no variable of this letter; did you mean "oldBuild"?',
]);
check('an unknown helper is refused by line', 'acknowledgment', { text: 'x\n{{longDat zone}}' }, [
  'acknowledgment:5:3: there is no helper "longDat"; did you mean "longDate"?',
]);
check('Handlebars’ own lookup is no helper here', 'acknowledgment', { text: '{{lookup flags "oldBuild"}}' }, [
  'acknowledgment:4:3: there is no helper "lookup"; there are bytes, day, each, eq, if, longDate, paragraphs, unless, verbatim, with',
]);
check('a helper needs something to work on', 'acknowledgment', { text: '{{longDate}}' }, [
  'acknowledgment:4:3: "longDate" needs to be told of what, like {{longDate …}}',
]);
const unescaped = 'acknowledgment:6:1: unescaped output is not allowed; write {{ … }}, it is escaped where it must be';
check('unescaped output is refused', 'acknowledgment', { html: '{{{company}}}' }, [unescaped]);
check('an ampersand does not get around it', 'acknowledgment', { html: '{{&company}}' }, [unescaped]);
check('a text or a number is no name', 'acknowledgment', { html: '{{"constructor"}} {{12}}' }, [
  'acknowledgment:6:1: a name must stand here, like {{company}}',
  'acknowledgment:6:19: a name must stand here, like {{company}}',
]);
check(
  'an unknown partial is refused',
  'acknowledgment',
  { html: '{{> prat}}' },
  ['acknowledgment:6:1: there is no partial "prat"; did you mean "part"?'],
  'x',
);
const oneWord = 'a partial is named by one word and given name=value pairs';
check('a partial can not be chosen by a value', 'acknowledgment', { html: '{{> (lookup . "company")}}' }, [
  `acknowledgment:6:1: ${oneWord}`,
]);
check(
  'nor be given another context',
  'acknowledgment',
  { html: '{{> part flags}}' },
  [`acknowledgment:6:1: ${oneWord}`],
  'x',
);
check('an inline partial is refused', 'acknowledgment', { html: '{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}' }, [
  'acknowledgment:6:1: DecoratorBlock is not allowed in a letter',
  'acknowledgment:6:35: there is no partial "a"',
]);
check('so is a decorator', 'acknowledgment', { html: '{{* company}}' }, [
  'acknowledgment:6:1: Decorator is not allowed in a letter',
]);
check(
  'a problem in a partial is told at the partial',
  'acknowledgment',
  { html: '{{> part}}' },
  ['_part:4:3: "compny" is no variable of this letter; did you mean "company"?'],
  '{{compny}}',
);
check(
  'a layout must say where the letter goes',
  'acknowledgment',
  { html: '{{#> part}}never sent{{/part}}' },
  ['_part:4:1: what is written between {{#> …}} and {{/…}} would be lost'],
  'around',
);
check('a block that is never closed is told where it begins', 'acknowledgment', { text: 'a\n b {{#if zone}}' }, [
  'acknowledgment:5:4: the block {{#if …}} is never closed; write {{/if}} where it ends',
]);
check('one closed by another name is told where', 'acknowledgment', { text: '{{#if zone}}\n{{/each}}' }, [
  'acknowledgment:5:1: {{/each}} stands where the block {{#if …}} of line 4 has to be closed with {{/if}}',
]);
check('an expression that is not complete is told', 'acknowledgment', { text: 'a\n{{#if zone {{company}}' }, [
  'acknowledgment:5:',
]);
check('so is a block without its question', 'acknowledgment', { text: 'a\n{{#if}}x{{/if}}{{#if (eq zone)}}x{{/if}}' }, [
  'acknowledgment:5:4: "if" needs to be told of what, like {{if …}}',
  'acknowledgment:5:23: "eq" needs two values, like (eq what "close")',
]);
check('a subject without the case is refused', 'acknowledgment', { subject: 'Hello' }, [
  'acknowledgment:2:1: the subject does not show {{caseTag}}; without it an answer may not find its case',
]);
check('a subject is one line', 'acknowledgment', { subject: '{{caseTag}}\nBcc: everybody@x.example' }, [
  'acknowledgment:3:1: the subject has a second line; a subject is one line',
]);
check('a follow-up must say how to answer', 'follow-up', { text: 'Hello', html: 'RESOLVED' }, [
  'follow-up:4:1: the text does not ask for {{resolvedWord}}, which the rules expect here',
  'follow-up:4:1: the text does not ask for {{moreTimeWord}}, which the rules expect here',
  'follow-up:6:1: the html does not ask for {{moreTimeWord}}, which the rules expect here',
]);
check('in any language that is understood', 'follow-up', { text: 'GELÖST MEHR ZEIT', html: 'RÉSOLU MÁS TIEMPO' }, []);
check('a sign-in must show its code', 'sign-in', { subject: 'Sign in', text: '{{link}}' }, [
  'sign-in:4:1: the text does not show {{code}}',
]);
check(
  'what would load from outside is refused',
  'acknowledgment',
  { html: '<p>\n<img src="https://x.example/p.gif">' },
  ['acknowledgment:7:1: "<img" can load or run something; a letter carries all it shows and runs nothing'],
);
check('a tag that mail programs do not show is refused', 'acknowledgment', { html: '<marquee>x</marquee>' }, [
  'acknowledgment:6:1: <marquee> is not shown by every mail program, or runs something; take it out',
]);
check(
  'a page that leads on by itself is refused',
  'acknowledgment',
  { html: 'a <meta http-equiv=refresh content=0>' },
  ['acknowledgment:6:9: "http-equiv" can load or run something'],
);
check('a link that runs something is refused', 'acknowledgment', { html: 'a <a href="javascript:alert(1)">x</a>' }, [
  'acknowledgment:6:6: a link to "javascript:alert(1)" is not safe in a letter',
]);
check('so is one that a customer’s words would make', 'engineer-reply', { html: '<a href="{{subject}}">x</a>' }, [
  'engineer-reply:6:10: a link must begin with https://…/ or mailto:, or be one value that is a link',
]);
check('and one that begins in the template', 'engineer-reply', { html: '<a href="https://{{subject}}/">x</a>' }, [
  'engineer-reply:6:18: a link must begin with https://…/ or mailto:, or be one value that is a link',
]);
check(
  'a link that is a value may stand there, also by a partial',
  'engineer-reply',
  { html: '{{> part to=resolvedUrl}}' },
  [],
  '<a href="{{to}}">x</a>',
);
check('a value needs quotation marks', 'acknowledgment', { html: '<a href={{resolvedUrl}}>x</a>' }, [
  'acknowledgment:6:9: a value in a tag must stand in quotation marks',
]);
check('a value can not be a style', 'acknowledgment', { html: '<p style="color:{{company}}">x</p>' }, [
  'acknowledgment:6:17: a value must not be written into style="…"',
]);
check('nor stand within one', 'acknowledgment', { html: '<style>p { color: {{company}} }</style>' }, [
  'acknowledgment:6:19: a value inside <style> would be read as style',
]);
check(
  'a partial that includes itself is refused',
  'acknowledgment',
  { html: '{{> part}}' },
  ['_part:4:1: partials include each other more than 20 deep'],
  '{{> part}}',
);
check('prototypes are out of reach', 'acknowledgment', { text: '{{flags.constructor}} {{flags.__proto__}}' }, [
  'acknowledgment:4:3: "flags.constructor" is no variable of this letter; there are noPlan, oldBuild, oldVersion, outOfScope, unregistered',
  'acknowledgment:4:25: "flags.__proto__" is no variable of this letter; there are noPlan, oldBuild, oldVersion, outOfScope, unregistered',
]);

const grows = 'with long lists and texts the letter can grow beyond 100000 steps and 1000000 characters';
const list = (depth: number): string =>
  depth === 3 ? 'x' : `{{#each ${'../'.repeat(depth)}asks}}x${list(depth + 1)}{{/each}}`;
check('lists within lists are counted before they run', 'acknowledgment', { text: list(0) }, [
  `acknowledgment:4:54: ${grows}`,
]);
const silent = (depth: number): string =>
  depth === 3 ? '' : `{{#each ${'../'.repeat(depth)}asks}}${silent(depth + 1)}{{#if @first}}{{/if}}{{/each}}`;
check('lists that write nothing are counted as well', 'acknowledgment', { text: `x${silent(0)}` }, [
  'acknowledgment:4:',
]);
check('a long text in a list is too', 'engineer-reply', { text: '{{#each attachments}}{{../text}}{{/each}}' }, [
  `engineer-reply:4:22: ${grows}`,
]);
check(
  'partials that include each other many times are stopped early',
  'acknowledgment',
  { text: '{{> part}}' },
  ['_part:2:'],
  '{{> part}}'.repeat(30),
);
check(
  'blocks can not be nested without end',
  'acknowledgment',
  { text: '{{#if zone}}'.repeat(21) + '{{/if}}'.repeat(21) },
  ['acknowledgment:4:241: blocks are nested more than 20 deep'],
);
check(
  'html that Gmail would cut off is refused',
  'acknowledgment',
  { html: '{{> part}}'.repeat(4) },
  ['acknowledgment:6:1: the html has 108006 bytes with an example; Gmail cuts a mail off at 100000'],
  'words '.repeat(4500),
);

test('a partial is tried in every letter it is in, of every language that inherits it', async () => {
  const texts = await shippedTexts();
  const source = '--- text ---\nHello {{engineerName}},\n--- html ---\n<p>Hello {{engineerName}},</p>\n';
  const found = (await checkDrafts(texts, [{ language: 'en', name: '_hello', source }])).map(problemText);
  expect(found[0]).toMatch(
    /^en\/_hello\.hbs:2:9: "engineerName" is no variable of this letter.* \(as en\/follow-up uses it\)$/,
  );
});
test('what is broken in another text is not told of this one', async () => {
  const texts = textsOf({
    'en/answer': '--- subject ---\nx\n--- html ---\n{{nobody}}\n',
    'en/reopened': '--- subject ---\n{{caseTag}}\n--- html ---\nx\n',
  });
  const source = '--- subject ---\n{{caseTag}} again\n--- html ---\nx\n';
  expect(await checkDrafts(texts, [{ language: 'en', name: 'reopened', source }])).toEqual([]);
});
test.each([
  ['en', '__proto__', 'is no letter'],
  ['en', '../answer', 'is no letter'],
  ['../en', 'answer', 'is no language'],
  ['EN', 'answer', 'is no language'],
])('%s/%s is no name of a text', async (language, name, expected) => {
  const [problem] = await checkDrafts(textsOf({}), [{ language, name, source: '' }]);
  expect(problem?.message).toContain(expected);
});
