// `casepost send`: the outbox, once.
import { drainPostbox } from '../postbox/deliver.ts';
import { releaseHeld } from '../store/outbox.ts';
import { openSession, print, ProblemsFound, UsageError, type CommonOptions } from './session.ts';

/** Sends what is due at `--now`. Ends with ProblemsFound when the mail server took nothing or a letter failed. */
export async function send(options: CommonOptions & { release?: boolean }, env: NodeJS.ProcessEnv): Promise<void> {
  const session = await openSession(options, env);
  try {
    const { config, database, log, now } = session;
    if (!config.smtp) throw new UsageError('smtp: is not configured; nothing was sent and every letter waits');
    const released = options.release ? await releaseHeld(database.db, now()) : 0;
    const drained = await drainPostbox(
      {
        db: database.db,
        transport: config.smtp,
        owner: `shell:${process.pid}`,
        log,
        now,
        signal: new AbortController().signal,
      },
      now(),
    );
    print(
      options,
      { ...drained, released },
      `${drained.sent} sent, ${drained.retried} to be tried again, ${drained.failed} failed${released > 0 ? `, ${released} released` : ''}`,
    );
    if (drained.down !== null) throw new ProblemsFound(`the mail server took nothing more: ${drained.down}`);
    if (drained.failed > 0)
      throw new ProblemsFound(`${drained.failed} letters were refused for good; their cases say so`);
  } finally {
    await session.close();
  }
}
