// The embedded database of a running gateway: a second gateway on its folder is refused with what to do, the command line comes in through the
// first, and after a kill -9 the folder is free at once.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { casepost, type Program, startCasepost } from '../story/program.ts';
import { firstMail } from '../story/writing.ts';

describe('one folder', { timeout: 90_000 }, () => {
  let folder: string;
  let gateway: Program;
  const config = (database = join(folder, 'data'), name = 'casepost.yaml') => {
    const path = join(folder, name);
    const text = `database: ${database}\nmailboxes:\n  - { id: support, address: support@desk.test, line: corporate }\n`;
    return writeFile(path, text).then(() => path);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'casepost-folder-'));
    await writeFile(join(folder, 'one.eml'), firstMail({ from: 'a@a.test', subject: 'One', text: 'About one.' }));
    gateway = await startCasepost(['start', '-c', await config()]);
  });
  afterAll(async () => {
    await gateway?.kill9();
    await rm(folder, { recursive: true, force: true });
  });

  it('is refused to a second gateway, which says what to do', async () => {
    const { code, stderr } = await casepost(['start', '-c', await config()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /another Casepost process has this folder open; stop it first, or give this one a PostgreSQL server/,
    );
  });

  it.each([
    ['ingest', () => [join(folder, 'one.eml')]],
    ['case list', () => []],
    ['tick', () => []],
    ['migrate', () => []],
    ['reconcile', () => []],
  ])('%s comes in through the running gateway', async (command, more) => {
    const ended = await casepost([...command.split(' '), ...more(), '-c', await config()]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  });

  it.skipIf(whyMissing('postgres'))('is not moved while its gateway runs', async () => {
    const target = await sharedDatabase('folder');
    const words = ['migrate', '--from', join(folder, 'data'), '-c', await config(target.url, 'server.yaml')];
    const ended = await casepost(words);
    await target.drop();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/another Casepost process has this folder open/);
  });

  it('is free at once after a kill -9, with all that was committed', async () => {
    await gateway.kill9();
    gateway = await startCasepost(['start', '-c', await config()]);
    const ended = await casepost(['case', 'list', '--json', '-c', await config()]);
    expect(ended.lines()).toMatchObject([{ number: 1, requester: 'a@a.test' }]);
  });
});
