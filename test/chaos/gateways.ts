// The gateways of a chaos run: real programs, kept running as systemd would keep them. A gateway that ends without having been told to is
// remembered: surviving faults is what it is for.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Program, startCasepost } from '../story/program.ts';
import type { Journal } from './journal.ts';

const inside = fileURLToPath(new URL('./inside.ts', import.meta.url));
const restartMilliseconds = 500;
const logLinesKept = 200;

/** What a gateway uses of the machine. */
export interface Usage {
  rssMegabytes: number;
  descriptors: number;
}

/** Orders to the code inside (inside.ts). */
export interface Orders {
  clockMilliseconds?: number;
  blockSeconds?: number;
  endThread?: boolean;
}

/** One gateway that is to be running. */
export interface Gateway {
  index: number;
  config: string;
  lmtpPort: number;
  /** The process of now; null while none runs. */
  program(): Program | null;
  /** Whether the program of now has said such a sentence lately. */
  says(sentence: RegExp): boolean;
  /** SIGKILL; it is started again. */
  kill(): Promise<void>;
  /** SIGTERM; it is started again. `alone` is false when SIGKILL came too, or when it had not begun yet and did not know what SIGTERM is. */
  terminate(): Promise<{ code: number | null; seconds: number; alone: boolean }>;
  signal(name: NodeJS.Signals): void;
  order(orders: Orders): void;
  usage(): Usage | null;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** Ends by itself, with the last words. */
  deaths: { at: number; words: string }[];
  /** Lines of level error and above, by sentence with numbers made one. */
  complaints: Map<string, number>;
  starts(): number;
}

/** Keeps one gateway running from now on. */
export function keepGateway(
  index: number,
  place: { folder: string; config: string; lmtpPort: number },
  journal: Journal,
): Gateway {
  mkdirSync(place.folder, { recursive: true });
  const ordersFile = join(place.folder, `orders-${index}.json`);
  const orders = { order: 1, clockMilliseconds: 0, blockSeconds: 0, endThread: false };
  let program: Program | null = null;
  const state = { told: false, over: false };
  let starts = 0;
  let kills = 0;
  const deaths: Gateway['deaths'] = [];
  const complaints = new Map<string, number>();
  writeOrders({});

  function writeOrders(next: Orders): void {
    Object.assign(orders, { blockSeconds: 0, endThread: false }, next, { order: orders.order + 1 });
    writeFileSync(`${ordersFile}.new`, JSON.stringify(orders));
    renameSync(`${ordersFile}.new`, ordersFile);
  }
  function takeStock({ log }: Program, all: boolean): void {
    const seen = log.splice(0, all ? log.length : Math.max(0, log.length - logLinesKept));
    for (const { level, msg } of seen) {
      if (level < 50) continue;
      const sentence = msg.replaceAll(/\d+/g, 'n').slice(0, 160);
      complaints.set(sentence, (complaints.get(sentence) ?? 0) + 1);
    }
  }
  async function keep(): Promise<void> {
    while (!state.over) {
      starts += 1;
      const env = { NODE_OPTIONS: `--import=${inside}`, CASEPOST_CHAOS_ORDERS: ordersFile, NODE_NO_WARNINGS: '1' };
      const running = await startCasepost(['start', '-c', place.config], { ready: null, env });
      program = running;
      while (running.running()) {
        await pause(restartMilliseconds);
        takeStock(running, false);
      }
      const words = running.log
        .slice(-6)
        .map(({ msg }) => msg)
        .join(' | ');
      takeStock(running, true);
      program = null;
      if (!state.told && !state.over) {
        deaths.push({ at: journal.seconds(), words });
        journal.write({ what: 'note', at: journal.seconds(), words: `gateway ${index} ended by itself: ${words}` });
      }
      state.told = false;
    }
  }
  const kept = keep();
  async function end(how: (running: Program) => Promise<unknown>): Promise<void> {
    const running = program;
    if (!running) return;
    state.told = true;
    await how(running);
  }
  return {
    index,
    config: place.config,
    lmtpPort: place.lmtpPort,
    deaths,
    complaints,
    program: () => program,
    says: (sentence) => program?.running() === true && program.log.some(({ msg }) => sentence.test(msg)),
    starts: () => starts,
    kill() {
      kills += 1;
      return end((running) => running.kill9());
    },
    async terminate() {
      const began = performance.now();
      const begun = (program?.log.length ?? 0) > 0;
      const killsBefore = kills;
      let code: number | null = 0;
      await end(async (running) => (code = await running.stop()));
      return { code, seconds: (performance.now() - began) / 1000, alone: begun && kills === killsBefore };
    },
    signal(name) {
      if (!program?.running()) return;
      try {
        process.kill(program.pid, name);
      } catch {
        // It ended between asking and telling.
      }
    },
    order: writeOrders,
    usage: () => (program?.running() ? usageOf(program.pid) : null),
    async stop() {
      state.over = true;
      await end((running) => running.kill9());
      await kept;
    },
  };
}

function usageOf(pid: number): Usage | null {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    return { rssMegabytes: Math.round(kilobytes / 1024), descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null;
  }
}
