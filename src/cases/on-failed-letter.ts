// A letter that did not reach its recipient (TRUST F31, F32): told to the owner, and what could not arrive anyway ends. The postbox only
// records what the mail server said; what follows from it is decided here.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { toldEngineer } from './correspondence.ts';
import type { Decision, Effect } from './decision.ts';
import type { CaseFacts, CaseNotices, TellingFacts } from './facts.ts';
import type { SupportCase } from './support-case.ts';
import { tellEngineer } from './telling.ts';

/** A letter in trouble. `failed`: never sent again; `unknown`: neither, for it may have arrived; `late`: tried since `createdAt`, and still being tried. */
export interface TroubledLetter {
  id: string;
  kind: string;
  recipient: string;
  createdAt: Instant;
  trouble: 'failed' | 'unknown' | 'late';
  /** What the mail server said last. */
  error: string;
}

/** A letter tried in vain for so long is told to the owner (TRUST F31). */
export const lateHours = 4;

/** What the owner is told when letters to an address end. */
export const stopsText = 'No follow-ups go there until somebody finds another way to reach the customer.';

/** Decides on a letter of a case that failed for good or is late. */
export function decideOnTrouble(
  letter: TroubledLetter,
  placed: CaseFacts,
  facts: TellingFacts,
  policy: Policy,
  now: Instant,
): Decision {
  const { supportCase, notices } = placed;
  const { number } = supportCase;
  const said = letter.error.slice(0, errorCharsShown);
  const key = `engineer-notice:letter:${letter.trouble}:${letter.id}`;
  if (letter.trouble === 'late') {
    const because = `our ${letter.kind} to ${letter.recipient} could not be sent since ${letter.createdAt.toString({ smallestUnit: 'minute' })}`;
    const notice = `Our ${letter.kind} to ${letter.recipient} has not left for ${lateHours} hours; the same letter is tried again and again. The mail server says: ${said}`;
    const effects = tellOfFailure(supportCase, letter, { key, notice, because }, { facts, policy, notices }, now);
    return { reason: 'letter-late', because, caseNumber: number, effects };
  }
  const unknown = letter.trouble === 'unknown';
  const because = unknown
    ? `our ${letter.kind} to ${letter.recipient} was sent twice, and nobody knows whether it arrived`
    : `our ${letter.kind} to ${letter.recipient} was refused for good or given up`;
  const entry = { kind: 'report', visibility: 'internal', author: 'postbox', fullText: null } as const;
  const text = unknown
    ? `The ${letter.kind} to ${letter.recipient} was sent twice, and the mail server said neither time whether it took it: ${said}`
    : `The ${letter.kind} to ${letter.recipient} could not be sent: ${said}`;
  const effects: Effect[] = [
    { effect: 'entry', caseNumber: number, entry: { ...entry, text, attachments: [] } },
    ...(recipientRefused(letter.error)
      ? undeliverable(supportCase, letter, said, policy, now)
      : endFollowUps(supportCase, letter)),
  ];
  const stops = letter.recipient === supportCase.requester ? ` ${stopsText}` : '';
  const notice = unknown
    ? `Our ${letter.kind} to ${letter.recipient} was sent twice, and the mail server did not say whether it took it: it may have arrived, and it is not sent again.${stops} What we saw: ${said}`
    : `Our ${letter.kind} could not be sent to ${letter.recipient}.${stops} The mail server says: ${said}`;
  effects.push(...tellOfFailure(supportCase, letter, { key, notice, because }, { facts, policy, notices }, now));
  return { reason: 'letter-failed', because, caseNumber: number, effects };
}

const errorCharsShown = 500;

/**
 * Whether the mail server refused the address and not the letter: an enhanced status 5.1.x or 5.2.x (RFC 3463), or a plain 550, 551 or 553
 * to RCPT without one (RFC 5321 4.2.3).
 */
export function recipientRefused(error: string): boolean {
  const status = /\b5\.(\d{1,3})\.\d{1,3}\b/.exec(error);
  if (status) return status[1] === '1' || status[1] === '2';
  return /\bRCPT\b|recipient/i.test(error) && /\b55[013]\b/.test(error);
}

/** Mail to this address can not be delivered: nothing automatic goes there for a while, and follow-ups to it end. */
export function undeliverable(
  supportCase: SupportCase,
  letter: Pick<TroubledLetter, 'recipient' | 'kind'>,
  because: string,
  policy: Policy,
  now: Instant,
): Effect[] {
  // What engineers are told is never held back by a report, which anybody near their mailbox could provoke.
  if (letter.kind.startsWith('engineer-')) return [];
  const until = now.add({ hours: policy.loops.suppressedDays * 24 });
  return [{ effect: 'suppress', address: letter.recipient, because, until }, ...endFollowUps(supportCase, letter)];
}

function endFollowUps(supportCase: SupportCase, letter: Pick<TroubledLetter, 'recipient' | 'kind'>): Effect[] {
  if (letter.recipient !== supportCase.requester || letter.kind.startsWith('engineer-')) return [];
  const because = `mail to ${letter.recipient} can not be delivered`;
  return [{ effect: 'cancel-schedule', caseNumber: supportCase.number, because }];
}

/** Tells the owner of a letter in trouble; when it was the owner's own, the escalation contact; nobody when that is the same address or the letter told of trouble. */
export function tellOfFailure(
  supportCase: SupportCase,
  letter: Pick<TroubledLetter, 'recipient' | 'kind'>,
  told: { key: string; notice: string; because: string },
  desk: { facts: TellingFacts; policy: Policy; notices: CaseNotices },
  now: Instant,
): Effect[] {
  // Word about a lost word would go back and forth between two addresses that both fail.
  if (letter.kind === 'engineer-notice' || letter.kind === 'engineer-warning') return [];
  const owner = toldEngineer(supportCase, desk.policy);
  const to = owner?.addrSpec === letter.recipient ? toldEngineer({ owner: null }, desk.policy) : owner;
  if (!to || to.addrSpec === letter.recipient) return [];
  return tellEngineer(
    'engineer-notice',
    supportCase,
    { ...told, to, text: '', attachments: [], hint: null },
    desk,
    now,
  );
}
