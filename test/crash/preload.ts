// Loaded into the gateway before its first module (`node --import`): it puts our source with crash points in the place of our source, notes
// what is passed, and ends the process with SIGKILL in the step in which the point is passed that it is armed with. Nothing of it is known to src.
// A step ends where we write to a socket or wait: all points of one step see the same world, so that one kill tries them all.
import { openSync, readFileSync, writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const { CRASH_SOURCES: sourcesFile, CRASH_AT: at, CRASH_TRACE: traceFile, CRASH_EXACT: exact } = process.env;

if (isMainThread && sourcesFile && traceFile) prepare(sourcesFile, traceFile);

function prepare(sourcesFrom: string, traceTo: string): void {
  const sources = JSON.parse(readFileSync(sourcesFrom, 'utf8')) as Record<string, string>;
  const armed = at === undefined ? -1 : Number(at);
  const trace = openSync(traceTo, 'w');
  let step: number[] = [];
  let dying = false;

  function die(): void {
    writeSync(trace, step.join('\n'));
    process.kill(process.pid, 'SIGKILL');
  }
  function pass(point: number): void {
    step.push(point);
    if (armed < 0) writeSync(trace, `${point}\n`);
    if (point !== armed) return;
    dying = true;
    if (exact) die();
    setImmediate(die);
  }
  function outputs(): void {
    if (dying) die();
    step = [];
  }
  Object.assign(globalThis, {
    beforeAwait: pass,
    afterAwait(point: number, value: unknown) {
      pass(point);
      return value;
    },
  });
  // Every byte, and every farewell, leaves by one of these.
  for (const name of ['_writeGeneric', '_final', '_destroy'] as const) {
    const prototype = Socket.prototype as unknown as Record<string, (...words: unknown[]) => unknown>;
    const original = prototype[name]!;
    prototype[name] = function leaves(this: Socket, ...words: unknown[]) {
      outputs();
      return original.apply(this, words);
    };
  }
  registerHooks({
    load(url, context, next) {
      const source = sources[url];
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
}
