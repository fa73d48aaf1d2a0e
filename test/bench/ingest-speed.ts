// How fast `casepost ingest` takes mails from files into a PostgreSQL that keeps what it commits (fsync on), beside the floor for the same mails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Desk } from '../story/desk.ts';
import { startFloor } from './floor.ts';
import { generatedMail } from './generated-mails.ts';

const launcher = fileURLToPath(new URL('../../src/casepost', import.meta.url));

/** `cpuMsPerMail` is the program's own processor time (PostgreSQL's not counted); both are without the start of the program, `startMs`. */
export interface IngestSpeed {
  mails: number;
  mailsPerSecond: number;
  cpuMsPerMail: number;
  startMs: number;
  floorMailsPerSecond: number;
  floorCpuMsPerMail: number;
}

/** Ingests `count` generated mails with a fresh program, after one mail alone, whose time is taken off as the program's start. */
export async function measureIngest(desk: Desk, count: number): Promise<IngestSpeed> {
  const one = join(desk.folder, 'one');
  const all = join(desk.folder, 'all');
  await mkdir(one);
  await mkdir(all);
  await writeFile(join(one, 'first.eml'), generatedMail(0));
  const names = Array.from({ length: count }, (_, index) => join(all, `${String(index + 1).padStart(6, '0')}.eml`));
  for (const [index, name] of names.entries()) await writeFile(name, generatedMail(index + 1));
  // Once without looking: the first start on a new database migrates it.
  await timed(['check', '-c', desk.config]);
  await timed(['migrate', '-c', desk.config]);
  const start = await timed(['ingest', one, '--json', '-c', desk.config]);
  const whole = await timed(['ingest', all, '--json', '-c', desk.config]);
  if (whole.lines !== count) throw new Error(`ingest told of ${whole.lines} mails, not of ${count}`);
  const floor = await floorSpeed(desk, names);
  return {
    mails: count,
    mailsPerSecond: (count / (whole.wallMs - start.wallMs)) * 1000,
    cpuMsPerMail: (whole.cpuMs - start.cpuMs) / count,
    startMs: start.wallMs,
    ...floor,
  };
}

async function floorSpeed(
  desk: Desk,
  names: string[],
): Promise<Pick<IngestSpeed, 'floorMailsPerSecond' | 'floorCpuMsPerMail'>> {
  const floor = await startFloor(desk.databaseUrl, null);
  try {
    const cpu = process.cpuUsage();
    const began = performance.now();
    for (const name of names) await floor.take(await readFile(name));
    const wallMs = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    return {
      floorMailsPerSecond: (names.length / wallMs) * 1000,
      floorCpuMsPerMail: (user + system) / 1000 / names.length,
    };
  } finally {
    await floor.stop();
  }
}

/** Runs the program to its end; the shell's `times` tells the processor time of its child. */
async function timed(words: string[]): Promise<{ wallMs: number; cpuMs: number; lines: number }> {
  const began = performance.now();
  const shell = spawn('/bin/sh', ['-c', '"$@"; code=$?; times >&2; exit $code', 'sh', launcher, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(shell, 'close')) as [number | null];
  if (code !== 0) throw new Error(`casepost ${words.join(' ')} ended with ${code}: ${stderr}`);
  const child = stderr.trim().split('\n').at(-1) ?? '';
  const cpuMs = [...child.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, min, sec]) => sum + Number(min) * 60_000 + Number(sec) * 1000,
    0,
  );
  return { wallMs: performance.now() - began, cpuMs, lines: stdout.split('\n').filter(Boolean).length };
}
