// The last line of `npm test` counts what broke as well as what failed.
import { expect, it } from 'vitest';
import { type Report, summaryOf } from './summary.ts';

const clean: Report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const unloaded = { status: 'failed', assertionResults: [] };

const unprepared = { status: 'failed', assertionResults: [{ status: 'skipped' }, { status: 'skipped' }] };

function check(input: { report: Partial<Report> | undefined; good: boolean }, expected: string): void {
  const { line } = summaryOf(input.report && { ...clean, ...input.report }, input.good);
  expect(line).toBe(expected);
}

it('counts what passed', () => check({ report: {}, good: true }, '3 passed, 0 failed'));
it('counts what failed', () => check({ report: { numFailedTests: 2 }, good: false }, '3 passed, 2 failed'));
it('counts what was left out', () =>
  check({ report: { numPendingTests: 1, numTodoTests: 1 }, good: true }, '3 passed, 0 failed, 2 skipped'));
it('counts a file that did not load', () =>
  check({ report: { testResults: [unloaded] }, good: false }, '3 passed, 1 failed'));
it('counts a file whose preparation failed, although its tests are only skipped', () =>
  check({ report: { numPendingTests: 2, testResults: [unprepared] }, good: false }, '3 passed, 1 failed, 2 skipped'));
it('counts an error outside of any test', () => check({ report: {}, good: false }, '3 passed, 1 failed'));
it('counts a run without a report', () => check({ report: undefined, good: true }, '0 passed, 1 failed'));
