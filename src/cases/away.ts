// An engineer says by mail that they are away or back: the subject is the whole message. It moves only who gets new cases, but it moves that for
// everybody, so it is believed only from who has shown to be the engineer (TRUST 4.2, row 10): by a token of ours or by what our server proved.
import type { Instant } from '../clock.ts';
import type { Mail } from '../mail/mail.ts';
import { bareSubject } from '../mail/subject.ts';
import { calendarNamed, type Engineer, type Policy } from '../policy/policy.ts';
import type { Effect, MailDecision } from './decision.ts';
import type { MailFacts } from './facts.ts';

/** What a subject asks for; `until` as written (null: no day named). */
export type AwayAsked = { asks: 'away'; until: string | null } | { asks: 'back' };

/** Reads `AWAY`, `AWAY until 2026-12-01` or `BACK` (reply prefixes and a case tag aside, in any letter case); null for any other subject. */
export function awayAsked(subject: string): AwayAsked | null {
  const bare = bareSubject(subject);
  if (/^back[.!]?$/i.test(bare)) return { asks: 'back' };
  const away = /^away(?:\s+(?:until|till|to|bis)\s+(.{1,40})|\s+(\d.{0,40}))?$/i.exec(bare.replace(/[.!]$/, ''));
  return away && { asks: 'away', until: away[1] ?? away[2] ?? null };
}

/** The engineer whose mail asks so, and what; null when it is no engineer's, or asks something else. */
export function awayMail(mail: Mail, policy: Policy): { engineer: Engineer; asked: AwayAsked } | null {
  const asked = awayAsked(mail.subject);
  const engineer = asked && policy.engineers.find(({ address }) => address === mail.from?.addrSpec);
  return engineer ? { engineer, asked } : null;
}

/** When somebody who is away to the end of `day` (2026-12-01) is back: the next midnight where they work; null when it is no date. */
export function backAt(day: string, engineer: Engineer, policy: Policy): Instant | null {
  const line = engineer.lines.includes('mobility') && !engineer.lines.includes('corporate') ? 'mobility' : 'corporate';
  const { zone } = calendarNamed(policy, engineer.calendar ?? policy.lines[line].calendar);
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(day)
      ? Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(zone).toInstant()
      : null;
  } catch {
    return null;
  }
}

/** Decides on such a mail: what it asks is done and confirmed, or refused with the reason, to the engineer's address either way. */
export function onAwayMail(
  { engineer, asked }: { engineer: Engineer; asked: AwayAsked },
  facts: MailFacts,
  policy: Policy,
  now: Instant,
): MailDecision {
  const { address } = engineer;
  const doubt = doubtOf(facts, policy);
  if (doubt !== null) {
    const notice = `A mail in your name asked to set you ${asked.asks}. Nothing was changed: ${doubt}. Answer any notice of ours with this subject, or use "casepost engineer ${asked.asks} ${address}".`;
    const cap = policy.loops.refusalsPerEngineerAnHour;
    return refused(
      `engineer ${address} is not set ${asked.asks}: ${doubt}`,
      letter(engineer, facts, { notice, cap }, policy),
    );
  }
  const cap = policy.loops.noticesPerEngineerAnHour;
  const wrong = wrongOf(asked, engineer, facts, policy, now);
  if (wrong !== null) {
    const notice = `Nothing was changed: ${wrong}.`;
    return refused(
      `engineer ${address} is not set ${asked.asks}: ${wrong}`,
      letter(engineer, facts, { notice, cap }, policy),
    );
  }
  const until = asked.asks === 'away' && asked.until !== null ? backAt(asked.until, engineer, policy) : null;
  const effect: Effect =
    asked.asks === 'away' ? { effect: 'engineer-away', address, until } : { effect: 'engineer-back', address };
  const notice = doneText(asked, engineer, policy);
  return {
    disposition: 'joined',
    reason: asked.asks === 'away' ? 'engineer-away' : 'engineer-back',
    because: `engineer ${address} says so by mail: ${asked.asks}${until ? ` until ${until.toString({ smallestUnit: 'minute' })}` : ''}`,
    caseNumber: null,
    effects: [effect, ...letter(engineer, facts, { notice, cap }, policy)],
  };
}

/** Why the mail is not believed to be the engineer's; null when it is. */
function doubtOf({ place, authentication, wordsSeenBefore }: MailFacts, policy: Policy): string | null {
  if (wordsSeenBefore) return 'the same mail came before under other headers';
  if (place?.place === 'engineer' && place.allowed) return null;
  const { verdict, because } = authentication;
  if (policy.authentication !== 'off' && verdict === 'pass') return null;
  return verdict === 'fail'
    ? because
    : 'it does not answer a notice of ours, and no server of ours has proved its sender';
}

function wrongOf(
  asked: AwayAsked,
  engineer: Engineer,
  { away = [] }: MailFacts,
  policy: Policy,
  now: Instant,
): string | null {
  if (asked.asks === 'back')
    return away.includes(engineer.address)
      ? null
      : `you were not away by your own word${byPolicy(engineer) ? '; the policy has you away, and an admin can change it' : ''}`;
  if (asked.until === null) return null;
  const until = backAt(asked.until, engineer, policy);
  if (until === null) return `"${asked.until}" is no date; write the last day like AWAY until 2026-12-01`;
  return Temporal.Instant.compare(until, now) <= 0 ? `${asked.until} is over` : null;
}

function doneText(asked: AwayAsked, engineer: Engineer, policy: Policy): string {
  if (asked.asks === 'back')
    return `You are back: new cases come to you again.${byPolicy(engineer) ? ' The policy has you away on some days all the same.' : ''}`;
  const standIn = policy.engineers.find(({ address }) => address === engineer.standIn);
  const theirs = standIn ? `${standIn.name} is told of them meanwhile` : 'you are told of them as before';
  const until = asked.until === null ? '' : ` to the end of ${asked.until}`;
  return `You are away${until}: new cases go to others. Those you have stay yours, and ${theirs}. Write to us with the subject BACK when you return${asked.until === null ? '' : ' sooner'}.`;
}

function byPolicy({ away, daysAway }: Engineer): boolean {
  return away || daysAway.length > 0;
}

/** The answer to the engineer, about no case; none when so many letters of an hour were theirs. */
function letter(
  { address, name, languages }: Engineer,
  { inboundId, noticesThisHour, mailbox }: MailFacts,
  { notice, cap }: { notice: string; cap: number },
  policy: Policy,
): Effect[] {
  if ((noticesThisHour[address] ?? 0) >= cap) return [];
  const { zone } = calendarNamed(policy, policy.lines[mailbox.line].calendar);
  return [
    {
      effect: 'letter',
      letter: {
        kind: 'engineer-away',
        caseNumber: 0,
        to: { addrSpec: address, displayName: name },
        key: `engineer-away:${inboundId}`,
        language: languages[0] ?? 'en',
        automatic: 'auto-replied',
        inReplyTo: null,
        references: [],
        proven: true,
        heldBecause: null,
        because: 'who says that they are away or back is answered',
        variables: { zone, recipientName: name, subject: '', notice },
      },
    },
  ];
}

function refused(because: string, effects: Effect[]): MailDecision {
  return { disposition: 'held', reason: 'engineer-answer-refused', because, caseNumber: null, effects };
}
