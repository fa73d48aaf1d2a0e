// `casepost migrate`: the schema to the current version, or to the one named.
import { existsSync } from 'node:fs';
import { openDatabase, type Database } from '../store/db.ts';
import { migrate, newestVersion } from '../store/migrate.ts';
import { moveDesk } from '../store/move.ts';
import { UsageError } from './ending.ts';
import { configOf, locationOf, print, type CommonOptions } from './session.ts';

/** Migrates; running it twice, or in two places at once, is harmless. */
export async function migrateCommand(
  options: CommonOptions & { to?: string; from?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const target = options.to === undefined ? newestVersion() : Number(options.to);
  if (!Number.isInteger(target) || target < 0 || target > newestVersion()) {
    throw new UsageError(`--to: "${options.to}" is no version; allowed: 0 to ${newestVersion()}`);
  }
  const database = await openDatabase(locationOf(configOf(options, env)));
  try {
    const done = await migrate(database.db, target);
    const steps = done.applied.length === 0 ? 'nothing to do' : done.applied.join(', ');
    print(options, done, `schema version ${done.from} -> ${done.to}: ${steps}`);
    if (options.from !== undefined) await moveFrom(options.from, database, options);
  } finally {
    await database.close();
  }
}

/** Moves the desk of an embedded database here; no gateway may run on either side meanwhile. */
async function moveFrom(folder: string, target: Database, options: CommonOptions): Promise<void> {
  if (!existsSync(folder)) throw new UsageError(`--from: there is no folder ${folder}`);
  const source = await openDatabase(folder, { exclusive: true });
  try {
    await migrate(source.db);
    const moved = await moveDesk(source.db, target.db);
    const told = Object.entries(moved).map(([table, count]) => `${count} ${table}`);
    print(options, { moved }, `moved from ${folder}: ${told.join(', ')}`);
  } finally {
    await source.close();
  }
}
