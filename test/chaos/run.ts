// `npm run chaos [-- --minutes 30 --seed N --rate 20 --gateways 1-3 --only F1,F5 --json FILE]`: ends with the oracle's table, and with exit code 1
// when a promise was broken.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    rate: { type: 'string', default: '20' },
    gateways: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`chaos: seed ${seed}`);
const report = await runChaos({
  seed,
  minutes: Number(values.minutes),
  rate: Number(values.rate),
  ...(values.gateways ? { gateways: Number(values.gateways) } : {}),
  ...(values.only ? { only: values.only.split(',') } : {}),
  log: (line) => console.log(line),
});
console.log(`\n${tableOf(report)}`);
console.log(`journal, policy and, if a promise was broken, all rows: ${report.folder}`);
if (values.json) {
  const mails = [...report.written.mails.keys()];
  writeFileSync(values.json, JSON.stringify({ ...report, written: { ...report.written, mails } }, null, 1));
}
process.exitCode = report.broken.length === 0 ? 0 : 1;
