// A model IMAP folder: UIDs under a UIDVALIDITY, a processed folder beside it, and everything that people and servers do to both: the same mail
// twice, a mail moved back, a folder that is made anew.

/** A mail on the server. */
export interface Stored {
  uid: number;
  raw: Buffer;
  /** In epoch milliseconds. */
  at: number;
}

/** The folder of one mailbox. */
export interface Folder {
  uidValidity: number;
  nextUid: number;
  inbox: Map<number, Stored>;
  /** Newest last; at most `processedMax`, since only what lies near is ever moved back. */
  processed: Stored[];
}

const processedMax = 50;

export function emptyFolder(): Folder {
  return { uidValidity: 1, nextUid: 1, inbox: new Map(), processed: [] };
}

/** Puts a mail into the folder under a new UID. */
export function append(folder: Folder, raw: Buffer, at: number): void {
  const uid = folder.nextUid;
  folder.nextUid += 1;
  folder.inbox.set(uid, { uid, raw, at });
}

/** The name of a message for all time. */
export function keyOf(folder: Folder, uid: number): string {
  return `${folder.uidValidity}:${uid}`;
}

/** Moves a message out; nothing when it is gone or named under another UIDVALIDITY. */
export function moveAway(folder: Folder, sourceKey: string): void {
  const [validity, uid] = sourceKey.split(':').map(Number);
  const found = validity === folder.uidValidity ? folder.inbox.get(Number(uid)) : undefined;
  if (!found) return;
  folder.inbox.delete(found.uid);
  folder.processed.push(found);
  if (folder.processed.length > processedMax) folder.processed.shift();
}

/** Somebody moves the processed mail at `place` back: it comes under a new UID. */
export function moveBack(folder: Folder, place: number): void {
  const [found] = folder.processed.splice(place, 1);
  if (found) append(folder, found.raw, found.at);
}

/** The server makes the folder anew: every message has another UID. */
export function renumber(folder: Folder): void {
  const here = [...folder.inbox.values()];
  Object.assign(folder, { uidValidity: folder.uidValidity + 1, nextUid: 1 });
  folder.inbox.clear();
  for (const { raw, at } of here) append(folder, raw, at);
}
