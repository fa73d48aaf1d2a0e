// What a run of vitest leaves for `npm test`: how many tests of each file passed, and what broke outside of any test.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** A run. `unhandled` counts errors outside of any test. */
export interface Report {
  files: FileReport[];
  unhandled: number;
}

/** A file of tests. `broken` is one that did not load, or whose preparation failed, although no test of it did. */
export interface FileReport {
  path: string;
  passed: number;
  failed: number;
  skipped: number;
  broken: boolean;
}

/** Writes the report as JSON to `path` when the run ends. */
export function reportTo(path: string): Reporter {
  return {
    onTestRunEnd(modules, errors) {
      const report: Report = { files: modules.map(fileReport), unhandled: errors.length };
      writeFileSync(path, JSON.stringify(report));
    },
  };
}

function fileReport(module: TestModule): FileReport {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const count = (state: string) => states.filter((one) => one === state).length;
  const [passed, failed] = [count('passed'), count('failed')];
  const broken = failed === 0 && module.state() === 'failed';
  return { path: module.moduleId, passed, failed, skipped: states.length - passed - failed, broken };
}
