// `npm run bench`: the figures we publish, with the machine and the commit they were taken on. `--json` prints them as one JSON line, `--only NAME`
// measures one part alone (again for one more), the long ones among them, which an ordinary run leaves out; the other options say how many (a tiny run is a
// test, so that the measuring does not rot).
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { freePorts } from '../servers/ports.ts';
import { startPostgres } from '../servers/postgres.ts';
import { aDesk } from '../story/desk.ts';
import { type Growth, measureGrowth } from './growth-speed.ts';
import { type IngestSpeed, measureIngest } from './ingest-speed.ts';
import { type IntakeSpeed, measureIntake } from './intake-speed.ts';
import { type Latency, measureLatency } from './latency.ts';
import { quantile } from './quantile.ts';
import { measureSchedule, type ScheduleSpeed } from './schedule-speed.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    mails: { type: 'string', default: '1000' },
    'latency-mails': { type: 'string', default: '100' },
    'intake-mails': { type: 'string', default: '2000' },
    cases: { type: 'string', default: '1000000' },
    'growth-mails': { type: 'string', default: '1000' },
    letters: { type: 'string', default: '100000' },
    profile: { type: 'string' },
  },
});

const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  load: loadNow(),
  node: process.version,
  commit: commit(),
};
const parts = { ingest, intake, latency };
/** Minutes each: measured only when they are named. */
const longParts = { growth, schedule };
const wanted = values.only
  ? Object.entries({ ...parts, ...longParts }).filter(([name]) => values.only?.includes(name))
  : Object.entries(parts);
if (wanted.length === 0)
  throw new Error(
    `--only ${values.only?.join(' ')}: the parts are ${Object.keys({ ...parts, ...longParts }).join(', ')}`,
  );
const told: Record<string, unknown> = { machine };
if (!values.json) {
  console.log(
    `${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit}\n`,
  );
  console.log(row('', 'casepost', 'floor'));
}
for (const [name, part] of wanted) {
  const load = loadNow();
  const { figures, table } = await part();
  told[name] = figures;
  if (!values.json) console.log([`(load ${load} before, ${loadNow()} after)`, ...table].join('\n'));
}
if (values.json) console.log(JSON.stringify(told));

/** What a part gives: its figures for `--json`, and lines for a person. */
interface Measured<Figures> {
  figures: Figures;
  table: string[];
}

async function ingest(): Promise<Measured<IngestSpeed>> {
  const postgres = await startPostgres();
  const desk = await aDesk({ databaseUrl: await postgres.createDatabase('bench') });
  try {
    const figures = await measureIngest(desk, Number(values.mails));
    const table = [
      row(
        `ingest of ${figures.mails} mails into PostgreSQL, fsync on: mails/s`,
        figures.mailsPerSecond,
        figures.floorMailsPerSecond,
      ),
      row('  processor time per mail, ms (without PostgreSQL)', figures.cpuMsPerMail, figures.floorCpuMsPerMail),
      row('  start of the program and one mail, ms', figures.startMs, ''),
    ];
    return { figures, table };
  } finally {
    await desk.stop();
    await postgres.stop();
  }
}

async function intake(): Promise<Measured<IntakeSpeed>> {
  const figures = await measureIntake(Number(values['intake-mails']), values.profile ?? null);
  const lines = (way: string, ours: IntakeSpeed['imap'], floor: IntakeSpeed['imap']) => [
    row(
      `${figures.mails} mails of ${figures.bytesPerMail} bytes by ${way} to the peer: mails/s`,
      ours.mailsPerSecond,
      floor.mailsPerSecond,
    ),
    row('  of the floor', ours.mailsPerSecond / floor.mailsPerSecond, '', 2),
    row('  processor time per mail, ms', ours.cpuMs, floor.cpuMs, 2),
    row('  of the floor', ours.cpuMs / floor.cpuMs, '', 2),
    row('  of it PostgreSQL', ours.databaseMs, floor.databaseMs, 2),
    row('  most memory of the gateway, MB', ours.rssMb, floor.rssMb, 0),
  ];
  const table = [...lines('IMAP', figures.imap, figures.floorImap), ...lines('LMTP', figures.lmtp, figures.floorLmtp)];
  return { figures, table };
}

async function latency(): Promise<Measured<Latency>> {
  const postgres = await startPostgres();
  const [lmtpPort] = (await freePorts(1)) as [number];
  const listen = `  lmtp: { port: ${lmtpPort} }`;
  const desk = await aDesk({ databaseUrl: await postgres.createDatabase('bench'), listen });
  try {
    const figures = await measureLatency(desk, Number(values['latency-mails']), 1, lmtpPort);
    const table = [
      row(
        `IMAP APPEND to acknowledgment at the peer, ${figures.mails} mails: median ms`,
        figures.median,
        figures.floorMedian,
      ),
      row('  95th percentile ms', figures.p95, figures.floorP95),
      row('the same mails by LMTP, without Dovecot’s half second: median ms', figures.lmtpMedian, ''),
      row('  95th percentile ms', figures.lmtpP95, ''),
    ];
    return { figures, table };
  } finally {
    await desk.stop();
    await postgres.stop();
  }
}

async function growth(): Promise<Measured<Growth>> {
  const figures = await measureGrowth(Number(values.cases), Number(values['growth-mails']));
  const { empty, grown, asked } = figures;
  const lines = (way: 'imap' | 'lmtp') => [
    row(
      `${figures.mails} mails by ${way.toUpperCase()}, grown and empty: mails/s`,
      grown[way].mailsPerSecond,
      empty[way].mailsPerSecond,
    ),
    row('  of the empty one', grown[way].mailsPerSecond / empty[way].mailsPerSecond, '', 2),
    row('  processor time per mail, ms', grown[way].cpuMs, empty[way].cpuMs, 2),
    row('  of it PostgreSQL', grown[way].databaseMs, empty[way].databaseMs, 2),
  ];
  const table = [
    `${figures.cases} cases and ${5 * figures.cases} messages, ${figures.databaseMb} MB, written in ${figures.seedSeconds.toFixed(0)} s`,
    ...lines('imap'),
    ...lines('lmtp'),
    'asked of the grown one (median and 95th percentile, ms)',
    ...Object.entries(asked).map(([name, { median, p95 }]) => row(`  ${name}`, median, p95, 2)),
  ];
  return { figures, table };
}

async function schedule(): Promise<Measured<ScheduleSpeed>> {
  const figures = await measureSchedule(Number(values.cases), Number(values.letters));
  const { acknowledged } = figures;
  const table = [
    row(
      `a minute with nothing due, ${figures.cases} open cases: median, 95th percentile ms`,
      figures.idleTick.median,
      figures.idleTick.p95,
    ),
    row(
      `${figures.letters} follow-ups due at once: letters/s`,
      figures.lettersPerSecond,
      figures.floorLettersPerSecond,
    ),
    row('  of the floor', figures.lettersPerSecond / figures.floorLettersPerSecond, '', 2),
    row('  processor time per letter, ms', figures.cpuMs, figures.floorCpuMs, 2),
    row('  of it PostgreSQL', figures.databaseMs, '', 2),
    row('  cases with two letters', figures.doubled, '', 0),
    row(
      `  acknowledgment of ${acknowledged.length} mails meanwhile: median, longest ms`,
      quantile(acknowledged, 0.5),
      Math.max(...acknowledged),
    ),
  ];
  return { figures, table };
}

function row(name: string, ours: number | string, floor: number | string, digits = 1): string {
  const shown = (value: number | string) => (typeof value === 'number' ? value.toFixed(digits) : value).padStart(10);
  return `${name.padEnd(72)}${shown(ours)}${shown(floor)}`;
}

function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(1));
}

function commit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no', '--', '../../src') === '' ? '' : ' and changes'}`;
  } catch {
    return 'unknown';
  }
}
