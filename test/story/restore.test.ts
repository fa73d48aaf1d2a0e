// A backup is taken, mail and answers go on, the database is lost and the backup restored: restore-check finds what came since, reads it again,
// and nobody is answered twice (TRUST P16).
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath, whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { aDesk, type Desk, ines, subjectOf } from './desk.ts';
import { casepost, casepostJson, type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const run = promisify(execFile);

describe.skipIf(missing)(`after a restore${missing ? ` (${missing})` : ''}`, { timeout: 90_000 }, () => {
  let database: TestDatabase;
  let desk: Desk;
  let gateway: Program;
  const backup = join(tmpdir(), `casepost-backup-${process.pid}`);
  beforeAll(async () => {
    database = await sharedDatabase('restore');
    desk = await aDesk({ databaseUrl: database.url });
    gateway = await startCasepost(['start', '-c', desk.config]);
  });
  afterAll(async () => {
    await gateway?.kill9();
    await desk?.stop();
    await database?.drop();
    await rm(backup, { force: true });
  });

  const from = (word: string) => `someone@${word}.test`;
  const mail = (word: string) =>
    firstMail({ from: from(word), subject: `About ${word}`, text: `${word} does not work.` });
  const acknowledgments = (word: string) =>
    desk.lettersTo(from(word)).map(({ raw }) => Number(/\[Case (\d+)\]/.exec(subjectOf(raw))?.[1]));
  const settled = (processed: number) =>
    until('everything is decided, moved and sent', async () => {
      const [left] = await desk.rows<{ count: number }>(
        `select (select count(*) from outbox where state = 'waiting')::int + (select count(*) from inbound where marked_at is null)::int as count`,
      );
      return left?.count === 0 && (await desk.counted('Processed')).messages === processed;
    });
  async function takeBackup(): Promise<void> {
    await run(join(programPath('postgres'), 'pg_dump'), ['-Fc', '-f', backup, database.url]);
  }
  async function restoreBackup(): Promise<void> {
    const name = new URL(database.url).pathname.slice(1);
    const client = new Client({ connectionString: database.url.replace(/\/[^/]*$/, '/postgres') });
    await client.connect();
    await client.query(`drop database "${name}" with (force)`);
    await client.query(`create database "${name}"`);
    await client.end();
    await run(join(programPath('postgres'), 'pg_restore'), ['-d', database.url, '--no-owner', backup]);
  }

  it('a backup is taken while letters wait; then mail, answers and these letters go on', async () => {
    await desk.dovecot.append(mail('before'));
    await desk.letterTo(from('before'));
    // A session that is open may have waited for the next letter.
    desk.peer.behave(({ verb }) => (verb === 'CONNECT' ? '421 not now' : verb === 'MAIL' ? 'cut' : undefined));
    await desk.dovecot.append(mail('waiting'));
    await until('its letters wait', async () => {
      const [row] = await desk.rows<{ count: number }>(`select count(*)::int from outbox where state = 'waiting'`);
      return row?.count === 2 && (await desk.counted('Processed')).messages === 2;
    });
    await takeBackup();
    desk.peer.behave();
    const imap = await desk.dovecot.client('support');
    const twoDaysAgo = new Date(Temporal.Now.instant().subtract({ hours: 48 }).epochMilliseconds);
    await imap.append('INBOX', mail('old'), [], twoDaysAgo);
    await imap.logout();
    await desk.dovecot.append(mail('young'));
    const told = await desk.letterTo(ines, { subject: /About before/ });
    await desk.answer('outlook', told, { from: `Ines Castell <${ines}>`, text: 'Please restart the agent.' });
    await desk.letterTo(from('before'), { count: 2 });
    await desk.answer('gmail', await desk.letterTo(from('old')), { from: from('old'), text: 'It happened again.' });
    await settled(6);
    expect(await gateway.stop()).toBe(0);
    for (const word of ['waiting', 'old', 'young']) expect(acknowledgments(word)).toHaveLength(1);
  });

  it('restore-check names what has no row and what may have left, and changes nothing', async () => {
    await restoreBackup();
    const found = await casepost(['restore-check', '--json', '-c', desk.config]);
    expect(found.code).toBe(1);
    expect(found.lines()[0]).toMatchObject({ mails: 4, letters: 2, undecided: 0 });
    const [rows] = await desk.rows(
      `select (select count(*)::int from inbound) as mails, (select count(*)::int from outbox where state = 'waiting') as letters`,
    );
    expect(rows).toEqual({ mails: 2, letters: 2 });
    expect((await casepost(['reconcile', '-c', desk.config])).stderr).toContain('moved to Processed');
  });

  it('it refuses to change anything while a gateway runs', async () => {
    const running = new Client({ connectionString: database.url, application_name: 'casepost' });
    await running.connect();
    const refused = await casepost(['restore-check', '--apply', '-c', desk.config]);
    await running.end();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('stop every gateway first');
  });

  it('with --apply every mail has its row, one case each, and nobody is answered twice', async () => {
    const lines = await casepostJson(['restore-check', '--apply', '-c', desk.config]);
    expect(lines.at(-1)).toEqual({ held: 2, recovered: 4 });
    gateway = await startCasepost(['start', '-c', desk.config]);
    await settled(6);
    const cases = await desk.rows<{ requester: string; number: string }>(
      'select requester, number from cases order by 2',
    );
    expect(cases.map(({ requester }) => requester).sort()).toEqual(['before', 'old', 'waiting', 'young'].map(from));
    const numbers = new Map(cases.map(({ requester, number }) => [requester, Number(number)]));
    // A number that a customer holds is given to nobody else.
    for (const word of ['old', 'young']) expect(numbers.get(from(word))).toBeGreaterThan(4);
    for (const word of ['waiting', 'old', 'young']) expect(acknowledgments(word)).toHaveLength(1);
    expect(desk.lettersTo(from('before'))).toHaveLength(2);
    const dispositions = await desk.rows<{ of: string }>(
      `select reason as of from inbound order by received_at, inbound.id`,
    );
    expect(dispositions.map(({ of }) => of).sort()).toEqual([
      'customer-replied',
      'engineer-answered',
      'new-request',
      'new-request',
      'new-request',
      'new-request',
    ]);
    expect((await casepostJson(['reconcile', '-c', desk.config])).at(-1)).toEqual({ missing: 0 });
  });

  it('what is held goes out when an admin says so, and a second look finds nothing', async () => {
    const held = await desk.rows<{ kind: string }>(`select kind from outbox where state = 'held' order by outbox.id`);
    expect(held.map(({ kind }) => kind).sort()).toEqual([
      'acknowledgment',
      'acknowledgment',
      'acknowledgment',
      'answer',
      'engineer-new-case',
    ]);
    await casepostJson(['send', '--release', '-c', desk.config]);
    await settled(6);
    expect(acknowledgments('waiting')).toHaveLength(2);
    await gateway.stop();
    expect((await casepostJson(['restore-check', '-c', desk.config])).at(-1)).toEqual({ missing: 0 });
  });
});
