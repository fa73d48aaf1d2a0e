// `casepost reconcile`: is every mail that a source ever showed us in exactly one row, with one disposition? Prints the difference, which is empty.
import { createHash } from 'node:crypto';
import { mailFiles } from '../intake/files.ts';
import { differenceLines, differenceOf } from '../reconcile.ts';
import { readLedger } from '../store/outcome.ts';
import { rows, type Db } from '../store/db.ts';
import { ProblemsFound } from './ending.ts';
import { openSession, print, type CommonOptions, type Session } from './session.ts';

/** Compares every configured IMAP folder, and the files of `paths`, with the rows. Ends with ProblemsFound when something is missing or waits. */
export async function reconcile(paths: string[], options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const session = await openSession(options, env);
  const problems: string[] = [];
  try {
    for (const ledger of await readLedger(session.database.db)) {
      const told = Object.entries(ledger.dispositions)
        .map(([disposition, count]) => `${count} ${disposition}`)
        .join(', ');
      print(options, ledger, `${ledger.source}: ${ledger.stored} mails stored: ${told}`);
      if (ledger.waiting > 0) problems.push(`${ledger.source}: ${ledger.waiting} mails wait for their decision`);
    }
    problems.push(...(await reconcileServers(session, options)));
    problems.push(...(await reconcileFiles(session.database.db, paths, options)));
  } finally {
    await session.close();
  }
  if (problems.length > 0) throw new ProblemsFound(problems.join('\n'));
  print(options, { missing: 0 }, 'nothing is missing');
}

async function reconcileServers({ config, database, now }: Session, options: CommonOptions): Promise<string[]> {
  const problems: string[] = [];
  for (const { imap } of config.mailboxes) {
    if (!imap) continue;
    const difference = await differenceOf(database.db, imap, { archived: null, archivedSince: null }, now());
    const { source, server, missing, lost, sampled } = difference;
    const archived = lost === null ? '' : `, ${lost.uids.length} of those moved to ${lost.folder}`;
    print(
      options,
      difference,
      `${source}: ${server} mails on the server, ${missing.uids.length} without a row${archived}; the bytes of ${sampled} compared`,
    );
    problems.push(...differenceLines(difference));
  }
  return problems;
}

async function reconcileFiles(db: Db, paths: string[], options: CommonOptions): Promise<string[]> {
  const problems: string[] = [];
  let seen = 0;
  for await (const item of mailFiles(paths)) {
    seen += 1;
    if (item.raw === undefined) {
      problems.push(`${item.file}: ${item.error}`);
      continue;
    }
    const sha256 = createHash('sha256').update(item.raw).digest();
    const [found] = await rows(db, 'select 1 from inbound where sha256 = :sha256 and disposition is not null limit 1', {
      sha256,
    });
    if (!found) problems.push(`${item.file}: no row has this mail's bytes`);
  }
  if (paths.length > 0)
    print(
      options,
      { files: seen, missing: problems.length },
      `${seen} mails in files, ${problems.length} without a row`,
    );
  return problems;
}
