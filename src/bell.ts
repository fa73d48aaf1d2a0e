// How a door waits: until something rings, time runs out, or it is told to stop; and how much longer after each failure. Every wait in the
// doors ends at once when the gateway stops, so that stopping takes no longer than the work in hand.
import { monotonicMs } from './clock.ts';

/** Wakes who waits. A ring while nobody waits is kept for the next wait. */
export interface Bell {
  ring(): void;
  /** Resolves when rung, after `ms`, or when `signal` aborts; never rejects. */
  heard(ms: number, signal: AbortSignal): Promise<void>;
}

/** A bell for one listener. */
export function bell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    heard(ms, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          wake = null;
          rung = false;
          resolve();
        };
        const timer = setTimeout(done, Math.max(ms, 0));
        wake = done;
        signal.addEventListener('abort', done, { once: true });
        if (rung || signal.aborted) done();
      });
    },
  };
}

/** Waits `ms`, or less when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return bell().heard(ms, signal);
}

/** Waits that double: `next()` gives the milliseconds to wait now, `reset()` begins again after a success. */
export interface Backoff {
  next(): number;
  reset(): void;
}

/** From `firstSeconds` doubling to `lastSeconds`, each up to a fifth shorter by chance, so that many doors do not knock at the same moment. */
export function backoff(firstSeconds: number, lastSeconds: number): Backoff {
  let seconds = firstSeconds;
  return {
    next() {
      const wait = seconds;
      seconds = Math.min(wait * 2, lastSeconds);
      return wait * 1000 * (1 - Math.random() / 5);
    },
    reset() {
      seconds = firstSeconds;
    },
  };
}

/** Waits that space what many do together evenly, `perSecond` times a second; null sets no pace. */
export function pace(perSecond: number | null): (signal: AbortSignal) => Promise<void> {
  let free = 0;
  return async (signal) => {
    if (perSecond === null) return;
    const at = Math.max(free, monotonicMs());
    free = at + 1000 / perSecond;
    await pause(at - monotonicMs(), signal);
  };
}
