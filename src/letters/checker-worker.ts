// The other side of checker.ts: one thread that checks or fills in one text at a time. Whatever a text does to it, the gateway's loop stays free.
import { parentPort } from 'node:worker_threads';
import type { LetterKind } from '../cases/decision.ts';
import { compileLetter, type Words } from './compiled.ts';
import { checkDrafts, draftFile, withDrafts, type Draft } from './lint.ts';
import { problemOf } from './parse-problem.ts';
import { findText, type Problem, type Texts } from './texts.ts';

/** What is asked of the thread. */
export type Question =
  | { ask: 'check'; texts: Texts; drafts: Draft[] }
  | { ask: 'preview'; texts: Texts; draft: Draft; letter: LetterKind; context: { zone: string } };

/** What it answers. */
export type Answer = { problems: Problem[] } | { words: Words };

/** Characters of one part that are handed back; what is longer no mail program shows. */
const wordsMax = 1_000_000;

async function answer(question: Question): Promise<Answer> {
  if (question.ask === 'check') return { problems: await checkDrafts(question.texts, question.drafts) };
  const { texts, draft, letter, context } = question;
  const problem = (message: string) => ({ problems: [{ file: draftFile(draft), line: 1, column: 1, message }] });
  const changed = withDrafts(texts, [draft]);
  const served = findText(changed, draft.language, letter);
  if (!served) return problem(`there is no letter "${letter}"`);
  const compiled = await compileLetter(changed, served.language, letter);
  if ('problems' in compiled) return compiled;
  try {
    const words = compiled.wordsFor(context);
    const longest = Math.max(words.text.length, words.html.length);
    return longest > wordsMax
      ? problem(`it has ${longest} characters filled in; at most ${wordsMax} are shown`)
      : { words };
  } catch (error) {
    return { problems: [problemOf(error, draftFile(draft), { source: '', line: 1 })] };
  }
}

const port = parentPort;
if (!port) throw new Error('checker-worker.ts runs only as a worker thread of checker.ts');
port.on('message', (question: Question) => {
  void answer(question).then((said) => port.postMessage(said));
});
port.postMessage('ready');
