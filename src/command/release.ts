// `casepost bug release`: first who would be told and the letter, then, confirmed by a word that stands for exactly that preview, the telling: one
// transaction a customer, so that whatever ends it half way, the rest can be told later and nobody twice.
import { createHash } from 'node:crypto';
import { decideOnRelease, tellingCase, type Release, type ReleaseDecision } from '../cases/on-release.ts';
import { sharedCaps } from '../cases/budget.ts';
import { caseNumberText } from '../cases/support-case.ts';
import type { Instant } from '../clock.ts';
import { carryOut, senderOf } from '../desk.ts';
import { compose } from '../letters/compose.ts';
import { customersOfBug, type BugCustomer } from '../store/bugs.ts';
import { readCaseFacts, readCases, readParticipants } from '../store/cases.ts';
import { StaleFacts } from '../store/commit.ts';
import type { Transaction } from '../store/db.ts';
import { readPerson } from '../store/evidence.ts';
import { caseNumberOf, engineerOf, sendNow } from './case.ts';
import { certainly } from './certain.ts';
import { bugOf } from './engineering.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions, type Session } from './session.ts';

const releaseCharsMax = 100;
const textCharsMax = 20_000;
const confirmChars = 8;

/** What came of one customer: told (or to be told) on a case, or why not. */
interface Line {
  address: string;
  caseNumber: number;
  told: boolean;
  later: boolean;
  because: string;
}

/** `bug release BUG`: previews; with `--send --confirm WORD` tells. */
export async function releaseCommand(
  written: string,
  options: CommonOptions & {
    as?: string;
    release: string;
    text: string;
    everybody?: boolean;
    only?: string;
    send?: boolean;
    confirm?: string;
  },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const bug = bugOf(written);
  const name = options.release.replaceAll(/\s+/g, ' ').trim();
  const text = options.text.trim();
  if (name === '' || name.length > releaseCharsMax)
    throw new UsageError(`--release: ${name.length} characters; allowed are 1 to ${releaseCharsMax}; nobody was told`);
  if (text === '' || text.length > textCharsMax)
    throw new UsageError(`--text: ${text.length} characters; allowed are 1 to ${textCharsMax}; nobody was told`);
  if (options.send && options.confirm === undefined)
    throw new UsageError('--send needs --confirm with the word that the preview prints; nobody was told');
  await withSession(options, env, async (session) => {
    const by = engineerOf(session, options.as, null);
    const only = options.only?.split(',').map((one) => caseNumberOf(one.trim())) ?? null;
    const release: Release = { bug, release: name, text, by, everybody: options.everybody ?? false, only };
    const customers = await customersOf(session, release);
    const preview: Line[] = [];
    let letter: { subject: string; text: string } | null = null;
    for (const customer of customers) {
      const { line, sample } = await previewed(session, release, customer, letter === null);
      preview.push(line);
      letter ??= sample;
    }
    const confirm = wordOf(release, preview);
    if (!options.send) return show(options, preview, { confirm, letter });
    const count = preview.filter(({ told }) => told).length;
    if (count > 0 && options.confirm !== confirm)
      throw new ProblemsFound(
        `--confirm: "${options.confirm}" stands for another preview: ${count} ${count === 1 ? 'customer' : 'customers'} would be told now; look again without --send; nobody was told`,
      );
    const lines: Line[] = [];
    for (const [index, customer] of customers.entries())
      lines.push(preview[index]?.told ? await tell(session, release, customer) : (preview[index] as Line));
    await sendNow(session);
    show(options, lines, null);
  });
}

async function customersOf({ database }: Session, release: Release): Promise<BugCustomer[]> {
  const customers = await customersOfBug(database.db, release);
  if (customers.length === 0) throw new ProblemsFound(`no case is on bug ${release.bug}; nobody was told`);
  const known = new Set(customers.flatMap(({ cases }) => cases));
  const strange = (release.only ?? []).filter((number) => !known.has(number));
  if (strange.length > 0)
    throw new UsageError(
      `--only: not on bug ${release.bug}: ${strange.map(caseNumberText).join(', ')}; nobody was told`,
    );
  return customers;
}

interface Decided {
  line: Line;
  decision: ReleaseDecision;
  mailbox: string;
}

/** Decides on one customer with their cases locked in the order of their numbers; null when they have none on the bug any more. */
async function decide(
  trx: Transaction,
  { desk }: Session,
  release: Release,
  address: string,
  now: Instant,
): Promise<Decided | null> {
  const [before] = await customersOfBug(trx, { ...release, requester: address });
  const cases = await readCases(trx, before?.cases ?? [], true);
  // Read again under the locks: who told meanwhile has committed.
  const [customer] = await customersOfBug(trx, { ...release, requester: address });
  const supportCase = tellingCase(cases);
  if (!customer || !supportCase) return null;
  const { number, mailbox } = supportCase;
  const placed = await readCaseFacts(trx, supportCase, await readParticipants(trx, [number]), now);
  const person = await readPerson(trx, address, sharedCaps(desk.policy.loops), now);
  const others = cases.filter((one) => one.number !== number);
  const decision = decideOnRelease(release, { placed, others, person, toldAt: customer.toldAt }, desk.policy, now);
  const line =
    'untold' in decision
      ? { address, caseNumber: number, told: false, later: decision.later, because: decision.untold }
      : { address, caseNumber: number, told: true, later: false, because: decision.because };
  return { line, decision, mailbox };
}

async function previewed(
  session: Session,
  release: Release,
  { requester, cases }: BugCustomer,
  rendered: boolean,
): Promise<{ line: Line; sample: { subject: string; text: string } | null }> {
  const { database, desk } = session;
  const now = session.now();
  const decided = await database.db.transaction((trx) => decide(trx, session, release, requester, now));
  if (!decided) return { line: gone(requester, cases), sample: null };
  const { line, decision, mailbox } = decided;
  if (!rendered || !('letter' in decision)) return { line, sample: null };
  const { subject, text } = await compose(decision.letter, senderOf(desk, mailbox), desk.templates, now);
  return { line, sample: { subject, text } };
}

async function tell(session: Session, release: Release, { requester, cases }: BugCustomer): Promise<Line> {
  const now = session.now();
  try {
    return await certainly(session.database.db, `telling ${requester} of ${release.release}`, async (trx) => {
      const decided = await decide(trx, session, release, requester, now);
      if (!decided) return gone(requester, cases);
      const { line, decision, mailbox } = decided;
      if ('effects' in decision) await carryOut(trx, session.desk, decision, { inboundId: null, mailbox }, now);
      return line;
    });
  } catch (error) {
    if (!(error instanceof StaleFacts)) throw error;
    return { address: requester, caseNumber: cases[0] ?? 0, told: false, later: false, because: error.message };
  }
}

function gone(address: string, cases: number[]): Line {
  const because = 'has no case on the bug any more';
  return { address, caseNumber: cases[0] ?? 0, told: false, later: false, because };
}

/** Stands for who would be told of what: another recipient or word, another confirmation. */
function wordOf({ bug, release, text }: Release, lines: Line[]): string {
  const told = lines.filter((line) => line.told).map(({ address, caseNumber }) => [address, caseNumber]);
  const digest = createHash('sha256').update(JSON.stringify([bug, release, text, told]));
  return digest.digest('hex').slice(0, confirmChars);
}

function show(
  options: CommonOptions,
  lines: Line[],
  preview: { confirm: string; letter: { subject: string; text: string } | null } | null,
): void {
  for (const line of lines) {
    const verdict = line.told ? (preview ? 'would be told' : 'told') : line.later ? 'not now' : 'not told';
    print(options, line, `${verdict}: ${line.address}, case ${caseNumberText(line.caseNumber)}: ${line.because}`);
  }
  const told = lines.filter((line) => line.told).length;
  const later = lines.filter((line) => line.later).length;
  const waiting = later === 0 ? '' : `; ${later} wait until a cap has room: run it again later`;
  if (!preview) return print(options, { told, later }, `${told} of ${lines.length} told${waiting}`);
  const { confirm, letter } = preview;
  const shown = letter === null ? '' : `\nThe first letter:\n  Subject: ${letter.subject}\n${quoted(letter.text)}\n`;
  const next =
    told === 0 ? 'nobody is left to tell' : `nothing was sent; to tell them add: --send --confirm ${confirm}`;
  print(
    options,
    { told, later, confirm, letter },
    `${shown}\n${told} of ${lines.length} would be told${waiting}; ${next}`,
  );
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `  | ${line}`)
    .join('\n');
}
