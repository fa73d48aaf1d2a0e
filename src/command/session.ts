// What every command opens first: the configuration, the database at the current schema, the desk, and the clock of this run.
import { existsSync } from 'node:fs';
import { styleText } from 'node:util';
import { pino } from 'pino';
import { fixedClock, readInstant, systemClock, type Clock } from '../clock.ts';
import { readConfig, type Config, type Environment } from '../config.ts';
import { openDesk, type Desk } from '../desk.ts';
import type { Log } from '../log.ts';
import { UsageError } from './ending.ts';
import { withTokens } from '../oauth/login.ts';
import { openTokens } from '../oauth/tokens.ts';
import { openDatabase, type Database } from '../store/db.ts';
import { migrate } from '../store/migrate.ts';

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  now?: string;
  json?: boolean;
}

export interface Session {
  config: Config;
  database: Database;
  desk: Desk;
  now: Clock;
  log: Log;
  close(): Promise<void>;
}

/** The configuration of `--config`, of CASEPOST_CONFIG, of ./casepost.yaml, or the defaults. Throws a UsageError with every problem. */
export function configOf(options: CommonOptions, env: Environment): Config {
  const named = options.config ?? env['CASEPOST_CONFIG'] ?? null;
  const path = named ?? (existsSync('casepost.yaml') ? 'casepost.yaml' : null);
  const config = readConfig(path, env);
  if ('problems' in config) throw new UsageError(config.problems.join('\n'));
  return config;
}

/** The clock of this run: the system's, or standing still at `--now`. */
export function clockOf(options: CommonOptions): Clock {
  if (options.now === undefined) return systemClock;
  try {
    return fixedClock(readInstant(options.now));
  } catch (error) {
    throw new UsageError(`--now: ${(error as Error).message}`);
  }
}

/** pino's numbers of its levels. */
const warnWeight = 40;
const errorWeight = 50;

/** The log on standard error, so that standard output belongs to the command: JSON lines, or sentences where a person watches a terminal. */
export function logOf(level: string): Log {
  const settings = { level, redact: ['*.password', '*.secret', '*.accessToken'] };
  if (!process.stderr.isTTY) return pino(settings, pino.destination({ dest: 2, sync: true }));
  return pino(settings, {
    write(line: string) {
      const { time, level: weight, msg } = JSON.parse(line) as { time: number; level: number; msg: string };
      const colour = weight >= errorWeight ? 'red' : weight >= warnWeight ? 'yellow' : 'dim';
      const at = Temporal.Instant.fromEpochMilliseconds(time).toString({ smallestUnit: 'second' });
      process.stderr.write(`${styleText(colour, at, { stream: process.stderr })}  ${msg}\n`);
    },
  });
}

/** A database URL or folder as `openDatabase` takes it. */
export function locationOf(config: Config): string {
  return config.database.kind === 'server' ? config.database.url.reveal() : config.database.path;
}

/** Opens everything, with the schema brought up to date; `config` in the place of the one that is written. */
export async function openSession(
  options: CommonOptions,
  env: Environment,
  open: { exclusive?: boolean; config?: Config } = {},
): Promise<Session> {
  const written = open.config ?? configOf(options, env);
  const now = clockOf(options);
  const database = await openDatabase(locationOf(written), open);
  // Tokens end by the world's clock, whatever the time of this run.
  const config = withTokens(written, openTokens({ db: database.db, config: written, now: systemClock }));
  try {
    await migrate(database.db);
    const desk = await openDesk(config, database.db, now());
    return { config, database, desk, now, log: logOf(config.log.level), close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens the desk, runs a command on it, and closes it again. */
export async function withSession(
  options: CommonOptions,
  env: Environment,
  run: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await openSession(options, env);
  try {
    await run(session);
  } finally {
    await session.close();
  }
}

/** Prints one value: a JSON line with `--json`, else the sentence. */
export function print(options: CommonOptions, value: unknown, sentence: string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : sentence}\n`);
}
