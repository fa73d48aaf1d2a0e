// npm run simulate -- --years 100 --seed 7: a longer run than the tests', with its table. A promise that is broken ends it with the seed and the story.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    years: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    'cases-a-day': { type: 'string', default: '0.8' },
    'strikes-a-month': { type: 'string', default: '6' },
    gateways: { type: 'string', default: '2' },
  },
});
const daysOfYear = 365.25;
let failed = 0;
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed += 1) {
  const began = performance.now();
  try {
    const report = await simulate({
      seed,
      days: Number(values.years) * daysOfYear,
      casesADay: Number(values['cases-a-day']),
      strikesAMonth: Number(values['strikes-a-month']),
      gateways: Number(values.gateways),
    });
    console.log(JSON.stringify({ ...report, seconds: Math.round((performance.now() - began) / 1000) }, null, 1));
  } catch (error) {
    failed += 1;
    console.log(error instanceof Error && error.name === 'Broken' ? error.message : error);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
