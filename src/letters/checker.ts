// Checks and fills in texts that nobody has looked at yet, in a thread of their own with little memory and little time: whatever somebody types into an
// editor, the gateway goes on (TRUST T15). One text at a time; a thread that dies over one is replaced, and its answer is a problem like any other.
import { Worker } from 'node:worker_threads';
import type { LetterKind } from '../cases/decision.ts';
import type { Answer, Question } from './checker-worker.ts';
import type { Words } from './compiled.ts';
import { draftFile, type Draft } from './lint.ts';
import type { Problem, Texts } from './texts.ts';

/** Limits of the thread. */
export const checkerLimits = {
  heapMegabytes: 128,
  startSeconds: 30,
  /** For a preview, or for checking one text with every letter it is in. */
  seconds: 5,
  /** For each further text that is checked with it. */
  secondsEach: 0.5,
  waitingMax: 50,
} as const;

/** Checks and previews; `close` ends the thread. */
export interface Checker {
  /** Every problem these texts would make together; none: they can be saved. */
  check(texts: Texts, drafts: Draft[]): Promise<Problem[]>;
  /** The words of `letter` with the draft in it; `context` is what `contextOf` makes. */
  preview(
    texts: Texts,
    draft: Draft,
    like: { letter: LetterKind; context: { zone: string } },
  ): Promise<Words | { problems: Problem[] }>;
  close(): Promise<void>;
}

/** A checker; its thread starts with the first question. `seconds` shortens its time. */
export function openChecker(options: { seconds?: number } = {}): Checker {
  let thread: { worker: Worker; ready: Promise<unknown> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const start = () => {
    const worker = new Worker(new URL('./checker-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: checkerLimits.heapMegabytes },
    });
    // Without a listener the end of a thread would be the end of the process.
    worker.on('error', () => {});
    return { worker, ready: said(worker, checkerLimits.startSeconds) };
  };

  const put = async (question: Question, seconds: number): Promise<Answer | { failed: string }> => {
    thread ??= start();
    const { worker, ready } = thread;
    worker.ref();
    try {
      await ready;
      const answered = said(worker, seconds);
      worker.postMessage(question);
      const answer = (await answered) as Answer;
      worker.unref();
      return answer;
    } catch (error) {
      thread = null;
      await worker.terminate();
      return { failed: (error as Error).message };
    }
  };

  const ask = async (question: Question, drafts: Draft[], seconds: number): Promise<Answer> => {
    const problem = (message: string) => ({
      problems: drafts.slice(0, 1).map((draft) => ({ file: draftFile(draft), line: 1, column: 1, message })),
    });
    if (waiting >= checkerLimits.waitingMax)
      return problem(`${waiting} texts are being checked already; try again in a moment`);
    waiting += 1;
    const before = last;
    const turn = before.then(() => put(question, seconds));
    last = turn;
    const answer = await turn;
    waiting -= 1;
    return 'failed' in answer ? problem(`the text could not be checked: ${answer.failed}; nothing was saved`) : answer;
  };

  const within = options.seconds ?? checkerLimits.seconds;
  return {
    async check(texts, drafts) {
      if (drafts.length === 0) return [];
      const answer = await ask(
        { ask: 'check', texts, drafts },
        drafts,
        within + drafts.length * checkerLimits.secondsEach,
      );
      return 'problems' in answer ? answer.problems : [];
    },
    async preview(texts, draft, { letter, context }) {
      const answer = await ask({ ask: 'preview', texts, draft, letter, context }, [draft], within);
      return 'words' in answer ? answer.words : answer;
    },
    async close() {
      await last;
      await thread?.worker.terminate();
      thread = null;
    },
  };
}

/** The next word of a thread; rejects when it dies, or says nothing for so long. */
function said(worker: Worker, seconds: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error(`it took more than ${seconds} s`))), seconds * 1000);
    const onMessage = (message: unknown) => end(() => resolve(message));
    const onError = (error: NodeJS.ErrnoException) =>
      end(() =>
        reject(
          new Error(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? `it took more than ${checkerLimits.heapMegabytes} MB`
              : error.message,
          ),
        ),
      );
    const onExit = () => end(() => reject(new Error('its thread ended')));
    const end = (settle: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    };
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
  });
}
