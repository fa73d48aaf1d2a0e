// Loaded into a gateway before its own code (node --import): does inside the process what no proxy can do from outside: another clock (F28, F29),
// an event loop that stands still (F42), a parser thread that dies (F46). It obeys a file, so that the program under test has no switch for it.
import { readFileSync } from 'node:fs';
import { isMainThread, type Worker } from 'node:worker_threads';

const lookMilliseconds = 100;
const file = process.env['CASEPOST_CHAOS_ORDERS'] ?? '';
const realNow = Date.now.bind(Date);

/** What the file holds. Numbers that grow are done once: `blocked` seconds of standing still at order number `order`. */
interface Orders {
  order: number;
  clockMilliseconds: number;
  blockSeconds: number;
  endThread: boolean;
}

if (isMainThread && file !== '') {
  const threads = new Set<Worker>();
  let shifted = 0;
  let done = 0;
  Date.now = () => realNow() + shifted;
  process.on('worker', (worker: Worker) => {
    threads.add(worker);
    worker.once('exit', () => threads.delete(worker));
  });
  const obey = (): void => {
    const orders = read();
    if (orders === null || orders.order === done) return;
    const first = done === 0;
    done = orders.order;
    shifted = orders.clockMilliseconds;
    if (first) return;
    if (orders.endThread) for (const thread of threads) void thread.terminate();
    const until = realNow() + orders.blockSeconds * 1000;
    while (realNow() < until);
  };
  obey();
  setInterval(obey, lookMilliseconds).unref();
}

function read(): Orders | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Orders;
  } catch {
    // It is being written: the next look finds it whole.
    return null;
  }
}
