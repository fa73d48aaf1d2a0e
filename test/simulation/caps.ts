// The caps of TRUST 4.3.4, counted from what is committed and not from what the desk says: letters that nobody wrote by hand, to one address, to one
// domain, to one engineer.
import type { Decision, LetterRequest } from '../../src/cases/decision.ts';
import type { Instant } from '../../src/clock.ts';
import type { OutgoingLetter } from '../../src/store/commit.ts';
import { broken, count, ofTheHouse } from './oracle.ts';
import { under } from './rows.ts';
import type { World, Writing } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const perAddress = [
  { span: 10 * minute, most: 3 },
  { span: 3 * hour, most: 10 },
  { span: 24 * hour, most: 20 },
] as const;
const perDomainAnHour = 60;
const perEngineerAnHour = 60;
const perCaseAnHour = 10;
const suppressedDays = 60;
/** Rows of a clock that ran further ahead than this do not count (store/lately.ts). */
const clocksDiffer = 5 * minute;
/** Letters that an engineer causes: they count, and no cap holds them back. */
const byHand = new Set(['answer', 'closed-by-support']);

/** Looks at the letters of a decision before they are committed. */
export function watchLetters(
  world: World,
  decision: Decision,
  letters: OutgoingLetter[],
  writing: Writing | null,
  now: Instant,
): void {
  for (const effect of decision.effects) {
    if (effect.effect !== 'letter') continue;
    const { letter } = effect;
    const composed = letters.find((one) => one.letter.key === letter.key);
    if (!composed) broken(world, letter.caseNumber, `the ${letter.kind} of case ${letter.caseNumber} was not composed`);
    count(world, `letter ${letter.kind}`);
    if (letter.kind.startsWith('engineer-')) watchTelling(world, letter, now);
    else watchCustomer(world, decision, letter, writing, now);
  }
}

function watchCustomer(
  world: World,
  decision: Decision,
  letter: LetterRequest,
  writing: Writing | null,
  now: Instant,
): void {
  const { caseNumber, kind } = letter;
  const address = letter.to.addrSpec;
  const file = world.ledger.cases.get(caseNumber);
  const takesPart =
    file === undefined ||
    kind === 'acknowledgment' ||
    kind === 'linked-case' ||
    file.participants.some((one) => one.address === address && one.confirmed);
  if (!takesPart) broken(world, caseNumber, `${address} takes no part in case ${caseNumber} and gets its ${kind}`);
  if (ofTheHouse(address)) broken(world, caseNumber, `an engineer gets the ${kind} of case ${caseNumber}`);
  if (writing?.proof === 'fail') broken(world, caseNumber, `a mail that failed DMARC causes a ${kind} to ${address}`);
  if (writing?.by === 'participant') world.oracle.proven.add(address);
  if (kind === 'answer') {
    world.oracle.proven.add(address);
    return;
  }
  const nowMs = now.epochMilliseconds;
  const made = under(world.oracle.made, address, () => []);
  const within = (span: number) => made.filter(({ at }) => at >= nowMs - span && at <= nowMs + clocksDiffer);
  if (!byHand.has(kind)) {
    watchReach(world, caseNumber, address, nowMs);
    for (const { span, most } of perAddress) {
      const had = within(span).length;
      if (had >= most)
        broken(world, caseNumber, `${address} has had ${had} letters in ${span / minute} minutes and gets a ${kind}`);
    }
    const known = world.oracle.proven.has(address) || writing?.proof === 'pass';
    if (letter.proven && !known && kind !== 'follow-up' && kind !== 'closed-no-response')
      broken(world, caseNumber, `${address} counts as proven, and has shown nothing`);
    if (!known && within(24 * hour).length > 0)
      broken(world, caseNumber, `${address} is unproven and gets a second letter within a day, a ${kind}`);
    if (!letter.proven) watchDomain(world, caseNumber, address, nowMs);
  }
  made.push({ at: nowMs, proven: letter.proven });
  if (kind === 'acknowledgment' && decision.reason === 'unanswered-new-request')
    broken(world, caseNumber, `a machine's case ${caseNumber} is acknowledged`);
}

/** Where a letter was refused for good, and its case was told, nothing automatic goes for sixty days. */
function watchReach(world: World, caseNumber: number, address: string, nowMs: number): void {
  const refused = world.oracle.refused.get(address);
  if (
    refused &&
    refused.row.trouble !== null &&
    nowMs > refused.atMs &&
    nowMs < refused.atMs + suppressedDays * 24 * hour
  )
    broken(world, caseNumber, `letter ${refused.row.id} to ${address} was refused for good, and another is made`);
}

function watchDomain(world: World, caseNumber: number, address: string, nowMs: number): void {
  const domain = address.slice(address.lastIndexOf('@'));
  let had = 0;
  for (const [other, made] of world.oracle.made)
    if (other.endsWith(domain))
      had += made.filter(({ at, proven }) => !proven && at >= nowMs - hour && at <= nowMs + clocksDiffer).length;
  if (had >= perDomainAnHour) broken(world, caseNumber, `${domain} has had ${had} letters in an hour and gets another`);
}

function watchTelling(world: World, { to, caseNumber }: LetterRequest, now: Instant): void {
  if (!ofTheHouse(to.addrSpec))
    broken(world, caseNumber, `${to.addrSpec} is no engineer and is told of case ${caseNumber}`);
  const nowMs = now.epochMilliseconds;
  for (const [whose, most] of [
    [to.addrSpec, perEngineerAnHour],
    [`case ${caseNumber}`, perCaseAnHour],
  ] as const) {
    const told = under(world.oracle.told, whose, () => []);
    const had = told.filter((at) => at >= nowMs - hour && at <= nowMs + clocksDiffer).length;
    if (had >= most) broken(world, caseNumber, `engineers had ${had} letters in an hour for ${whose}`);
    told.push(nowMs);
    while ((told[0] ?? nowMs) < nowMs - 400 * hour) told.shift();
  }
}
