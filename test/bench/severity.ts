// `npm run bench:severity`: how well the shipped signs judge the mails they were tuned with and those they never were, and how long judging takes.
// What was done (November 2026): each set was measured before anything was tuned with it. first to seventh: 78.5 % (second, by the first-match
// rules of then), 95.3 % (third, written an hour before the signs by the same hand), 70.3 %, 76.6 %, 56.3 %, and seventh, held back until then,
// 78.1 %. Then 120 mails were written before the signs were read and held back; eighth to thirteenth served to make the signs general, each
// measured by the signs of the day before (first figure) and by those being made (second): eighth 69.5, ninth 65.6 and 66.4, tenth 92.2 and 93.0,
// eleventh 61.7 and 71.1, twelfth 64.8 and 71.1, thirteenth 78.1 and 84.4 %. The 120 held-back mails: 80.8 % by the signs of before (one A for D, one
// D for A), 88.3 % by these, one A for D; measured again after a sign was added against that confusion, the same. They were not looked at again, so
// that A stays. All mails are the writing of one project, so that those of strangers may well do worse: plain ones do better than turned phrases.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { monotonicMs } from '../../src/clock.ts';
import { severities } from '../../src/policy/line-schema.ts';
import { shippedPolicy } from '../../src/policy/load.ts';
import { judge } from '../../src/policy/rules.ts';
import {
  confusion,
  exact,
  judgeAll,
  labelledSet,
  strangersFacts,
  tunedMails,
  type JudgedMail,
} from '../policy/labelled-mails.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const policy = shippedPolicy();
const labelled = judgeAll(tunedMails(), policy);
const heldBack = judgeAll(labelledSet('held-back'), policy);

const rounds = 25;
const hostileChars = 100_000;
const hostile = {
  'one phrase again and again': 'backup fails ',
  'only negations': 'no not without ',
  'a sentence a line': 'no backup\n',
  'one word': 'a',
  'beginnings of phrases': 'can not do not is not ',
  'every accent': '\u0301e\u0301',
};

// Each mail by itself: a run over all is long enough for whatever else the machine does to come between.
const timed = labelled.map(({ mail }) => best(() => judge(strangersFacts(mail), policy)));

const figures = {
  labelled: summary(labelled),
  heldBack: summary(heldBack),
  microsecondsPerMail: (timed.reduce((sum, ms) => sum + ms, 0) / timed.length) * 1000,
  hostileMs: Object.fromEntries(
    Object.entries(hostile).map(([name, text]) => [name, best(() => judge(hostileFacts(text), policy))]),
  ),
};
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, load: loadavg()[0] };
console.log(values.json ? JSON.stringify({ machine, ...figures }) : text());

function summary(judged: readonly JudgedMail[]) {
  const by = (kind: 'line' | 'language') =>
    Object.fromEntries(
      Object.entries(Object.groupBy(judged, ({ mail }) => mail[kind])).map(([name, mails = []]) => [
        name,
        { mails: mails.length, exact: exact(mails) },
      ]),
    );
  return {
    mails: judged.length,
    exact: exact(judged),
    lines: by('line'),
    languages: by('language'),
    confusion: confusion(judged),
  };
}

function hostileFacts(repeated: string) {
  const body = repeated.repeat(Math.ceil(hostileChars / repeated.length));
  return strangersFacts({ line: 'corporate', subject: 'x', text: body });
}

/** Milliseconds of the quickest of several runs: what else the machine does only ever adds. */
function best(work: () => unknown): number {
  const took = Array.from({ length: rounds }, () => {
    const began = monotonicMs();
    work();
    return monotonicMs() - began;
  });
  return Math.min(...took);
}

function text(): string {
  const share = (value: number) => `${(value * 100).toFixed(1)} %`;
  const told = ({ mails, exact: all, lines, languages, confusion: table }: ReturnType<typeof summary>) => [
    `  exact: ${share(all)} of ${mails}`,
    ...Object.entries({ ...lines, ...languages }).map(
      ([name, one]) => `    ${name.padEnd(10)} ${share(one.exact).padStart(7)} of ${one.mails}`,
    ),
    `  is \\ taken for ${severities.map((severity) => severity.padStart(5)).join('')}`,
    ...table.map(
      (row, index) => `  ${severities[index]}             ${row.map((count) => String(count).padStart(5)).join('')}`,
    ),
  ];
  return [
    `${machine.cores} x ${machine.processor}, Node ${machine.node}, load ${machine.load?.toFixed(1)} before`,
    'labelled mails, tuned on',
    ...told(figures.labelled),
    'held back, never tuned on',
    ...told(figures.heldBack),
    `an ordinary mail: ${figures.microsecondsPerMail.toFixed(0)} µs`,
    ...Object.entries(figures.hostileMs).map(([name, ms]) => `100 kB of ${name}: ${ms.toFixed(1)} ms`),
  ].join('\n');
}
