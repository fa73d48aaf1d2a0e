// Shows on the server what has been decided: \Seen, the keyword $Casepost, and a move when a folder for it is configured. Only after the
// decision is committed (TRUST P1), and each step may be repeated: a cut between the server's doing and our record only does it again.
import { stopwatch } from '../clock.ts';
import { errorText } from '../log.ts';
import type { Log } from '../log.ts';
import { claimToMark, keepClaimed, recordMarked } from '../store/inbound.ts';
import type { ImapConnection } from './imap-connection.ts';
import { search } from './imap-place.ts';
import type { ReadOptions } from './imap-read.ts';
import { askedToWait, imapErrorText, refusedByServer } from './imap-refusal.ts';
import { inStore } from './store-failure.ts';

/** Most mails flagged by one command. */
const markMailsMax = 50;
/** A claim is believed for so long by our own clocks; after that the database is asked before a mail is touched (TRUST F30). */
const freshMilliseconds = 1000;
/** Set beside \Seen where the server keeps keywords: a person may mark a mail unread again, this stays. */
export const keyword = '$Casepost';

/** Makes the processed folder when it is missing; says so and goes on without moving when the server will not have it. */
export async function prepareProcessed(connection: ImapConnection, folder: string | null, log: Log): Promise<void> {
  if (folder === null) return;
  try {
    await connection.run(`creating ${folder}`, async () => {
      const folders = await connection.client.list();
      if (folders.some((known) => known.path === folder)) return;
      await connection.client.mailboxCreate(folder);
    });
  } catch (error) {
    if (!connection.client.usable) throw error;
    log.warn(
      { folder, error: errorText(error) },
      `the folder ${folder} cannot be made (${errorText(error)}); moving is tried all the same`,
    );
  }
}

/**
 * Flags and moves what is decided and not yet shown, and records it; also what is gone from the folder, since there is nothing left to show.
 * `marker` names this watcher among those of other gateways. Resolves with why the server would not do it, or null. Such mails stay recorded as unmarked and are tried again.
 */
export async function markDecided(
  connection: ImapConnection,
  options: ReadOptions,
  marker: string,
): Promise<string | null> {
  for (;;) {
    const age = stopwatch();
    const ready = await inStore(claimToMark(options.db, options.source, marker, markMailsMax));
    if (ready.length === 0 || options.signal.aborted) return null;
    const uids = new Map(ready.map((row) => [row.id, uidOf(row.sourceKey, connection.uidValidity)]));
    const found = new Set(
      await stillThere(
        connection,
        [...uids.values()].filter((uid) => uid !== null),
      ),
    );
    const ours =
      age() < freshMilliseconds
        ? new Set(uids.keys())
        : await inStore(keepClaimed(options.db, [...uids.keys()], marker));
    const here = [...uids].flatMap(([id, uid]) => (uid !== null && found.has(uid) && ours.has(id) ? [uid] : []));
    const refused = here.length === 0 ? null : await mark(connection, options.account.processedFolder, here);
    const left = refused === null ? new Set<number>() : new Set(here);
    const done = [...ours].filter((id) => !left.has(uids.get(id) ?? 0));
    if (done.length > 0) await inStore(recordMarked(options.db, done, options.now()));
    // What is decided from now on rings for itself.
    if (refused !== null || ready.length < markMailsMax) return refused;
  }
}

/** The UID in a source key, or null when it was given under another UIDVALIDITY: that message cannot be named any more. */
function uidOf(sourceKey: string, uidValidity: string): number | null {
  const [validity, uid] = sourceKey.split(':');
  return validity === uidValidity ? Number(uid) : null;
}

/**
 * Those that the folder holds. What another gateway stored and decided may be too new for this session: a server that tells what is new at the end
 * of a command searches without it (RFC 3501 5.2), so none is taken for gone before NOOP has asked for the news.
 */
async function stillThere(connection: ImapConnection, uids: number[]): Promise<number[]> {
  if (uids.length === 0) return [];
  const found = await search(connection, { uid: uids.join(',') });
  const missing = uids.filter((uid) => !found.includes(uid));
  if (missing.length === 0) return found;
  await connection.run('NOOP', () => connection.client.noop());
  return [...found, ...(await search(connection, { uid: missing.join(',') }))];
}

async function mark(
  connection: ImapConnection,
  processedFolder: string | null,
  uids: number[],
): Promise<string | null> {
  const { client, folder } = connection;
  const flags = ['\\Seen', ...(takesKeyword(folder.permanentFlags) ? [keyword] : [])];
  let doing = 'set \\Seen';
  try {
    await connection.run('STORE flags', () => client.messageFlagsAdd(uids, flags, { uid: true, silent: true }));
    if (processedFolder === null) return null;
    if (!client.capabilities.has('MOVE') && !client.capabilities.has('UIDPLUS'))
      return `the server has neither MOVE nor UID EXPUNGE: to move a mail to ${processedFolder} would expunge what others marked as deleted; leave processedFolder out`;
    doing = `move mails to ${processedFolder}`;
    await connection.run(`MOVE to ${processedFolder}`, () => client.messageMove(uids, processedFolder, { uid: true }));
    return null;
  } catch (error) {
    if (!refusedByServer(error) || askedToWait(error)) throw error;
    return `the server refused to ${doing} (${imapErrorText(error)}); is there room, and may we write there?`;
  }
}

function takesKeyword(permanentFlags: Set<string> | undefined): boolean {
  return permanentFlags === undefined || permanentFlags.has('\\*') || permanentFlags.has(keyword);
}
