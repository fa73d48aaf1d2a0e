// What is wrong with the gateway itself, who has been told, and the work that one of several gateways does for all.
// Why in the database: several gateways see the same trouble, and a person is told of it once; an alarm that is open outlives every restart.

export const up = `
create table alarms (
  id           bigint generated always as identity primary key,
  key          text not null,
  text         text not null,
  since        timestamptz not null,
  -- when a person was last told that it is open, and when that it is over
  told_at      timestamptz,
  cleared_at   timestamptz,
  over_told_at timestamptz
);
create unique index alarms_open on alarms (key) where cleared_at is null;
create index alarms_cleared on alarms (key, cleared_at desc) where cleared_at is not null;

-- a mail that tells one person of alarms: its bytes are made once, in the transaction that notes what it tells
create table alarm_mails (
  id          bigint generated always as identity primary key,
  message_id  text not null unique,
  recipient   text not null,
  raw         bytea not null,
  created_at  timestamptz not null,
  state       text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  claim       text,
  lease_until timestamptz
);
create index alarm_mails_waiting on alarm_mails (id) where state = 'waiting';
create index alarm_mails_created on alarm_mails (created_at);

-- work that one gateway does for all, now and then
create table chores (
  name        text primary key,
  due_at      timestamptz not null,
  holder      text,
  lease_until timestamptz,
  -- what the last run found, for the next one to compare with
  found       jsonb not null default '{}'
);

-- when a source of mail was last looked at, by whichever gateway
create table heartbeats (
  name text primary key,
  at   timestamptz not null
);

-- its server shows that it was decided before, by a row that is lost: nobody is answered twice
alter table inbound add column recovered boolean not null default false;

-- what is asked every minute
create index outbox_sent on outbox (sent_at) where state = 'sent';
create index outbox_held on outbox (id) where state = 'held';
create index inbound_parked on inbound (decided_at) where disposition = 'unparsed';
`;

export const down = `
drop index outbox_sent, outbox_held, inbound_parked;
alter table inbound drop column recovered;
drop table heartbeats, chores, alarm_mails, alarms;
`;
