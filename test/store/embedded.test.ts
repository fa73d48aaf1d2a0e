// The embedded database: one process has its folder, others come in through it, and what was committed outlives a kill.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase, rows } from '../../src/store/db.ts';

const folders: string[] = [];
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-test-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const writer = new URL('token-writer.ts', import.meta.url).pathname;

/** Starts token-writer.ts; `said` is the last token that it has said. */
function startWriter(folder: string): { child: ChildProcess; said: () => number } {
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)) };
}

const ended = (child: ChildProcess) => new Promise<void>((done) => child.once('exit', () => done()));

describe('the embedded database', () => {
  it('is refused to a second process that wants it for itself, and serves one that does not', async () => {
    const folder = freshFolder();
    const { child, said } = startWriter(folder);
    try {
      await expect.poll(said, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0);
      await expect(openDatabase(folder, { exclusive: true })).rejects.toThrow(
        'another Casepost process has this folder open',
      );
      const joined = await openDatabase(folder);
      expect((await rows<{ count: number }>(joined.db, 'select count(*) from tokens'))[0]?.count).toBeGreaterThan(0);
      await joined.close();
    } finally {
      child.kill('SIGKILL');
      await ended(child);
    }
  }, 60_000);

  it('killed in the midst of writing, three times, has every token that was said to be committed', async () => {
    const folder = freshFolder();
    let committed = 0;
    for (let round = 1; round <= 3; round += 1) {
      const { child, said } = startWriter(folder);
      await expect.poll(said, { timeout: 30_000, interval: 20 }).toBeGreaterThan(committed + 25);
      child.kill('SIGKILL');
      await ended(child);
      committed = said();
    }
    const database = await openDatabase(folder, { exclusive: true });
    const [found] = await rows<{ count: number; last: number }>(
      database.db,
      'select count(*), max(token)::bigint as last from tokens',
    );
    await database.close();
    expect(found?.last).toBeGreaterThanOrEqual(committed);
    expect(found?.count).toBe(found?.last);
  }, 120_000);
});
