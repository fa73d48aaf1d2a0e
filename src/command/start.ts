// `casepost start`: the gateway until it is told to stop.
import { systemClock } from '../clock.ts';
import { startGateway } from '../gateway.ts';
import { errorText, outage } from '../log.ts';
import { backoff, pause } from '../bell.ts';
import { requireDurable } from '../store/durable.ts';
import { worldFailed } from '../store/db.ts';
import { configOf, logOf, openSession, type CommonOptions, type Session } from './session.ts';

/** Runs until SIGTERM or SIGINT. A database that is away at the start is waited for; a wrong configuration is not. */
export async function start(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const config = configOf(options, env);
  const log = logOf(config.log.level);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const session = await openWhenReachable(options, env, log, stopping.signal);
  if (!session) return;
  try {
    const gateway = await startGateway({ desk: session.desk, database: session.database, now: systemClock, log });
    for (const door of gateway.doors) log.info({ port: door.port }, `listening for mail on port ${door.port}`);
    if (gateway.web !== null) log.info({}, `pages at ${gateway.web}: /health for a monitor, /alarms for people`);
    log.info({ mailboxes: config.mailboxes.length }, 'casepost is running');
    await new Promise<void>((resolve) => {
      if (stopping.signal.aborted) resolve();
      else stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    log.info({}, 'stopping: finishing what is in hand');
    await gateway.stop();
  } finally {
    await session.close();
  }
  log.info({}, 'stopped');
}

async function openWhenReachable(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
  log: ReturnType<typeof logOf>,
  signal: AbortSignal,
): Promise<Session | null> {
  const database = outage(log, 'database');
  const waits = backoff(1, 30);
  while (!signal.aborted) {
    try {
      const session = await openSession(options, env, { exclusive: true });
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
