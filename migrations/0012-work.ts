// Which cases are on which bug of engineering, who was told of a release that mends it, and which engineers are away.
// Why: a case can be on several bugs and a bug holds many cases; that a customer is told of a release once is a key, not a check; and being away
// is a fact of the day that nobody should have to write into the policy.

export const up = `
create table case_bugs (
  case_number bigint not null references cases (number) on delete cascade,
  -- as engineering's own tracker calls it, in capital letters
  bug         text not null check (bug = upper(bug) and length(bug) between 1 and 60),
  linked_by   text not null,
  linked_at   timestamptz not null,
  primary key (case_number, bug)
);
create index case_bugs_bug on case_bugs (bug, case_number);

create table release_notices (
  bug         text not null,
  -- in small letters, so that "Build 7" and "build 7" are one
  release     text not null check (release = lower(release)),
  address     text not null,
  case_number bigint not null references cases (number) on delete cascade,
  told_at     timestamptz not null,
  primary key (bug, release, address)
);

-- the tick looks for cases that nobody could take: few, among however many
create index cases_unowned on cases (severity, number) where owner is null and status <> 'closed';

create table engineers_away (
  address text primary key check (address = lower(address)),
  since   timestamptz not null,
  -- the instant they are back; null: until somebody says so
  until   timestamptz
);
`;

export const down = `
drop index cases_unowned;
drop table engineers_away, release_notices, case_bugs;
`;
