// `npm run bench`: the figures we publish, with the machine and the commit they were taken on. `--json` prints them as one JSON line;
// `--mails` and `--latency-mails` set how many (a tiny run is a test, so that the measuring does not rot).
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { freePorts } from '../servers/ports.ts';
import { startPostgres } from '../servers/postgres.ts';
import { aDesk } from '../story/desk.ts';
import { type IngestSpeed, measureIngest } from './ingest-speed.ts';
import { type Latency, measureLatency } from './latency.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    mails: { type: 'string', default: '1000' },
    'latency-mails': { type: 'string', default: '100' },
  },
});

const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  load: Number((loadavg()[0] ?? 0).toFixed(1)),
  node: process.version,
  commit: commit(),
};
const mails = Number(values.mails);
const postgres = await startPostgres();
const [lmtpPort] = (await freePorts(1)) as [number];
const databaseUrl = await postgres.createDatabase('bench');
const desk = await aDesk({ databaseUrl, listen: `  lmtp: { port: ${lmtpPort} }` });
try {
  const ingest = await measureIngest(desk, mails);
  const latency = await measureLatency(desk, Number(values['latency-mails']), mails + 1, lmtpPort);
  console.log(values.json ? JSON.stringify({ machine, ingest, latency }) : table(ingest, latency));
} finally {
  await desk.stop();
  await postgres.stop();
}

function table(ingest: IngestSpeed, latency: Latency): string {
  const row = (name: string, ours: string, floor: string) =>
    `${name.padEnd(72)}${ours.padStart(10)}${floor.padStart(10)}`;
  const number = (value: number) => value.toFixed(1);
  return [
    `${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, load ${machine.load} before, Node ${machine.node}, commit ${machine.commit}`,
    '',
    row('', 'casepost', 'floor'),
    row(
      `ingest of ${ingest.mails} mails into PostgreSQL, fsync on: mails/s`,
      number(ingest.mailsPerSecond),
      number(ingest.floorMailsPerSecond),
    ),
    row(
      '  processor time per mail, ms (without PostgreSQL)',
      number(ingest.cpuMsPerMail),
      number(ingest.floorCpuMsPerMail),
    ),
    row('  start of the program and one mail, ms', number(ingest.startMs), ''),
    row(
      `IMAP APPEND to acknowledgment at the peer, ${latency.mails} mails: median ms`,
      number(latency.median),
      number(latency.floorMedian),
    ),
    row('  95th percentile ms', number(latency.p95), number(latency.floorP95)),
    row('the same mails by LMTP, without Dovecot’s half second: median ms', number(latency.lmtpMedian), ''),
    row('  95th percentile ms', number(latency.lmtpP95), ''),
  ].join('\n');
}

function commit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no', '--', '../../src') === '' ? '' : ' and changes'}`;
  } catch {
    return 'unknown';
  }
}
