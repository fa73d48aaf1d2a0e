// Keeps mail parsing off the gateway's event loop: a few worker threads with little memory and a time limit each. A mail that kills its thread
// or overstays is read by our own bounded reader instead, and the thread is replaced (TRUST P12, 0.5, F46). Only the mail's own doing counts: a
// thread that dies may have been ended by anything, so the mail is read once more; one that can not even start says nothing of a mail (F43).
import { Worker } from 'node:worker_threads';
import { limits, type Mail } from './mail.ts';
import { readWithoutLibrary } from './read-mail.ts';

/**
 * Limits of the pool; `waitingMax` mails wait in memory, a caller beyond that waits for room. One thread reads several times as many mails as one
 * gateway decides on, and each takes 50 MB: another is started only when a mail has waited for `patienceMilliseconds` while the first was reading.
 */
export const poolLimits = {
  threads: 2,
  heapMegabytes: 256,
  waitingMax: 16,
  deathsMax: 2,
  startSeconds: 30,
  patienceMilliseconds: 250,
} as const;

/** No thread could be started (no descriptor, no memory): the machine's trouble, and the mail is to be read later. */
export class NoThread extends Error {
  override name = 'NoThread';
}

/** Reads mails in threads. `parse` rejects with NoThread only; `close` ends the threads after the mails in hand. */
export interface Parser {
  parse(raw: Uint8Array): Promise<Mail>;
  close(): Promise<void>;
}

interface Job {
  raw: Uint8Array;
  /** Threads that died over it. */
  deaths: number;
  done: (mail: Mail) => void;
  failed: (error: NoThread) => void;
}

interface Thread {
  worker: Worker;
  /** Its code is loaded: only from here on can its end be a mail's doing. */
  ready: boolean;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

/** A parser of `threads` worker threads (2 when not told), each started when first needed. */
export function createParser(options: { threads?: number; secondsMax?: number } = {}): Parser {
  const threadsMax = Math.max(1, options.threads ?? poolLimits.threads);
  const secondsMax = options.secondsMax ?? limits.parseSeconds;
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  const forRoom: (() => void)[] = [];
  const idle: (() => void)[] = [];
  let impatience: NodeJS.Timeout | null = null;

  const dispatch = (): void => {
    while (waiting.length > 0) {
      const thread = [...threads].find((candidate) => candidate.job === null) ?? (threads.size === 0 ? start() : null);
      if (!thread) {
        waitForThread();
        return;
      }
      const job = waiting.shift();
      if (!job) return;
      forRoom.shift()?.();
      hand(thread, job);
    }
    if (![...threads].some((thread) => thread.job)) for (const resolve of idle.splice(0)) resolve();
  };

  /** A mail that takes long keeps those behind it waiting no longer than this. */
  const waitForThread = (): void => {
    if (impatience !== null || threads.size >= threadsMax || [...threads].some(({ ready }) => !ready)) return;
    const [first] = waiting;
    impatience = setTimeout(() => {
      impatience = null;
      if (first !== undefined && waiting[0] === first && threads.size < threadsMax) start();
      dispatch();
    }, poolLimits.patienceMilliseconds);
    impatience.unref();
  };

  const start = (): Thread => {
    const worker = new Worker(new URL('./parser-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: poolLimits.heapMegabytes },
    });
    const thread: Thread = { worker, ready: false, job: null, timer: null };
    threads.add(thread);
    worker.on('message', (said: Mail | 'ready') => {
      if (said === 'ready') {
        thread.ready = true;
        limit(thread);
        dispatch();
      } else {
        release(thread)?.done(said);
        dispatch();
      }
    });
    worker.on('error', (error: Error) => replace(thread, `the parser thread died (${error.message})`));
    worker.on('exit', () => replace(thread, 'the parser thread ended'));
    return thread;
  };

  const hand = (thread: Thread, job: Job): void => {
    thread.job = job;
    thread.worker.ref();
    limit(thread);
    // A copy that is handed over: a view would take the whole buffer behind it along.
    const bytes = new Uint8Array(job.raw);
    thread.worker.postMessage(bytes, [bytes.buffer]);
  };

  /** The time of the mail in hand begins when its thread is ready. */
  const limit = (thread: Thread): void => {
    if (thread.timer) clearTimeout(thread.timer);
    const { ready, job } = thread;
    const seconds = ready ? secondsMax : poolLimits.startSeconds;
    const late = `${ready ? 'parsing' : 'starting the parser thread'} took more than ${seconds} s`;
    thread.timer = job && setTimeout(() => replace(thread, late, true), seconds * 1000);
  };

  /** Takes the job out of a thread's hands. */
  const release = (thread: Thread): Job | null => {
    const { job, timer } = thread;
    if (timer) clearTimeout(timer);
    thread.job = null;
    thread.timer = null;
    // An idle thread must not keep a finished command line alive.
    thread.worker.unref();
    return job;
  };

  const replace = (thread: Thread, why: string, late = false): void => {
    if (!threads.delete(thread)) return;
    void thread.worker.terminate();
    const job = release(thread);
    if (job && !thread.ready) job.failed(new NoThread(`no thread to read a mail in: ${why}; the mail waits`));
    else if (job && (late || (job.deaths += 1) >= poolLimits.deathsMax))
      job.done(readWithoutLibrary(job.raw, { code: 'timeout', detail: `${why}; our own reading was taken` }));
    else if (job) waiting.unshift(job);
    dispatch();
  };

  return {
    async parse(raw) {
      while (waiting.length >= poolLimits.waitingMax) await new Promise<void>((resolve) => forRoom.push(resolve));
      return new Promise<Mail>((done, failed) => {
        waiting.push({ raw, deaths: 0, done, failed });
        dispatch();
      });
    },
    async close() {
      if (waiting.length > 0 || [...threads].some((thread) => thread.job))
        await new Promise<void>((resolve) => idle.push(resolve));
      const workers = [...threads].map((thread) => thread.worker);
      threads.clear();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
