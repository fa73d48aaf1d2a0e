// `npm test`: brings the servers the tests need onto the machine, runs vitest, and ends with one plain line, `N passed, N failed`.
// With CI=true a missing server is a failure, and a few red files are run once more, alone, and named; on a person's machine the tests of a
// missing server are skipped and the reason is said. Words after `--` go to vitest (`npm test -- test/mail`).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installMissing } from './servers/install.ts';
import { watchdogOn } from './servers/watchdog.ts';
import type { Report } from './report.ts';
import { redFiles, secondTries, summaryOf, withSecondTries } from './summary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const endingSecondsMax = 20;
const vitestWords = [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  join(root, 'test/vitest.config.ts'),
];
const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const inCi = process.env['CI'] === 'true';

const missing = await installMissing((line) => console.log(`test: ${line}`));
if (missing.length > 0 && inCi) {
  console.log(`test: CI=true and these packages are missing: ${missing.join(' ')}; their tests will fail`);
} else if (missing.length > 0) {
  console.log(`test: without ${missing.join(' ')} the tests that need them are skipped`);
}

// Every temporary folder of the run lies in this one, so that nothing is left whatever a test forgets.
const folder = mkdtempSync(join(tmpdir(), 'casepost-run-'));
chmodSync(folder, 0o755);
const watchdog = watchdogOn(folder);
let vitest: ChildProcess;
let stopped = false;
for (const signal of signals) process.on(signal, () => stopRun(signal));

let { report, good } = await runVitest('report', process.argv.slice(2));
const again = inCi && !stopped ? secondTries(report) : [];
if (report && again.length > 0) {
  // What failed is printed above. A test that a busy machine turned red is green alone; what is broken stays red.
  console.log(`test: ${again.length} red files are run once more, alone: ${again.map(inProject).join(', ')}`);
  const second = await runVitest('second', ['--maxWorkers=1', ...again]);
  report = withSecondTries(report, second.report);
  good = second.good;
  const red = redFiles(report);
  const mended = again.filter((path) => !red.includes(path));
  console.log(`test: red at first and green alone: ${mended.map(inProject).join(', ') || 'none'}`);
}
const { line, failed } = summaryOf(report, good);
removeFolder();
console.log(line);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs vitest to its end; `good` is whether it ended with 0. */
async function runVitest(name: string, words: string[]): Promise<{ report: Report | undefined; good: boolean }> {
  const file = join(folder, `${name}.json`);
  vitest = spawn(process.execPath, [...vitestWords, ...words], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: {
      ...process.env,
      TZ: 'UTC',
      TMPDIR: folder,
      CASEPOST_TEST_REPORT: file,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  });
  watchdog.watch(vitest.pid, 'SIGTERM');
  const [code, signal] = (await once(vitest, 'exit')) as [number | null, NodeJS.Signals | null];
  await groupGone();
  if (signal) console.log(`test: vitest was ended by ${signal}`);
  return { report: readReport(file), good: code === 0 };
}

function inProject(path: string): string {
  return relative(root, path);
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    console.log('test: vitest left no report: it ended before the tests did');
    return undefined;
  }
}

/** Waits for the stragglers of vitest's process group: an initdb in the middle would make its folder again after we removed it. */
async function groupGone(): Promise<void> {
  const deadline = performance.now() + endingSecondsMax * 1000;
  while (performance.now() < deadline && endGroup(0)) await pause(50);
}

function removeFolder(): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    console.log(`test: ${folder} is still in use, its watchdog removes it: ${String(error)}`);
  }
  // Nothing to end any more: once we are gone the watchdog only looks after the folder.
  watchdog.watch(undefined, 'SIGTERM');
}

/** Hands the signal on to vitest and its workers; their servers end with them. What is not gone in 20 s is killed. */
function stopRun(signal: NodeJS.Signals): void {
  stopped = true;
  endGroup(signal);
  setTimeout(() => endGroup('SIGKILL'), endingSecondsMax * 1000).unref();
}

/** Sends `signal` (0: only asks) to vitest's process group; false when it is gone. */
function endGroup(signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-vitest.pid!, signal);
  } catch {
    return false;
  }
}
