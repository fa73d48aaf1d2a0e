// The whole desk: mails as they came, cases and their history, letters waiting to leave, and the calendar of what is due.
// Why one migration: these tables only make sense together, and a unique key stands wherever a promise is made
// (one row per server message, one letter per key, one waiting step per case).

export const up = `
create sequence case_numbers minvalue 1;

create table cases (
  number            bigint primary key,
  mailbox           text not null,
  line              text not null check (line in ('corporate', 'mobility')),
  subject           text not null,
  status            text not null check (status in ('new', 'waiting on support', 'waiting on customer', 'waiting on engineering', 'closed')),
  status_note       text not null default '',
  close_reason      text check (close_reason in ('resolved by customer', 'resolved by support', 'no response', 'duplicate', 'spam')),
  severity          text not null check (severity in ('A', 'B', 'C', 'D')),
  severity_by       text not null check (severity_by in ('rule', 'customer', 'engineer')),
  severity_because  text not null,
  plan              text not null,
  plan_because      text not null,
  product           text,
  version           text,
  build             text,
  account           text,
  requester         text not null,
  requester_name    text not null,
  owner             text,
  owner_because     text not null,
  language          text not null,
  solution          text not null default '',
  linked_from       bigint references cases (number),
  target_at         timestamptz,
  target_because    text not null,
  first_response_at timestamptz,
  submitted_at      timestamptz not null,
  updated_at        timestamptz not null,
  closed_at         timestamptz,
  check ((status = 'closed') = (closed_at is not null)),
  check ((status = 'closed') = (close_reason is not null))
);
create index cases_requester on cases (requester, number);
create index cases_open_owner on cases (owner) where status <> 'closed';
create index cases_status on cases (status, updated_at);

create table participants (
  case_number bigint not null references cases (number) on delete cascade,
  address     text not null,
  name        text not null,
  role        text not null check (role in ('requester', 'cc')),
  -- a proposed participant is known to engineers only and receives nothing (TRUST 4.2 row 7)
  confirmed   boolean not null,
  added_at    timestamptz not null,
  primary key (case_number, address)
);
create unique index participants_requester on participants (case_number) where role = 'requester';

create table inbound (
  id            bigint generated always as identity primary key,
  source        text not null,
  source_key    text not null,
  mailbox       text not null,
  raw           bytea not null,
  sha256        bytea not null,
  bytes         integer not null,
  envelope_from text,
  envelope_to   text[] not null,
  -- what we verified of its sender ourselves, at a door where nobody had before; null: nothing was asked
  verdict       jsonb,
  received_at   timestamptz not null,
  stored_at     timestamptz not null,
  attempts      integer not null default 0,
  next_at       timestamptz not null,
  last_error    text,
  decided_at    timestamptz,
  disposition   text check (disposition in ('opened', 'joined', 'linked', 'held', 'report', 'automatic', 'own-loop', 'duplicate', 'unparsed', 'oversize', 'blocked')),
  reason        text,
  because       text,
  policy_version text,
  case_number   bigint references cases (number),
  message_id    text,
  from_address  text,
  subject       text,
  content_key   bytea,
  subject_key   text,
  -- the new text with its numbers made one (a machine's mails differ in them), and as it is
  body_key      bytea,
  text_key      bytea,
  defects       jsonb not null default '[]',
  marked_at     timestamptz,
  -- who is flagging and moving it on its server just now
  marker        text,
  marker_until  timestamptz,
  unique (source, source_key),
  check ((disposition is null) = (decided_at is null)),
  check (disposition is null or (reason is not null and because is not null))
);
-- one content, one entry: a second copy can only be written as 'duplicate'
create unique index inbound_content on inbound (content_key) where disposition <> 'duplicate';
create index inbound_waiting on inbound (id) where disposition is null;
create index inbound_unmarked on inbound (source, id) where disposition is not null and marked_at is null;
create index inbound_message_id on inbound (message_id) where message_id is not null;
create index inbound_sender on inbound (from_address, decided_at) where from_address is not null;
create index inbound_body on inbound (body_key, decided_at) where body_key is not null;
create index inbound_text on inbound (text_key, decided_at) where text_key is not null;
create index inbound_case on inbound (case_number) where case_number is not null;

create table cursors (
  source       text primary key,
  uid_validity text not null,
  last_uid     bigint not null
);

create table outbox (
  id            bigint generated always as identity primary key,
  key           text not null unique,
  case_number   bigint references cases (number),
  kind          text not null,
  message_id    text not null unique,
  recipient     text not null,
  reverse_path  text not null,
  automatic     boolean not null,
  proven        boolean not null,
  subject       text not null,
  text          text not null,
  html          text not null,
  raw           bytea not null,
  because       text not null,
  inbound_id    bigint references inbound (id),
  state         text not null check (state in ('waiting', 'sent', 'failed', 'held')),
  attempts      integer not null default 0,
  next_at       timestamptz not null,
  claim         text,
  lease_until   timestamptz,
  last_error    text,
  response      text,
  created_at    timestamptz not null,
  sent_at       timestamptz,
  check ((state = 'sent') = (sent_at is not null))
);
create index outbox_waiting on outbox (id) where state = 'waiting';
create index outbox_order on outbox (case_number, recipient, id) where state = 'waiting';
create index outbox_case on outbox (case_number, id);
create index outbox_recipient on outbox (recipient, created_at) where automatic;
create index outbox_unproven on outbox (created_at) where automatic and not proven;
create index outbox_domain on outbox (split_part(recipient, '@', 2), created_at) where automatic and not proven;

create table entries (
  id          bigint generated always as identity primary key,
  case_number bigint not null references cases (number) on delete cascade,
  kind        text not null check (kind in ('mail', 'answer', 'note', 'change', 'letter', 'report')),
  visibility  text not null check (visibility in ('public', 'internal', 'held')),
  author      text not null,
  text        text not null,
  full_text   text,
  attachments jsonb not null default '[]',
  inbound_id  bigint references inbound (id),
  outbox_id   bigint references outbox (id),
  reason      text not null,
  because     text not null,
  policy_version text not null,
  at          timestamptz not null
);
create index entries_case on entries (case_number, id);
create index entries_reopened on entries (case_number, at) where reason = 'closed-case-reopened';

create table due (
  id          bigint generated always as identity primary key,
  case_number bigint not null references cases (number) on delete cascade,
  rule        text not null check (rule in ('follow-up', 'close')),
  step        integer not null check (step >= 0),
  anchor      text not null,
  due_at      timestamptz not null,
  created_at  timestamptz not null,
  state       text not null check (state in ('waiting', 'done', 'cancelled')),
  settled_at  timestamptz,
  because     text not null default '',
  unique (case_number, rule, step, anchor),
  check ((state = 'waiting') = (settled_at is null))
);
-- whatever happens, a case waits for one next step only: no outage can make two
create unique index due_one_waiting on due (case_number) where state = 'waiting';
create index due_waiting on due (due_at, id) where state = 'waiting';

create table contacts (
  address   text primary key,
  name      text not null default '',
  account   text,
  language  text,
  -- when this address first showed that it reads what we send (a valid token, or DMARC), never by mere writing
  proven_at timestamptz
);

create table account_domains (
  domain  text primary key,
  account text not null
);

create table entitlements (
  id             text primary key,
  account        text not null,
  plan           text not null,
  product        text,
  starts_at      timestamptz not null,
  expires_at     timestamptz,
  incidents_left integer check (incidents_left >= 0)
);
create index entitlements_account on entitlements (account);

create table suppressed (
  address text primary key,
  because text not null,
  since   timestamptz not null,
  until   timestamptz not null
);

create table token_keys (
  id         text primary key check (id ~ '^[a-z0-9]$'),
  secret     text not null check (length(secret) >= 32),
  created_at timestamptz not null
);
`;

export const down = `
drop table token_keys, suppressed, entitlements, account_domains, contacts, due, entries, outbox, cursors, inbound, participants, cases;
drop sequence case_numbers;
`;
