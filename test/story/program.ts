// The real program as a child process, started as a person starts it: `src/casepost …`. Stories see nothing of it but its output, its log
// lines, its exit code, and what it does to the servers around it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchdogOn } from '../servers/watchdog.ts';
import { until } from './until.ts';

const launcher = fileURLToPath(new URL('../../src/casepost', import.meta.url));
const runSecondsMax = 60;

/** How a command ended. `lines` is standard output as JSON, for commands run with `--json`. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  lines(): Record<string, unknown>[];
}

/** A line of the log. */
export type LogLine = Record<string, unknown> & { msg: string; level: number };

/** A running `casepost start`. */
export interface Program {
  pid: number;
  log: LogLine[];
  /** Resolves with the first log line (also an earlier one) whose sentence fits. */
  says(sentence: RegExp, seconds?: number): Promise<LogLine>;
  running(): boolean;
  /** SIGKILL, as a power cut would. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code once it has ended. */
  stop(): Promise<number | null>;
}

/** Runs one command to its end (a minute at most). `input` is standard input; `env` is added to a bare environment. */
export async function casepost(
  words: string[],
  options: { env?: Record<string, string>; input?: string; cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(launcher, words, { cwd: options.cwd ?? tmpdir(), env: environment(options.env) });
  const late = setTimeout(() => child.kill('SIGKILL'), runSecondsMax * 1000);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  const lines = () =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, stdout, stderr, lines };
}

/** Runs one command and gives its JSON lines; throws with everything it said unless it ended well. */
export async function casepostJson(words: string[]): Promise<Record<string, unknown>[]> {
  const ended = await casepost([...words, '--json']);
  if (ended.code === 0) return ended.lines();
  throw new Error(`casepost ${words.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
}

/**
 * Starts a program that runs until it is told to stop; it dies with this process. Without `ready` it is returned at once. `within` are words that
 * become the program where they put it: `ip netns exec NAME`.
 */
export async function startCasepost(
  words: string[],
  options: { ready?: RegExp | null; env?: Record<string, string>; within?: string[] } = {},
): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-program-'));
  const watchdog = watchdogOn(folder);
  const [first, ...others] = [...(options.within ?? []), launcher, ...words] as [string, ...string[]];
  const child = spawn(first, others, { cwd: folder, env: environment(options.env), detached: true });
  watchdog.watch(child.pid, 'SIGKILL');
  const log: LogLine[] = [];
  let said = '';
  readLines(child.stderr, (line) => {
    said += `${line}\n`;
    log.push(logLine(line));
  });
  readLines(child.stdout, (line) => log.push({ msg: line, level: 0 }));
  const ended = once(child, 'close').then(() => {
    watchdog.done();
    rmSync(folder, { recursive: true, force: true });
  });
  const running = () => child.exitCode === null && child.signalCode === null;
  const program: Program = {
    pid: child.pid ?? 0,
    log,
    running,
    says: (sentence, seconds) =>
      until(
        `the log says ${sentence}`,
        () => {
          const found = log.find(({ msg }) => sentence.test(msg));
          if (!found && !running())
            throw new Error(`the program ended with ${child.exitCode} before it said ${sentence}:\n${said}`);
          return found;
        },
        seconds,
      ),
    async kill9() {
      signal(child, 'SIGKILL');
      await ended;
    },
    async stop() {
      signal(child, 'SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
  const ready = options.ready === undefined ? /casepost is running/ : options.ready;
  if (ready) {
    try {
      await program.says(ready);
    } catch (error) {
      await program.kill9();
      throw error;
    }
  }
  return program;
}

function environment(added: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), ...added };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(child.pid, name);
  } catch {
    // It ended between asking and telling.
  }
}

function logLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line, level: 60 };
  }
}

function readLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
}
