// A process of its own for descriptors.test.ts: makes a letter while it has no descriptor left, and again when it has; prints what came of each.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { render } from '../../src/letters/render.ts';
import { shippedTemplates } from './build.ts';
import { sampleAdded, samples } from '../../src/letters/samples.ts';

const few = 64;
const templates = await shippedTemplates();
const [sample] = samples('acknowledgment');

async function tried(): Promise<string> {
  try {
    const { subject } = await render(
      templates,
      { kind: 'acknowledgment', language: 'en' },
      { ...sampleAdded, ...sample, zone: 'UTC' },
    );
    return subject === '' ? 'an empty letter' : 'a letter';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${few}:`]);
const held: number[] = [];
try {
  for (;;) held.push(openSync('/dev/null', 'r'));
} catch {
  // None is left.
}
const starved = await tried();
for (const descriptor of held) closeSync(descriptor);
console.log(JSON.stringify({ starved, fed: await tried() }));
