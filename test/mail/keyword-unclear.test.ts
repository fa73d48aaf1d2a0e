// The labelled table of what must never close a case although a word of closing stands in it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultKeywordWords, keyword } from '../../src/mail/keyword.ts';
import type { Keyword } from '../../src/mail/keyword.ts';

type Word = Keyword['word'] | null;

function check(title: string, word: Word, replies: string[]): void {
  test.each(replies)(`${title}: %j`, (reply) => {
    expect(keyword(reply, defaultKeywordWords)?.word ?? null).toBe(word);
  });
}

check('a negation never resolves', 'unclear', [
  'not resolved',
  'Not resolved!',
  'NOT RESOLVED',
  'It is not resolved.',
  "It isn't resolved",
  'It isn’t resolved.',
  'This is still not resolved.',
  'not yet resolved',
  'Nothing is resolved',
  'The issue was never resolved.',
  'Far from resolved.',
  'No, resolved it is not',
  'UNRESOLVED',
  'un-resolved',
  'non-resolved',
  'resolved not',
  'Resolved\nNot really',
  'Resolved. NOT.',
  'not\u200bresolved',
  '!resolved',
  'partially resolved',
  'Almost resolved',
  'Nicht gelöst',
  'Das Problem ist noch nicht behoben.',
  'Leider nicht erledigt',
  'Pas résolu',
  "Le problème n'est pas résolu.",
  'No resuelto',
  'El problema no está resuelto',
  'Non risolto',
  'Não resolvido',
  'Niet opgelost',
  'Nie rozwiązane',
  'Inte löst',
  'Ikke løst',
  'Ei ratkaistu',
  'Není vyřešeno',
  'Sorun çözüldü değil',
  'Не решено',
  '没有解决了',
  '解決しましたが、まだ遅いです',
]);

check('a question never resolves', 'unclear', [
  'Is this resolved?',
  'is this resolved',
  'resolved?',
  'RESOLVED??',
  'Has the issue been resolved',
  'So is it resolved',
  'Was it fixed?',
  'When will this be resolved?',
  'Resolved? Thanks',
  'Ist das gelöst?',
  'Ist das Problem gelöst',
  'Est-ce résolu',
  '¿Está resuelto?',
  'Onko ongelma ratkaistu',
  'Решено?',
  '解决了吗',
  '解決しましたか',
]);

check('a condition, a wish, a future or a reservation never resolves', 'unclear', [
  'Resolved, but now the console is slow.',
  'resolved but slow',
  'Resolved. However the agent still fails.',
  'It will be resolved tomorrow',
  'once resolved',
  'Once resolved, close the case.',
  'Please get this resolved',
  'Please have this resolved today',
  'I need this resolved',
  'We would like the issue resolved please',
  'I want it fixed.',
  'This can be resolved',
  'This should be resolved by now',
  'Hopefully resolved',
  'I think it is resolved',
  'If it is resolved tell me',
  'Resolved until yesterday',
  'Please do not close the case',
  "Don't close the case",
  'Kann erst nächste Woche gelöst werden',
  'Bitte das Problem behoben bekommen',
  'Sobald gelöst, melde ich mich',
  'Gelöst, aber langsam',
  'Résolu mais lent',
  'Resuelto pero lento',
  'Risolto ma lento',
  'Opgelost, maar traag',
  'Löst men långsamt',
]);

check('a form line or an echo of our own words never resolves', 'unclear', [
  'Resolved: no',
  'Resolved: yes',
  'Resolved:',
  'Status: RESOLVED',
  '[ ] resolved',
  '[x] resolved\n[ ] more time',
  '☐ resolved',
  '~~resolved~~',
  'RESOLVED or MORE TIME',
  'RESOLVED / MORE TIME',
  'Answer RESOLVED',
  'You wrote that I should answer RESOLVED.',
  'resolved = false',
]);

check('other content beside the word never resolves', 'unclear', [
  'Resolved by reinstalling the agent, see the attached log for the next problem.',
  'The first one is resolved. The second server does not start.',
  'RESOLVED\n\nAnother thing: how do I add a user',
  'Resolved\nPartially',
  'Resolved\n\nKidding',
  'RESOLVED\n\nBest regards,\nJohn\n\nPS: it broke again this morning',
  'The ticket you resolved last week is back.',
  'RESOLVED 👎',
  'Resolved\nError 0x80070005 when I call www.example.com',
  'Resolved\n\nError 0x80070005',
  'RESOLVED\n\n+1 555 0100 none of these helped',
  'Resolved\nRegards, servers broke',
  'Resolved\n\nRegards\nservers fail as before at www.example.com',
  '解決しました\n\nよろしくお願いします\nまた壊れました',
  '已解决\n此致\n又坏了',
  'Hi? RESOLVED',
  'Resolved\n\nServer Down',
  'Löst das Problem',
  'Thanks Broken, it is resolved broken',
  'Resolved :(',
  'Hi still broken\nresolved',
]);

const statements = defaultKeywordWords.resolved.filter((word) => /^[a-z]+$/.test(word));
const around = fc.constantFrom('', 'Hi,\n', 'Thanks! ', '*', '  ', 'the issue, ');
const spoilers = [
  'not ',
  'NOT ',
  'never ',
  'is it ',
  'if ',
  'when ',
  'please get it ',
  'nicht ',
  'pas ',
  'no ',
  'non ',
  'не ',
  'não ',
  'inte ',
  'ikke ',
  'ei ',
  'nie ',
  '不',
  'unless ',
  'but ',
];
test('any closing word with anything that turns it is no closing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...statements),
      around,
      fc.constantFrom(...spoilers),
      fc.boolean(),
      (word, before, spoiler, front) => {
        const reply = front ? `${before}${spoiler}${word}` : `${before}${word} ${spoiler}`;
        expect(keyword(reply, defaultKeywordWords)?.word).not.toBe('resolved');
      },
    ),
    { numRuns: 500 },
  );
});

test('any closing word with a question mark anywhere is no closing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...statements),
      around,
      fc.constantFrom('?', ' ?', '？', '\n?', '?!'),
      (word, before, mark) => {
        expect(keyword(`${before}${word}${mark}`, defaultKeywordWords)?.word).not.toBe('resolved');
      },
    ),
  );
});

test('any text at all is read without an error, and closes only when a closing word is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reply) => {
      expect(keyword(reply, defaultKeywordWords)?.word).not.toBe('resolved');
    }),
    { numRuns: 300 },
  );
});
