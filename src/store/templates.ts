// The versions of letter texts that were changed here. The newest of a language and name rules; nothing is ever taken out, so that every letter that
// left can be traced to the words it was made with.
import type { TemplateName } from '../letters/texts.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** A version; `id` counts up over all texts. */
export interface TemplateVersion extends TemplateName {
  id: number;
  /** null: the shipped text rules again. */
  source: string | null;
  /** SHA-256 of what was shipped when it was written; null when nothing was. */
  shipped: string | null;
  author: string;
  note: string;
  savedAt: Instant;
}

/** Any number, the same in every gateway: who holds it changes texts. */
const saveLock = 5_117_358;

const selection = `id, language, name, source, shipped, author, note, created_at as "savedAt"`;

/** Waits until nobody else changes a text, and keeps others waiting until the transaction ends. */
export async function lockTemplates(trx: Transaction): Promise<void> {
  await rows(trx, 'select pg_advisory_xact_lock(:saveLock)', { saveLock });
}

/** Adds a version, which rules from the commit on; gives its id. */
export async function insertTemplate(
  trx: Transaction,
  version: Omit<TemplateVersion, 'id' | 'savedAt'>,
  now: Instant,
): Promise<number> {
  const [added] = await rows<{ id: number }>(
    trx,
    `insert into template_versions (language, name, source, shipped, author, note, created_at)
     values (:language, :name, :source, :shipped, :author, :note, :now) returning id`,
    { ...version, now },
  );
  if (!added) throw new Error(`template ${version.language}/${version.name}: it was not written`);
  return added.id;
}

/** The id of the newest version of all texts: another number means that something was changed. 0 before the first change. */
export async function newestTemplateId(db: Db): Promise<number> {
  const [found] = await rows<{ id: number }>(db, 'select coalesce(max(id), 0) as id from template_versions');
  return found?.id ?? 0;
}

/** The newest `each` versions of every text that was ever changed, newest first. */
export async function rulingTemplates(db: Db, each: number): Promise<TemplateVersion[]> {
  return rows(
    db,
    `select ${selection} from (
       select *, row_number() over (partition by language, name order by id desc) as place from template_versions) versions
     where place <= :each order by id desc`,
    { each },
  );
}

/** The newest versions of one text, newest first, each with the mails that left with it. */
export async function templateHistory(
  db: Db,
  { language, name }: TemplateName,
  limit: number,
): Promise<(TemplateVersion & { sent: number })[]> {
  return rows(
    db,
    `select ${selection}, (
       select count(*) from outbox where state = 'sent' and templates <> '{}' and templates @> array[versions.id]) as sent
     from template_versions versions where language = :language and name = :name order by id desc limit :limit`,
    { language, name, limit },
  );
}

/** How many mails of a letter left with the shipped text of its language. */
export async function sentAsShipped(db: Db, { language, name }: TemplateName): Promise<number> {
  const [found] = await rows<{ count: number }>(
    db,
    `select count(*) from outbox where state = 'sent' and kind = :name and language = :language
       and not templates && array(select id from template_versions where language = :language and name = :name)`,
    { language, name },
  );
  return found?.count ?? 0;
}
