// A desk that hostile mail is brought to: the real pipeline (stored row, parser threads, decision, letters, commit) on a real PostgreSQL. Each
// mail brought is held against what TRUST promises for all of them: one row, its bytes kept, one decision, letters that stay ours.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { openDesk, type Desk } from '../../src/desk.ts';
import { tiesOf } from '../../src/intake/conversation.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import { createParser } from '../../src/mail/parser-pool.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { saveArrival } from '../../src/store/inbound.ts';
import { migrate } from '../../src/store/migrate.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { whatIsWrong } from './letter-check.ts';

export const ines = 'ines@engineers.example';
export const support = 'support@desk.example';
/** The word that every hostile fixture has in its subject, its name and its text: no acknowledgment may say it. */
export const canary = 'Quagga';
/** When mails arrive, when nothing else is said. */
export const morning = Temporal.Instant.from('2026-03-02T09:00:00Z');

const policyText = `
engineers:
  - { name: Ines Castell, address: ${ines}, lines: [corporate, mobility] }
authentication: when-present
`;

/** A letter that a mail caused, as it lies in the outbox. */
export interface Caused {
  kind: string;
  caseNumber: number;
  recipient: string;
  subject: string;
  text: string;
  html: string;
  raw: Buffer;
}

/** What became of a mail. `is` is `disposition (reason)`; `to` whom letters go to besides engineers, and `letters` these letters. */
export interface Fate {
  inboundId: string;
  is: string;
  because: string;
  caseNumber: number | null;
  defects: string[];
  to: string[];
  letters: Caused[];
  toEngineers: Caused[];
}

/** How a mail comes in, where it is not as usual. `put` replaces words of a fixture, `key` shows the same server message again. */
export interface Arriving {
  mailbox?: string;
  envelopeFrom?: string;
  envelopeTo?: string[];
  now?: Temporal.Instant;
  put?: Record<string, string>;
}

export interface HostileDesk {
  db: Db;
  desk: Desk;
  /** Brings a fixture of fixtures/mail by its stem, or these bytes, and resolves with its fate. Rejects when a promise for all mails is broken. */
  bring(mail: string | Uint8Array, arriving?: Arriving): Promise<Fate>;
  /** Only stores; `decide` does the rest. */
  store(mail: string | Uint8Array, arriving?: Arriving): Promise<string>;
  decide(inboundId: string, now?: Temporal.Instant): Promise<Fate>;
  rows<Row>(sql: string, bindings?: Record<string, unknown>): Promise<Row[]>;
  /** The longest that the event loop's thread computed without coming to a timer since the desk was opened, in milliseconds of CPU. */
  longestPause(): number;
  stop(): Promise<void>;
}

/** The promise is 200 ms (TRUST P12), but a first mail finds cold code, and timing is no unit test: this finds what hangs. */
export const pauseMax = 1000;
const timerMilliseconds = 10;

/** Watches how long the thread computes between two timers. Its CPU time: a busy machine that lets it wait is no pause of ours. */
function watchPauses(): { longest(): number; stop(): void } {
  const spent = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = spent();
  let longest = 0;
  const timer = setInterval(() => {
    const now = spent();
    longest = Math.max(longest, now - last);
    last = now;
  }, timerMilliseconds);
  return { longest: () => longest, stop: () => clearInterval(timer) };
}

/** A fixture's bytes with words of it replaced. */
export async function fixtureBytes(stem: string, put: Record<string, string> = {}): Promise<Buffer> {
  const bytes = await readFile(new URL(`../../fixtures/mail/${stem}.eml`, import.meta.url));
  let text = bytes.toString('latin1');
  for (const [word, value] of Object.entries(put)) text = text.replaceAll(word, value);
  return Buffer.from(text, 'latin1');
}

/** Opens a desk of two mailboxes; `smtpPort` is where its letters would go. */
export async function openHostileDesk(smtpPort = 2525): Promise<HostileDesk> {
  const folder = await mkdtemp(join(tmpdir(), 'casepost-hostile-'));
  const test = whyMissing('postgres') ? embedded(folder) : await sharedDatabase('hostile');
  await writeFile(join(folder, 'policy.yaml'), policyText);
  await writeFile(join(folder, 'casepost.yaml'), configText(test.url, smtpPort));
  const config = readConfig(join(folder, 'casepost.yaml'), {});
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  const { db, close } = await openDatabase(test.url);
  await migrate(db);
  const desk = await openDesk(config, db, morning);
  const parser = createParser();
  const pauses = watchPauses();
  let count = 0;

  const store = async (mail: string | Uint8Array, arriving: Arriving = {}): Promise<string> => {
    const now = arriving.now ?? morning;
    const raw = typeof mail === 'string' ? await fixtureBytes(mail, arriving.put) : Buffer.from(mail);
    const { envelopeFrom = null, envelopeTo = [], mailbox = 'support' } = arriving;
    count += 1;
    const arrival = { source: 'hostile', sourceKey: String(count), mailbox, raw, envelopeFrom, envelopeTo };
    return (await saveArrival(db, { ...arrival, receivedAt: now, ...tiesOf(raw) }, now)).id;
  };
  const decide = async (inboundId: string, now = morning): Promise<Fate> => {
    const received = await receiveNext({ db, desk, parser, now: () => now, inboundId });
    if (!received) throw new Error(`mail ${inboundId} was not decided: ${await lastError(db, inboundId)}`);
    return fateOf(db, inboundId);
  };
  return {
    db,
    desk,
    store,
    decide,
    bring: async (mail, arriving = {}) => decide(await store(mail, arriving), arriving.now),
    rows: (sql, bindings = {}) => rows(db, sql, bindings),
    longestPause: pauses.longest,
    async stop() {
      pauses.stop();
      await parser.close();
      await close();
      await test.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fateOf(db: Db, inboundId: string): Promise<Fate> {
  const [row] = await rows<Omit<Fate, 'to' | 'letters' | 'toEngineers'> & { sha256: Buffer; raw: Buffer }>(
    db,
    `select id::text as "inboundId", disposition || ' (' || reason || ')' as is, because, case_number as "caseNumber", sha256, raw,
       (select coalesce(array_agg(defect->>'code'), '{}') from jsonb_array_elements(defects) as defect) as defects
     from inbound where id = :inboundId`,
    { inboundId },
  );
  if (!row) throw new Error(`mail ${inboundId} has no row`);
  const { raw, sha256, ...fate } = row;
  if (!createHash('sha256').update(raw).digest().equals(sha256))
    throw new Error(`mail ${inboundId}: other bytes are kept`);
  const all = await rows<Caused>(
    db,
    'select kind, case_number as "caseNumber", recipient, subject, text, html, raw from outbox where inbound_id = :inboundId order by id',
    { inboundId },
  );
  for (const letter of all) {
    const wrong = await whatIsWrong(letter);
    if (wrong !== null)
      throw new Error(`the ${letter.kind} to ${letter.recipient} that mail ${inboundId} caused ${wrong}`);
  }
  const engineer = ({ kind }: Caused) => kind.startsWith('engineer-');
  const letters = all.filter((one) => !engineer(one));
  return { ...fate, to: letters.map(({ recipient }) => recipient), letters, toEngineers: all.filter(engineer) };
}

async function lastError(db: Db, inboundId: string): Promise<string> {
  const [row] = await rows<{ last_error: string | null }>(db, 'select last_error from inbound where id = :inboundId', {
    inboundId,
  });
  return row?.last_error ?? 'no error is written down';
}

/** Where no PostgreSQL is installed, the embedded one decides. */
function embedded(folder: string): { url: string; drop(): Promise<void> } {
  return { url: join(folder, 'database'), drop: async () => {} };
}

function configText(database: string, smtpPort: number): string {
  return `company: Example Ltd
database: ${database}
policy: ./policy.yaml
trustedAuthserv: [mx.desk.example]
mailboxes:
  - { id: support, address: ${support}, name: Example Support, line: corporate, addressExtension: +, aliases: [help@desk.example] }
  - { id: mobility, address: mobility@desk.example, name: Example Mobility, line: mobility, addressExtension: + }
smtp: { host: 127.0.0.1, port: ${smtpPort}, security: none, reversePath: verp }
`;
}
