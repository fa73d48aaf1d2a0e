// What the oracle judges by: the rows of the database, read once when all is over, beside the journal.
import type { Journal } from './journal.ts';
import { tokenSql } from './ledger.ts';
import { tokenPattern } from './mails.ts';
import type { World } from './world.ts';
import type { Written } from './writers.ts';

/** What was done under a clock so far off is excused from acknowledging and joining: to it, the mail is old or from the future. */
const oddClockSeconds = 1800;

/** A mail as it is stored. */
export interface MailRow {
  id: string;
  token: string | null;
  sha256: string;
  disposition: string | null;
  reason: string | null;
  /** The why of the decision, or what failed. */
  because: string | null;
  caseNumber: number | null;
  /** Stored or decided under such a clock. */
  oddClock: boolean;
  /** Why its case says that nobody was acknowledged. */
  silence: string | null;
}

/** A letter as it is stored. */
export interface LetterRow {
  messageId: string;
  kind: string;
  recipient: string;
  state: string;
  key: string;
  caseNumber: number | null;
  /** How often it was sent to its end and no reply came. */
  unknowns: number;
}

/** Everything the oracle judges by. `refusals`: recipients to whom the peer said 5xx. */
export interface Evidence {
  mails: MailRow[];
  letters: LetterRow[];
  cases: number;
  /** Cases that no mail belongs to. */
  orphans: number;
  /** Keys of the alarms that were raised. */
  alarms: { key: string; open: boolean }[];
  written: Written['mails'];
  journal: Pick<Journal, 'of'>;
  refusals: ReadonlyMap<string, number>;
}

/** What a person wants to see when a promise was broken: all rows without their bytes, and the last lines of the gateways' logs. */
export async function readRemains(world: World): Promise<Record<string, unknown>> {
  const [inbound, outbox] = await Promise.all([
    world.rows(
      `select id, source, source_key, ${tokenSql} as token, received_at, stored_at, attempts, next_at, last_error, decided_at, disposition,
         reason, because, case_number, marked_at from inbound order by id`,
      [tokenPattern],
    ),
    world.rows(
      `select id, key, case_number, kind, recipient, state, attempts, next_at, claim, lease_until, last_error, response, created_at, sent_at
       from outbox order by id`,
    ),
  ]);
  return { inbound, outbox, logs: world.gateways.map((gateway) => gateway.program()?.log ?? []) };
}

/** Reads what there is to judge. */
export async function readEvidence(world: World, written: Written): Promise<Evidence> {
  const mails = await world.rows<MailRow>(
    `select id::text, ${tokenSql} as token, encode(sha256, 'hex') as sha256,
       disposition, reason, because, case_number::int as "caseNumber",
       greatest(abs(extract(epoch from decided_at - clock_timestamp())), abs(extract(epoch from stored_at - clock_timestamp()))) > $2 as "oddClock",
       (select text from entries where entries.case_number = inbound.case_number and text like 'No acknowledgment%' limit 1) as silence
     from inbound order by inbound.id`,
    [tokenPattern, oddClockSeconds + world.journal.seconds()],
  );
  const letters = await world.rows<LetterRow>(
    `select message_id as "messageId", kind, recipient, state, key, case_number::int as "caseNumber", unknowns from outbox order by outbox.id`,
  );
  const [counted] = await world.rows<{ cases: string; orphans: string }>(
    `select count(*) as cases, count(*) filter (where not exists (select 1 from inbound where case_number = cases.number)) as orphans from cases`,
  );
  return {
    mails,
    letters,
    cases: Number(counted?.cases),
    orphans: Number(counted?.orphans),
    alarms: await world.rows('select key, cleared_at is null as open from alarms order by id'),
    written: written.mails,
    journal: world.journal,
    refusals: world.peer.refusals,
  };
}
