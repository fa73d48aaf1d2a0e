// How many cases a customer opened of late, without reading all there ever were.
// Why a partial index on entries: what is looked for is what was told of the plan, a handful of lines among millions.

export const up = `
create index cases_submitted on cases (submitted_at);
create index entries_overused on entries (case_number) where reason = 'plan-overused';
`;

export const down = `
drop index entries_overused;
drop index cases_submitted;
`;
