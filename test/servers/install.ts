// Brings the missing programs onto a bare Debian as root, so that `npm test` needs no second command. It leaves the machine as quiet as it
// found it: no service is started by the installation, and the file that says so is taken away again.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { allPrograms } from './programs.ts';
import { watchdogOn } from './watchdog.ts';

const installMinutesMax = 15;
const policyFile = '/usr/sbin/policy-rc.d';

/** Why this machine cannot install packages by itself, or undefined when it can: Debian or a child of it, root, apt-get. */
export function whyNotInstallable(): string | undefined {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return 'this is no Debian';
  if (process.getuid?.() !== 0) return 'we are not root';
  if (!existsSync('/usr/bin/apt-get')) return 'there is no /usr/bin/apt-get';
  return undefined;
}

/**
 * Installs the Debian packages of every program that is missing; `say` gets a line a step. Returns the programs' packages that are still
 * missing afterwards (empty: all is here). Never throws because of apt: the caller decides what a missing package means.
 */
export async function installMissing(say: (line: string) => void): Promise<string[]> {
  const wanted = missingPackages();
  if (wanted.length === 0) return [];
  const refusal = whyNotInstallable();
  if (refusal) {
    say(`missing: ${wanted.join(' ')} (not installed by us: ${refusal})`);
    return wanted;
  }
  say(`installing ${wanted.join(' ')} …`);
  const startsServices = !existsSync(policyFile);
  // The watchdog takes the file away even when we are killed in the middle of apt.
  const watchdog = startsServices ? watchdogOn(policyFile) : undefined;
  if (startsServices) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await apt(['update', '-q'], say);
    // One by one: a browser that cannot be fetched must not cost us the database.
    for (const program of allPrograms()) {
      if (!program.path) await apt(['install', '-y', '-q', '--no-install-recommends', ...program.packages], say);
    }
  } finally {
    if (startsServices) rmSync(policyFile, { force: true });
    watchdog?.done();
  }
  return missingPackages();
}

function missingPackages(): string[] {
  return allPrograms().flatMap((program) => (program.path ? [] : program.packages));
}

async function apt(words: string[], say: (line: string) => void): Promise<void> {
  const options = [
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Options::=--force-confold',
    '-o',
    'Acquire::Retries=3',
  ];
  const child = spawn('apt-get', [...options, ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: installMinutesMax * 60_000,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | string>((done) => {
    child.on('error', (error) => done(error.message));
    child.on('close', (exit, signal) => done(exit ?? signal ?? 'no exit code'));
  });
  const tail = output.trim().split('\n').slice(-6).join('\n');
  if (code === 0) say(`apt-get ${words.join(' ')}: done`);
  else say(`apt-get ${words.join(' ')} ended with ${code}; we go on with what is there. Its last lines:\n${tail}`);
}
