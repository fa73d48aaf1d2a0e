// The editor offers the names that can be written where the cursor stands: the letter's, or inside a list's block those of its entries.
import { expect, test } from 'vitest';
import { variableNamed, variablesAt } from '../../src/web/editor/words.ts';
import { wordsOf } from '../../src/web/template-words.ts';

const listed = [
  { path: 'subject', type: 'text', optional: false, doc: 'The subject.', sample: 'Backup stops' },
  { path: 'target', type: 'group', optional: true, doc: 'When a person answers.', sample: '' },
  { path: 'target.at', type: 'date', optional: false, doc: 'The moment.', sample: '2026-03-03' },
  { path: 'timeline', type: 'list', optional: false, doc: 'What comes next.', sample: '' },
  { path: 'timeline[].what', type: 'text', optional: false, doc: 'What.', sample: 'close' },
];
const words = wordsOf(
  listed,
  [
    { name: 'day', doc: 'A date in words.', example: '{{day target.at}}' },
    { name: 'each', doc: 'Repeats.', example: '{{#each timeline}}…{{/each}}' },
  ],
  [{ name: '_hello', doc: 'The greeting.' }],
);

test.each([
  ['at the beginning', 'Hello ', ['subject', 'target', 'timeline']],
  ['inside a list', '{{#each timeline}}', ['what']],
  ['after the list', '{{#each timeline}}{{what}}{{/each}}', ['subject', 'target', 'timeline']],
  ['inside a group', '{{~#with target}}', ['at']],
  ['inside a block that enters nothing', '{{#if target}}', ['subject', 'target', 'timeline']],
  ['inside a block in a list', '{{#each timeline}}{{#if what}}', ['what']],
  ['inside a list nobody knows', '{{#each nothing}}', ['subject', 'target', 'timeline']],
])('%s', (_, before, names) => {
  expect(variablesAt(words, before).map(({ name }) => name)).toEqual(names);
});

test('a dotted name means what stands inside', () => {
  expect(variableNamed([words.variables], 'target.at')).toMatchObject({ type: 'date', doc: 'The moment.' });
  expect(variableNamed([words.variables], 'target.on')).toBeUndefined();
  expect(variableNamed([words.variables], 'target')?.type).toBe('group, may be missing');
});
test('a partial is offered by the name it is included by, a helper with its example', () => {
  expect(words.partials).toEqual([{ name: 'hello', doc: 'The greeting.' }]);
  expect(words.helpers[0]?.doc).toBe('A date in words.\n{{day target.at}}');
  expect(words.helpers.map(({ block }) => block)).toEqual([false, true]);
});
