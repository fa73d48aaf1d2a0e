// `casepost migrate`: the schema to the current version, or to the one named.
import { openDatabase } from '../store/db.ts';
import { migrate, newestVersion } from '../store/migrate.ts';
import { configOf, locationOf, print, UsageError, type CommonOptions } from './session.ts';

/** Migrates; running it twice, or in two places at once, is harmless. */
export async function migrateCommand(options: CommonOptions & { to?: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const target = options.to === undefined ? newestVersion() : Number(options.to);
  if (!Number.isInteger(target) || target < 0 || target > newestVersion()) {
    throw new UsageError(`--to: "${options.to}" is no version; allowed: 0 to ${newestVersion()}`);
  }
  const database = await openDatabase(locationOf(configOf(options, env)));
  try {
    const done = await migrate(database.db, target);
    const steps = done.applied.length === 0 ? 'nothing to do' : done.applied.join(', ');
    print(options, done, `schema version ${done.from} -> ${done.to}: ${steps}`);
  } finally {
    await database.close();
  }
}
