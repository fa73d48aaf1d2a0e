// `casepost send`: the outbox, once.
import type { SmtpTarget } from '../config.ts';
import { drainPostbox } from '../postbox/deliver.ts';
import type { Drained } from '../postbox/worker.ts';
import { releaseHeld } from '../store/outbox.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions, type Session } from './session.ts';

/** Sends what is due now, once; a mail server that is away is the postbox's to retry. */
export function drainOnce({ database, log, now }: Session, transport: SmtpTarget): Promise<Drained> {
  const owner = `shell:${process.pid}`;
  const { signal } = new AbortController();
  return drainPostbox({ db: database.db, transport, owner, log, now, signal }, now());
}

/** Sends what is due at `--now`. Ends with ProblemsFound when the mail server took nothing or a letter failed. */
export async function send(options: CommonOptions & { release?: boolean }, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const { config, database, now } = session;
    if (!config.smtp) throw new UsageError('smtp: is not configured; nothing was sent and every letter waits');
    const released = options.release ? await releaseHeld(database.db, now()) : 0;
    const drained = await drainOnce(session, config.smtp);
    print(
      options,
      { ...drained, released },
      `${drained.sent} sent, ${drained.retried} to be tried again, ${drained.failed} failed${released > 0 ? `, ${released} released` : ''}`,
    );
    if (drained.down !== null) throw new ProblemsFound(`the mail server took nothing more: ${drained.down}`);
    if (drained.failed > 0)
      throw new ProblemsFound(`${drained.failed} letters were refused for good; their cases say so`);
  });
}
