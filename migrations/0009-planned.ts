// When a step of a case's calendar was last given its day.
// Why: a clock that runs ahead plans for a day that may be years away; only by when a row was planned can that be told from a long pause (TRUST F28).

export const up = `
alter table due add column planned_at timestamptz;
update due set planned_at = created_at;
alter table due alter column planned_at set not null;
create index due_planned on due (planned_at) where state = 'waiting';
`;

export const down = `
drop index due_planned;
alter table due drop column planned_at;
`;
