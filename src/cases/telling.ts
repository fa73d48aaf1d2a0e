// How engineers are told of what needs a person: of everything, but never flooded. A case that brings letter after letter is told a few times an
// hour; the last of these says that more will be filed in silence, and the next one after it how many were.
import type { Instant } from '../clock.ts';
import type { Address } from '../mail/mail.ts';
import { absent } from '../policy/assignment.ts';
import type { Engineer, Policy } from '../policy/policy.ts';
import { engineerLetter, toldEngineer } from './correspondence.ts';
import type { Effect } from './decision.ts';
import type { CaseNotices, TellingFacts } from './facts.ts';
import type { SupportCase } from './support-case.ts';

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
  const owner = toldEngineer(supportCase, policy);
  const standIn =
    letter.to === undefined && owner !== null ? standInOf(owner, supportCase, { facts, policy }, now) : null;
  const to = letter.to ?? standIn ?? owner;
  if (!to) return [];
  const { noticesPerCaseAnHour: perCase, noticesPerEngineerAnHour: perEngineer } = policy.loops;
  const had = facts.noticesThisHour[to.addrSpec] ?? 0;
  const cap = Math.min(letter.perEngineer ?? perEngineer, perEngineer);
  if (notices.thisHour >= perCase || had >= cap) return [];
  const hints = [letter.hint];
  if (standIn) hints.push(`${owner?.displayName} has this case and is away: you stand in.`);
  if (notices.untold > 0)
    hints.push(
      `${notices.untold} earlier ${notices.untold === 1 ? 'mail' : 'mails'} of this case came without a letter to you.`,
    );
  if (notices.thisHour + 1 === perCase) {
    hints.push(
      `This is letter ${perCase} about this case within an hour: until it is over, mails are filed on it without a letter to you.`,
    );
  }
  if (had + 1 === perEngineer) {
    hints.push(
      `This is letter ${perEngineer} to you within an hour: until it is over, mails and cases come without one. casepost case list --open shows all.`,
    );
  }
  const hint = hints.filter((one) => one !== null).join(' ') || null;
  const request = engineerLetter(kind, supportCase, { ...letter, to, hint }, { facts, policy }, now);
  return request ? [{ effect: 'letter', letter: request }] : [];
}

/** Who is told while the owner is away: the owner stays the owner. Null while the owner is there, or nobody stands in. */
function standInOf(
  owner: Address,
  { line }: Pick<SupportCase, 'line'>,
  { facts, policy }: { facts: TellingFacts; policy: Policy },
  now: Instant,
): Address | null {
  const named = (address: string | null) => policy.engineers.find((one) => one.address === address);
  const gone = (one: Engineer) => absent(one, { line, away: facts.away ?? [] }, policy, now);
  const engineer = named(owner.addrSpec);
  const standIn = named(engineer?.standIn ?? null);
  if (!engineer || !standIn || !gone(engineer) || gone(standIn)) return null;
  return { displayName: standIn.name, addrSpec: standIn.address };
}
