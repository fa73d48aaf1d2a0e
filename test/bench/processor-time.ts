// Processor time of whole trees of processes, out of /proc: what a mail costs says more than how long it took on a machine that others use too.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second wherever we run. */
const ticksPerSecond = 100;

/** Seconds of processor time that these processes and everything below them have used, ended children that were waited for included. */
export function processorSeconds(pids: number[]): number {
  const found = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) read(Number(name), found);
  const counted = new Set(pids);
  for (let before = 0; before !== counted.size;) {
    before = counted.size;
    for (const [pid, { parent }] of found) if (counted.has(parent)) counted.add(pid);
  }
  return [...counted].reduce((sum, pid) => sum + (found.get(pid)?.ticks ?? 0), 0) / ticksPerSecond;
}

/** Seconds of processor time of a process's first thread alone: Node decides, composes and talks on it. */
export function firstThreadSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The memory a process holds just now, in megabytes. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

function read(pid: number, found: Map<number, { parent: number; ticks: number }>): void {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything; after it: state, parent, …, and at 12 to 15 the four times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    found.set(pid, { parent: Number(fields[1]), ticks });
  } catch {
    // It ended while we looked.
  }
}

/** The most memory a process has held at once, in megabytes. */
export function peakMb(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
