// Keeps mail parsing off the gateway's event loop: a few worker threads with little memory and a time limit each. A mail that kills its thread
// or overstays is read by our own bounded reader instead, and the thread is replaced (TRUST P12, 0.5, F46).
import { Worker } from 'node:worker_threads';
import { limits, type Mail } from './mail.ts';
import { readWithoutLibrary } from './read-mail.ts';

/** Limits of the pool; `waitingMax` mails wait in memory, a caller beyond that waits for room. */
export const poolLimits = { threads: 2, heapMegabytes: 256, waitingMax: 16 } as const;

/** Reads mails in threads. `parse` always resolves; `close` ends the threads after the mails in hand. */
export interface Parser {
  parse(raw: Uint8Array): Promise<Mail>;
  close(): Promise<void>;
}

interface Job {
  raw: Uint8Array;
  done: (mail: Mail) => void;
}

interface Thread {
  worker: Worker;
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

  const dispatch = (): void => {
    while (waiting.length > 0) {
      const thread =
        [...threads].find((candidate) => candidate.job === null) ?? (threads.size < threadsMax ? start() : null);
      if (!thread) return;
      const job = waiting.shift();
      if (!job) return;
      forRoom.shift()?.();
      hand(thread, job);
    }
    if (![...threads].some((thread) => thread.job)) for (const resolve of idle.splice(0)) resolve();
  };

  const start = (): Thread => {
    const worker = new Worker(new URL('./parser-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: poolLimits.heapMegabytes },
    });
    const thread: Thread = { worker, job: null, timer: null };
    threads.add(thread);
    worker.on('message', (mail: Mail) => settle(thread, () => mail));
    worker.on('error', (error: Error) => replace(thread, `the parser thread died (${error.message})`));
    worker.on('exit', () => replace(thread, 'the parser thread ended'));
    return thread;
  };

  const hand = (thread: Thread, job: Job): void => {
    thread.job = job;
    thread.worker.ref();
    thread.timer = setTimeout(() => replace(thread, `parsing took more than ${secondsMax} s`), secondsMax * 1000);
    // A copy that is handed over: a view would take the whole buffer behind it along.
    const bytes = new Uint8Array(job.raw);
    thread.worker.postMessage(bytes, [bytes.buffer]);
  };

  const settle = (thread: Thread, mail: () => Mail): void => {
    const { job, timer } = thread;
    if (timer) clearTimeout(timer);
    thread.job = null;
    thread.timer = null;
    // An idle thread must not keep a finished command line alive.
    thread.worker.unref();
    job?.done(mail());
    dispatch();
  };

  const replace = (thread: Thread, why: string): void => {
    if (!threads.delete(thread)) return;
    void thread.worker.terminate();
    const raw = thread.job?.raw;
    settle(thread, () =>
      readWithoutLibrary(raw ?? new Uint8Array(), { code: 'timeout', detail: `${why}; our own reading was taken` }),
    );
  };

  return {
    async parse(raw) {
      while (waiting.length >= poolLimits.waitingMax) await new Promise<void>((resolve) => forRoom.push(resolve));
      return new Promise<Mail>((done) => {
        waiting.push({ raw, done });
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
