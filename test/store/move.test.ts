import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { defaultConfig, type Config } from '../../src/config.ts';
import { ingestOne } from '../../src/command/ingest.ts';
import { openDesk } from '../../src/desk.ts';
import { createParser } from '../../src/mail/parser-pool.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { moveDesk } from '../../src/store/move.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'casepost-move-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function contents(db: Db): Promise<unknown> {
  const all = await Promise.all(
    ['cases', 'participants', 'inbound', 'outbox', 'entries', 'token_keys'].map((table) =>
      rows(db, `select md5(string_agg(t::text, '' order by t::text)) as sum, count(*) from ${table} t`),
    ),
  );
  return all.flat();
}

describe.skipIf(whyMissing('postgres'))('moving a desk', { timeout: 120_000 }, () => {
  it('every row arrives as it was, new cases go on counting, and a desk is never laid over another', async () => {
    const source = await openDatabase(folder);
    const shared = await sharedDatabase('move');
    const target = await openDatabase(shared.url);
    const parser = createParser({ threads: 1 });
    const config = defaultConfig({}) as Config;
    const mail = (token: string) =>
      Buffer.from(
        `From: ${token}@${token}.example\r\nTo: support@localhost\r\nSubject: help ${token}\r\nMessage-ID: <${token}@x.example>\r\n\r\nIt does not work.\r\n`,
      );
    try {
      await migrate(source.db);
      await migrate(target.db);
      const from = { db: source.db, desk: await openDesk(config, source.db, systemClock()), parser, now: systemClock };
      for (const token of ['one', 'two', 'three']) {
        await ingestOne(from, {
          file: `${folder}/lock.db#${token.length}`,
          raw: mail(token),
          mailbox: config.mailboxes[0]?.id ?? '',
        });
      }
      await moveDesk(source.db, target.db);
      expect(await contents(target.db)).toEqual(await contents(source.db));
      const there = { ...from, db: target.db, desk: await openDesk(config, target.db, systemClock()) };
      const next = await ingestOne(there, {
        file: `${folder}/lock.db#9`,
        raw: mail('four'),
        mailbox: config.mailboxes[0]?.id ?? '',
      });
      expect(next.caseNumber).toBe(4);
      await expect(moveDesk(source.db, target.db)).rejects.toThrow('table cases is not empty');
    } finally {
      await parser.close();
      await source.close();
      await target.close();
      await shared.drop();
    }
  });
});
