// How many open cases each engineer has, counted as they change.
// Why a table: every new case asks it, and counting a million open cases each time takes longer than all the rest. Why slots: two cases of one
// engineer that are opened at once must not wait for each other's commit; what an engineer has is the sum over the slots, any of which may be negative.

export const up = `
create table loads (
  owner text not null,
  slot  integer not null,
  open  bigint not null,
  primary key (owner, slot)
) with (fillfactor = 50);

create function add_load(owner text, more bigint) returns void language sql as $$
  insert into loads values (owner, pg_backend_pid() % 16, more) on conflict (owner, slot) do update set open = loads.open + excluded.open
$$;
create function count_load() returns trigger language plpgsql as $$
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
create trigger cases_load_born after insert on cases referencing new table as changed for each statement execute function count_load();
create trigger cases_load_gone after delete on cases referencing old table as changed for each statement execute function count_load();
create trigger cases_load_emptied after truncate on cases execute function count_load();
create trigger cases_load_moved after update on cases for each row
  when (old.owner is distinct from new.owner or (old.status = 'closed') <> (new.status = 'closed')) execute function count_load();
insert into loads select owner, 0, count(*) from cases where status <> 'closed' and owner is not null group by owner;
`;

export const down = `
drop trigger cases_load_moved on cases;
drop trigger cases_load_emptied on cases;
drop trigger cases_load_gone on cases;
drop trigger cases_load_born on cases;
drop function count_load;
drop function add_load;
drop table loads;
`;
