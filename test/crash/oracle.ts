// What must be true of a desk after any number of kills, in numbers and in bytes: what was handed in, the rows, the cases and what the SMTP
// peer holds are compared (TRUST P1–P4, P6, P10). Each sentence names what it found, so that a token leads to the kill it came with.
import { processedFolder, type World } from './world.ts';

/** Everything wrong with the world as it stands at rest, as sentences; none when the promises are kept. */
export async function complaints(world: World): Promise<string[]> {
  return [
    ...world.peer.early.map((subject) => `a letter left before its case was committed: ${subject}`),
    ...(await mailComplaints(world)),
    ...(await caseComplaints(world)),
    ...(await letterComplaints(world)),
    ...(await folderComplaints(world)),
  ];
}

/** Every mail is one row with one disposition, and no row is of another mail. */
async function mailComplaints({ desk, sent }: World): Promise<string[]> {
  const stored = await desk.rows<{ id: string; raw: Buffer; disposition: string | null; whole: boolean }>(
    'select id, raw, disposition, sha256(raw) = sha256 as whole from inbound',
  );
  const counts = new Map<string, number>();
  for (const { raw } of stored) counts.set(tokenIn(raw), (counts.get(tokenIn(raw)) ?? 0) + 1);
  const tokens = new Set(sent.map(({ token }) => token));
  return [
    ...sent
      .filter(({ token }) => counts.get(token) !== 1)
      .map(({ token, door }) => `${token} by ${door} has ${counts.get(token) ?? 0} rows`),
    ...[...counts.keys()]
      .filter((token) => !tokens.has(token))
      .map((token) => `a row holds ${token}, which nobody sent`),
    ...stored.filter(({ whole }) => !whole).map(({ raw }) => `the bytes of ${tokenIn(raw)} are not the ones stored`),
    ...stored.filter(({ disposition }) => !disposition).map(({ raw }) => `${tokenIn(raw)} was never decided`),
  ];
}

/** Each opening mail made one case, each joining mail one entry, and each step one of each kind. */
async function caseComplaints({ desk }: World): Promise<string[]> {
  const found = await desk.rows<{ complaint: string }>(
    `select 'mail ' || id || ' is ' || disposition || ' and has ' || entries || ' entries' as complaint from (
       select inbound.id, disposition, (select count(*) from entries where inbound_id = inbound.id and kind in ('mail', 'answer', 'report')) as entries
       from inbound) counted
     where disposition in ('opened', 'joined', 'linked', 'unparsed', 'report') and entries <> 1
     union all
     select 'there are ' || cases || ' cases for ' || mails || ' mails that open one' from (
       select (select count(*) from cases) as cases,
         (select count(*) from inbound where disposition in ('opened', 'linked', 'unparsed')) as mails) counted
     where cases <> mails
     union all
     select 'case ' || case_number || ' was opened by ' || count(*) || ' mails' from inbound
     where disposition in ('opened', 'linked', 'unparsed') group by case_number having count(*) <> 1
     union all
     select 'case ' || case_number || ' has ' || letters || ' follow-ups for ' || steps || ' steps done' from (
       select due.case_number, count(*) filter (where because ~ '^follow-up [0-9]+ of [0-9]+:') as steps,
         (select count(*) from outbox where outbox.case_number = due.case_number and kind = 'follow-up') as letters
       from due where rule = 'follow-up' and state = 'done' group by due.case_number) counted
     where letters <> steps
     union all
     select 'case ' || case_number || ' has ' || count(*) || ' acknowledgments' from outbox
     where kind = 'acknowledgment' group by case_number having count(*) > 1
     union all
     select 'letter ' || key || ' has ' || entries || ' lines of history' from (
       select key, (select count(*) from entries where outbox_id = outbox.id) as entries from outbox) counted
     where entries <> 1
     union all
     select 'letter ' || key || ' is still ' || state from outbox where state = 'waiting'
     union all
     select 'incidents: ' || left_over || ' are left, and ' || spent || ' cases have spent one' from (
       select 100000 - incidents_left as left_over, (select count(*) from cases where incident is not null) as spent
       from entitlements) counted
     where left_over <> spent`,
  );
  return found.map(({ complaint }) => complaint);
}

/** Each letter that left is at the peer, as the bytes that were committed, and no oftener than it was claimed. */
async function letterComplaints({ desk }: World): Promise<string[]> {
  const rows = await desk.rows<{ key: string; message_id: string; raw: Buffer; attempts: number; state: string }>(
    'select key, message_id, raw, attempts, state from outbox',
  );
  const copies = Map.groupBy(desk.peer.accepted(), ({ raw }) => messageIdIn(raw));
  const found: string[] = [];
  for (const { key, message_id: id, raw, attempts, state } of rows) {
    const had = copies.get(id) ?? [];
    copies.delete(id);
    if (state === 'sent' && had.length === 0) found.push(`letter ${key} is recorded as sent, and nobody has it`);
    if (had.length > attempts) found.push(`letter ${key} left ${had.length} times and was claimed ${attempts} times`);
    if (had.some((copy) => !copy.raw.equals(raw))) found.push(`a copy of letter ${key} has other bytes`);
  }
  return [...found, ...[...copies.keys()].map((id) => `the peer holds a letter ${id} that no row knows`)];
}

/**
 * What came by IMAP is moved and seen. A move is a copy and an expunge: a kill between the two, or while a mail that was claimed for it is claimed
 * again (the days that pass here end every claim), may leave a second copy of one.
 */
async function folderComplaints({ desk, sent, kills }: World): Promise<string[]> {
  const expected = new Set(sent.filter(({ door }) => door === 'imap').map(({ token }) => token));
  const inbox = await desk.counted('INBOX');
  const { unseen } = await desk.counted(processedFolder);
  const imap = await desk.dovecot.client();
  let tokens: string[];
  try {
    await imap.mailboxOpen(processedFolder, { readOnly: true });
    const moved = await imap.fetchAll('1:*', { headers: ['x-token'] });
    tokens = moved.map(({ headers }) => tokenIn(headers ?? Buffer.alloc(0)));
  } finally {
    await imap.logout();
  }
  const held = new Set(tokens);
  const found: string[] = [];
  if (inbox.messages !== 0) found.push(`INBOX still holds ${inbox.messages} mails`);
  if (unseen !== 0) found.push(`${processedFolder} holds ${unseen} unseen mails`);
  for (const token of expected.symmetricDifference(held))
    found.push(`${token} is ${held.has(token) ? 'in' : 'missing from'} ${processedFolder}`);
  const second = tokens.length - held.size;
  if (second > kills) found.push(`${processedFolder} holds ${second} mails more than once after ${kills} kills`);
  return found;
}

/** What the server shows as processed, \\Seen or moved, and no row tells of: asked right after a kill, when nothing moves (P1). */
export async function flaggedEarly({ desk }: World): Promise<string[]> {
  const imap = await desk.dovecot.client();
  const tokens: string[] = [];
  try {
    for (const [folder, query] of [
      ['INBOX', { seen: true }],
      [processedFolder, { all: true }],
    ] as const) {
      const open = await imap.mailboxOpen(folder, { readOnly: true }).catch(() => null);
      const found = open?.exists ? await imap.search(query, { uid: true }) : [];
      const newest = (found || []).slice(-flaggedMailsMax);
      if (newest.length === 0) continue;
      const headers = await imap.fetchAll(newest, { headers: ['x-token'] }, { uid: true });
      tokens.push(...headers.map(({ headers: header }) => tokenIn(header ?? Buffer.alloc(0))));
    }
  } finally {
    await imap.logout();
  }
  const decided = await desk.rows<{ raw: Buffer }>(
    'select substring(raw from 1 for 4096) as raw from inbound where disposition is not null',
  );
  const known = new Set(decided.map(({ raw }) => tokenIn(raw)));
  return tokens.filter((token) => !known.has(token)).map((token) => `${token} is flagged and was not decided`);
}

/** Of each folder the newest are looked at: the ones that the last gateway may have moved. */
const flaggedMailsMax = 20;

/** Copies beyond one a letter that the peer holds: what the kills cost. */
export function copiesTooMany({ desk }: World): number {
  const accepted = desk.peer.accepted();
  return accepted.length - new Set(accepted.map(({ raw }) => messageIdIn(raw))).size;
}

function tokenIn(raw: Buffer): string {
  return /^x-token: *(\S+)/im.exec(raw.toString('latin1'))?.[1] ?? 'a mail without a token';
}

function messageIdIn(raw: Buffer): string {
  return /^message-id:\s*<([^>]*)>/im.exec(raw.toString('latin1'))?.[1] ?? '';
}
