// OAuth2 tokens: of each account the newest pair, and how its token server fared.
// Why in the database: several gateways share an account, a rotated refresh token must outlive every crash, and only one gateway at a time may
// use it. The tokens are sealed with the `secret` of casepost.yaml, so that a copy of the database signs in nowhere.

export const up = `
create table oauth_tokens (
  account       text primary key,
  -- keyed fingerprints of the configuration: whose tokens these are, and with which settings they were last asked for
  origin        text not null,
  settings      text not null,
  access_token  bytea,
  refresh_token bytea,
  scope         text,
  obtained_at   timestamptz,
  renew_at      timestamptz,
  valid_until   timestamptz,
  refresh_until timestamptz,
  -- the last answer was none of tokens: it is asked again at next_at
  trouble       text check (trouble in ('refused', 'away')),
  trouble_text  text,
  trouble_since timestamptz,
  failures      integer not null default 0,
  next_at       timestamptz,
  -- who asks the token server at this moment
  claim         text,
  lease_until   timestamptz
);
`;

export const down = `
drop table oauth_tokens;
`;
