// The last line of `npm test` counts what broke as well as what failed, and a second try hides nothing that fails twice.
import { describe, expect, it } from 'vitest';
import type { FileReport, Report } from './report.ts';
import { redFiles, secondTries, secondTryFilesMax, summaryOf, withSecondTries } from './summary.ts';

const file = (changed: Partial<FileReport> = {}): FileReport => ({
  path: 'a.test.ts',
  passed: 3,
  failed: 0,
  skipped: 0,
  broken: false,
  ...changed,
});
const run = (files: FileReport[], unhandled = 0): Report => ({ files, unhandled });

function check(input: { report: Report | undefined; good: boolean }, expected: string): void {
  expect(summaryOf(input.report, input.good).line).toBe(expected);
}

it('counts what passed', () => check({ report: run([file(), file()]), good: true }, '6 passed, 0 failed'));
it('counts what failed', () => check({ report: run([file({ failed: 2 })]), good: false }, '3 passed, 2 failed'));
it('counts what was left out', () =>
  check({ report: run([file({ skipped: 2 })]), good: true }, '3 passed, 0 failed, 2 skipped'));
it('counts a file that did not load or prepare', () =>
  check(
    { report: run([file({ passed: 0, skipped: 2, broken: true }), file()]), good: false },
    '3 passed, 1 failed, 2 skipped',
  ));
it('counts an error outside of any test', () => check({ report: run([file()], 1), good: false }, '3 passed, 1 failed'));
it('counts a run that ended badly for no reason it tells', () =>
  check({ report: run([file()]), good: false }, '3 passed, 1 failed'));
it('counts a run without a report', () => check({ report: undefined, good: true }, '0 passed, 1 failed'));

describe('a second try', () => {
  const green = file({ path: 'green' });
  const red = file({ path: 'red', passed: 1, failed: 2 });
  const broken = file({ path: 'broken', broken: true });

  it('is given to files that failed or broke', () =>
    expect(secondTries(run([green, red, broken]))).toEqual(['red', 'broken']));
  it('is given to nothing when too much failed', () =>
    expect(secondTries(run(Array.from({ length: secondTryFilesMax + 1 }, () => red)))).toEqual([]));
  it('is given to nothing when an error belongs to no file', () => expect(secondTries(run([red], 1))).toEqual([]));
  it('is given to nothing without a report', () => expect(secondTries(undefined)).toEqual([]));
  it('counts instead of the first', () => {
    const better = withSecondTries(run([green, red]), run([file({ path: 'red' })]));
    expect(summaryOf(better, true).line).toBe('6 passed, 0 failed');
  });
  it('that fails too stays failed', () => {
    const same = withSecondTries(run([green, red]), run([file({ path: 'red', passed: 2, failed: 1 })], 1));
    expect(summaryOf(same, false).line).toBe('5 passed, 2 failed');
  });
  it('that told nothing leaves the first, and what was red is', () => {
    const left = withSecondTries(run([green, red]), undefined);
    expect(summaryOf(left, false).line).toBe('4 passed, 2 failed');
    expect(redFiles(left)).toEqual(['red']);
  });
});
