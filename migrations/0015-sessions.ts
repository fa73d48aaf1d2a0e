// Who is signed in to the pages, and who asked to be. Why hashes: whoever reads the database or a backup of it finds nothing to sign in with.
// Why no roles here: what a person may do is asked of configuration, policy and contacts at each request, so that it ends when it is taken away.

export const up = `
create table sign_ins (
  id           bigint generated always as identity primary key,
  -- asked for, known or not: a row is made for either, so that nobody can tell them apart
  address      text not null,
  -- SHA-256 of the asking browser's cookie, of the letter's link, and of cookie and typed code together
  browser_hash bytea not null,
  link_hash    bytea not null unique,
  code_hash    bytea not null,
  tries        integer not null default 0,
  return_to    text not null,
  asked_at     timestamptz not null,
  ends_at      timestamptz not null,
  used_at      timestamptz
);
create index sign_ins_browser on sign_ins (browser_hash);
create index sign_ins_address on sign_ins (address, asked_at);
create index sign_ins_asked on sign_ins (asked_at);

create table sessions (
  id         text primary key,
  hash       bytea not null unique,
  address    text not null,
  way        text not null check (way in ('link', 'code', 'oidc')),
  browser    text not null,
  created_at timestamptz not null,
  seen_at    timestamptz not null,
  ends_at    timestamptz not null,
  revoked_at timestamptz
);
create index sessions_address on sessions (address, created_at);

-- whether an address takes part in a case is asked at each request of a customer
create index participants_address on participants (address);
`;

export const down = `
drop index participants_address;
drop table sessions, sign_ins;
`;
