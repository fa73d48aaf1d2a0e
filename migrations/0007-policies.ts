// The versions of the policy, and the mails whose outcome an admin has pinned.
// Why: every decision names the policy that made it, so that text must be found again; gateways take a new version from here, all the same one;
// and a change that would judge a pinned mail differently is to be stopped before it rules.

export const up = `
create table policy_versions (
  id         bigint generated always as identity primary key,
  -- hash of both texts: the name that every decision records
  version    text not null,
  shipped    text not null,
  own        text not null,
  origin     text not null check (origin in ('shipped', 'file', 'command', 'rollback', 'upgrade')),
  author     text not null,
  note       text not null default '',
  applied_at timestamptz not null
);
create index policy_versions_version on policy_versions (version, id);

create table golden_mails (
  id         bigint generated always as identity primary key,
  -- a stored mail or, when it was pinned from a file, none: its bytes stand here either way, and outlive the retention of mails
  raw        bytea not null,
  mailbox    text not null,
  received_at timestamptz not null,
  name       text not null unique,
  expected   jsonb not null,
  author     text not null,
  pinned_at  timestamptz not null
);
`;

export const down = `
drop table golden_mails, policy_versions;
`;
