// An archive as it is after years, written by SQL: cases with three mails, two letters and five lines of history each, one in fifty still open. Keys are
// left out while it is filled, and the statistics are taken at the end, as they are on a desk that has grown by itself.
import type { Client } from 'pg';

/** Cases written by one statement. */
const portion = 50_000;

/** Tables that are filled first and indexed afterwards: keeping forty trees in order row by row takes most of an hour at a million cases. */
const filled = ['cases', 'participants', 'inbound', 'outbox', 'entries', 'due', 'warnings'];

/**
 * Fills an empty, migrated database with `cases` cases whose last mail came a day before `now`, a case each half minute, one in `openEvery` of them
 * open; the client must be a superuser.
 */
export async function seedDesk(
  client: Client,
  cases: number,
  now: Temporal.Instant,
  openEvery: number = 50,
): Promise<void> {
  // Foreign keys and the counting of loads are for what comes one by one.
  await client.query(
    `set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '256MB'`,
  );
  // An index that is not ready is passed over; REINDEX makes it whole and ready again.
  await client.query('update pg_index set indisready = false where indrelid = any($1::regclass[])', [filled]);
  for (let from = 1; from <= cases; from += portion) {
    const to = Math.min(from + portion - 1, cases);
    for (const statement of statements) await client.query(statement, [from, to, cases, now.toString(), openEvery]);
  }
  for (const table of filled) await client.query(`reindex table ${table}`);
  await client.query(`set session_replication_role = default; set synchronous_commit = on`);
  await client.query(
    `insert into loads select owner, 0, count(*) from cases where owner is not null and status <> 'closed' group by owner`,
  );
  await client.query(`select setval('case_numbers', ${cases})`);
  await client.query('vacuum analyze');
  // What was just written is not written once more beside the measuring.
  await client.query('checkpoint');
}

/** $1 to $2: the numbers, $3: how many in all, $4: the end of the time, $5: one in how many is open. Every statement takes all five, so that one list of values does for all. */
const number = `generate_series(cast($1 as bigint), cast($2 as bigint)) number
  cross join lateral (select cast($4 as timestamptz) - interval '1 day' - make_interval(secs => 30 * (cast($3 as bigint) - number)) as at,
    number % cast($5 as bigint) = 0 as open) when_it_came`;
/** What a mail or a letter holds besides its head; short, so that five million of them fit a small disk. */
const body = `repeat('The nightly backup fails since Monday. ', 7)`;
const statements = [
  `insert into cases (number, mailbox, line, subject, status, close_reason, severity, severity_by, severity_because, plan, plan_because, requester,
     requester_name, owner, owner_because, language, target_because, first_response_at, submitted_at, updated_at, closed_at)
   select number, 'support', 'corporate', 'Question ' || number, case when open then 'waiting on customer' else 'closed' end,
     case when not open then 'resolved by customer' end, 'C', 'rule', 'x', 'customer-service', 'x', 'writer' || number % 200000 || '@company' || number % 50000 || '.test',
     'Writer', 'engineer' || number % 40 || '@engineers.test', 'x', 'en', 'x', at + interval '1 hour', at, at + interval '2 days',
     case when not open then at + interval '2 days' end from ${number}`,
  `insert into contacts (address) select distinct 'writer' || number % 200000 || '@company' || number % 50000 || '.test' from ${number} on conflict do nothing`,
  `insert into participants select number, 'writer' || number % 200000 || '@company' || number % 50000 || '.test', 'Writer', 'requester', true, at from ${number}`,
  `insert into inbound (source, source_key, mailbox, raw, sha256, bytes, envelope_to, received_at, stored_at, next_at, decided_at, disposition, reason, because,
     policy_version, case_number, message_id, from_address, subject, content_key, subject_key, body_key, text_key, marked_at)
   select 'imap', number || ':' || turn, 'support', cast(${body} as bytea), sha256(('raw' || number || ':' || turn)::bytea), 270, '{}', at, at, at, at + make_interval(hours => turn),
     case when turn = 1 then 'opened' else 'joined' end, case when turn = 1 then 'new-request' else 'reply' end, 'x', 'x', number,
     'mail' || number || '-' || turn || '@company.test', 'writer' || number % 200000 || '@company' || number % 50000 || '.test', 'Question ' || number,
     sha256(('content' || number || ':' || turn)::bytea), 'question ' || number, sha256(('body' || number || ':' || turn)::bytea),
     sha256(('text' || number || ':' || turn)::bytea), at from ${number}, generate_series(1, 3) turn`,
  `insert into outbox (key, case_number, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, attempts, next_at,
     created_at, sent_at)
   select number || ':' || turn, number, case turn when 1 then 'acknowledgment' else 'answer' end, 'letter' || number || '-' || turn || '@desk.test',
     'writer' || number % 200000 || '@company' || number % 50000 || '.test', '', turn = 1, false, 'x', 'x', 'x', cast(${body} as bytea), 'x', 'sent', 1, at, at + make_interval(hours => turn),
     at + make_interval(hours => turn) from ${number}, generate_series(1, 2) turn`,
  `insert into entries (case_number, kind, visibility, author, text, reason, because, policy_version, at)
   select number, case when turn % 2 = 1 then 'mail' else 'letter' end, 'public', 'writer', ${body}, 'new-request', 'x', 'x', at + make_interval(hours => turn)
   from ${number}, generate_series(1, 5) turn`,
  `insert into due (case_number, rule, step, anchor, due_at, created_at, planned_at, state, settled_at)
   select number, 'follow-up', 1, 'a', cast($4 as timestamptz) + interval '3 days', at, at, case when open then 'waiting' else 'done' end, case when not open then at end from ${number}`,
  `insert into warnings (case_number, percent, target_at, due_at, settled_at)
   select number, 75, at, at, at from ${number}`,
];
