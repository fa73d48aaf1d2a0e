// `casepost start`: the gateway until it is told to stop. SIGHUP has the configuration read again: a sound one takes the place of the one that
// runs, and a wrong one changes nothing (TRUST F44).
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { startGateway } from '../gateway.ts';
import { errorText, outage, type Log } from '../log.ts';
import { backoff, pause } from '../bell.ts';
import { loadRules } from '../rules.ts';
import { requireDurable } from '../store/durable.ts';
import { worldFailed } from '../store/db.ts';
import { UsageError } from './ending.ts';
import { configOf, logOf, openSession, type CommonOptions, type Session } from './session.ts';

/** Runs until SIGTERM or SIGINT. A database that is away at the start is waited for; a wrong configuration is not. */
export async function start(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  let config = configOf(options, env);
  const log = logOf(config.log.level);
  const stopping = new AbortController();
  // On a terminal SIGHUP says that the terminal is gone.
  const ends = ['SIGTERM', 'SIGINT', ...(process.stderr.isTTY ? (['SIGHUP'] as const) : [])] as const;
  for (const signal of ends) process.once(signal, () => stopping.abort());
  let wanted: Config | null = null;
  let reloading = new AbortController();
  const reload = async (): Promise<void> => {
    const next = await soundConfig(options, env, log);
    if (!next) return;
    wanted = next;
    reloading.abort();
  };
  if (!process.stderr.isTTY) process.on('SIGHUP', () => void reload());
  let before: Config | null = null;
  while (!stopping.signal.aborted) {
    try {
      await run(options, env, config, log, AbortSignal.any([stopping.signal, reloading.signal]));
      before = config;
    } catch (error) {
      if (!before) throw error;
      log.error({}, `the new configuration does not start (${errorText(error)}); the one before goes on`);
      wanted ??= before;
      before = null;
    }
    config = wanted ?? config;
    wanted = null;
    reloading = new AbortController();
  }
  log.info({}, 'stopped');
}

/** The configuration as it is written now; null, with every problem in the log, when it or its policy is wrong. */
async function soundConfig(options: CommonOptions, env: NodeJS.ProcessEnv, log: Log): Promise<Config | null> {
  try {
    const config = configOf(options, env);
    const rules = await loadRules(config);
    if ('problems' in rules) throw new UsageError(rules.problems.join('\n'));
    log.info({}, 'SIGHUP: the configuration is read again');
    return config;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error({}, `SIGHUP: the configuration that runs stays, because what is written now is wrong:\n${why}`);
    return null;
  }
}

/** One gateway with one configuration, until the signal. */
async function run(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
  config: Config,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const session = await openWhenReachable(options, env, config, log, signal);
  if (!session) return;
  try {
    const gateway = await startGateway({ desk: session.desk, database: session.database, now: systemClock, log });
    for (const door of gateway.doors) log.info({ port: door.port }, `listening for mail on port ${door.port}`);
    if (gateway.web !== null) log.info({}, `pages at ${gateway.web}: /health for a monitor, /alarms for people`);
    log.info({ mailboxes: config.mailboxes.length }, 'casepost is running');
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    log.info({}, 'stopping: finishing what is in hand');
    await gateway.stop();
  } finally {
    await session.close();
  }
}

async function openWhenReachable(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
  config: Config,
  log: Log,
  signal: AbortSignal,
): Promise<Session | null> {
  const database = outage(log, 'database');
  const waits = backoff(1, 30);
  while (!signal.aborted) {
    try {
      const session = await openSession(options, env, { exclusive: true, config });
      if (!session.database.embedded) await requireDurable(session.database.db);
      database.up(systemClock());
      return session;
    } catch (error) {
      if (!worldFailed(error)) throw error;
      database.down(errorText(error), systemClock());
      await pause(waits.next(), signal);
    }
  }
  return null;
}
