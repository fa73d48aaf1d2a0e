// `npm run bench:letters`: how many letters of each kind are filled in per second of one core: subject, text and html of a shipped template, compiled
// once, with everything there is to say. Counted in processor time, best of several rounds, so that other work on the machine tells little.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { render, templatesOf } from '../../src/letters/render.ts';
import { sampleAdded, samples } from '../../src/letters/samples.ts';
import { letterKinds } from '../../src/letters/variables.ts';
import { loadLetters } from '../../src/templates.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, language: { type: 'string', default: 'de' } },
});
const { language, json } = values;
const rounds = 5;
const lettersARound = 3000;
const microsecondsASecond = 1_000_000;

const loaded = await loadLetters({ templates: null });
if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
const templates = templatesOf(loaded.texts);
const perSecond: Record<string, number> = {};
for (const kind of letterKinds) {
  const context = { ...sampleAdded, ...samples(kind)[0] } as { zone: string };
  const microseconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (let letter = 0; letter < lettersARound; letter += 1) await render(templates, { kind, language }, context);
    const used = process.cpuUsage(before);
    microseconds.push(used.user + used.system);
  }
  perSecond[kind] = Math.round((lettersARound * microsecondsASecond) / Math.min(...microseconds));
}
const figures = { language, perSecond, load: loadavg()[0] };
if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else {
  for (const [kind, count] of Object.entries(perSecond)) process.stdout.write(`${kind.padEnd(20)} ${count} a second\n`);
  process.stdout.write(`load of the machine ${figures.load?.toFixed(1)}\n`);
}
