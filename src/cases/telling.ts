// How engineers are told of what needs a person: of everything, but never flooded. A case that brings letter after letter is told a few times an
// hour; the last of these says that more will be filed in silence, and the next one after it how many were.
import type { Instant } from '../clock.ts';
import type { Policy } from '../policy/policy.ts';
import { engineerLetter, toldEngineer } from './correspondence.ts';
import type { Effect } from './decision.ts';
import type { CaseNotices, TellingFacts } from './facts.ts';
import type { SupportCase } from './support-case.ts';

/** Letters to engineers in an hour: about one case, to one engineer, and of those the ones that anybody who writes under the engineer's name causes. */
export const tellingLimits = { perCase: 10, perEngineer: 60, refusalsPerEngineer: 20 } as const;

/** A case nobody has been told of yet. */
export const untoldCase: CaseNotices = { thisHour: 0, untold: 0 };

type Kind = Parameters<typeof engineerLetter>[0];
type Told = Parameters<typeof engineerLetter>[2] & { perEngineer?: number };

/** The letter to a case's engineer as an effect; none when there is nobody to tell or a cap is full. The caps count what is committed. */
export function tellEngineer(
  kind: Kind,
  supportCase: SupportCase,
  letter: Told,
  desk: { facts: TellingFacts; policy: Policy; notices: CaseNotices },
  now: Instant,
): Effect[] {
  const { facts, policy, notices } = desk;
  const to = letter.to ?? toldEngineer(supportCase, policy);
  if (!to) return [];
  const had = facts.noticesThisHour[to.addrSpec] ?? 0;
  const cap = letter.perEngineer ?? tellingLimits.perEngineer;
  if (notices.thisHour >= tellingLimits.perCase || had >= cap) return [];
  const hints = [letter.hint];
  if (notices.untold > 0)
    hints.push(
      `${notices.untold} earlier ${notices.untold === 1 ? 'mail' : 'mails'} of this case came without a letter to you.`,
    );
  if (notices.thisHour + 1 === tellingLimits.perCase) {
    hints.push(
      `This is letter ${tellingLimits.perCase} about this case within an hour: until it is over, mails are filed on it without a letter to you.`,
    );
  }
  if (had + 1 === tellingLimits.perEngineer) {
    hints.push(
      `This is letter ${tellingLimits.perEngineer} to you within an hour: until it is over, mails and cases come without one. casepost case list --open shows all.`,
    );
  }
  const hint = hints.filter((one) => one !== null).join(' ') || null;
  const request = engineerLetter(kind, supportCase, { ...letter, to, hint }, { facts, policy }, now);
  return request ? [{ effect: 'letter', letter: request }] : [];
}
