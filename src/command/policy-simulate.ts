// `casepost policy simulate NEW.yaml`: what a changed policy would have made of the stored mails, before it rules over new ones.
import { caseNumberText } from '../cases/support-case.ts';
import { readInstant, type Instant } from '../clock.ts';
import { createParser } from '../mail/parser-pool.ts';
import { shippedText } from '../policy/load.ts';
import { readVersion } from '../rules.ts';
import { simulate, type Changed, type Totals } from '../what-if/simulate.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { policyFile } from './policy.ts';
import { openSession, print, type CommonOptions } from './session.ts';

const subjectCharsShown = 60;
const parserThreads = 2;

/** Prints each mail that would differ and the totals; nothing is written. Exit code 0 also when something differs. */
export async function simulateCommand(
  path: string,
  options: CommonOptions & { since?: string; limit?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const own = policyFile(path);
  const read = readVersion({ shipped: shippedText().text, own: own.text }, own.name);
  if ('problems' in read) throw new ProblemsFound(read.problems.join('\n'));
  const range = { since: sinceOf(options.since), mailsMax: limitOf(options.limit) };
  const session = await openSession(options, env);
  const parser = createParser({ threads: parserThreads });
  try {
    const { database, desk } = session;
    const totals = await simulate({ db: database.db, desk, parser }, read.policy, range, (changed) =>
      print(options, changed, changedText(changed)),
    );
    print(options, { totals }, totalsText(totals, own.name));
  } finally {
    await parser.close();
    await session.close();
  }
}

function changedText({ caseNumber, subject, differences }: Changed): string {
  const shown = subject.length > subjectCharsShown ? `${subject.slice(0, subjectCharsShown)}…` : subject;
  const lines = differences.map(
    ({ what, before, after, because }) =>
      `    ${what.padEnd(12)} ${before ?? 'none'} -> ${after ?? 'none'}\n                 because ${because}`,
  );
  return [`case ${caseNumberText(caseNumber)}  ${shown.replaceAll(/\s+/g, ' ')}`, ...lines].join('\n');
}

function totalsText({ mails, changed, byValue, movedOn }: Totals, name: string): string {
  const values = Object.entries(byValue).map(([what, count]) => `${what} in ${count}`);
  return [
    `${mails} mails were decided on again; under ${name} ${changed} would differ${values.length === 0 ? '' : `: ${values.join(', ')}`}`,
    ...(movedOn === 0
      ? []
      : [
          `${movedOn} cases stand otherwise than the policy in force would open them today (people or older policies); not counted`,
        ]),
  ].join('\n');
}

function sinceOf(text: string | undefined): Instant | null {
  if (text === undefined) return null;
  try {
    return readInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text);
  } catch (error) {
    throw new UsageError(`--since: ${(error as Error).message}`);
  }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: "${text}" is not a number of mails; write it like 10000`);
}
