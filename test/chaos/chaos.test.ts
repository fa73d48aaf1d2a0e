// Three minutes of the chaos run, another seed each time: what half an hour of it would find is looked for a little in every test run. A failure
// names the command that makes the same plan again.
import { expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { runChaos } from './chaos.ts';
import { tableOf } from './table.ts';

const missing = whyMissing('postgres', 'dovecot');
const minutes = 1.3;
const rate = 5;
const seed = Number(process.env['CASEPOST_TEST_SEED']) || Temporal.Now.instant().epochMilliseconds % 2 ** 31;

it.skipIf(missing)(
  `nothing is lost or doubled while faults strike, seed ${seed}${missing ? ` (${missing})` : ''}`,
  { timeout: 400_000 },
  async () => {
    const report = await runChaos({ seed, minutes, rate });
    expect(report.broken, tableOf(report)).toEqual([]);
    // A run in which hardly anything happened would prove nothing.
    expect(report.written.mails.size).toBeGreaterThan(minutes * 60);
    expect(Object.keys(report.struck).length).toBeGreaterThan(10);
  },
);
