// A copy of the project in which one line is another: the tests run in it as they do here. What nobody misses when it is gone is no defence,
// or has no test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['src', 'migrations', 'templates', 'fixtures', 'test', 'package.json', 'tsconfig.json'];

/** One defence taken out: `find` stands exactly once in `file` and becomes `put`. */
export interface Mutation {
  /** What holds because of the line: a sentence. */
  defence: string;
  file: string;
  find: string;
  put: string;
  /** The test file that misses it, and a part of the test's name where the file is long. */
  test: string;
  named?: string;
}

/** How the tests ended: `tests` that ran, how many failed, and what was said. */
export interface Verdict {
  ran: number;
  failed: string[];
  said: string;
}

/** What we read of vitest's JSON report. */
interface Report {
  testResults: { assertionResults: { status: string; title: string; failureMessages?: string[] }[] }[];
}

/** The copy; one mutation at a time. */
export interface Copy {
  /** Runs a mutation's test with the line changed, and puts the line back. Throws when the line is not there exactly once. */
  verdictOn(mutation: Mutation): Promise<Verdict>;
  /** Runs these tests in the copy as it is; words for vitest. */
  verdict(words: string[]): Promise<Verdict>;
  remove(): void;
}

export function copyOfProject(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-mutant-'));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    async verdictOn({ file, find, put, test, named }) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      const times = text.split(find).length - 1;
      if (times !== 1) throw new Error(`${file}: "${find}" stands there ${times} times; a mutation needs it once`);
      writeFileSync(
        path,
        text.replace(find, () => put),
      );
      try {
        return await runTests(folder, [test, ...(named === undefined ? [] : ['-t', named])]);
      } finally {
        writeFileSync(path, text);
      }
    },
    verdict: (words) => runTests(folder, words),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function runTests(folder: string, words: string[]): Promise<Verdict> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const program = join(folder, 'node_modules/vitest/vitest.mjs');
  const reporting = ['--reporter=json', `--outputFile.json=${report}`, '--bail=1'];
  const child = spawn(
    process.execPath,
    [program, 'run', '--config', join(folder, 'test/vitest.config.ts'), ...reporting, ...words],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC' } },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  await once(child, 'close');
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed');
  const failed = ran.filter(({ status }) => status === 'failed');
  const why = failed.flatMap(({ title, failureMessages }) => [`${title}:`, ...(failureMessages ?? [])]);
  return { ran: ran.length, failed: failed.map(({ title }) => title), said: [said, ...why].join('\n') };
}
