// How vitest runs our tests, the same by hand and in `npm test`: under Node 26 and UTC, two files at a time, PostgreSQL shared and lazy.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { reportTo } from './report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const nodeMajorMin = 26;

// `node_modules/.bin/vitest` starts under whatever `node` the shell finds first; without Temporal most of our tests could only fail.
if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
  const again = spawnSync(`${root}node_modules/.bin/node`, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}
// Read by every child when it starts: node-cron miscounts in other zones (DEPENDENCIES.md 12), and titles must not depend on the machine.
process.env['TZ'] = 'UTC';

const report = process.env['CASEPOST_TEST_REPORT'];

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    watch: false,
    reporters: ['default', ...(report === undefined ? [] : [reportTo(report)])],
    globalSetup: ['test/servers/shared-postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // As long as test/story/until.ts waits: a busy machine may take its time.
    expect: { poll: { timeout: 20_000 } },
  },
});
