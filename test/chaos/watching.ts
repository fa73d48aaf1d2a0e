// Looks while the run goes on, because two promises can only be broken in passing: no mail is flagged or moved before its row is committed (P1),
// and no letter names a case that another connection can not see (P4).
import { setTimeout as pause } from 'node:timers/promises';
import { tokenPattern } from './mails.ts';
import type { World } from './world.ts';

const lookMilliseconds = 4000;
/** Dovecot refuses a line that names tens of thousands of UIDs. */
const pageMails = 1000;
const sampleMax = 40;
const users = ['support', 'mobility'];
const flag = '$Casepost';

/** What was looked at, and what was found. */
export interface Watched {
  flaggedSeen: number;
  casesAsked: number;
  broken: string[];
}

/** Watches until `signal` aborts, and once more then, over all mails of all folders. */
export async function watchPromises(world: World, signal: AbortSignal): Promise<Watched> {
  const watched: Watched = { flaggedSeen: 0, casesAsked: 0, broken: [] };
  world.peer.onLetter(({ caseNumber, messageId }) => {
    if (caseNumber === null) return;
    world.rows('select 1 from cases where number = $1', [caseNumber]).then(
      (found) => {
        watched.casesAsked += 1;
        if (found.length === 0)
          watched.broken.push(`P4: letter ${messageId} names case ${caseNumber}, which nobody can see`);
      },
      // The database is away: nobody can see anything.
      () => {},
    );
  });
  while (!signal.aborted) {
    await pause(lookMilliseconds, undefined, { signal }).catch(() => {});
    // Whoever is away now is a fault's doing.
    await lookAtFlags(world, watched, sampleMax).catch(() => {});
  }
  await lookAtFlags(world, watched, Infinity);
  return watched;
}

/** Mails that our gateways have flagged or moved must have a decided row; asked in this order, a commit can only be earlier. */
async function lookAtFlags(world: World, watched: Watched, most: number): Promise<void> {
  for (const user of users) {
    const client = await world.dovecot.client(user);
    try {
      const tokens = new Set<string>();
      for (const folder of ['Processed', 'INBOX']) {
        await client.mailboxOpen(folder, { readOnly: true });
        const query = folder === 'INBOX' ? { keyword: flag } : { all: true };
        const uids = ((await client.search(query, { uid: true })) || []).slice(-most);
        for (let at = 0; at < uids.length; at += pageMails) {
          const page = uids.slice(at, at + pageMails);
          for (const { headers } of await client.fetchAll(page, { headers: ['x-chaos-token'] }, { uid: true })) {
            const token = new RegExp(tokenPattern, 'i').exec(headers?.toString('latin1') ?? '')?.[1];
            if (token) tokens.add(token);
          }
        }
      }
      watched.flaggedSeen += tokens.size;
      if (tokens.size === 0) continue;
      const stored = await world.ledger.read();
      const undecided = await world.rows<{ id: string }>('select id::text from inbound where disposition is null');
      const open = new Set(undecided.map(({ id }) => id));
      for (const token of tokens) {
        const decided = [...(stored.get(token) ?? [])].some((id) => !open.has(id));
        if (!decided) watched.broken.push(`P1: flagged or moved without a decided row: ${token}`);
      }
    } finally {
      client.close();
    }
  }
}
