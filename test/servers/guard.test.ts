// A test process that is killed leaves nothing behind: no server, no child of it, no folder.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { whyMissing } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A process that starts the server, says its folder, and then waits to be killed. */
function aVictim(name: 'postgres' | 'dovecot', folder: string) {
  const starter = name === 'postgres' ? 'startPostgres' : 'startDovecot';
  const script = `import { ${starter} } from '${join(here, `${name}.ts`)}';
    const server = await ${starter}();
    console.log(server.folder);
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
}

/** The command lines of living processes that hold `text`; read from /proc, as a bare Debian has no ps. A zombie has none. */
function processesNaming(text: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(commandLine).filter((line) => line.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

describe.each<'postgres' | 'dovecot'>(['postgres', 'dovecot'])('%s', (name) => {
  const missing = existsSync('/proc') ? whyMissing(name) : 'no /proc to look for processes in';
  it.skipIf(missing)(
    `is gone with its folder when its test process is killed${missing ? ` (${missing})` : ''}`,
    async () => {
      // Nobody, as whom the servers run when we are root, must be able to pass through.
      const outer = mkdtempSync(join(tmpdir(), 'casepost-victim-'));
      chmodSync(outer, 0o755);
      const victim = aVictim(name, outer);
      const folder = await new Promise<string>((told, failed) => {
        victim.stdout.once('data', (chunk: Buffer) => told(chunk.toString().trim()));
        victim.once('exit', () => failed(new Error(`the victim ended before ${name} was up`)));
      });
      expect(existsSync(folder)).toBe(true);
      expect(processesNaming(folder)).not.toEqual([]);
      victim.kill('SIGKILL');
      await expect.poll(() => existsSync(folder), { timeout: 40_000 }).toBe(false);
      await expect.poll(() => processesNaming(folder)).toEqual([]);
      rmSync(outer, { recursive: true });
    },
  );
});
