// The command line as other programs call it: exit codes, JSON lines, --help, ingest from every kind of file, reconcile, and days walked
// with --now. Without servers but the database.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { casepost, casepostJson } from './program.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres');
const commands = [
  'demo',
  'start',
  'check',
  'migrate',
  'ingest',
  'explain',
  'tick',
  'send',
  'case',
  'reconcile',
  'restore-check',
];
const monday = '2026-03-02T09:00Z';

describe.skipIf(missing)(`the command line${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let peer: SmtpPeer;
  let folder: string;
  let config: string[];
  let paths: string[];
  beforeAll(async () => {
    database = await sharedDatabase('shell');
    peer = await startSmtpPeer();
    folder = await mkdtemp(join(tmpdir(), 'casepost-shell-'));
    config = ['-c', join(folder, 'casepost.yaml')];
    await writeFile(
      join(folder, 'casepost.yaml'),
      `database: ${database.url}
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@desk.test, line: corporate }
  - { id: mobility, address: mobility@desk.test, line: mobility }
smtp: { host: 127.0.0.1, port: ${peer.port}, security: none }
`,
    );
    await writeFile(
      join(folder, 'policy.yaml'),
      'engineers:\n  - { name: Ines, address: ines@engineers.test, lines: [corporate, mobility] }\n',
    );
    paths = await mailsIn(folder);
  });
  afterAll(async () => {
    await peer?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('--help names every command and the exit codes, and ends with 0', async () => {
    const { code, stdout } = await casepost(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(stdout).toMatch(/Exit codes: 0 .* 1 .* 2 /);
  });

  it.for([
    [[]],
    [['dance']],
    [['tick', '--now', 'tomorrow']],
    [['case', 'show']],
    [['case', 'show', 'abc']],
    [['ingest']],
    [['tick', '--colour']],
  ] as [string[]][])('%j is wrong usage: 2, with a sentence', async ([words]) => {
    const ended = await casepost(words.length > 0 ? [...words, ...(words[0] === 'dance' ? [] : config)] : words);
    expect(ended.code).toBe(2);
    expect(`${ended.stderr}${ended.stdout}`).toMatch(/\w+ \w+/);
    expect(ended.stderr).not.toMatch(/^\s+at .*\.ts:/m);
  });

  it('ingest reads .eml files, a folder, an mbox and a Maildir, one JSON line a mail', async () => {
    const lines = await casepostJson(['ingest', ...paths, '--now', monday, ...config]);
    expect(lines).toHaveLength(7);
    for (const line of lines)
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining(['file', 'disposition', 'reason', 'because', 'caseNumber']),
      );
    expect(lines.map(({ disposition }) => disposition)).toEqual(Array(7).fill('opened'));
    expect(lines.map(({ caseNumber }) => caseNumber)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(String(lines[3]?.['file'])).toMatch(/old\.mbox#1$/);
  });

  it('ingesting the same again changes nothing', async () => {
    const again = await casepostJson(['ingest', ...paths, '--now', '2026-03-02T10:00Z', ...config]);
    expect(again.map(({ caseNumber }) => caseNumber)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await casepostJson(['case', 'list', ...config])).toHaveLength(7);
  });

  it('the mailbox is found by the recipient', async () => {
    const [shown] = await casepostJson(['case', 'show', '7', ...config]);
    expect(shown).toMatchObject({ number: 7, line: 'mobility', mailbox: 'mobility' });
  });

  it('a file that can not be read is a found problem; the others are taken in', async () => {
    const ended = await casepost(['ingest', join(folder, 'nowhere.eml'), paths[0] ?? '', '--json', ...config]);
    expect(ended.code).toBe(1);
    expect(ended.lines()).toHaveLength(2);
    expect(ended.lines()[0]?.['error']).toMatch(/nowhere\.eml/);
  });

  it('reconcile is empty for what was ingested, and names the file that was not', async () => {
    const [ledger, ...rest] = await casepostJson(['reconcile', ...paths, ...config]);
    expect(ledger).toMatchObject({ source: 'file', stored: 7, waiting: 0, dispositions: { opened: 7 } });
    expect(rest.at(-1)).toEqual({ missing: 0 });
    const unseen = join(folder, 'unseen.eml');
    await writeFile(unseen, firstMail({ from: 'z@unseen.test', subject: 'unseen', text: 'unseen' }));
    const ended = await casepost(['reconcile', unseen, ...config]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('unseen.eml');
  });

  it('send empties the outbox once; a second time there is nothing', async () => {
    const [sent] = await casepostJson(['send', '--now', monday, ...config]);
    expect(sent).toMatchObject({ sent: 14, failed: 0 });
    expect(await casepostJson(['send', '--now', monday, ...config])).toMatchObject([{ sent: 0 }]);
    expect(peer.accepted()).toHaveLength(14);
  });

  it('case reply answers and starts the clock, which --now walks over the change to summer time', async () => {
    await casepostJson(['case', 'reply', '1', 'Please try the new build.', '--now', '2026-03-27T09:00Z', ...config]);
    // The others were never answered: their missed targets are told on the way.
    const tick = async (now: string) =>
      (await casepostJson(['tick', '--now', now, ...config])).filter(({ rule }) => rule !== 'warning');
    expect(await tick('2026-03-30T08:59Z')).toEqual([]);
    expect(await tick('2026-03-30T09:00[UTC]')).toMatchObject([{ caseNumber: 1, rule: 'follow-up', step: 1 }]);
    expect(await tick('2026-03-30T09:00Z')).toEqual([]);
    await casepostJson(['send', '--now', '2026-03-30T09:00Z', ...config]);
    expect(await tick('2026-04-02T09:00Z')).toMatchObject([{ step: 2 }]);
  });

  it('case note and case set leave their why', async () => {
    await casepostJson(['case', 'note', '2', 'called her', ...config]);
    await casepostJson(['case', 'set', '2', 'severity=A', 'status=waiting on engineering', ...config]);
    const [shown] = await casepostJson(['case', 'show', '2', ...config]);
    expect(shown).toMatchObject({ severity: 'A', severityBy: 'engineer', status: 'waiting on engineering' });
    expect((await casepost(['case', 'set', '2', 'severity=Z', ...config])).code).toBe(2);
    expect((await casepost(['case', 'show', '4711', ...config])).code).toBe(1);
  });

  it('a participant is added and removed by hand, and what is no address is wrong usage', async () => {
    const people = async () => {
      const [shown] = await casepostJson(['case', 'show', '3', ...config]);
      return ((shown?.['participants'] ?? []) as { address: string; confirmed: boolean }[])
        .filter(({ confirmed }) => confirmed)
        .map(({ address }) => address);
    };
    const before = await people();
    await casepostJson(['case', 'set', '3', 'cc=+colleague@northwind.test', ...config]);
    expect(await people()).toEqual([...before, 'colleague@northwind.test']);
    await casepostJson(['case', 'set', '3', 'cc=-colleague@northwind.test', ...config]);
    expect(await people()).toEqual(before);
    expect((await casepost(['case', 'set', '3', 'cc=+a@b, c@d', ...config])).code).toBe(2);
  });

  it('case mail gives a stored mail back byte for byte', async () => {
    const [path = ''] = paths;
    const { stdout, code } = await casepost(['case', 'mail', '1', ...config]);
    expect([code, stdout]).toEqual([0, readFileSync(path, 'utf8')]);
    expect((await casepost(['case', 'mail', '4711', ...config])).code).toBe(1);
  });

  it('explain reads mails without configuration and database, one JSON line a file, and never fails on a file', async () => {
    const ended = await casepost(['explain', ...paths, join(folder, 'nowhere.eml')], { cwd: folder });
    expect(ended.code).toBe(0);
    const lines = ended.lines();
    expect(lines).toHaveLength(8);
    const keys = [
      'file',
      'from',
      'subject',
      'text',
      'reply',
      'keyword',
      'caseNumber',
      'automatic',
      'deliveryReport',
      'attachments',
      'defects',
    ];
    expect(Object.keys(lines[0] ?? {})).toEqual(expect.arrayContaining(keys));
    expect(lines[7]).toHaveProperty('error');
  });

  it('migrate twice does nothing the second time; up and down and up again', async () => {
    expect(await casepostJson(['migrate', ...config])).toMatchObject([{ applied: [] }]);
    expect((await casepost(['migrate', '--to', '99', ...config])).code).toBe(2);
    const down = await casepostJson(['migrate', '--to', '0', ...config]);
    expect(down).toMatchObject([{ to: 0 }]);
    await Promise.all([casepostJson(['migrate', ...config]), casepostJson(['migrate', ...config])]);
    expect(await casepostJson(['case', 'list', ...config])).toEqual([]);
  });
});

/** Seven mails: two .eml files and a folder of one, an mbox of two, a Maildir of two, the last to the mobility mailbox. */
async function mailsIn(folder: string): Promise<string[]> {
  const mail = (index: number, to = 'support@desk.test') =>
    firstMail({
      from: `c${index}@company${index}.test`,
      to,
      subject: `Question ${index}`,
      text: `This is question ${index * 17}.`,
    });
  const [one, two, inner, mbox, maildir] = ['one.eml', 'two.eml', 'inner', 'old.mbox', 'Maildir'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string];
  await mkdir(inner);
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(maildir, part), { recursive: true });
  await writeFile(one, mail(1));
  await writeFile(two, mail(2));
  await writeFile(join(inner, 'three.eml'), mail(3));
  const fromLine = 'From someone@example.test Mon Mar  2 08:00:00 2026\r\n';
  await writeFile(mbox, `${fromLine}${mail(4)}\r\n${fromLine}${mail(5)}`);
  await writeFile(join(maildir, 'cur', '1772438400.a.host:2,S'), mail(6));
  await writeFile(join(maildir, 'new', '1772438401.b.host'), mail(7, 'mobility@desk.test'));
  await writeFile(join(maildir, 'tmp', '1772438402.c.host'), mail(8));
  return [one, two, inner, mbox, maildir];
}
