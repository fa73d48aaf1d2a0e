// A CRM's files and its HTTP door, as an admin uses them: import, look, make a token, and the next mail is served by the plan that was imported.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { casepost } from './program.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`a CRM's files ${missing ?? ''}`, { timeout: 240_000 }, () => {
  let test: TestDesk;
  let folder: string;
  beforeAll(async () => {
    test = await startDesk();
    folder = mkdtempSync(join(tmpdir(), 'casepost-customers-'));
    writeFileSync(
      join(folder, 'casepost.yaml'),
      `database: ${test.url}\nmailboxes: [{ address: support@help.example, line: corporate }]\n`,
    );
  }, 60_000);
  afterAll(async () => {
    await test?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const imported = (kind: string, text: string | Buffer, ...words: string[]) => {
    writeFileSync(join(folder, 'file.csv'), text);
    return casepost(['import', kind, 'file.csv', '-c', 'casepost.yaml', ...words], { cwd: folder });
  };

  it('come in as Excel writes them: mark, semicolons, quotes, line breaks in a cell, or UTF-16', async () => {
    const text = 'id;Name;notes\r\nacme;"Acme; Größe";"two\r\nlines"\r\nbolt;"Bolt ""B""";\r\n';
    expect((await imported('accounts', `\ufeff${text}`, '--json')).lines()).toEqual([
      { kind: 'accounts', added: 2, changed: 0, unchanged: 0, bad: 0, written: true },
    ]);
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect((await imported('accounts', wide, '--json')).lines()).toMatchObject([{ unchanged: 2 }]);
    const shown = await casepost(['account', 'show', 'acme', '-c', 'casepost.yaml', '--json'], { cwd: folder });
    expect(shown.lines()).toMatchObject([{ account: { name: 'Acme; Größe', notes: 'two\r\nlines' } }]);
  });

  it('are refused with the line of each bad row, and nothing of them is kept', async () => {
    const bad = await imported(
      'domains',
      'domain,account\nacme.example,acme\n"gmail.com\n",acme\nx.example\nb.example,nobody\n',
    );
    expect(bad.code).toBe(1);
    expect(bad.stdout.split('\n').map((line) => line.slice(0, 32))).toEqual([
      'file.csv:3: domain: "gmail.com" ',
      'file.csv:5: has 1 cells; the hea',
      'file.csv:6: account: "nobody" is',
      'domains: 1 added, 0 changed, 0 u',
      '',
    ]);
    const columns = await imported('domains', 'domain,acount\n');
    expect([columns.code, columns.stderr]).toEqual([
      2,
      'file.csv:1: "acount" is no column of domains (did you mean "account"?); allowed: domain, account\nfile.csv:1: "account" is missing\n',
    ]);
    expect((await imported('domains', 'domain,account\n"acme.example,acme\n')).stderr).toContain('nothing was written');
    expect((await imported('domains', Buffer.from('domain,account\nb\xe9.example,acme\n', 'latin1'))).stderr).toContain(
      'CSV UTF-8',
    );
    expect((await imported('domains', '')).code).toBe(2);
    const shown = await casepost(['account', 'show', 'kim@acme.example', '-c', 'casepost.yaml'], { cwd: folder });
    expect(shown.code).toBe(1);
  });

  it('decide which plan serves whom, and "account show" says so', async () => {
    await imported('domains', 'domain,account\nacme.example,acme\n');
    await imported(
      'entitlements',
      'id,account,plan,product,starts,expires\np1,acme,Advantage Premier,,2026-01-01,2026-12-31\np2,acme,trial,Snap Deploy,2026-01-01,2026-01-31\n',
    );
    const words = [
      'account',
      'show',
      'Kim@Acme.example',
      '-c',
      'casepost.yaml',
      '--now',
      '2026-03-02T09:00Z',
      '--json',
    ];
    const [shown] = (await casepost(words, { cwd: folder })).lines();
    expect(shown).toMatchObject({
      foundBy: 'mail domain acme.example',
      entitlements: [
        { id: 'p1', because: expect.stringContaining('is valid') as string },
        { id: 'p2', because: expect.stringContaining('expired') as string },
      ],
    });
    const served = (shown?.['served'] ?? []) as { product: string | null; plan: string }[];
    expect(new Set(served.map(({ plan }) => plan))).toEqual(new Set(['Advantage Premier']));
    expect(served.some(({ product }) => product === 'Acronis Snap Deploy')).toBe(true);
  });

  it('a token is shown once, listed without itself, and ends', async () => {
    const token = (...words: string[]) => casepost(['api-token', ...words, '-c', 'casepost.yaml'], { cwd: folder });
    const made = (await token('create', 'crm')).stdout.trim();
    expect(made).toMatch(/^casepost_[\w-]{43}$/);
    expect((await token('create', 'crm')).code).toBe(1);
    expect((await token('revoke', 'crm')).code).toBe(0);
    const { stdout } = await token('list');
    expect(stdout).toMatch(/^crm {2}since .*, revoked /);
    expect(stdout).not.toContain(made);
  });
});
