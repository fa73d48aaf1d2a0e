// Many like mails within an hour (TRUST 4.3.4, B49): the first few begin cases, the rest is filed on the first one's case, unanswered. What is
// folded is never lost: engineers see it there, and are told when folding begins.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import type { Disposition, MailDecision } from './decision.ts';
import type { MailFacts, Storm } from './facts.ts';
import { mailEntry } from './mail-entry.ts';
import { tellEngineer } from './telling.ts';

/** Engineers are told again after so many more. */
const toldEach = 100;
/** Cases that one sender opens in an hour, whatever they say: more than the busiest reseller writes by hand. */
const casesPerSenderAnHour = 100;
/** One text in a day from so many senders that we do not know; the policy's number is for an hour. */
const sameTextsADay = 10;

/** How many like mails make a storm. */
export function stormCap(by: Storm['by'], policy: Policy): number {
  if (by === 'whole-sender') return casesPerSenderAnHour;
  // One text, its numbers aside, from many addresses of a domain: folded when that domain gets no more letters anyway.
  if (by === 'domain') return policy.loops.lettersPerDomainAnHour;
  return allDay(by) ? sameTextsADay : policy.loops.sameMailsAnHour;
}

/**
 * The decision for a mail of a storm; null when it is none. One text from many senders folds only those we do not know: customers of one company
 * may well send the same words.
 */
export function foldStorm(
  mail: Mail,
  facts: MailFacts,
  disposition: Disposition | null,
  policy: Policy,
  now: Instant,
): MailDecision | null {
  const known = facts.person?.contact.proven ?? false;
  const storm = facts.storms.find(({ by, count }) => count >= stormCap(by, policy) && (ofOneSender(by) || !known));
  if (!storm) return null;
  const { supportCase, notices } = storm.placed;
  const what = storm.by === 'whole-sender' ? 'mails that ask for something new' : 'mails like it';
  const who = ofOneSender(storm.by) ? (mail.from?.addrSpec ?? 'this sender') : 'several senders';
  const span = allDay(storm.by) ? 'a day' : 'an hour';
  const because = `${storm.count} ${what} came from ${who} within ${span}; it is filed on the first one's case, unanswered`;
  const told = worthTelling(storm, stormCap(storm.by, policy))
    ? tellEngineer(
        'engineer-reply',
        supportCase,
        {
          key: `engineer-reply:${facts.inboundId}`,
          text: mail.reply,
          attachments: mail.attachments,
          hint: `A storm: ${because}; further ones are filed there without a letter to you.`,
          because: 'the owner is told when like mails are folded into one case',
        },
        { facts, policy, notices },
        now,
      )
    : [];
  return {
    // A stranger's mail on somebody else's case is no part of its conversation.
    disposition: disposition ?? (ofOneSender(storm.by) ? 'joined' : 'held'),
    reason: 'storm',
    because,
    caseNumber: supportCase.number,
    effects: [{ effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, 'internal') }, ...told],
  };
}

function ofOneSender(by: Storm['by']): boolean {
  return by === 'sender' || by === 'whole-sender';
}

function allDay(by: Storm['by']): boolean {
  return by === 'body-all-day' || by === 'numbered';
}

function worthTelling({ count }: Storm, cap: number): boolean {
  return count === cap || count % toldEach === 0;
}
