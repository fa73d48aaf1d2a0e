// `casepost import KIND FILE.csv`: what a CRM knows of customers, all of a file or nothing of it, with every bad row named.
import { takeCustomers, type BadRow } from '../customers.ts';
import { customerColumns, type CustomerKind } from '../policy/customer-row.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { rowsOf } from './import-file.ts';
import { print, withSession, type CommonOptions } from './session.ts';

/** Imports a file. Ends with ProblemsFound when bad rows kept it from being written. */
export async function importCommand(
  kind: string,
  path: string,
  options: CommonOptions & { dryRun?: boolean; skipBad?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (!isKind(kind))
    throw new UsageError(`import: "${kind}" is nothing we keep; allowed: ${Object.keys(customerColumns).join(', ')}`);
  await withSession(options, env, async (session) => {
    const onBad = (bad: BadRow): void => {
      const { line, column, problem } = bad;
      print(options, bad, `${path}:${line}: ${column === '' ? '' : `${column}: `}${problem}`);
    };
    const { dryRun = false, skipBad = false } = options;
    const given = rowsOf(path, kind);
    const taken = await takeCustomers(
      session.database.db,
      kind,
      given,
      { dryRun, skipBad, onBad },
      session.desk.policy,
    );
    const counts = `${taken.added} added, ${taken.changed} changed, ${taken.unchanged} unchanged, ${taken.bad} bad`;
    print(options, { kind, ...taken }, `${kind}: ${counts}${taken.written ? '' : '; nothing was written'}`);
    if (taken.bad > 0 && !skipBad)
      throw new ProblemsFound(`${path}: ${taken.bad} bad rows; mend them, or leave them out with --skip-bad`);
  });
}

function isKind(word: string): word is CustomerKind {
  return Object.hasOwn(customerColumns, word);
}
