// How a story waits: for a condition, with a deadline that says what did not come true. Nothing in a story sleeps for a guessed time.
import { setTimeout as pause } from 'node:timers/promises';

const pollMilliseconds = 25;
const secondsDefault = 20;

/** Asks until the answer is something (not null, undefined or false), and resolves with it; rejects after `seconds`, naming `what` was awaited. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seconds = secondsDefault,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s, and still not: ${what}`);
    await pause(pollMilliseconds);
  }
}
