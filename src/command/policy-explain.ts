// `casepost policy explain N`: one page that tells how a case's severity, plan, target and owner came about, and what has changed them since.
import { caseNumberText, type SupportCase } from '../cases/support-case.ts';
import { createParser } from '../mail/parser-pool.ts';
import { readVersion } from '../rules.ts';
import { readCase } from '../store/cases.ts';
import { recordedAway } from '../store/engineers.ts';
import { readLoad } from '../store/evidence.ts';
import { readEntries, type StoredEntry } from '../store/history.ts';
import { findPolicy } from '../store/policies.ts';
import { begunCases, type BegunCase } from '../store/replay.ts';
import { explainOpening, type Explanation } from '../what-if/explanation.ts';
import { factsOfThen } from '../what-if/replay.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { openSession, print, type CommonOptions } from './session.ts';

/** Prints the page; a case that no mail began (logged by hand) tells its recorded reasons only. */
export async function explainCommand(text: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < 1)
    throw new UsageError(`"${text}" is not a case number; write it like 1 or 00000001`);
  const session = await openSession(options, env);
  const parser = createParser({ threads: 1 });
  try {
    const { db } = session.database;
    const supportCase = await readCase(db, number);
    if (!supportCase) throw new ProblemsFound(`case ${caseNumberText(number)} does not exist`);
    const [begun] = await begunCases(db, { after: '0', limit: 1, since: null, caseNumber: number });
    const changes = (await readEntries(db, number)).filter(({ kind }) => kind === 'change');
    if (!begun) return print(options, { supportCase, changes }, recordedText(supportCase, changes).join('\n'));
    const version = await findPolicy(db, begun.policyVersion);
    const then = version && readVersion(version, `policy ${begun.policyVersion}`);
    const policy = then && 'policy' in then ? then.policy : session.desk.policy;
    const policies = [policy, session.desk.policy];
    const known = { load: await readLoad(db), away: await recordedAway(db), policies };
    const replayed = await factsOfThen(db, session.desk, begun, await parser.parse(begun.raw), known);
    const explanation = explainOpening(replayed, policy, session.desk.policy);
    const ruling = session.desk.policyVersion;
    print(
      options,
      { supportCase, mail: begun.id, policyVersion: begun.policyVersion, ruling, explanation, changes },
      [
        ...recordedText(supportCase, changes),
        '',
        ...(explanation
          ? explainedText(explanation, begun, ruling)
          : ['The policy of then would open no case for its mail.']),
      ].join('\n'),
    );
  } finally {
    await parser.close();
    await session.close();
  }
}

function recordedText(supportCase: SupportCase, changes: StoredEntry[]): string[] {
  const { number, severity, severityBy, severityBecause, plan, planBecause, targetAt, targetBecause } = supportCase;
  const { owner, ownerBecause, requester, account, line, product } = supportCase;
  return [
    `Case ${caseNumberText(number)}: ${supportCase.subject.replaceAll(/\s+/g, ' ')}`,
    `  by         ${requester}, account ${account ?? 'none'}; ${line}, ${product ?? 'no product named'}`,
    `  severity   ${severity}, set by ${severityBy}: ${severityBecause}`,
    `  plan       ${plan}: ${planBecause}`,
    `  target     ${targetAt?.toString({ smallestUnit: 'minute' }) ?? 'none'}: ${targetBecause}`,
    `  owner      ${owner ?? 'nobody'}: ${ownerBecause}`,
    ...section(
      'Changed since',
      changes.map(({ at, author, text }) => `${at.toString({ smallestUnit: 'minute' })}  ${author}: ${text}`),
    ),
  ];
}

function explainedText(explanation: Explanation, begun: BegunCase, ruling: string): string[] {
  const { judgment, severity, entitlements, plan, registration, target, engineers, owner, letters, today } =
    explanation;
  const same = begun.policyVersion === ruling ? 'which rules still' : `now ${ruling} rules`;
  return [
    `How it was opened: mail ${begun.id}, ${begun.decidedAt.toString({ smallestUnit: 'second' })}, policy ${begun.policyVersion} (${same})`,
    ...section('Severity', [severity, `topics: ${judgment.topicsBecause}`, judgment.outOfScopeBecause]),
    ...section('Plan', [
      plan,
      ...(entitlements.length === 0
        ? ['the account holds no plan']
        : entitlements.map(({ id, plan: name, because }) => `${id} (${name}) ${because}`)),
      `${registration.registered ? 'registered' : 'not registered'}: ${registration.because}`,
    ]),
    ...section('Target', target ? [target.because, ...target.steps] : ['its plan is no longer in the policy']),
    ...section('Owner', [owner, ...engineers.map(({ name, because }) => `${name} ${because}`)]),
    '  (open cases are counted as they are now; who has come back since then is not known to have been away)',
    ...section(
      'Letters',
      letters.map(({ kind, to, because }) => `${kind} to ${to}: ${because}`),
    ),
    ...section(
      'The policy in force would make of the same mail',
      today.length === 0
        ? ['the same']
        : today.map(
            ({ what, before, after, because }) => `${what} ${before ?? 'none'} -> ${after ?? 'none'}: ${because}`,
          ),
    ),
  ];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
