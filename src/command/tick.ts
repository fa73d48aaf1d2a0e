// `casepost tick`: what is due, once.
import { rowsPerRunMax, tickOnce } from '../tick.ts';
import { caseNumberText } from '../cases/support-case.ts';
import { print, withSession, type CommonOptions } from './session.ts';

/** Decides on every due row at `--now`; the letters wait in the outbox for `send` or a running gateway. */
export async function tick(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    for (let first = true; ; first = false) {
      const done = await tickOnce({ db: session.database.db, desk: session.desk, sends: false }, session.now());
      for (const row of done) {
        print(
          options,
          row,
          `case ${caseNumberText(row.caseNumber)}: ${row.rule} ${row.step}: ${row.reason}: ${row.because}`,
        );
      }
      if (first && done.length === 0 && !options.json) process.stdout.write('nothing is due\n');
      if (done.length < rowsPerRunMax) return;
    }
  });
}
