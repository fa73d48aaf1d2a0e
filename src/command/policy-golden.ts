// `casepost policy golden …`: pins mails with the outcome they have, so that a changed policy that breaks one is stopped before it rules.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { compared, type Outcome } from '../cases/outcome.ts';
import { brokenGolden, breakText, judgeAlone, pinnedByDefault, type Judgeable } from '../golden.ts';
import type { Db } from '../store/db.ts';
import { goldenMails, pinGolden, unpinGolden } from '../store/golden.ts';
import { storedMail } from '../store/replay.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';

/** `golden add MAIL|FILE.eml`: pins what the policy in force makes of it, or what `--expect` says. */
export async function addGolden(
  source: string,
  options: CommonOptions & { name?: string; expect?: string[]; mailbox?: string; as?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async (session) => {
    const { config, desk, database, now } = session;
    const mail = await mailOf(database.db, source, options.mailbox ?? config.mailboxes[0]?.id ?? '', now());
    const [judged] = await judgeAlone([mail], config, desk.policy);
    if (!judged) throw new Error('one mail has one outcome');
    const expected = options.expect ? expectations(options.expect) : pick(judged.outcome);
    const name = options.name ?? (/^\d+$/.test(source) ? `mail ${source}` : basename(source));
    await pinGolden(database.db, {
      ...mail,
      name,
      expected,
      author: options.as ?? userInfo().username,
      pinnedAt: now(),
    });
    print(options, { name, expected }, `golden mail "${name}" is pinned: ${valuesText(expected)}`);
    const breaks = (await brokenGolden(database.db, config, desk.policy)).filter((one) => one.name === name);
    if (breaks.length > 0)
      throw new ProblemsFound(`the policy in force does not do so yet:\n${breaks.map(breakText).join('\n')}`);
  });
}

/** `golden list`: what is pinned, and whether the policy in force still does so. */
export async function listGolden(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database: { db }, config, desk }) => {
    for (const { raw: _, ...golden } of await goldenMails(db)) {
      print(options, golden, `${golden.name}  (${golden.author})  ${valuesText(golden.expected)}`);
    }
    const breaks = await brokenGolden(db, config, desk.policy);
    if (breaks.length > 0) throw new ProblemsFound(breaks.map(breakText).join('\n'));
  });
}

/** `golden remove NAME`. */
export async function removeGolden(name: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database: { db } }) => {
    if (!(await unpinGolden(db, name)))
      throw new ProblemsFound(`no mail is pinned as "${name}"; "casepost policy golden list" names them`);
    print(options, { removed: name }, `golden mail "${name}" is no longer pinned`);
  });
}

async function mailOf(db: Db, source: string, mailbox: string, now: Judgeable['receivedAt']): Promise<Judgeable> {
  if (/^\d{1,15}$/.test(source)) {
    const stored = await storedMail(db, source);
    if (!stored)
      throw new ProblemsFound(`mail ${source} does not exist; "casepost case show" tells the numbers of mails`);
    return stored;
  }
  try {
    return { raw: readFileSync(source), mailbox, receivedAt: now };
  } catch (error) {
    throw new UsageError(`${source}: can not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

function pick(outcome: Outcome): Partial<Outcome> {
  return Object.fromEntries(pinnedByDefault.map((what) => [what, outcome[what]]));
}

function expectations(pairs: string[]): Partial<Outcome> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, what = '', value = ''] = /^([a-z]+)=(.*)$/.exec(pair) ?? [];
      if (!(compared as readonly string[]).includes(what))
        throw new UsageError(
          `--expect: "${pair}": write it like severity=A; what can be pinned: ${compared.join(', ')}`,
        );
      return [what, value === 'none' ? null : value];
    }),
  );
}

function valuesText(expected: Partial<Outcome>): string {
  return Object.entries(expected)
    .map(([what, value]) => `${what} ${value === null || value === '' ? 'none' : value}`)
    .join(', ');
}
