// Who our customers are, as their CRM knows them. Why bought beside left: what was bought is the CRM's to say and comes again with each import,
// what is left is ours to count; an import moves both by the same number, so that nothing spent is ever given back by reading a file twice.

export const up = `
create table accounts (
  id       text primary key,
  name     text not null,
  language text,
  zone     text,
  notes    text not null default ''
);
insert into accounts (id, name)
  select account, account from (select account from contacts union select account from account_domains union select account from entitlements) known
  where account is not null;

alter table contacts add column zone text;
create index contacts_account on contacts (account) where account is not null;
create index account_domains_account on account_domains (account);

create table serials (
  serial        text primary key,
  account       text not null references accounts (id),
  product       text not null,
  version       text,
  registered_on date not null
);
create index serials_account on serials (account);

alter table entitlements add column incidents_bought integer check (incidents_bought >= 0);
update entitlements set incidents_bought = incidents_left + (select count(*) from cases where cases.incident = entitlements.id)
  where incidents_left is not null;

create table api_tokens (
  name       text primary key,
  -- SHA-256 of the token, which is random and long: nothing to guess, and the token itself is nowhere
  hash       bytea not null unique,
  created_at timestamptz not null,
  revoked_at timestamptz
);
`;

export const down = `
drop table api_tokens;
alter table entitlements drop column incidents_bought;
drop table serials;
drop index account_domains_account, contacts_account;
alter table contacts drop column zone;
drop table accounts;
`;
