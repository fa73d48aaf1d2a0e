// `npm test`: brings the servers the tests need onto the machine, runs vitest, and ends with one plain line, `N passed, N failed`.
// With CI=true a missing server is a failure; on a person's machine its tests are skipped and the reason is said. Words after `--` go to
// vitest (`npm test -- test/mail`).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installMissing } from './servers/install.ts';
import { watchdogOn } from './servers/watchdog.ts';
import { type Report, summaryOf } from './summary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const endingSecondsMax = 20;
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
const reportFile = join(folder, 'report.json');

const vitest = spawn(process.execPath, vitestWords(process.argv.slice(2)), {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
  env: { ...process.env, TZ: 'UTC', TMPDIR: folder, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
});
watchdog.watch(vitest.pid, 'SIGTERM');
for (const signal of signals) process.on(signal, () => stopRun(signal));

const [code, signal] = (await once(vitest, 'exit')) as [number | null, NodeJS.Signals | null];
const { line, failed } = summaryOf(readReport(), code === 0);
await groupGone();
removeFolder();
if (signal) console.log(`test: vitest was ended by ${signal}`);
console.log(line);
process.exitCode = failed === 0 ? 0 : 1;

function vitestWords(words: string[]): string[] {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  return [program, 'run', '--config', join(root, 'test/vitest.config.ts'), ...reporters, ...words];
}

function readReport(): Report | undefined {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
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
