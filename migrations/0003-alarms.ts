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

-- a mail that tells of alarms: its bytes are made once, in the transaction that notes what it tells
create table alarm_mails (
  id          bigint generated always as identity primary key,
  message_id  text not null unique,
  raw         bytea not null,
  created_at  timestamptz not null,
  sent_at     timestamptz,
  claim       text,
  lease_until timestamptz
);
create index alarm_mails_unsent on alarm_mails (id) where sent_at is null;
create index alarm_mails_created on alarm_mails (created_at);

create table chores (
  name        text primary key,
  due_at      timestamptz not null,
  holder      text,
  lease_until timestamptz,
  done_at     timestamptz,
  -- what the last run found, for the next one to compare with
  found       jsonb not null default '{}'
);
`;

export const down = `
drop table chores, alarm_mails, alarms;
`;
