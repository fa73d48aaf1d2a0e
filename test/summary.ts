// What `npm test` says at its end, and which files CI looks at once more. A run that broke must never look like one that passed: files that did
// not load or prepare, errors outside of any test and a run that ended early are counted as failed although no test of theirs is.
import type { FileReport, Report } from './report.ts';

/** Most files that are run once more: with more of them red it is not the machine. */
export const secondTryFilesMax = 3;

/** The last line of `npm test`, and how many failed; `report` is undefined when vitest left none, `good` is whether vitest ended with 0. */
export function summaryOf(report: Report | undefined, good: boolean): { line: string; failed: number } {
  if (!report) return { line: '0 passed, 1 failed', failed: 1 };
  const sum = (count: (file: FileReport) => number) => report.files.reduce((total, file) => total + count(file), 0);
  const counted = sum(failures) + report.unhandled;
  const failed = counted === 0 && !good ? 1 : counted;
  const skipped = sum((file) => file.skipped);
  const tail = skipped > 0 ? `, ${skipped} skipped` : '';
  return { line: `${sum(({ passed }) => passed)} passed, ${failed} failed${tail}`, failed };
}

/** The files to run once more, alone; none when everything passed, when too much failed, or when something broke that no file answers for. */
export function secondTries(report: Report | undefined): string[] {
  if (!report || report.unhandled > 0) return [];
  const red = redFiles(report);
  return red.length > secondTryFilesMax ? [] : red;
}

/** The files in which something failed or broke. */
export function redFiles(report: Report): string[] {
  return report.files.filter((file) => failures(file) > 0).map(({ path }) => path);
}

/** The first run with what the second try of some files came to; a file that the second run does not tell of stays red. */
export function withSecondTries(first: Report, second: Report | undefined): Report {
  const again = new Map(second?.files.map((file) => [file.path, file]));
  return {
    files: first.files.map((file) => again.get(file.path) ?? file),
    unhandled: first.unhandled + (second?.unhandled ?? 0),
  };
}

function failures({ failed, broken }: FileReport): number {
  return failed + (broken ? 1 : 0);
}
