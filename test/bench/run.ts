// `npm run bench`: the figures we publish, with the machine and the commit they were taken on. `--json` prints them as one JSON line, `--only NAME`
// measures one part alone (again for one more), the long ones among them, which an ordinary run leaves out; the other options say how many (a tiny run is a
// test, so that the measuring does not rot).
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startPostgres } from '../servers/postgres.ts';
import { aDesk } from '../story/desk.ts';
import { embedded, growth, memory, scale, schedule } from './long-parts.ts';
import { type IngestSpeed, measureIngest } from './ingest-speed.ts';
import { type IntakeSpeed, measureIntake } from './intake-speed.ts';
import { type Latency, measureLatency, type Waits } from './latency.ts';
import { type Measured, row } from './table.ts';

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
    'scale-mails': { type: 'string', default: '2000' },
    'embedded-mails': { type: 'string', default: '500' },
    'large-mails': { type: 'string', default: '200' },
    mailboxes: { type: 'string', default: '200' },
    'idle-seconds': { type: 'string', default: '30' },
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
const counts = (name: keyof typeof values) => Number(values[name]);
const longParts = {
  growth: () => growth(counts('cases'), counts('growth-mails')),
  schedule: () => schedule(counts('cases'), counts('letters')),
  scale: () => scale(counts('scale-mails')),
  embedded: () => embedded(counts('embedded-mails')),
  memory: () => memory(counts('large-mails'), counts('mailboxes'), counts('idle-seconds')),
};
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
  const figures = await measureLatency(Number(values['latency-mails']));
  const lines = (way: string, ours: Waits, floor: Waits | null) => [
    row(`${way}: median ms`, ours.median, floor?.median ?? ''),
    row('  95th percentile ms', ours.p95, floor?.p95 ?? ''),
    row('  99th percentile ms', ours.p99, floor?.p99 ?? ''),
  ];
  const table = [
    ...lines(
      `${figures.mails} mails, IMAP APPEND to acknowledgment at the peer, idle clients hibernate`,
      figures.imap,
      figures.imapFloor,
    ),
    ...lines('  where they do not, and Dovecot gathers changes for half a second', figures.awake, figures.awakeFloor),
    ...lines(`${figures.mails} mails, LMTP to acknowledgment at the peer`, figures.lmtp, null),
  ];
  return { figures, table };
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
