// When the owner of a case is warned that its first response is due.
// Why: a warning is once per case, share of the time and target, whatever the outage; and it is no step of the follow-up calendar, of which a case
// has one at a time.

export const up = `
create table warnings (
  id          bigint generated always as identity primary key,
  case_number bigint not null references cases (number) on delete cascade,
  -- of the time from submission to target; 100 is the target itself
  percent     integer not null check (percent between 1 and 100),
  target_at   timestamptz not null,
  due_at      timestamptz not null,
  settled_at  timestamptz,
  because     text not null default '',
  unique (case_number, percent, target_at)
);
create index warnings_waiting on warnings (due_at, id) where settled_at is null;
`;

export const down = `
drop table warnings;
`;
