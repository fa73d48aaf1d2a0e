// How far each folder has been read and where its reading began: one row a source, the same for every gateway that watches it.
import { rows, type Db } from './db.ts';

/** A place in a folder. A new UIDVALIDITY begins a new one, with the same `since`. */
export interface Cursor {
  uidValidity: string;
  /** Every mail of ours up to this UID is stored. */
  lastUid: number;
  /** The ISO date before which mail is left alone; null: none is. */
  since: string | null;
  /** The highest UID when the folder was met: up to it `since` decides, above it every mail is ours. */
  startUid: number;
}

/** The place of a source; null before the first time. */
export async function readCursor(db: Db, source: string): Promise<Cursor | null> {
  const [cursor] = await rows<Cursor>(
    db,
    `select uid_validity as "uidValidity", last_uid as "lastUid", since::text, start_uid as "startUid" from cursors where source = :source`,
    { source },
  );
  return cursor ?? null;
}

/** Begins to read a folder at `cursor`, unless another gateway has just begun at the same UIDVALIDITY and day; gives the place that holds. */
export async function beginCursor(db: Db, source: string, cursor: Cursor): Promise<Cursor> {
  await rows(
    db,
    `insert into cursors (source, uid_validity, last_uid, since, start_uid) values (:source, :uidValidity, :lastUid, :since, :startUid)
     on conflict (source) do update set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid,
       since = excluded.since, start_uid = excluded.start_uid
     where (cursors.uid_validity, cursors.since) is distinct from (excluded.uid_validity, excluded.since)`,
    { source, ...cursor },
  );
  return (await readCursor(db, source)) ?? cursor;
}

/** Remembers how far a source has been read, unless its place is under another UIDVALIDITY by now. */
export async function saveCursor(
  db: Db,
  source: string,
  cursor: { uidValidity: string; lastUid: number },
): Promise<void> {
  await rows(db, 'update cursors set last_uid = :lastUid where source = :source and uid_validity = :uidValidity', {
    source,
    uidValidity: cursor.uidValidity,
    lastUid: cursor.lastUid,
  });
}
