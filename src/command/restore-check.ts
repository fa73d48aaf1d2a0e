// `casepost restore-check`: after a database backup was restored, and before the gateway starts again: what came and went in the time that is lost.
// With `--apply` the mails are read again, and what may have left is held.
import { clearAlarm, openAlarms } from '../store/alarms.ts';
import { createParser } from '../mail/parser-pool.ts';
import { inFolder, lookedFrom, lostMails, recover, type LostMail } from '../restore.ts';
import { lineageAlarm } from '../store/lineage.ts';
import { newestStoredAt } from '../store/ledger.ts';
import { makeSafe, otherConnections, readSuspects } from '../store/restore.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { openSession, print, type CommonOptions, type Session } from './session.ts';

/** Shows what is missing, or with `apply` mends it. Ends with ProblemsFound while something is missing, or a gateway runs. */
export async function restoreCheck(
  options: CommonOptions & { apply?: boolean; since?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const since = options.since === undefined ? null : dateOf(options.since);
  const session = await openSession(options, env, { exclusive: true });
  try {
    const { db, embedded } = session.database;
    const others = embedded ? 0 : await otherConnections(db);
    if (options.apply && others > 0) {
      throw new ProblemsFound(
        `database: ${others} other connections of Casepost are open; stop every gateway first, nothing was changed`,
      );
    }
    await check(session, options, since);
  } finally {
    await session.close();
  }
}

async function check(
  session: Session,
  options: CommonOptions & { apply?: boolean },
  since: string | null,
): Promise<void> {
  const { config, now } = session;
  const { db } = session.database;
  const newest = await newestStoredAt(db);
  const from = since ?? lookedFrom(newest);
  const suspects = await readSuspects(db, now());
  const mails = await lostMails(db, config, from, now());
  const otherCopy = (await openAlarms(db)).some(({ key }) => key === lineageAlarm);
  print(
    options,
    {
      newest,
      from,
      mails: mails.length,
      letters: suspects.letters.length,
      undecided: suspects.undecided,
      due: suspects.due,
    },
    `the newest row is of ${newest?.toString() ?? 'never'}; processed folders were looked at from ${from ?? 'their beginning'} on: ` +
      `${mails.length} mails have no row, ${suspects.undecided} are undecided, ${suspects.letters.length} letters wait, ${suspects.due} steps are due`,
  );
  for (const { id, kind, caseNumber, createdAt } of suspects.letters) {
    const told = `letter ${id} (${kind}, case ${caseNumber ?? 'none'}, made ${createdAt.toString()}) waits in the backup and may have left`;
    print(options, { letter: id, kind, caseNumber, createdAt }, told);
  }
  const clean = mails.length + suspects.letters.length + suspects.undecided + suspects.due === 0 && !otherCopy;
  if (clean) return print(options, { missing: 0 }, 'nothing is missing');
  if (!options.apply) {
    for (const mail of mails) print(options, shown(mail), `${nameOf(mail)} has no row`);
    throw new ProblemsFound(
      'after a restore: stop every gateway and run "casepost restore-check --apply"; it reads these mails again, holds these letters ' +
        'and puts these steps off. Without a restore they are ordinary work in hand, and there is nothing to do',
    );
  }
  await db.transaction((trx) => makeSafe(trx, now()));
  await apply(session, mails, options);
  await clearAlarm(db, lineageAlarm, now());
  print(
    options,
    { held: suspects.letters.length, recovered: mails.length },
    `${mails.length} mails were read again, ${suspects.letters.length} letters are held ("casepost send --release" sends them all), ` +
      `${suspects.due} steps put off by a day; the gateway can start`,
  );
}

/** In the order in which they came, so that answers find the cases of their questions. */
async function apply(session: Session, mails: LostMail[], options: CommonOptions): Promise<void> {
  const { database, desk, now } = session;
  const parser = createParser({ threads: 1 });
  const left: string[] = [];
  try {
    for (const run of runsOf(mails)) {
      const [first] = run;
      if (!first) continue;
      await inFolder(first.mailbox, first.folder, async (connection) => {
        for (const mail of run) {
          const received = await recover({ db: database.db, desk, parser, now }, connection, mail);
          if (!received) {
            left.push(`${nameOf(mail)} could not be decided now; it is gone from its server, or waits for the gateway`);
            continue;
          }
          const { disposition, decision } = received;
          print(
            options,
            { ...shown(mail), disposition, reason: decision.reason, case: decision.caseNumber },
            `${nameOf(mail)}: ${disposition} ${decision.caseNumber === null ? '' : `case ${decision.caseNumber} `}(${decision.reason})`,
          );
        }
      });
    }
  } finally {
    await parser.close();
  }
  for (const line of left) print(options, { left: line }, line);
}

/** Neighbours of one folder together: one connection each. */
function runsOf(mails: LostMail[]): LostMail[][] {
  const runs: LostMail[][] = [];
  for (const mail of mails) {
    const last = runs.at(-1);
    if (last?.[0]?.source === mail.source) last.push(mail);
    else runs.push([mail]);
  }
  return runs;
}

function shown({ source, uidValidity, uid, receivedAt }: LostMail): object {
  return { source, uidValidity, uid, receivedAt };
}

function nameOf({ source, uidValidity, uid, receivedAt }: LostMail): string {
  return `${source} ${uidValidity}:${uid} of ${receivedAt.toString()}`;
}

function dateOf(text: string): string {
  try {
    return Temporal.PlainDate.from(text).toString();
  } catch {
    throw new UsageError(`--since: "${text}" is not a date; write it like 2026-03-02`);
  }
}
