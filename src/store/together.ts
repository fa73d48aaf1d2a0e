// Statements of many letters as one: what several sessions want of the database in the same moment is asked at once, and costs one round trip and
// one commit. Nobody waits for company: with nothing under way it is asked in the same turn of the event loop.
import { setImmediate as turn } from 'node:timers/promises';

/** Most items of one statement. */
const itemsMax = 100;

/**
 * Runs `run` over what is asked while the run before is under way; results in the order of the items, a promise among them for one of them alone. When it
 * rejects, all of them hear it.
 */
export function together<Item, Result>(
  run: (items: Item[]) => Promise<readonly (Result | Promise<Result>)[]>,
): (item: Item) => Promise<Result> {
  const waiting: { item: Item; answer: PromiseWithResolvers<Result> }[] = [];
  let busy = false;
  async function work(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      await turn();
      const asked = waiting.splice(0, itemsMax);
      try {
        const results = await run(asked.map(({ item }) => item));
        for (const [index, { answer }] of asked.entries()) answer.resolve(results[index] as Result | Promise<Result>);
      } catch (error) {
        for (const { answer } of asked) answer.reject(error);
      }
    }
    busy = false;
  }
  return (item) => {
    const answer = Promise.withResolvers<Result>();
    waiting.push({ item, answer });
    if (!busy) void work();
    return answer.promise;
  };
}
