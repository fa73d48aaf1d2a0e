// A test process that is killed leaves nothing behind: no server, no child of it, no folder.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ProgramName, whyMissing } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A process that starts the server, says its pid and folder, and then waits to be killed. */
function aVictim(name: 'postgres' | 'dovecot', folder: string) {
  const starter = name === 'postgres' ? 'startPostgres' : 'startDovecot';
  const script = `import { ${starter} } from '${join(here, `${name}.ts`)}';
    const server = await ${starter}();
    console.log(server.pid(), server.folder);
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
}

function processesNaming(text: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(text));
}

describe.each<'postgres' | 'dovecot'>(['postgres', 'dovecot'])('%s', (name) => {
  const missing = whyMissing(name satisfies ProgramName);
  it.skipIf(missing)(
    `is gone with its folder when its test process is killed${missing ? ` (${missing})` : ''}`,
    async () => {
      // Nobody, as whom the servers run when we are root, must be able to pass through.
      const outer = mkdtempSync(join(tmpdir(), 'casepost-victim-'));
      execFileSync('chmod', ['755', outer]);
      const victim = aVictim(name, outer);
      const [pid, folder] = await new Promise<[number, string]>((told, failed) => {
        victim.stdout.once('data', (chunk: Buffer) => {
          const [first, second] = chunk.toString().trim().split(' ') as [string, string];
          told([Number(first), second]);
        });
        victim.once('exit', () => failed(new Error(`the victim ended before ${name} was up`)));
      });
      expect(existsSync(folder)).toBe(true);
      expect(processesNaming(folder)).not.toEqual([]);
      victim.kill('SIGKILL');
      await expect.poll(() => existsSync(folder), { timeout: 15_000 }).toBe(false);
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(processesNaming(folder)).toEqual([]);
      rmSync(outer, { recursive: true });
    },
  );
});
