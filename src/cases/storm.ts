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
  const cap = policy.loops.sameMailsAnHour;
  const known = facts.person?.contact.proven ?? false;
  const storm = facts.storms.find(({ by, count }) => count >= cap && (by === 'sender' || !known));
  if (!storm) return null;
  const { supportCase, notices } = storm.placed;
  const who = storm.by === 'sender' ? `came from ${mail.from?.addrSpec ?? 'this sender'}` : 'came from several senders';
  const because = `${storm.count} mails like it ${who} within an hour; it is filed on the first one's case, unanswered`;
  const told = worthTelling(storm, cap)
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
    disposition: disposition ?? (storm.by === 'sender' ? 'joined' : 'held'),
    reason: 'storm',
    because,
    caseNumber: supportCase.number,
    effects: [{ effect: 'entry', caseNumber: supportCase.number, entry: mailEntry(mail, 'internal') }, ...told],
  };
}

function worthTelling({ count }: Storm, cap: number): boolean {
  return count === cap || count % toldEach === 0;
}
