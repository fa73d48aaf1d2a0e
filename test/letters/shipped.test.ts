// What is shipped is whole: every letter and every partial with words in it in all four languages, every name explained, dates in the reader's words.
import { expect, test } from 'vitest';
import { askedWords } from '../../src/letters/asked-words.ts';
import { docOf, titleOf } from '../../src/letters/letter-docs.ts';
import { render, templatesOf } from '../../src/letters/render.ts';
import { sampleAdded, samples } from '../../src/letters/samples.ts';
import { sampleNames, variablesOf } from '../../src/letters/variables-list.ts';
import { letterKinds } from '../../src/letters/variables.ts';
import { keyword } from '../../src/mail/keyword.ts';
import { hoursText } from '../../src/schedule/hours-text.ts';
import { calendarNamed } from '../../src/policy/policy.ts';
import { aPolicy } from '../builders.ts';
import { shippedTexts } from './build.ts';

const texts = await shippedTexts();
const templates = templatesOf(texts);
const languages = ['en', 'de', 'fr', 'es'];
/** Partials without a word of their own: each language has the English one. */
const wordless = ['_layout', '_title', '_button', '_quiet-button'];

test.each(languages.slice(1))('%s has every letter, and every partial with words in it', (language) => {
  const english = [...(texts.get('en')?.keys() ?? [])].filter((name) => !wordless.includes(name));
  expect([...(texts.get(language)?.keys() ?? [])].toSorted()).toEqual(english.toSorted());
});
test.each(languages)('no letter in %s is like the English one, and none is empty', async (language) => {
  for (const kind of letterKinds) {
    const context = { ...sampleAdded, ...samples(kind)[0] } as { zone: string };
    const words = await render(templates, { kind, language }, context);
    expect([kind, words.language]).toEqual([kind, language]);
    const english = await render(templates, { kind, language: 'en' }, context);
    if (language !== 'en') expect([kind, words.text === english.text]).toEqual([kind, false]);
    expect(words.html).toContain(`lang="en"`);
  }
});
test.each(languages)('the words our letters in %s ask for are understood', (language) => {
  const { resolved, moreTime, notSolved } = askedWords(language);
  const { keywords } = aPolicy();
  expect([keyword(resolved, keywords)?.word, keyword(moreTime, keywords)?.word]).toEqual(['resolved', 'more-time']);
  expect(keyword(`${notSolved}\n\nerror 12`, keywords)?.word ?? 'none').not.toBe('resolved');
});
test.each(letterKinds)(
  'the %s has a title, a line that says when it leaves, and every name of it is explained',
  (kind) => {
    expect([titleOf(kind), docOf(kind)]).not.toContain('');
    expect(variablesOf(kind).filter(({ doc }) => doc === '')).toEqual([]);
    expect(new Set(sampleNames(kind)).size).toBe(samples(kind).length);
  },
);
test('every shipped partial is explained', () => {
  const partials = [...(texts.get('en')?.keys() ?? [])].filter((name) => name.startsWith('_'));
  expect(partials.filter((name) => docOf(name) === '')).toEqual([]);
});
test.each([
  ['en', 'Monday to Friday, 09:00–18:00'],
  ['de', 'Montag bis Freitag, 09:00–18:00'],
  ['fr', 'lundi au vendredi, 09:00–18:00'],
  ['es', 'lunes a viernes, 09:00–18:00'],
  ['it', 'Monday to Friday, 09:00–18:00'],
])('business hours are told in %s', (language, expected) => {
  expect(hoursText(calendarNamed(aPolicy(), 'standard'), language)).toBe(expected);
});
