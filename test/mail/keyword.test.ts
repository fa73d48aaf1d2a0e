// The labelled table of short answers, in our own words. A wrong close is the worst row here: what is not plainly a statement is
// 'unclear' or null.
import { expect, test } from 'vitest';
import { defaultKeywordWords, keyword } from '../../src/mail/keyword.ts';
import type { Keyword } from '../../src/mail/keyword.ts';

type Word = Keyword['word'] | null;

function check(title: string, word: Word, replies: string[]): void {
  test.each(replies)(`${title}: %j`, (reply) => {
    expect(keyword(reply, defaultKeywordWords)?.word ?? null).toBe(word);
  });
}

check('the word alone, however it is dressed, resolves', 'resolved', [
  'RESOLVED',
  'resolved',
  'Resolved.',
  'RESOLVED!',
  'RESOLVED!!!',
  '*RESOLVED*',
  '**Resolved**',
  '_resolved_',
  '"RESOLVED"',
  '“RESOLVED”',
  "'resolved'",
  '  RESOLVED  ',
  '\n\nRESOLVED\n\n',
  'RESOLVED\u200b',
  '\ufeffRESO\u200dLVED',
  'ＲＥＳＯＬＶＥＤ',
  'RESOLVD',
  'Resovled',
  '# RESOLVED',
  '- RESOLVED',
  'RESOLVED 👍',
  '✅ Resolved',
  'Resolved :)',
]);

check('a plain sentence resolves', 'resolved', [
  'It is resolved, thank you',
  'It is resolved, thank you.',
  "It's resolved now.",
  'It’s resolved now.',
  'Issue resolved',
  'The issue is resolved.',
  'This issue has been resolved.',
  'The problem is solved now, thanks!',
  'Resolved. You can close the case.',
  'You can close the ticket now.',
  'Please close this case.',
  'Please close the ticket. Thank you!',
  'The case can be closed, thank you very much.',
  'Yes, it works now.',
  'Yes, resolved.',
  'All resolved, thanks a lot!',
  'Everything is fixed now. Great support!',
  'Thank you, resolved.',
  'Thanks for your help. RESOLVED',
  'I can confirm this is fixed.',
  'Our problem was resolved yesterday. Thank you for your support.',
]);

check('greeting, thanks, name and address around it do not matter', 'resolved', [
  'Hi,\nRESOLVED\nThanks',
  'Hello John,\n\nRESOLVED.\n\nBest regards,\nAnna',
  'Dear support team,\n\nit is resolved.\n\nKind regards\nAnna Berg\nHead of IT, Example Ltd',
  'Hi Anna, resolved. Thanks!',
  'RESOLVED\n\nBest regards,\n\nJohn Smith\nIT Manager\nExample Corp.\n+1 555 0100 200\njohn@example.com\nwww.example.com',
  'RESOLVED\n\nJohn Smith\nExample Corp | IT\n+1 555 0100 200',
  'RESOLVED\n\nJohn Smith',
  'Resolved, thanks,\nMarie',
  'RESOLVED\nRegards, John',
  'Resolved\n\nThanks & Regards,\nPriya Example',
  '> Has it been resolved?\n\nRESOLVED',
]);

check('other languages resolve', 'resolved', [
  'Gelöst',
  'ERLEDIGT!',
  'Das Problem ist gelöst, vielen Dank!',
  'Hallo,\n\ndas Problem wurde behoben.\n\nMit freundlichen Grüßen\nMax Muster',
  'Hat sich erledigt, danke.',
  'Guten Tag Frau Berg,\nes funktioniert wieder. Danke!\nMfG\nMax Muster',
  'Résolu',
  "C'est résolu, merci beaucoup.",
  'Bonjour,\nle problème est résolu. Merci pour votre aide.\nCordialement,\nLuc Exemple',
  'Resuelto, muchas gracias.',
  'El problema está resuelto.',
  'Hola,\nya funciona, gracias.\nSaludos\nEva',
  'Risolto, grazie mille!',
  'Il problema è stato risolto.\nCordiali saluti\nMario Esempio',
  'Resolvido, obrigado!',
  'O problema foi resolvido.\nAtenciosamente,\nJoão Exemplo',
  'Opgelost, bedankt.',
  'Het probleem is opgelost.\nMet vriendelijke groet,\nJan Voorbeeld',
  'Rozwiązane, dziękuję.',
  'Problem został rozwiązany. Pozdrawiam\nJan Przykład'.replace('. P', '.\nP').replace('rozwiązany', 'rozwiązany'),
  'Löst, tack!',
  'Problemet är löst.\nMvh\nEva Exempel',
  'Løst, tak for hjælpen.',
  'Problemet er løst, tusen takk!',
  'Ratkaistu, kiitos!',
  'Ongelma on ratkaistu.\nTerveisin\nMatti Esimerkki',
  'Vyřešeno, děkuji.',
  'Problém je vyřešen.\nS pozdravem\nJan Příklad',
  'Çözüldü, teşekkürler.',
  'SORUN ÇÖZÜLDÜ',
  'Решено, спасибо!',
  'Проблема решена.\nС уважением,\nИван Примеров',
  '已解决,谢谢',
  '问题已解决。谢谢！',
  '解決しました。ありがとうございます。',
  'お世話になっております。\n問題は解決しました。\nよろしくお願いします。\n山田',
]);

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
  'Resolved :(',
  'Hi still broken\nresolved',
]);

check('asking for time is read, with what people put around it', 'more-time', [
  'MORE TIME',
  'More time please',
  'We need more time.',
  'I need a bit more time, thanks.',
  'Hi,\nwe would like more time please.\nRegards,\nJohn',
  'Mehr Zeit bitte',
  'Wir brauchen noch etwas Zeit.',
  'Plus de temps, merci',
  'Necesitamos más tiempo, por favor.',
  'Più tempo per favore',
  'Meer tijd graag',
  'Mer tid, tack',
  'Больше времени, пожалуйста',
]);

check('asking for time is unclear when denied or mixed', 'unclear', [
  'no more time needed',
  'More time?',
  'We do not need more time.',
  'This costs me more time every day.',
]);

check('thanks and nothing else', 'thanks', [
  'Thanks!',
  'Thank you very much for your help!',
  'Thx',
  'Hi Anna,\nthanks a lot!\nBest regards,\nJohn',
  'Thanks,\nJohn',
  'Vielen Dank!',
  'Danke für die schnelle Hilfe.',
  'Merci beaucoup',
  'Muchas gracias por su ayuda',
  'Grazie mille',
  'Obrigado!',
  'Bedankt voor de hulp',
  'Dziękuję bardzo',
  'Tack så mycket!',
  'Mange tak',
  'Kiitos paljon',
  'Děkuji',
  'Teşekkür ederim',
  'Спасибо большое!',
  '谢谢',
  'ありがとうございます。',
]);

check('none of the suggestions helped', 'none-of-these-helped', [
  'None of these helped',
  'none of these helped.',
  'Hi,\nNone of these helped\nThanks',
  'Nichts davon hat geholfen',
]);

check('nothing of the kind', null, [
  '',
  '   \n\n',
  'The backup failed with error 5.',
  'Thanks, but the server still does not start.',
  'Thank you for nothing?',
  'Can you resolve this?',
  'Please help.',
  '> RESOLVED',
  '> RESOLVED\n> thanks',
  'I resolve to wait.',
  'no',
  '👍',
]);

test('the first name below the word is the author’s', () => {
  expect(keyword('RESOLVED\n\nJohn', defaultKeywordWords, 'John Smith')?.word).toBe('resolved');
  expect(keyword('RESOLVED\n\nPartially', defaultKeywordWords, 'John Smith')?.word).toBe('unclear');
});

test('what matched and why are said', () => {
  expect(keyword('It is not resolved', defaultKeywordWords)).toEqual({
    word: 'unclear',
    matched: 'resolved',
    because: '"resolved" occurs, but "not" stands beside it: not taken as a clear statement.',
  });
});

test('only the words of the policy count', () => {
  const words = { ...defaultKeywordWords, resolved: ['finito'] };
  expect(keyword('RESOLVED', words)).toBeNull();
  expect(keyword('Finito!', words)?.word).toBe('resolved');
});

test('a long reply with the word is never a clear statement', () => {
  expect(keyword(`RESOLVED\n${' \n'.repeat(20_000)}not`, defaultKeywordWords)?.word).toBe('unclear');
});
