// What a mail costs the database: its texts are compressed by lz4, and the load of an engineer is counted without a function within the function.
// Why: PostgreSQL's own compression was half of what storing a letter took, and planning the inner function anew for each case a third of opening one.
// A server that was built without lz4 goes on as before. What is stored already stays as it is.

const texts = `inbound: raw; outbox: raw, text, html; entries: text, full_text`
  .split('; ')
  .map((one) => one.split(': ') as [string, string])
  .flatMap(([table, columns]) => columns.split(', ').map((column) => ({ table, column })));

const compressed = (method: string) =>
  texts.map(({ table, column }) => `alter table ${table} alter column ${column} set compression ${method};`).join('\n');

/** Who changes the load of an owner: statements that add what `of` yields, in the order of the owners, so that no two wait for each other. */
const added = (rows: string) => `
    insert into loads select owner, pg_backend_pid() % 16, more from (${rows}) counted order by owner
      on conflict (owner, slot) do update set open = loads.open + excluded.open;`;

const counted = (sign: '' | '-') =>
  added(
    `select owner, ${sign}count(*) as more from changed where owner is not null and status <> 'closed' group by owner`,
  );

export const up = `
do $$ begin
${compressed('lz4')}
exception when feature_not_supported then
  raise notice 'no lz4 here; texts are compressed as before';
end $$;

create or replace function count_load() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then${counted('')}
  elsif tg_op = 'DELETE' then${counted('-')}
  elsif tg_op = 'TRUNCATE' then
    delete from loads;
  else${added(`select old.owner, -1 as more where old.owner is not null and old.status <> 'closed'`)}${added(
    `select new.owner, 1 as more where new.owner is not null and new.status <> 'closed'`,
  )}
  end if;
  return null;
end
$$;
drop function add_load;
`;

export const down = `
create function add_load(owner text, more bigint) returns void language sql as $$
  insert into loads values (owner, pg_backend_pid() % 16, more) on conflict (owner, slot) do update set open = loads.open + excluded.open
$$;
create or replace function count_load() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform add_load(owner, count(*)) from changed where owner is not null and status <> 'closed' group by owner order by owner;
  elsif tg_op = 'DELETE' then
    perform add_load(owner, -count(*)) from changed where owner is not null and status <> 'closed' group by owner order by owner;
  elsif tg_op = 'TRUNCATE' then
    delete from loads;
  else
    if old.owner is not null and old.status <> 'closed' then perform add_load(old.owner, -1); end if;
    if new.owner is not null and new.status <> 'closed' then perform add_load(new.owner, 1); end if;
  end if;
  return null;
end
$$;
do $$ begin
${compressed('default')}
exception when feature_not_supported then null;
end $$;
`;
