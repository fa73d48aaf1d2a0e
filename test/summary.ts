// What `npm test` says at its end. A run that broke must never look like one that passed: files that did not load or prepare, errors outside
// of any test and a run that ended early are counted as failed although no test of theirs is.

/** What vitest's JSON report says, as far as we read it. */
export type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
};

/** The last line of `npm test`, and how many failed; `report` is undefined when vitest left none, `good` is whether vitest ended with 0. */
export function summaryOf(report: Report | undefined, good: boolean): { line: string; failed: number } {
  if (!report) return { line: '0 passed, 1 failed', failed: 1 };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = report.numFailedTests + broken.length;
  const failed = counted === 0 && !good ? 1 : counted;
  const skipped = report.numPendingTests + report.numTodoTests;
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  return { line: `${report.numPassedTests} passed, ${failed} failed${tail}`, failed };
}
