// Brings the schema to the version this program knows, in one transaction under one lock: killed half way it leaves nothing behind,
// two at once take turns, and a newer schema than ours is refused.
import * as desk from '../../migrations/0001-desk.ts';
import * as trouble from '../../migrations/0002-trouble.ts';
import * as alarms from '../../migrations/0003-alarms.ts';
import * as oauth from '../../migrations/0004-oauth.ts';
import * as mailboxes from '../../migrations/0005-mailboxes.ts';
import * as outbox from '../../migrations/0006-outbox.ts';
import * as policies from '../../migrations/0007-policies.ts';
import * as lineage from '../../migrations/0008-lineage.ts';
import * as planned from '../../migrations/0009-planned.ts';
import * as accounts from '../../migrations/0010-accounts.ts';
import * as warnings from '../../migrations/0011-warnings.ts';
import * as work from '../../migrations/0012-work.ts';
import * as zone from '../../migrations/0013-zone.ts';
import * as templates from '../../migrations/0014-templates.ts';
import * as sessions from '../../migrations/0015-sessions.ts';
import * as ties from '../../migrations/0016-ties.ts';
import * as loads from '../../migrations/0017-loads.ts';
import * as planUse from '../../migrations/0018-plan-use.ts';
import * as cheaperMails from '../../migrations/0019-cheaper-mails.ts';
import * as outboxTurn from '../../migrations/0020-outbox-turn.ts';
import * as outboxCase from '../../migrations/0021-outbox-case.ts';
import { rows, type Db } from './db.ts';

interface Migration {
  version: number;
  name: string;
  up: string;
  down: string;
}

/** In order; append only. */
const migrations: Migration[] = [
  { version: 1, name: 'desk', ...desk },
  { version: 2, name: 'trouble', ...trouble },
  { version: 3, name: 'alarms', ...alarms },
  { version: 4, name: 'oauth', ...oauth },
  { version: 5, name: 'mailboxes', ...mailboxes },
  { version: 6, name: 'outbox', ...outbox },
  { version: 7, name: 'policies', ...policies },
  { version: 8, name: 'lineage', ...lineage },
  { version: 9, name: 'planned', ...planned },
  { version: 10, name: 'accounts', ...accounts },
  { version: 11, name: 'warnings', ...warnings },
  { version: 12, name: 'work', ...work },
  { version: 13, name: 'zone', ...zone },
  { version: 14, name: 'templates', ...templates },
  { version: 15, name: 'sessions', ...sessions },
  { version: 16, name: 'ties', ...ties },
  { version: 17, name: 'loads', ...loads },
  { version: 18, name: 'plan-use', ...planUse },
  { version: 19, name: 'cheaper-mails', ...cheaperMails },
  { version: 20, name: 'outbox-turn', ...outboxTurn },
  { version: 21, name: 'outbox-case', ...outboxCase },
];

/** Any number, the same in every gateway: who holds it migrates. */
const migrationLock = 5_117_327;

/** The tables of a large desk take their time, and so does another gateway's migration that is waited for. */
const migrationMinutes = 60;

/** What a run did: the migrations applied (up) or undone (down), oldest first. */
export interface Migrated {
  from: number;
  to: number;
  applied: string[];
}

/** Migrates to `target` (default: the newest). Throws when the database is newer than this program. */
export async function migrate(db: Db, target: number = newestVersion()): Promise<Migrated> {
  // Looked at first: what is there already takes no lock, and is read where nothing can be written.
  const at = await schemaVersion(db);
  if (at === target) return { from: at, to: at, applied: [] };
  return db.transaction(async (trx) => {
    await rows(trx, `set local statement_timeout = '${migrationMinutes}min'`);
    await rows(trx, 'select pg_advisory_xact_lock(:lock)', { lock: migrationLock }, migrationMinutes);
    await rows(
      trx,
      `create table if not exists schema_migrations (
         version integer primary key, name text not null, applied_at timestamptz not null default clock_timestamp())`,
    );
    const from = await versionIn(trx);
    if (from > newestVersion()) throw newer(from);
    const applied: string[] = [];
    for (const migration of migrations.filter((one) => one.version > from && one.version <= target)) {
      await rows(trx, migration.up, {}, migrationMinutes);
      await rows(trx, 'insert into schema_migrations (version, name) values (:version, :name)', {
        version: migration.version,
        name: migration.name,
      });
      applied.push(`up ${migration.name}`);
    }
    for (const migration of migrations.filter((one) => one.version <= from && one.version > target).toReversed()) {
      await rows(trx, migration.down, {}, migrationMinutes);
      await rows(trx, 'delete from schema_migrations where version = :version', { version: migration.version });
      applied.push(`down ${migration.name}`);
    }
    return { from, to: target, applied };
  });
}

/** The version this program is written for. */
export function newestVersion(): number {
  return migrations.at(-1)?.version ?? 0;
}

/** The version the database is at; 0 before its first migration. */
export async function schemaVersion(db: Db): Promise<number> {
  const [known] = await rows<{ there: boolean }>(db, `select to_regclass('schema_migrations') is not null as there`);
  return known?.there ? versionIn(db) : 0;
}

async function versionIn(db: Db): Promise<number> {
  const [found] = await rows<{ version: number }>(
    db,
    'select coalesce(max(version), 0)::integer as version from schema_migrations',
  );
  return found?.version ?? 0;
}

function newer(found: number): Error {
  return new Error(
    `database: its schema is version ${found}, this program knows ${newestVersion()}; nothing was changed, start the newer program`,
  );
}
