// Whole mails read to their newly written text, case number and keyword: what the desk acts on.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultKeywordWords, keyword } from '../../src/mail/keyword.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { caseNumbers } from '../../src/mail/subject.ts';

function check(fixture: string, expected: { reply: string; word?: string | null }): void {
  test(fixture, async () => {
    const raw = readFileSync(new URL(`../../fixtures/mail/${fixture}.eml`, import.meta.url));
    const mail = await parseMail(raw);
    expect(mail.reply.replace(/\n{2,}/g, '\n')).toBe(expected.reply);
    expect(keyword(mail.reply, defaultKeywordWords, mail.from?.displayName)?.word ?? null).toBe(expected.word ?? null);
    expect(caseNumbers(mail.subject)).toEqual([7]);
  });
}

check('reply-html-quotation-unknown-language', { reply: 'Inafanya kazi sasa.' });
check('reply-top-german-outlook', {
  reply: 'Hallo Frau Beispiel,\nnach dem Neustart läuft die Sicherung wieder.\nViele Grüße\nMax Muster',
});
check('reply-bottom-posted', { reply: 'Done, but the second job fails now.' });
check('reply-inline-answers', {
  reply:
    'Hello, please find my answers below.\n> Which build do you run?\n16.5.1\n> Since when does it fail?\nSince Monday.',
});
check('reply-resolved-above-follow-up', {
  reply: '*RESOLVED*\nBest regards,\nKim Example\nExample Ltd | Berlin',
  word: 'resolved',
});
check('reply-empty-above-follow-up', {
  reply:
    'On 2 Mar 2026, at 09:14, Support <support@example.com> wrote:\n> Is your case resolved? Then answer\n> RESOLVED',
});
check('reply-resolved-hidden-in-html', { reply: 'The job failed again at noon.' });
check('reply-forwarded-with-comment', { reply: 'Please look at what our branch office reports.' });
check('reply-forwarded-without-comment', {
  reply:
    '---------- Forwarded message ---------\nFrom: Sam Sample <sam@example.org>\nDate: Mon, Mar 2, 2026 at 9:14 AM\nSubject: Backup\nTo: Kim Example <kim@example.org>\nThe nightly job stops at 12 %.',
});
