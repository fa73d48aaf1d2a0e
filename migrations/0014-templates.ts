// The texts of letters that an admin has changed, version by version, and with which of them each letter was made.
// Why: a changed text rules at once in every gateway and must be found again, compared and taken back; and how many mails a text sent is
// counted from the mails themselves.

export const up = `
create table template_versions (
  id         bigint generated always as identity primary key,
  -- a language tag in small letters, and a letter or (with a line before it) a partial
  language   text not null check (language ~ '^[a-z]{2,3}(-[a-z0-9]{1,8})*$'),
  name       text not null check (name ~ '^_{0,1}[a-z][a-z0-9-]{0,59}$'),
  -- the whole file; null: from here on the shipped text again, whatever a later program ships
  source     text,
  -- SHA-256 of the text that was shipped when this was written; null when none was
  shipped    text,
  author     text not null,
  note       text not null default '',
  created_at timestamptz not null
);
create index template_versions_name on template_versions (language, name, id);

alter table outbox
  -- whose templates it was made with; null in letters older than this column
  add column language text,
  -- every changed text that has a part in it, the letter's own and the partials'
  add column templates bigint[] not null default '{}';
create index outbox_templates on outbox using gin (templates) where templates <> '{}';
`;

export const down = `
alter table outbox drop column templates, drop column language;
drop table template_versions;
`;
