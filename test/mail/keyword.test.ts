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
  'I can confirm that’s all fine from our side, the issue\nis resolved.',
  'Our problem was resolved yesterday. Thank you for your support.',
]);

check('greeting, thanks, name and address around it do not matter', 'resolved', [
  'Hi,\nRESOLVED\nThanks',
  'Hello John,\n\nRESOLVED.\n\nBest regards,\nAnna',
  'Dear support team,\n\nit is resolved.\n\nKind regards\nAnna Berg\nHead of IT, Example Ltd',
  'Hi Anna, resolved. Thanks!',
  'RESOLVED\n\nBest regards,\n\nJohn Smith\nIT Manager\nExample Corp.\n+1 555 0100 200\njohn@example.com\nwww.example.com',
  'RESOLVED\n\nJohn Smith\nExample Corp | IT\n+1 555 0100 200',
  'Resolved, thanks,\nMarie',
  'RESOLVED\nRegards, John',
  'Hello, Resolved. Regards, Ravi',
  'Thank you John, it is resolved.',
  'Yes, this is resolved now, thanks John',
  'Issue has been resolved. Kindly close the case.\n\nThanks,\nRavi',
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
  expect(keyword('RESOLVED\n\nJohn Smith', defaultKeywordWords, 'John Smith')?.word).toBe('resolved');
  expect(keyword('RESOLVED\n\nServer Down', defaultKeywordWords, 'John Smith')?.word).toBe('unclear');
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
