// Who may send a delivery report: a machine, and one that reports rather than answers. A vacation program quotes our letter, and uses the null path
// too (RFC 3834 section 3.1); what it says of "undeliverable" is our own word come back.
import { automaticPhrases } from './automatic-phrases.ts';
import { displayText } from './encoded-word.ts';
import { firstValue } from './header-block.ts';
import type { Part } from './mime-part.ts';

/** Subjects that only delivery reports have, in the languages and wordings of mail systems. Used with a machine's sender only. */
export const reportSubject =
  /(?:undeliver(?:able|ed)|(?:mail|message|e-?mail)?\s*deliver(?:y|ies)\s*(?:of .{0,40})?(?:status|failure|failed|has failed|error|problem|report|notification|delayed|incomplete|unsuccessful)|failure (?:notice|delivery)|(?:delivery|mail|message) failure|fail(?:ed|ure) (?:to deliver|delivery|notice)|could(?: not|n['’]t) (?:be )?(?:deliver|send|sent)|returned (?:mail|to sender|message)|returning message to sender|mail (?:system )?error|non[- ]?deliver|not (?:be )?delivered|message (?:delayed|expired)|warning: (?:message|could not send)|delayed (?:mail|message)|rejected mail|bounce(?:d)? (?:mail|message|notification)|mail failure|unzustellbar|unzustellbarkeit|nicht zugestellt|non remis|non distribu|[ée]chec de (?:la )?(?:remise|distribution)|no se (?:puede|pudo) entregar|devuelto|no entregado|mancata consegna|impossibile recapitare|onbestelbaar|niet (?:be|af)geleverd|配信(?:不能|失敗|できません)|送信(?:エラー|失敗)|退信|无法投递|未送达|недоставлен|не доставлен)/i;

const daemonName =
  /mailer[-_. ]?daemon|mail[-_. ]?daemon|post[-_ ]?master|mail[-_. ]?(?:delivery|deliver|system)|system administrator|ndr administrator|interscan|bounces?[-+@]/i;

/** Whether a machine sent it: `surely` by its name, `perhaps` by marks that vacation programs have too. */
export function fromMachine(message: Part): 'surely' | 'perhaps' | 'no' {
  const value = (name: string): string => firstValue(message.headers, name);
  const from = displayText(value('from'));
  const path = value('return-path');
  if (value('x-failed-recipients') !== '' || daemonName.test(from) || /^<?\s*>?$/.test(from)) return 'surely';
  if (/mailer[-_. ]?daemon|post[-_ ]?master/i.test(path)) return 'surely';
  const perhaps =
    /^<\s*>/.test(path) ||
    /^auto-/i.test(value('auto-submitted')) ||
    /mail server|IMail/i.test(value('x-mailer')) ||
    /no[-_.]?reply@/i.test(from) ||
    value('x-mlserver') !== '' ||
    /\.FML/.test(value('message-id'));
  return perhaps ? 'perhaps' : 'no';
}

/** Whether a subject is an answer's: `Re:` before ours, or the form of an out-of-office note. */
export function answersALetter(subject: string): boolean {
  return (
    /^\s*(?:re|aw|antw|sv|vs|odp|ynt|res|rif)\s*(?:\[\d+\])?\s*:/i.test(subject) ||
    automaticPhrases.some((phrases) => phrases.subject.test(subject))
  );
}
